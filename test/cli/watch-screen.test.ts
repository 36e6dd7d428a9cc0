/** watch in a real terminal: the screen shows what goes on, stands whatever size the terminal has, and leaves the terminal as it was. */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { requireTool } from "../tools.ts"
import { cliSource, makeHome } from "./home.ts"
import { shellWords, startTmux } from "./tmux.ts"

const terminal = requireTool("tmux")

test("the screen: drawn, drawn anew in another size, ended by a key", terminal, async (t) => {
  const home = makeHome(t)
  mkdirSync(join(home.directory, ".openclaw"))
  const config = { plugins: { allow: ["sovereign-ledger"], entries: { "sovereign-ledger": { hooks: { allowConversationAccess: true } } } } }
  writeFileSync(join(home.directory, ".openclaw", "openclaw.json"), JSON.stringify(config))
  await home.check({ command: "key create", exit: 0, stdout: /is set up/ })
  const environment = { PATH: process.env["PATH"] ?? "", HOME: home.directory }
  const command = `echo before; ${shellWords([process.execPath, "--no-warnings", cliSource, "watch"])}`
  const pane = await startTmux(t, command, { directory: home.directory, environment, columns: 100, rows: 24 })
  const first = await pane.shows(/Entries {2}1\n {2}#0 /)
  assert.match(
    first,
    /^Sovereign Ledger {2}all is well {2}[^\n]*\n\nRuns {2}none\n\nSpent {2}today \$0\.00 \(0 calls\) {3}last hour \$0\.00 \(0 calls\)\n\nAlerts {2}none in 24 hours\n\nEntries {2}1\n/,
  )
  assert.ok(!first.includes("before"), "what stood in the terminal is not drawn over")

  await pane.resize(40, 6)
  const small = await pane.shows(/^Sovereign Ledger {2}all is well {2}[^\n]{0,14}\n\nRuns {2}none\n\nSpent {2}today \$0\.00 \(0 calls\) {3}last hou\n\n?$/)
  assert.ok(small.split("\n").every((line) => line.length <= 40))
  await pane.resize(100, 24)
  await pane.shows(/^Sovereign Ledger[^]*\n {2}#0 [^\n]*journal\.opened/)

  await pane.press("q")
  assert.match(await pane.shows(/exit \d/), /^before\nexit 0\n/, "the terminal is as it was")
})
