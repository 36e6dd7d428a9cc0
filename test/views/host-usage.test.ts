/** Each reason for which the host's figure and the record may differ, on calls made up for it; what has no reason is the rest. */
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { compareWithHostUsage, type HostDay, type HostQuestion, type HostUse } from "../../src/views/host-usage.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"

const noonMs = Date.parse("2026-11-20T12:00:00Z")
const midnightMs = Date.parse("2026-11-21T00:00:00Z")
const counts = { input: 100, output: 10, cacheRead: 5, cacheWrite: 1 }
const tokens = 116

type Recorded = { readonly row: string; readonly atMs: number; readonly agent: string; readonly kind: string; readonly nanos: number } & typeof counts

function recorded(row: string, more: Partial<Recorded> = {}): Recorded {
  return { row, atMs: noonMs, agent: "main", kind: "", nanos: 2_000, ...counts, ...more }
}

function use(more: Partial<HostUse> = {}): HostUse {
  const places = { agent: "main", model: "house/one", writtenMs: noonMs, begunMs: noonMs, counted: 1, unseen: "copy" } as const
  return { ...places, ...counts, recordedNanos: 2_000, todayNanos: 0, ...more }
}

function day(name: string, calls: number, more: Partial<HostDay> = {}): HostDay {
  const sums = { input: 100 * calls, output: 10 * calls, cacheRead: 5 * calls, cacheWrite: calls, nanos: 2_000 * calls }
  return { day: name, ...sums, totalTokens: tokens * calls, missing: 0, missingModels: undefined, ...more }
}

type Given = {
  readonly record: readonly Recorded[]
  readonly uses: Readonly<Record<string, HostUse>>
  readonly days: readonly HostDay[]
} & Partial<Pick<HostQuestion, "agent" | "listed">>

/** What each reason explains, as calls, tokens and nano-dollars by day; and the verdict. */
function compared({ record, uses, days, agent, listed }: Given) {
  const access = { ask: (question: (views: unknown) => unknown) => question({ prepare: () => ({ iterate: () => record }) }) } as unknown as LedgerAccess
  const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10)
  const usage = { days, updatedMs: midnightMs + 3_600_000, state: "fresh" }
  const found = compareWithHostUsage(access, { usage, uses: new Map(Object.entries(uses)), dayOf, agent, listed })
  const rows = found.days.flatMap(({ day: name, reasons }) =>
    reasons.map(({ reason, calls, input, output, cacheRead, cacheWrite, nanos }) => [name, reason, calls, input + output + cacheRead + cacheWrite, nanos]),
  )
  return { verdict: found.verdict, rows, rest: found.total.rest, total: found.total, beyondClasses: found.beyondClasses }
}

const today = "2026-11-20"

describe("the host's figure and the record", () => {
  it("agree without a reason", () => {
    const { verdict, rows } = compared({ record: [recorded("a")], uses: { a: use() }, days: [day(today, 1)] })
    assert.deepEqual([verdict, rows], ["explained", []])
  })

  for (const [name, why, place] of [
    ["on a branch that was left", "branch", use({ counted: 0, unseen: "branch" })],
    ["in an archive", "archive", use({ counted: 0, unseen: "archive" })],
    ["in a copy", "copy", use({ counted: 0 })],
    ["of an agent that is not listed", "agent", use({ agent: "stranger" })],
    ["written after the figure was made", "later", use({ writtenMs: midnightMs + 3_600_001 })],
    ["that the stores no longer have", "gone", undefined],
  ] as const) {
    it(`differ by a call ${name}`, () => {
      const uses = place === undefined ? {} : { a: place }
      const { verdict, rows } = compared({ record: [recorded("a")], uses, days: [day(today, 0)], listed: new Set(["main"]) })
      assert.deepEqual([verdict, rows], ["explained", [[today, why, 1, tokens, 2_000]]])
    })
  }

  it("differ by the summary of a compaction", () => {
    const { rows } = compared({ record: [recorded("a", { kind: "compaction" })], uses: {}, days: [day(today, 0)] })
    assert.deepEqual(rows, [[today, "compaction", 1, tokens, 2_000]])
  })

  it("differ by a call that stands in three conversations, and by one that is not on record", () => {
    const { verdict, rows } = compared({ record: [recorded("a")], uses: { a: use({ counted: 3 }), b: use() }, days: [day(today, 4)] })
    const expected = [
      [today, "twice", 2, -2 * tokens, -4_000],
      [today, "unrecorded", 1, -tokens, -2_000],
    ]
    assert.deepEqual([verdict, rows], ["explained", expected])
  })

  it("differ on two days by an answer that began before midnight", () => {
    const times = { atMs: midnightMs + 500 }
    const given = { record: [recorded("a", times)], uses: { a: use({ writtenMs: midnightMs + 500, begunMs: midnightMs - 500 }) } }
    const { verdict, rows, rest } = compared({ ...given, days: [day(today, 1), day("2026-11-21", 0)] })
    const expected = [
      [today, "midnight", 1, -tokens, -2_000],
      ["2026-11-21", "midnight", 1, tokens, 2_000],
    ]
    assert.deepEqual([verdict, rows, rest.nanos], ["explained", expected, 0])
  })

  it("differ in cost alone: another price, no price, and an estimate by today's price", () => {
    const none = use({ recordedNanos: 0, model: "house/dark", todayNanos: 900 })
    const uses = { a: use({ recordedNanos: 1_500 }), b: none, c: use({ recordedNanos: 0, todayNanos: 1_700 }), d: use({ recordedNanos: 0 }) }
    const host = day(today, 4, { nanos: 1_500 + 1_700, missing: 1, missingModels: new Set(["house/dark"]) })
    const { verdict, rows } = compared({ record: ["a", "b", "c", "d"].map((row) => recorded(row)), uses, days: [host] })
    const expected = [
      [today, "unpriced", 2, 0, 4_000],
      [today, "price", 2, 0, 800],
    ]
    assert.deepEqual([verdict, rows], ["explained", expected])
  })

  it("are those of one agent, when the figure is", () => {
    const record = [recorded("a"), recorded("b", { agent: "other" })]
    const { verdict, total } = compared({
      record,
      uses: { a: use(), b: use({ agent: "other" }), c: use({ agent: "other" }) },
      days: [day(today, 1)],
      agent: "main",
    })
    assert.deepEqual([verdict, total.calls, total.reasons], ["explained", 1, []])
  })

  it("leave a rest that nothing explains, of tokens, of one class for another, or of money", () => {
    const given = { record: [recorded("a")], uses: { a: use() } }
    for (const [more, rest] of [
      [{ output: 9 }, { output: 1 }],
      [
        { input: 99, output: 11 },
        { input: 1, output: -1 },
      ],
      [{ nanos: 1_990 }, { nanos: 10 }],
    ] as const) {
      const found = compared({ ...given, days: [day(today, 1, more)] })
      const nothing = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, nanos: 0 }
      assert.deepEqual([found.verdict, found.rest], ["unexplained", { ...nothing, ...rest }])
    }
  })

  it("agree where dollars were added up as binary fractions; a provider's own total is told apart", () => {
    const host = day(today, 1, { nanos: 2_001, totalTokens: tokens + 7 })
    const { verdict, beyondClasses } = compared({ record: [recorded("a")], uses: { a: use() }, days: [host] })
    assert.deepEqual([verdict, beyondClasses], ["explained", 7])
  })
})
