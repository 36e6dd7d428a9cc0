/** export focus, ocsf, otel and ndjson as commands: the same on standard output and in a file, which is there whole or not at all, sealed where that is asked for. */
import assert from "node:assert/strict"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { flagsOf, holds, makeHome } from "../cli/home.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"
import { focusFaults } from "./focus-rules.ts"
import { recordsOf } from "./read-csv.ts"
import { session, told, toldLedger } from "./told-calls.ts"

function commands(t: Ending) {
  const ledger = toldLedger(t)
  ledger.close()
  const [home, directory] = [makeHome(t), temporaryDirectory(t)]
  return { run: (...args: readonly string[]) => home.run([...args, ...flagsOf(ledger)]), directory, file: (name: string) => join(directory, name) }
}

/** An OCSF export says when it was made. */
const withoutTimes = (text: string) => text.replaceAll(/"(?:time|logged_time)":\d+/g, "").replaceAll(/"(?:value|fingerprint)":"[^"]*"/g, "")

describe("an export", () => {
  for (const format of ["focus", "ocsf", "otel", "ndjson"]) {
    test(`${format} is the same in a file of the owner's as on standard output, and replaces none unless it is forced`, async (t) => {
      const { run, file, directory } = commands(t)
      const printed = await run("export", format)
      assert.equal(printed.exit, 0)
      assert.ok(printed.stdout.length > 1_000)
      holds(await run("export", format, "--out", file("out")), { exit: 0, stderr: /Written to / })
      assert.equal(withoutTimes(readFileSync(file("out"), "utf8")), withoutTimes(printed.stdout))
      assert.equal(statSync(file("out")).mode & 0o777, 0o600)
      writeFileSync(file("out"), "mine")
      holds(await run("export", format, "--out", file("out")), { exit: 2, stderr: /exists already/ })
      assert.equal(readFileSync(file("out"), "utf8"), "mine")
      holds(await run("export", format, "--out", file("out"), "--force"), { exit: 0, stderr: /Written to / })
      assert.ok(statSync(file("out")).size > 100)
      assert.deepEqual(readdirSync(directory), ["out"])
    })
  }

  test("leaves nothing behind where it fails", async (t) => {
    const { run, file, directory } = commands(t)
    holds(await run("export", "focus", "--out", join(file("none"), "out")), { exit: 2, stderr: /Writing to .* failed/ })
    holds(await run("export", "focus", "--out", file("out"), "--until", "2020-01-01", "--since", "2021-01-01"), {
      exit: 2,
      stderr: /--until must be after --since/,
    })
    assert.deepEqual(readdirSync(directory), [])
  })

  test("removes what a killed one left, and nothing of one that runs", async (t) => {
    const { run, file, directory } = commands(t)
    const [killed, running, other] = [".out.4194305.partial", `.out.${process.pid}.partial`, ".out2.4194305.partial"]
    for (const name of [killed, running, other]) writeFileSync(file(name), "half")
    holds(await run("export", "focus", "--out", file("out")), { exit: 0, stderr: /Written to / })
    assert.deepEqual(readdirSync(directory).sort(), ["out", running, other].sort())
  })

  test("is sealed where that is asked for, and opens again", async (t) => {
    const { run, file } = commands(t)
    const { stdout } = await run("export", "ndjson")
    holds(await run("export", "ndjson", "--out", file("calls.sealed"), "--seal"), { exit: 0, stderr: /Written to / })
    assert.ok(!readFileSync(file("calls.sealed")).includes("claude"))
    assert.equal((await run("vault", "unseal", file("calls.sealed"), "--output", "-")).stdout, stdout)
    holds(await run("export", "ndjson", "--out", file("calls.sealed"), "--seal", "--force"), {
      exit: 2,
      stderr: /--force goes with --out FILE, and not with --seal/,
    })
    holds(await run("export", "ndjson", "--force"), { exit: 2, stderr: /--force goes with --out FILE/ })
  })
})

test("export focus takes a period, an account and a time, and says what it leaves out", async (t) => {
  const { run, file, directory } = commands(t)
  const said = await run("export", "focus", "--per", "day", "--billing-account", "org-4711", "--until", new Date(told.third.atMs).toISOString())
  holds(said, { exit: 0, stdout: /^BilledCost,/ })
  assert.deepEqual(focusFaults(said.stdout), [])
  const rows = recordsOf(said.stdout)
  assert.deepEqual([rows.length, new Set(rows.map((row) => row["BillingAccountId"])), rows[0]?.["x_Calls"]], [5, new Set(["org-4711"]), "2"])
  holds(await run("export", "focus"), { exit: 0, stdout: /./, stderr: /1 call of which no cost is known left out/ })
  holds(await run("export", "focus", "--out", file("focus.csv"), "--metadata", file("schema.json")), { exit: 0, stderr: /Written to / })
  assert.match(readFileSync(file("schema.json"), "utf8"), /"FocusVersion": "1\.2"/)
  holds(await run("export", "focus", "--metadata", file("schema.json")), { exit: 2, stderr: /schema\.json exists already/ })
  holds(await run("export", "focus", "--metadata", file("schema2.json"), "--out", file("focus.csv")), { exit: 2, stderr: /focus\.csv exists already/ })
  assert.deepEqual(readdirSync(directory).sort(), ["focus.csv", "schema.json"])
  holds(await run("export", "focus", "--per", "week"), { exit: 2, stderr: /--per takes call, hour, day, not "week"/ })
})

test("export ocsf takes the filters of export json, and times", async (t) => {
  const { run } = commands(t)
  const events = async (...flags: readonly string[]) => (await run("export", "ocsf", ...flags)).stdout.trimEnd().split("\n").length - 1
  const all = await events()
  assert.ok(all > 6)
  assert.equal(await events("--type", "usage.reported"), 6)
  assert.equal(await events("--session", session), 6)
  assert.equal(await events("--limit", "2"), 2)
  assert.equal((await events("--security-only")) + 6, all)
  assert.equal(await events("--until", "2020-01-01"), 0)
})
