/** The tables SQL asks: both sides of every movement, exact cents, and the same however they were brought forward. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { JournalReader } from "../../src/journal/reader.ts"
import { postings } from "../../src/projections/postings.ts"
import { postingViews } from "../../src/projections/posting-views.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { startMs, type TestLedger } from "../ledger-fixture.ts"
import { cents, minuteMs, spentLedger, threeDays } from "../views/spent-ledger.ts"

const spent = threeDays({ after })

function answers(ledger: TestLedger, sliceEntries = 1_000_000): (sql: string) => readonly Record<string, unknown>[] {
  return JournalReader.ask(ledger.files, ledger.keys(), (reader) => {
    const store = ViewStore.inMemory()
    store.catchUp(reader, { sliceEntries })
    for (const { name, select } of postingViews) store.database.exec(`CREATE TEMP VIEW ${name} AS ${select}`)
    return (sql) => store.database.prepare(sql).safeIntegers().all() as Record<string, unknown>[]
  })
}

describe("postings", () => {
  test("are the same brought forward entry by entry as at once", () => {
    const [atOnce, byEntry] = [answers(spent.ledger), answers(spent.ledger, 1)]
    for (const table of postings.tables) {
      const rows = atOnce(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)
      assert.deepEqual(byEntry(`SELECT * FROM ${table} ORDER BY 1, 2, 3`), rows)
      assert.equal(rows.length > 0, table !== "held_amounts", table)
    }
  })

  test("hold both sides of every movement, and every balance is that of the ledger", () => {
    const ask = answers(spent.ledger)
    const sides = ask("SELECT type, sum(amount) AS total, count(*) AS rows FROM entries GROUP BY type ORDER BY type")
    assert.deepEqual([sides[0]?.["total"], sides[0]?.["rows"]], [sides[1]?.["total"], sides[1]?.["rows"]])
    const expected = [...spent.book.state.accounts].map(([account, { debits, credits, held }]) => ({
      account,
      debits: debits.moneyNanos,
      credits: credits.moneyNanos,
      balance: debits.moneyNanos - credits.moneyNanos,
      held: held.moneyNanos,
    }))
    assert.deepEqual(
      ask("SELECT account, debits, credits, balance, held FROM accounts WHERE unit = 'moneyNanos' ORDER BY account"),
      expected.toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    )
  })

  test("add up what was consumed by quarters, what was given back taken off", () => {
    const ask = answers(spent.ledger)
    const [consumed] = ask("SELECT sum(amount) AS total FROM consumed_quarters WHERE unit = 'moneyNanos'")
    const [posted] = ask("SELECT sum(iif(type = 'debit', amount, -amount)) AS total FROM entries WHERE unit = 'moneyNanos' AND account LIKE 'spent:%'")
    assert.deepEqual([consumed, (consumed?.["total"] as bigint) > 0n], [posted, true])
    const cells = ask("SELECT agent, tool, model FROM consumed_cells ORDER BY id")
    assert.deepEqual(cells, [{ agent: "main", tool: "exec", model: "claude-sonnet-4-5" }])
  })

  test("tell of a settlement what its hold was for", () => {
    const [row] = answers(spent.ledger)("SELECT * FROM entries WHERE hold = 'a0' AND type = 'credit'")
    const { id, sequence, ...rest } = row ?? {}
    assert.equal(id, `${sequence}.0.moneyNanos.credit`)
    assert.deepEqual(rest, {
      timestamp: new Date(startMs + 6 * minuteMs).toISOString(),
      account: "agent:main",
      amount_cents: "44",
      type: "credit",
      reason: null,
      session_id: null,
      amount_nanos: 440_000_000n,
      unit: "moneyNanos",
      amount: 440_000_000n,
      kind: "hold",
      grade: "exact",
      late: 0n,
      over: 0n,
      hold: "a0",
      transfer: null,
      corrects: null,
      budgets: "daily,rolling",
      model: "claude-sonnet-4-5",
      provider: "anthropic",
      tool: "exec",
      agent: "main",
      channel: null,
      cron: null,
      payer: null,
    })
  })

  test("write cents exactly, and other units by their own name", (t) => {
    const { ledger, give } = spentLedger(t)
    const amounts = [1n, 10_000_000n, 12_345_678n, 100_000_000n, 9_223_372_036_854_775_807n, 0n]
    amounts.forEach((moneyNanos, n) => give({ do: "allocate", id: `n${n}`, atMs: startMs, account: "agent:main", amounts: { moneyNanos, tokens: BigInt(n) } }))
    const ask = answers(ledger)
    assert.deepEqual(
      ask("SELECT amount_cents, amount_nanos FROM entries WHERE type = 'debit' AND unit = 'moneyNanos' ORDER BY sequence").map((row) => Object.values(row)),
      [
        ["0.0000001", 1n],
        ["1", 10_000_000n],
        ["1.2345678", 12_345_678n],
        ["10", 100_000_000n],
        ["922337203685.4775807", 9_223_372_036_854_775_807n],
        ["0", 0n],
      ],
    )
    assert.deepEqual(
      ask("SELECT amount_cents, amount_nanos, amount, unit FROM entries WHERE unit = 'tokens' AND type = 'credit' ORDER BY sequence").map((row) =>
        Object.values(row),
      ),
      amounts.map((_, n) => [null, null, BigInt(n), "tokens"]),
    )
  })

  test("know open holds, how the others ended, and the rules in force", (t) => {
    const open = spentLedger(t)
    open.give(
      { do: "hold", id: "h", atMs: startMs, ttlMs: minuteMs, spend: { agent: "main" }, parts: [{ account: "agent:main", amounts: cents(7) }] },
      { do: "hold", id: "gone", atMs: startMs, ttlMs: minuteMs, spend: {}, parts: [{ account: "agent:main", amounts: cents(1) }] },
      { do: "release", id: "gone", attempt: 1, atMs: startMs, reason: "aborted" },
    )
    assert.deepEqual(
      answers(open.ledger)("SELECT hold, state, held_nanos, reason FROM holds ORDER BY sequence").map((row) => Object.values(row)),
      [
        ["h", "open", 70_000_000n, null],
        ["gone", "released", 10_000_000n, "aborted"],
      ],
    )
    assert.deepEqual(
      answers(open.ledger)("SELECT account, held FROM accounts").map((row) => Object.values(row)),
      [["agent:main", 70_000_000n]],
    )
    assert.deepEqual(
      answers(spent.ledger)("SELECT state, count(*) AS count FROM holds GROUP BY state ORDER BY state").map((row) => Object.values(row)),
      [
        ["released", 3n],
        ["settled", 9n],
      ],
    )
    assert.deepEqual(
      answers(spent.ledger)("SELECT name, mode, per, zone, limit_nanos FROM budgets ORDER BY name").map((row) => Object.values(row)),
      [
        ["daily", "block", "day", "UTC", 5_000_000_000n],
        ["rolling", "block", "rolling", null, 9_000_000_000n],
      ],
    )
  })

  test("take facts without the shape of a movement for none, and go on", (t) => {
    const { ledger, plant, give } = spentLedger(t)
    const movements = [{ debit: "agent:main", credit: "budget:unallocated", amounts: { moneyNanos: "99999999999999999999" } }] as const
    plant({ type: "transfer.posted", facts: { atMs: startMs, transfer: "bad", kind: "allocation", movements } })
    plant({ type: "hold.settled", facts: { atMs: startMs, hold: "never", attempt: 1, movements: [], grade: "exact" } })
    give({ do: "allocate", id: "good", atMs: startMs, account: "agent:main", amounts: cents(1) })
    assert.deepEqual(answers(ledger)("SELECT count(*) AS count FROM entries"), [{ count: 2n }])
  })
})
