/** The tools in a gateway: there while receipts are on, of the session that the host names, done in a process of its own. */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { after, before, describe, test } from "node:test"
import { registerAgentTools } from "../../src/host/agent-tools.ts"
import type { HostApi, HostTool } from "../../src/host/host-api.ts"
import { agentTools, hostNames } from "../../src/surfaces/agent-tools/tool-list.ts"
import { fillTwoSessions, otherSession, ownCalls, ownDirectory, ownSession } from "../agent-tools/session-ledger.ts"
import { cliSource, makeRig } from "../writer/rig.ts"

type Factory = (context: unknown) => readonly HostTool[] | null

describe("tools of agents in the host", () => {
  const rig = makeRig({ after })
  const directory = ownDirectory({ after })
  const names = agentTools.map(({ name }) => name)
  const rootDir = join(rig.root, "package")
  const warnings: string[] = []

  const registered = (pluginConfig: object): { readonly factory: Factory; readonly names: readonly string[] } | undefined => {
    const found: { factory: Factory; names: readonly string[] }[] = []
    const registerTool: HostApi["registerTool"] = (factory, options) => void found.push({ factory, names: options.names })
    const logger = { info: () => {}, warn: (text: string) => void warnings.push(text), error: () => {} }
    const runtime = { state: { resolveStateDir: () => join(rig.root, "state") } }
    registerAgentTools({ registrationMode: "discovery", rootDir, pluginConfig, logger, runtime, registerTool } as unknown as HostApi)
    return found[0]
  }
  const toolsOf = (sessionKey: string | undefined, workspaceDir: string | undefined = directory) =>
    registered({ receipts: true })?.factory({ sessionKey, workspaceDir }) ?? []
  const run = async (tools: readonly HostTool[], name: string, parameters: object = {}, signal?: AbortSignal) =>
    (await tools.find((tool) => tool.name === name)?.execute("call", parameters, signal))?.details ?? {}

  before(async () => {
    await fillTwoSessions(rig)
    mkdirSync(rootDir)
    mkdirSync(join(rig.root, "state"))
    writeFileSync(join(rootDir, "cli.mjs"), `await import(${JSON.stringify(pathToFileURL(cliSource).href)})\n`)
    const config = { dataDir: rig.directory, keyFile: rig.keyFile, headNote: rig.files.headNote, receipts: true }
    writeFileSync(join(rig.root, "state", "openclaw.json"), JSON.stringify({ plugins: { entries: { "sovereign-ledger": { config } } } }))
  })

  test("are registered while the setting is on, and cost no tokens otherwise", () => {
    for (const config of [{ receipts: true }, { receipts: { digests: "keyed" } }]) assert.deepEqual(registered(config)?.names, hostNames)
    const ofLedger = hostNames.filter((name) => name.startsWith("ledger"))
    assert.equal(ofLedger.length, 16)
    for (const config of [{}, { receipts: false }]) assert.deepEqual(registered(config)?.names, ofLedger)
    assert.deepEqual(
      registered({ receipts: true, agentTools: false })?.names,
      hostNames.filter((name) => name.startsWith("peac")),
    )
    for (const config of [{ agentTools: false }, { receipts: 7 }, { unknown: true, receipts: true }]) assert.equal(registered(config), undefined)
    assert.deepEqual(
      toolsOf(ownSession).map(({ name }) => name),
      names,
    )
    assert.deepEqual([toolsOf(undefined), toolsOf("")], [[], []], "whose receipts they would be is not known")
  })

  test("no name with a dot reaches a provider, which would refuse the request", () => {
    const first = (config: object) => {
      const tools = registered({ receipts: true })?.factory({ sessionKey: ownSession, config }) ?? []
      assert.equal(new Set(tools.map(({ name }) => name.includes("."))).size, 1, "all of them or none")
      return tools[0]?.name
    }
    const hidden = [
      {},
      { tools: {} },
      { tools: { toolSearch: true } },
      { tools: { toolSearch: { mode: "tools" } } },
      { tools: { toolSearch: { maxSearchLimit: 5 } } },
      { plugins: { entries: { codex: { enabled: false } } } },
    ]
    for (const config of hidden) assert.equal(first(config), "peac_receipts.status", JSON.stringify(config))
    const seen = [{ toolSearch: false }, { toolSearch: { enabled: false } }, { toolSearch: {} }, { toolSearch: { mode: "directory" } }, { toolSearch: "off" }]
    for (const tools of seen) assert.equal(first({ tools }), "peac_receipts_status", JSON.stringify(tools))
    assert.equal(first({ plugins: { entries: { codex: { enabled: true } } } }), "peac_receipts_status")
    assert.ok(hostNames.every((name) => name.includes(".") || /^[a-zA-Z0-9_-]{1,64}$/.test(name)))
  })

  test("each tool is of the session and the workspace that the host names", async () => {
    const [mine, theirs] = [toolsOf(ownSession), toolsOf(otherSession)]
    const [own, other] = await Promise.all([mine, theirs].map((tools) => run(tools, "peac_receipts.query", { limit: 1 })))
    assert.deepEqual([own?.["total"], other?.["total"]], [ownCalls, 5])
    assert.equal((await run(mine, "peac_receipts.export_bundle", { output_path: "out" }))["status"], "ok")
    assert.equal((await run(mine, "peac_receipts.verify", { path: "out" }))["valid"], true)
    const boxed = registered({ receipts: true })?.factory({ sessionKey: ownSession, workspaceDir: directory, sandboxed: true }) ?? []
    for (const name of ["export_bundle", "verify"])
      assert.match(
        String((await run(boxed, `peac_receipts.${name}`, name === "verify" ? { path: "out" } : {}))["error"]),
        /No directory is known/,
        "in a sandbox",
      )
    const [chain, theirChain] = await Promise.all([mine, theirs].map((tools) => run(tools, "ledger.chain", { limit: 500 })))
    const ids = (told: Readonly<Record<string, unknown>> | undefined) =>
      ((told ?? {})["entries"] as readonly { readonly event_id: string }[]).map(({ event_id: id }) => id)
    assert.ok(ids(chain).length > 0 && ids(theirChain).length > 0 && ids(chain).every((id) => !ids(theirChain).includes(id)))
    const failed = await run(mine, "peac_receipts.query", { session: otherSession })
    assert.deepEqual([failed["status"], /has no parameter "session"/.test(String(failed["error"]))], ["error", true])
  })

  test("a call that is aborted, or one of too many at once, is an answer, too", async () => {
    const tools = toolsOf(ownSession)
    const aborted = await run(tools, "peac_receipts.status", {}, AbortSignal.abort())
    assert.deepEqual([aborted["status"], warnings.splice(0).length], ["error", 1])
    const many = await Promise.all(Array.from({ length: 6 }, () => run(tools, "peac_receipts.status")))
    assert.deepEqual(many.map(({ status }) => status).sort(), ["error", "error", "ok", "ok", "ok", "ok"])
    assert.equal(many.filter(({ error }) => /being answered/.test(String(error))).length, 2)
  })
})
