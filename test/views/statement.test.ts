/** A month's statement: what it adds up, to which month a posting belongs, and that nothing in it runs in a browser. */
import assert from "node:assert/strict"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { statementPage } from "../../src/surfaces/page/statement-page.ts"
import { units } from "../../src/ledger/units.ts"
import { monthBounds, monthStatement, type Statement } from "../../src/views/statement.ts"
import { runCommand } from "../commands/command-process.ts"
import { startMs, temporaryDirectory, type TestLedger } from "../ledger-fixture.ts"
import { cents, centsJson, dayMs, minuteMs, spentLedger, threeDays } from "./spent-ledger.ts"

const { ledger } = threeDays({ after })
const month = new Date(startMs).toISOString().slice(0, 7)

function stated(of: TestLedger, asked = month, zone = "UTC"): Statement {
  const access = of.read()
  const { statement, size, root } = monthStatement(access, { month: asked, zone, nowMs: startMs + 90 * dayMs })
  assert.equal(size, access.reader.size())
  assert.equal(root.length, 32)
  return statement
}

describe("a month's statement", () => {
  test("adds up accounts, models, tools, budgets and grades", () => {
    const { totals, accounts, byModel, byTool, byBudget, byGrade, corrections, refused, provisional } = stated(ledger)
    assert.equal(provisional, false)
    const consumed = 3 * (44 + 20 + 33 + 5)
    assert.deepEqual(accounts, [
      {
        account: "agent:main",
        opening: {},
        allocated: centsJson(1_000),
        transferred: { moneyNanos: "-1000000000" },
        consumed: centsJson(consumed),
        corrected: centsJson(4),
        closing: centsJson(900 - consumed + 4),
      },
      { account: "tools:web", opening: {}, allocated: {}, transferred: centsJson(100), consumed: {}, corrected: {}, closing: centsJson(100) },
    ])
    assert.deepEqual(totals, {
      opening: {},
      allocated: centsJson(1_000),
      transferred: {},
      consumed: centsJson(consumed),
      corrected: centsJson(4),
      closing: centsJson(1_000 - consumed + 4),
    })
    assert.deepEqual(byModel, [{ name: "anthropic/claude-sonnet-4-5", times: 12, amounts: centsJson(consumed) }])
    assert.deepEqual(byTool, [{ name: "exec", times: 12, amounts: centsJson(consumed) }])
    assert.deepEqual(byBudget, [
      { name: "daily", times: 12, amounts: centsJson(consumed) },
      { name: "rolling", times: 12, amounts: centsJson(consumed) },
    ])
    assert.deepEqual(byGrade, [
      { name: "exact", times: 6, amounts: centsJson(3 * 64) },
      { name: "bound", times: 3, amounts: centsJson(99) },
      { name: "counted", times: 3, amounts: centsJson(15) },
    ])
    assert.deepEqual(
      corrections.map(({ transfer, corrects, reason, amounts }) => ({ transfer, corrects, reason, amounts })),
      [{ transfer: "back", corrects: "a2", reason: "charged by mistake", amounts: centsJson(4) }],
    )
    assert.deepEqual(refused, { total: 0, byReason: [], stopped: 0 })
  })

  test("begins where the one before it ended, in any zone, and a posting is in one month only", (t) => {
    const own = spentLedger(t)
    const edge = monthBounds(month, "UTC").toMs
    own.give(
      { do: "allocate", id: "a", atMs: edge - 1, account: "agent:main", amounts: cents(100) },
      { do: "allocate", id: "t", atMs: edge - 1, account: "agent:other", amounts: { tokens: 500n } },
      { do: "hold", id: "h", atMs: edge - 1, ttlMs: minuteMs, spend: { tool: "exec" }, parts: [{ account: "agent:main", amounts: cents(9) }] },
      { do: "settle", id: "h", attempt: 1, atMs: edge, grade: "exact", parts: [{ account: "agent:main", amounts: cents(8) }] },
    )
    const next = new Date(edge).toISOString().slice(0, 7)
    const [before, after] = [stated(own.ledger), stated(own.ledger, next)]
    assert.deepEqual([before.until, before.totals.closing], [after.from, after.totals.opening])
    assert.deepEqual(before.totals.consumed, {})
    assert.deepEqual([after.totals.consumed, after.byTool[0]?.name], [centsJson(8), "exec"])
    // Where clocks are ahead, the month is over sooner.
    const ahead = stated(own.ledger, next, "Asia/Tokyo")
    assert.deepEqual(ahead.totals.allocated, { ...centsJson(100), tokens: "500" })
    for (const unit of units) assert.equal(before.totals.closing[unit], before.totals.allocated[unit])
  })

  test("counts what was refused and stopped in it", (t) => {
    const own = spentLedger(t)
    own.ledger.record(
      { type: "spend.refused", id: "r1", facts: { why: "over-budget", door: "model", budget: "daily" } },
      { type: "spend.refused", id: "r2", facts: { why: "over-budget", door: "model", budget: "daily" } },
      { type: "spend.refused", id: "r3", facts: { why: "frozen", door: "tool" } },
      { type: "call.stopped", id: "s1", facts: { why: "no-hold", stopped: true } },
    )
    const byReason = [
      { why: "over-budget", count: 2 },
      { why: "frozen", count: 1 },
    ]
    assert.deepEqual(stated(own.ledger).refused, { total: 3, byReason, stopped: 1 })
    assert.equal(stated(own.ledger, "2031-01").refused.total, 0)
  })
})

describe("the command statement", () => {
  const run = (...args: readonly string[]) => {
    const places = ["--data-dir", ledger.files.directory, "--key-file", ledger.places.keyFile, "--head-note", ledger.files.headNote]
    return runCommand(["statement", ...args, ...places], { OPENCLAW_STATE_DIR: "/nonexistent" })
  }

  test("as text, as JSON with the signed note, and as a note that only its own words pass", async (t) => {
    const directory = temporaryDirectory(t)
    const note = join(directory, "month.note")
    const told = await run("--month", month, "--sign", note)
    assert.deepEqual([told.status, told.stderr], [0, `Written to ${note}.\n`])
    assert.match(told.stdout, /\n {2}consumed {5}\$3\.06\n/)
    assert.match(told.stdout, /\n {2}anthropic\/claude-sonnet-4-5: \$3\.06 in 12 postings\n/)
    assert.equal(statSync(note).mode & 0o777, 0o600)
    const { note: carried, ...json } = JSON.parse((await run("--month", month, "--json")).stdout) as Record<string, unknown>
    assert.deepEqual([json["schemaVersion"], json["entries"]], [1, ledger.open().journal.size])
    const copied = join(directory, "copied.note")
    writeFileSync(copied, carried as string)
    for (const good of [note, copied]) assert.match((await run("--check", good)).stdout, /^GOOD.*\n.*\n {2}consumed \$3\.06; closing \$6\.98\n$/)
    const bent = join(directory, "bent.note")
    writeFileSync(bent, readFileSync(note, "utf8").replace('"consumed":{"moneyNanos":"3', '"consumed":{"moneyNanos":"2'))
    const no = await run("--check", bent)
    assert.equal(no.status, 1)
    assert.match(no.stdout, /^NOT GOOD .*: its signature is wrong/)
    assert.equal((await run("--month", month, "--sign", note)).status, 2)
  })

  test("refuses what is no month, zone or format, each with a sentence", async () => {
    for (const [args, words] of [
      [["--month", "2026-13"], /--month takes a month such as 2026-11, not "2026-13"/],
      [["--month", "november"], /--month takes/],
      [["--zone", "Moon/Base"], /--zone takes a time zone/],
      [["--format", "pdf"], /--format takes text, json, html/],
    ] as const) {
      const { status, stdout, stderr } = await run(...args)
      assert.deepEqual([status, stdout], [2, ""])
      assert.match(stderr, words)
    }
    const both = await run("--format", "html", "--json")
    assert.equal(both.status, 2)
    assert.match(both.stdout, /"code":"cli.usage","message":"--json and --format html are two forms of one answer/)
  })
})

test("the page runs and loads nothing, whatever the ledger's texts say", async (t) => {
  const own = spentLedger(t)
  const nasty = `</td><script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror=alert(1)> & "q" '\u202e`
  own.give(
    { do: "allocate", id: "in", atMs: startMs, account: "agent:main", amounts: cents(500) },
    { do: "spend", id: "s", atMs: startMs, spend: { model: nasty, tool: nasty }, account: "agent:main", amounts: cents(50) },
    { do: "correct", id: nasty, atMs: startMs, corrects: "s", debit: "agent:main", credit: "spent:unattributed", amounts: cents(5), reason: nasty },
  )
  const page = statementPage(stated(own.ledger), `note ${nasty}`, "sovereign-ledger/0000")
  assert.doesNotMatch(page, /<script|<img|onerror=alert\(1\)>/)
  assert.match(page, /default-src 'none'; style-src 'sha256-/)
  assert.ok(page.includes("&#60;script&#62;"))
  assert.equal(page.split("\u202e").length, 2, "only the note keeps its own bytes")
  assert.doesNotMatch(page, /https?:\/\/(?!127\.0\.0\.1:9)/)
})
