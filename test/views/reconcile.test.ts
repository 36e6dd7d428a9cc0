/** The recount: a good ledger passes, whatever happened in it, and each thing that no rules allow is found where it stands. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import type { AllowanceRule, LedgerEvent } from "../../src/format/facts/ledger.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import { keepSnapshot } from "../../src/projections/ledger-snapshot.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { reconcile, type Reconciliation } from "../../src/views/reconcile.ts"
import { IdIndex } from "../../src/views/reconcile-index.ts"
import { checks, type Check } from "../../src/views/reconcile-violations.ts"
import { startMs, type TestLedger } from "../ledger-fixture.ts"
import { cents, centsJson, dayMs, minuteMs, spentLedger, threeDays, type SpentLedger } from "./spent-ledger.ts"

const template = threeDays({ after })
const endMs = startMs + 3 * dayMs

function reconciled(ledger: TestLedger, nowMs = endMs): Reconciliation {
  const access = ledger.read()
  return reconcile(access, { nowMs, mostListed: 100 })
}

function keepSnapshotOf(ledger: TestLedger, body: string): void {
  JournalReader.ask(ledger.files, ledger.keys(), (reader) => {
    const views = ViewStore.open(ledger.files.views, ledger.keys().viewsKey)
    keepSnapshot(views.database, reader, { next: reader.size(), body })
    views.close()
  })
}

const spend = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic" }
const spent = "spent:anthropic/claude-sonnet-4-5" as const
const atMs = endMs - minuteMs
const toSpent = (amount: number) => [{ debit: spent, credit: "agent:main" as const, amounts: centsJson(amount) }]
const placed = (hold: string, amount: number, expiresAtMs = endMs + minuteMs): LedgerEvent => ({
  type: "hold.placed",
  facts: { atMs, hold, attempt: 1, movements: toSpent(amount), spend, expiresAtMs, budgets: ["daily"] },
})
const settled = (hold: string, amount: number, more = {}): LedgerEvent => ({
  type: "hold.settled",
  facts: { atMs, hold, attempt: 1, movements: toSpent(amount), grade: "exact", ...more },
})
const posted = (facts: object): LedgerEvent => ({
  type: "transfer.posted",
  facts: { atMs, transfer: "planted", kind: "spend", movements: toSpent(1), ...facts },
})

const pocket: AllowanceRule = {
  ...{ name: "pocket", from: "budget:unallocated", to: "agent:main", amounts: centsJson(9) },
  ...{ period: { per: "day", zone: "UTC" }, rollover: false },
}

const asked: LedgerEvent = {
  type: "extension.asked",
  facts: { atMs, extension: "MORE42", door: "model", extends: ["daily"], amounts: centsJson(5), expiresAtMs: endMs },
}
const draws = (amount: number) => ({ extension: "MORE42", run: "r", parts: [{ of: "daily", amounts: centsJson(amount) }] })
const drawing = (amount: number): LedgerEvent => {
  const { type, facts } = placed("open", 9)
  return { type, facts: { ...facts, draws: draws(amount) } } as LedgerEvent
}

/** A hold that no entry placed. */
const openHold = JSON.stringify({
  id: "ghost",
  attempt: 1,
  placedAtMs: startMs,
  expiresAtMs: endMs,
  spend: {},
  shares: [],
  movements: [],
  total: {},
})

/** What is planted, and which rules it breaks; the last planted entry is the one named, unless another is. */
const plants: readonly (readonly [Check, readonly LedgerEvent[]])[] = [
  ["malformed", [posted({ movements: [{ debit: spent, credit: spent, amounts: centsJson(1) }] })]],
  ["no-open-hold", [settled("never", 1)]],
  ["no-open-hold", [{ type: "hold.released", facts: { atMs, hold: "never", attempt: 1, reason: "none" } }]],
  ["no-open-hold", [{ type: "hold.expired", facts: { atMs, hold: "never", attempt: 1 } }]],
  ["no-open-hold", [{ type: "hold.consumed", facts: { atMs, hold: "never", attempt: 1 } }]],
  ["closed-twice", [settled("a1", 44)]],
  ["closed-twice", [settled("c1", 20, { late: true })]],
  ["placed-twice", [placed("open", 1), placed("open", 1)]],
  ["settled-elsewhere", [placed("open", 9), settled("open", 9, { movements: [{ debit: spent, credit: "tools:web", amounts: centsJson(9) }] })]],
  ["over-unmarked", [placed("open", 9), settled("open", 10)]],
  ["expired-early", [placed("open", 9), { type: "hold.expired", facts: { atMs, hold: "open", attempt: 1 } }]],
  [
    "consumed-for-nothing",
    [
      placed("open", 9, atMs),
      { type: "hold.consumed", facts: { atMs, hold: "open", attempt: 1 } },
      { type: "hold.expired", facts: { atMs, hold: "open", attempt: 1 } },
    ],
  ],
  ["left-open", [placed("open", 9, endMs - minuteMs - 1)]],
  ["more-than-there-was", [placed("open", 900)]],
  ["more-than-there-was", [posted({ kind: "transfer", movements: [{ debit: "tools:web", credit: "agent:main", amounts: centsJson(901) }] })]],
  ["overdrawn", [posted({ movements: toSpent(901) })]],
  ["more-than-there-was", [posted({ kind: "return", movements: [{ debit: "budget:unallocated", credit: "agent:main", amounts: centsJson(901) }] })]],
  [
    "above-quota",
    [
      { type: "allowance.set", facts: { atMs, rule: pocket, startMs, endMs, handed: {}, granted: centsJson(9) } },
      { type: "allowance.opened", facts: { atMs, allowance: "pocket", startMs, endMs, handed: {}, granted: centsJson(10) } },
    ],
  ],
  ["corrects-nothing", [posted({ kind: "correction", corrects: "never" })]],
  [
    "gives-back-too-much",
    [posted({ kind: "correction", corrects: "a1", movements: [{ debit: "agent:main", credit: "spent:unattributed", amounts: centsJson(90) }] })],
  ],
  ["drawn-too-much", [drawing(1)]],
  ["drawn-too-much", [asked, drawing(6)]],
  ["drawn-too-much", [asked, drawing(5), settled("open", 9, { drawn: draws(5) })]],
  ["usage-twice", [posted({ usage: "message-a0" })]],
]

function copyOf(t: { readonly after: (end: () => void) => void }, events: readonly LedgerEvent[]): { ledger: TestLedger; last: number } {
  const ledger = template.ledger.copy(t)
  for (const { type, facts } of events) ledger.record({ type, id: `planted:${ledger.open().journal.size}`, facts } as never)
  return { ledger, last: ledger.open().journal.size - 1 }
}

describe("reconcile", () => {
  test("passes a good ledger, with its snapshot and without", () => {
    const found = reconciled(template.ledger)
    assert.deepEqual(found.violations, [])
    assert.deepEqual([found.verdict, found.snapshot, found.openHolds, found.budgets], ["reconciled", "none", 0, 2])
    keepSnapshotOf(template.ledger, template.book.snapshot())
    const again = reconciled(template.ledger)
    assert.deepEqual([again.verdict, again.snapshot, again.violations.length], ["reconciled", "compared", 0])
  })

  test("counts in no later period what was held in an earlier one, and keeps what was spent when a rule changes", (t) => {
    const own = spentLedger(t)
    const hold = (id: string, at: number) =>
      ({ do: "hold", id, atMs: at, ttlMs: 2 * dayMs, spend, parts: [{ account: "agent:main", amounts: cents(9) }] }) as const
    const settle = (id: string, at: number) =>
      ({ do: "settle", id, attempt: 1, atMs: at, grade: "exact", parts: [{ account: "agent:main", amounts: cents(7) }] }) as const
    const rule = (per: string) => ({ do: "set-budget", atMs: startMs + dayMs, rule: parseBudget({ name: "b", limits: ["9usd"], per }) }) as const
    own.give({ ...rule("day"), atMs: startMs }, hold("a", startMs), hold("b", startMs), hold("c", startMs + dayMs), settle("a", startMs + dayMs))
    own.give({ do: "release", id: "b", attempt: 1, atMs: startMs + dayMs, reason: "aborted" }, settle("c", startMs + dayMs), rule("rolling 1h"))
    own.give(hold("d", startMs + dayMs), settle("d", startMs + dayMs), rule("week"), hold("e", startMs + dayMs))
    assert.deepEqual(reconciled(own.ledger, startMs + dayMs).violations, [])
  })

  test("passes what allowances hand out and take back, in accounts that are bounded by nothing else", (t) => {
    const own = spentLedger(t)
    const rule = { ...pocket, rollover: true, from: "budget:pool" as const }
    own.give({ do: "allocate", id: "pool", atMs: startMs, account: "budget:pool", amounts: cents(100) }, { do: "set-allowance", rule, atMs: startMs })
    own.give({ do: "spend", id: "a", atMs: startMs + 1, spend, account: "agent:main", amounts: cents(2) })
    for (const day of [1, 2, 6, 7]) own.give({ do: "open-allowances", atMs: startMs + day * dayMs })
    own.give({ do: "remove-allowance", allowance: "pocket", atMs: startMs + 7 * dayMs })
    assert.deepEqual(reconciled(own.ledger, startMs + 8 * dayMs).violations, [])
    keepSnapshotOf(own.ledger, own.book.snapshot())
    assert.deepEqual(reconciled(own.ledger, startMs + 8 * dayMs).violations, [])
  })

  test("counts what an extension bears in no budget and on no account that it extends, while it is held and when it is spent", (t) => {
    const own = spentLedger(t)
    const parts = (amount: number) => [{ account: "agent:main" as const, amounts: cents(amount) }]
    const hold = (id: string, amount: number) =>
      ({ do: "hold", id, atMs: startMs, ttlMs: dayMs, spend, parts: parts(amount), draw: { run: "r", session: "s" } }) as const
    const settle = (id: string, amount: number) => ({ do: "settle", id, attempt: 1, atMs: startMs, grade: "exact", parts: parts(amount) }) as const
    own.give(
      { do: "set-budget", atMs: startMs, rule: parseBudget({ name: "b", limits: ["0.5usd"], per: "day" }) },
      { do: "allocate", id: "t", atMs: startMs, account: "agent:main", amounts: cents(40) },
      { do: "ask", id: "MORE42", atMs: startMs, door: "model", parts: parts(60), spend, session: "s", run: "r0", most: cents(200), ttlMs: dayMs },
      { do: "grant", id: "MORE42", atMs: startMs, reason: "an owner" },
    )
    own.give(hold("a", 60), settle("a", 45), hold("b", 30), { do: "release", id: "b", attempt: 1, atMs: startMs, reason: "not sent" }, hold("c", 70))
    assert.deepEqual(reconciled(own.ledger, startMs).violations, [])
    assert.equal(own.book.state.accounts.get("agent:main")?.allotted.moneyNanos, 450_000_000n)
  })

  for (const [check, events] of plants) {
    test(`finds ${check}: ${events.map(({ type }) => type).join(", ")}`, (t) => {
      const { ledger, last } = copyOf(t, events)
      const found = reconciled(ledger)
      assert.equal(found.verdict, "violated")
      assert.ok(
        found.violations.some((violation) => violation.check === check && violation.sequence === last),
        JSON.stringify(found.violations, undefined, 1),
      )
    })
  }

  test("finds a live state that is not what the entries say", (t) => {
    const bent: readonly (readonly [Check, (text: string) => string])[] = [
      ["balance-differs", (text) => text.replace('"credits":{"moneyNanos":"', '"credits":{"moneyNanos":"9')],
      ["budget-differs", (text) => text.replace('"spent":{}', '"spent":{"moneyNanos":"9"}')],
      ["hold-differs", (text) => text.replace('"holds":[]', `"holds":[${openHold}]`)],
    ]
    for (const [check, bend] of bent) {
      const ledger = template.ledger.copy(t)
      const good = template.book.snapshot()
      assert.notEqual(bend(good), good)
      keepSnapshotOf(ledger, bend(good))
      const found = reconciled(ledger)
      assert.ok(
        found.violations.some((violation) => violation.check === check && violation.problem.includes("snapshot")),
        JSON.stringify(found.violations),
      )
    }
  })

  test("every rule has been seen broken", () => {
    const seen = new Set<string>([...plants.map(([check]) => check), "balance-differs", "budget-differs", "hold-differs"])
    assert.deepEqual(
      Object.keys(checks).filter((check) => !seen.has(check)),
      [],
    )
  })

  test("adds up what hosts reported beside what was posted, by model", () => {
    const { drift } = reconciled(template.ledger)
    assert.deepEqual(drift, [
      {
        model: "anthropic/claude-sonnet-4-5",
        calls: 6,
        reportedNanos: "1830000000",
        postedNanos: "1920000000",
        differenceNanos: "90000000",
        share: 0.04918,
      },
    ])
  })

  test("lists no more than asked for and counts all", (t) => {
    const { ledger } = copyOf(
      t,
      [1, 2, 3, 4].map((n) => settled(`never-${n}`, 1)),
    )
    const found = reconcile(ledger.read(), { nowMs: endMs, mostListed: 2 })
    assert.equal(found.violations.length, 2)
    assert.equal(found.checks.find(({ check }) => check === "no-open-hold")?.violations, 4)
  })

  test("knows a hold above its bound that says so from one that does not", (t) => {
    const over: SpentLedger = spentLedger(t)
    over.give(
      { do: "allocate", id: "in", atMs: startMs, account: "agent:main", amounts: cents(100) },
      { do: "hold", id: "h", atMs: startMs, ttlMs: minuteMs, spend, parts: [{ account: "agent:main", amounts: cents(10) }] },
      { do: "settle", id: "h", attempt: 1, atMs: startMs, grade: "exact", parts: [{ account: "agent:main", amounts: cents(20) }] },
    )
    assert.deepEqual(reconciled(over.ledger).violations, [])
  })
})

test("an index of ids answers what was set last, past any growth", () => {
  const index = new IdIndex()
  for (let n = 0; n < 5_000; n++) index.set(`id ${n}`, n)
  for (let n = 0; n < 5_000; n += 2) index.set(`id ${n}`, n + 1)
  for (let n = 0; n < 5_000; n++) assert.equal(index.get(`id ${n}`), n + ((n + 1) % 2))
  assert.equal(index.get("id 5000"), undefined)
})
