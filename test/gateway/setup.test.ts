/**
 * setup on a real host's configuration, in a terminal and by flags: nobody who was allowed is switched off, and what stands there stays. No gateway is started: the host's own command
 * writes the file and checks it; the suite about switching off does the same under one that runs.
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { shellWords, startTmux, type Tmux } from "../cli/tmux.ts"
import { requireTool } from "../tools.ts"
import { builtPlugin } from "./built-plugin.ts"
import { createHome, type GatewayHome, type JsonObject } from "./home.ts"
import { copyInstall } from "./installed-home.ts"
import { mustSucceed, runCommand, runOpenclaw, withHostOnPath } from "./openclaw-cli.ts"
import { pluginId } from "./plugin.ts"

describe("setup on a real host", requireTool("tmux"), () => {
  let home: GatewayHome
  let command: readonly string[]
  let environment: Readonly<Record<string, string>>
  const ending: (() => void)[] = []
  const plugins = () => home.readConfig()["plugins"] as { readonly allow?: readonly string[]; readonly entries: Readonly<Record<string, JsonObject>> }
  /** Which plugins the host loads, by its own word. */
  const loaded = async () => {
    const { stdout } = await mustSucceed("openclaw plugins list", runOpenclaw(home, ["plugins", "list", "--json"]))
    const { plugins } = JSON.parse(stdout) as { readonly plugins: readonly { readonly id: string; readonly enabled: boolean; readonly status: string }[] }
    return plugins.flatMap(({ id, enabled, status }) => (enabled && status === "loaded" ? [id] : [])).toSorted()
  }

  before(async () => {
    const { tarballPath, cliPath } = await builtPlugin()
    const telegram = { telegram: { enabled: true, botToken: "1:loopback", dmPolicy: "open", allowFrom: ["*"] } }
    home = await createHome({ modelBaseUrl: "http://127.0.0.1:9/v1", config: { channels: telegram } })
    await copyInstall(home, tarballPath)
    command = [process.execPath, "--no-warnings", cliPath]
    environment = withHostOnPath(home)
  })

  after(async () => {
    for (const step of ending.reverse()) step()
    await home.remove()
  })

  it("asked in a terminal, where no list stands: all that the host loads goes on being loaded", async () => {
    const before = await loaded()
    assert.ok(before.includes("telegram") && before.includes("memory-core"), before.join(" "))
    assert.equal(plugins().allow, undefined)
    const pane: Tmux = await startTmux({ after: (step) => void ending.push(step) }, shellWords([...command, "setup"]), {
      directory: home.directory,
      environment,
      rows: 60,
    })
    for (const [question, ...keys] of [
      [/Let the host load the plugin\?/, "Enter"],
      [/Let the plugin see prompts and answers\?/, "Enter"],
      [/Where is the master key to be\?/, "Enter"],
      [/How many days are entries kept\?/, "Enter"],
      [/How many megabytes/, "Enter"],
      [/What is stored of texts\?/, "Enter"],
      [/URL of a web hook/, "Enter"],
      [/How much may be spent in a day\?/, "5", "usd", "Enter"],
      [/Who outside is to sign/, "Enter"],
      [/What will be[^]*\+ allow [^]*\+ budget +at most 5usd a day[^]*Write it\?/, "Enter"],
    ] as const) {
      await pane.shows(question)
      await pane.press(...keys)
    }
    assert.match(await pane.shows(/exit \d/), /Done: 4 changes\.\n[^]*READY[^]*exit 0/)
    const { allow = [], entries } = plugins()
    assert.deepEqual([...allow].toSorted(), [...before.filter((id) => id !== pluginId), pluginId].toSorted())
    assert.deepEqual(entries[pluginId], {
      enabled: true,
      hooks: { allowConversationAccess: true },
      config: { budgets: [{ name: "daily", limit: ["5usd"], per: "day" }] },
    })
    assert.deepEqual(await loaded(), before.includes(pluginId) ? before : [...before, pluginId].toSorted(), "and the host loads what it loaded")
  })

  it("by flags, where a list stands: the plugin is added to it, and the second time the file is not touched", async () => {
    home.editConfig({ plugins: { allow: ["telegram", "memory-core"], entries: { [pluginId]: { hooks: null, config: { userId: "jane" } } } } })
    const setUp = () =>
      mustSucceed(
        "setup",
        runCommand(command[0] ?? "", [...command.slice(1), "setup", "--yes", "--retention-days", "90"], { environment, directory: home.directory }),
      )
    assert.match((await setUp()).stdout, /^Done: 3 changes\./)
    const { allow, entries } = plugins()
    assert.deepEqual(allow, ["telegram", "memory-core", pluginId])
    assert.deepEqual(entries[pluginId]?.["config"], { budgets: [{ name: "daily", limit: ["5usd"], per: "day" }], userId: "jane", localRetentionDays: 90 })
    const written = JSON.stringify(home.readConfig())
    assert.match((await setUp()).stdout, /^Everything was there already; nothing was written\./)
    assert.equal(JSON.stringify(home.readConfig()), written)
  })
})
