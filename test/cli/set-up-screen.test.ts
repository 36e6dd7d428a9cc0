/** setup and uninstall as a person meets them in a terminal: cancelled in the middle nothing is changed, a secret is never shown, and what is for ever has to be typed. */
import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import type { Ending } from "../ledger-fixture.ts"
import { requireTool } from "../tools.ts"
import { cliSource, jsonOf } from "./home.ts"
import { hostedHome, type Host } from "./hosted-home.ts"
import { shellWords, startTmux, type Tmux } from "./tmux.ts"

function atTerminal(t: Ending, host: Host, command: string): Promise<Tmux> {
  const { directory } = host.home
  const words = shellWords([process.execPath, "--no-warnings", cliSource, ...host.with(command)])
  return startTmux(t, words, { directory, environment: { PATH: process.env["PATH"] ?? "", HOME: directory }, rows: 60 })
}

async function answer(pane: Tmux, rows: readonly (readonly [question: RegExp, ...keys: string[]])[]): Promise<void> {
  for (const [question, ...keys] of rows) {
    await pane.shows(question)
    await pane.press(...keys)
  }
}

describe("at a terminal", requireTool("tmux"), () => {
  test("setup that is cancelled changes nothing; a secret that was typed stands nowhere on the screen", async (t) => {
    const host = hostedHome(t)
    const pane = await atTerminal(t, host, "setup --allow yes --conversations yes --recaps skip --key create --retention-days 0 --redact none --budget none")
    await answer(pane, [
      [/URL of a web hook/, "ftp://nobody/verysecret", "Enter"],
      [/must begin with https/, ...Array.from({ length: 30 }, () => "BSpace"), "https://hooks.slack.com/services/T/B/verysecret", "Enter"],
      [/Who outside is to sign/, "Enter"],
    ])
    const seen = await pane.shows(/\+ webhook +hooks\.slack\.com is told of alerts[^]*Write it\?/)
    assert.ok(!seen.includes("verysecret"))
    await pane.press("C-c")
    assert.match(await pane.shows(/exit \d/), /Cancelled; nothing was changed\.\n[^]*exit 2/)
    assert.deepEqual([host.written(), existsSync(join(host.home.directory, ".config"))], [[], false])
  })

  test("setup of what is set up already proposes it, and writes nothing", async (t) => {
    const host = hostedHome(t)
    await host.home.run(host.with("setup --yes --budget 5usd"))
    const pane = await atTerminal(t, host, "setup --retention-days 0")
    await answer(pane, [
      [/Switch the host's activity recaps off/, "Enter"],
      [/What is stored of texts\?/, "Enter"],
      [/URL of a web hook/, "Enter"],
      [/spent in a day\?[^]*5usd/, "Enter"],
      [/Who outside is to sign/, "Enter"],
    ])
    assert.match(await pane.shows(/exit \d/), /It is set up already[^]*Everything was there already; nothing was written\.[^]*exit 0/)
    assert.equal(host.written().length, 1)
  })

  test("uninstall asks, and no is what it proposes; a ledger is deleted only by its name", async (t) => {
    const host = hostedHome(t)
    const { home } = host
    await home.run(host.with("setup --yes"))
    const { storeId } = jsonOf<{ storeId: string }>(await home.run("key status --json"))
    const journal = join(home.directory, ".openclaw", "sovereign-ledger", "journal.db")
    const asked = await atTerminal(t, host, "uninstall")
    await answer(asked, [[/What goes[^]*the plugin[^]*What stays[^]*the ledger: [^]*Go on\?/, "Enter"]])
    assert.match(await asked.shows(/exit \d/), /Cancelled; nothing was changed\.[^]*exit 2/)
    assert.ok(host.config().plugins["allow"])
    const typed = await atTerminal(t, host, `uninstall --delete-data ${storeId}`)
    await answer(typed, [[/Type [0-9a-f]{16} to delete the ledger/, "yes", "Enter"]])
    await typed.shows(/exit 2/)
    assert.ok(existsSync(journal))
    const meant = await atTerminal(t, host, `uninstall --delete-data ${storeId}`)
    await answer(meant, [[/Type [0-9a-f]{16} to delete the ledger/, storeId, "Enter"]])
    assert.match(await meant.shows(/exit \d/), new RegExp(`Ledger ${storeId} was deleted\\.[^]*its master key[^]*exit 0`))
    assert.ok(!existsSync(journal))
  })
})
