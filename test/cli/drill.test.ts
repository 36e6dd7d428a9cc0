/** The drill as people meet it: one screen, one line of JSON, an exit status, and nothing left behind, whatever ends it. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { after, describe, test } from "node:test"
import { crimes } from "../../src/drill/crime-list.ts"
import { temporaryDirectory, temporaryLedger } from "../ledger-fixture.ts"
import { cliSource, flagsOf, holds, jsonOf, makeHome } from "./home.ts"

describe("sovereign-ledger drill", { concurrency: 2 }, () => {
  const home = makeHome({ after })
  const ledger = temporaryLedger({ after })
  for (const count of [299, 300]) {
    ledger.append(count)
    ledger.checkpoint()
  }
  ledger.append(7)
  ledger.close()
  const run = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])

  test("shows every crime and how it was found on one screen", async () => {
    const said = await run("drill --seed 5")
    holds(said, {
      exit: 0,
      stdout:
        /^Drill on a copy of \S+: 607 entries, valid, the last 7 left alone \(no checkpoint covers them yet\); --seed 5 repeats it\n✓ flipped bits [^]*\n31 of 31 crimes found\n$/,
    })
    const lines = said.stdout.trimEnd().split("\n")
    assert.ok(lines.length <= 33, `${lines.length} lines`)
    for (const line of lines.slice(1)) assert.ok(line.length <= 120, line)
    for (const { name, holds: holding } of crimes) assert.match(said.stdout, new RegExp(`^✓ ${name.replace(".", "\\.")} +${holding} +\\S`, "m"))
  })

  test("--json is one line, with the seed that repeats it", async () => {
    type Body = { seed: number; state: string; found: number; notFound: number; skipped: number; kept: null; crimes: object[]; before: { verdict: string } }
    const body = jsonOf<Body>(await run("drill --json"))
    assert.deepEqual([body.state, body.found, body.notFound, body.skipped, body.kept, body.before.verdict], ["all found", 31, 0, 0, null, "valid"])
    assert.deepEqual(Object.keys(body.crimes[0] ?? {}), ["name", "words", "holds", "foundBy", "outcome", "sentence", "named", "times"])
    assert.deepEqual(jsonOf<Body>(await run(`drill --json --seed ${body.seed}`)).crimes, body.crimes)
  })

  test("a ledger that is not valid is not attacked: the report and the exit status are those of verify", async (t) => {
    const bad = ledger.copy(t)
    bad.edit((journal) => journal.exec("UPDATE entries SET facts = x'00' WHERE sequence = 300"))
    holds(await home.run(["drill", ...flagsOf(bad)]), { exit: 1, stdout: /^✗ INVALID[^]*#300[^]*\nNo crime was committed/ })
    const body = jsonOf<{ state: string; crimes: [] }>(await home.run(["drill", "--json", ...flagsOf(bad)]))
    assert.deepEqual([body.state, body.crimes], ["not begun", []])
  })

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`${signal} ends it: the copy is gone, the ledger as it was`, async (t) => {
      const temporary = temporaryDirectory(t)
      const before = readFileSync(ledger.files.journal, "base64")
      const session = home.start(["drill", ...flagsOf(ledger)], ["env", `TMPDIR=${temporary}`, process.execPath, "--no-warnings", cliSource])
      const begun = () => readdirSync(temporary).some((name) => existsSync(join(temporary, name, "sovereign-ledger.head.note")))
      while (!begun()) await sleep(1)
      session.child.kill(signal)
      const said = await session.ended
      holds(said, { exit: 2, stdout: /\n\d+ of \d+ crimes? found, then stopped\n$/, stderr: /^Stopping: the copy is removed\.\n$/ })
      assert.deepEqual(readdirSync(temporary), [])
      assert.equal(readFileSync(ledger.files.journal, "base64"), before)
    })
  }

  test("the guide tells of every crime what the drill does", () => {
    const guide = readFileSync(join(import.meta.dirname, "../../docs/guides/drill.md"), "utf8")
    const rows = [...guide.matchAll(/^\| (\S.*?\S) +\| (the disk|the page key|an older copy|the master key) +\| (.+?) +\| (.+?) +\|$/gm)].map((match) =>
      match.slice(1),
    )
    assert.deepEqual(
      rows,
      crimes.map(({ name, holds: holding, words, foundBy }) => [name, holding, words, foundBy]),
    )
  })
})
