/** What the gateway keeps is told to the writer, over the real socket: a tool call that reaches for it is on record as one. */
import assert from "node:assert/strict"
import { basename, join } from "node:path"
import { test } from "node:test"
import { gatewayPaths } from "../../src/host/gateway-paths.ts"
import type { HostApi } from "../../src/host/host-api.ts"
import plugin from "../../src/plugin.ts"
import { makeRig } from "../writer/rig.ts"
import { builtVersion } from "../writer/versions.ts"
import { dropSharedClient, registerCopy } from "./fake-host.ts"

const idOf = (what: string) => what.replaceAll(" ", "-")

test("calls that reach for the gateway's configuration, its plugin and its process are told from others", async (t) => {
  dropSharedClient()
  const rig = makeRig(undefined)
  t.after(async () => {
    dropSharedClient()
    await rig.end()
  })
  const { directory } = await builtVersion("1.2.3")
  const copy = registerCopy({ default: plugin }, { rig, rootDir: directory })
  const commands = {
    "host config": `cat ${join(rig.home, "openclaw.json")}`,
    "plugin files": `rm ${join(directory, "plugin.mjs")}`,
    "gateway process": `kill -USR1 ${process.pid}`,
    "data directory": `cd ${join(rig.directory, "..")} && ls ${basename(rig.directory)}`,
  }
  for (const [what, command] of Object.entries(commands)) {
    copy.fire("before_tool_call", { toolName: "exec", toolCallId: idOf(what), params: { command } })
  }
  copy.fire("before_tool_call", { toolName: "exec", toolCallId: "none", params: { command: "npm test" } })
  assert.equal(await copy.fire("before_tool_call", { toolName: "guarded_exec", toolCallId: "guarded", params: { path: rig.directory } }), undefined)
  await copy.dispose()
  const touched = rig.entries("guard.touched").map(({ facts }) => [String(facts["call"]), facts["what"]])
  assert.deepEqual(Object.fromEntries(touched), { ...Object.fromEntries(Object.keys(commands).map((what) => [idOf(what), what])), guarded: "data directory" })
})

test("the paths are those of the host's own rules", () => {
  const api = (workspace?: string) => ({ config: { agents: { defaults: { workspace } } } }) as unknown as HostApi
  const environment = { HOME: "/home/jane", OPENCLAW_STATE_DIR: "/srv/oc", OPENCLAW_CONFIG_PATH: "/etc/oc.json5" }
  const told = { stateDirectory: "/srv/oc", hostConfig: "/etc/oc.json5", pluginDirectory: "/p", home: "/home/jane", gatewayPid: process.pid }
  assert.deepEqual(gatewayPaths(api(), "/p", environment), { ...told, workspace: "/srv/oc/workspace" })
  assert.deepEqual(gatewayPaths(api("~/work"), "/p", environment), { ...told, workspace: "/home/jane/work" })
  const usual = gatewayPaths(api("/ws"), "/p", { HOME: "/home/jane" })
  assert.deepEqual([usual.stateDirectory, usual.hostConfig, usual.workspace], ["/home/jane/.openclaw", "/home/jane/.openclaw/openclaw.json", "/ws"])
})
