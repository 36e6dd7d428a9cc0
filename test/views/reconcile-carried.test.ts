/** A recount that goes on from balances that were carried on, wherever, is the recount from the first entry: the same figures, and the same violations. */
import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { AccountName, LedgerEvent } from "../../src/format/facts/ledger.ts"
import type { Closing } from "../../src/journal/closing.ts"
import { parseAllowance } from "../../src/ledger/allowance-rule.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command, Target } from "../../src/ledger/commands.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText } from "../../src/ledger/snapshot.ts"
import { emptyState, type LedgerState } from "../../src/ledger/state.ts"
import { closedFacts, closedState } from "../../src/projections/closed-state.ts"
import type { CountedAccount } from "../../src/views/reconcile-carried.ts"
import { openingOf } from "../../src/views/reconcile-opening.ts"
import { Recount } from "../../src/views/reconcile-recount.ts"
import { Violations, type Violation } from "../../src/views/reconcile-violations.ts"
import { give, newRun, type Run } from "../ledger/naive-ledger.ts"

const startMs = Date.UTC(2026, 9, 24, 20)
const hourMs = 3_600_000
const kinds = [
  ...["hold", "hold", "hold", "hold", "settle", "settle", "settle", "release", "expire", "expire", "consume", "late", "late"],
  ...["spend", "correct", "correct", "allocate", "transfer", "ask", "grant", "grant", "deny", "end", "budget", "budget", "drop"],
  ...["allowance", "forget", "freeze", "unfreeze", "unfreeze", "unfreeze", "leap", "planted", "planted"],
] as const

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  agent: fc.constantFrom("main", "sub-1"),
  other: fc.constantFrom("main", "sub-1"),
  slot: fc.nat(4),
  cents: fc.integer({ min: 1, max: 250 }),
  share: fc.nat(100),
  over: fc.nat(5),
  per: fc.constantFrom("hour", "day", "rolling 3h", "rolling 30h", "lifetime"),
  name: fc.constantFrom("a", "b", "c"),
  plain: fc.boolean(),
  waitMs: fc.oneof({ weight: 4, arbitrary: fc.nat(120_000) }, { weight: 1, arbitrary: fc.nat(20 * hourMs) }),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function commandOf({ state }: Run, one: Step, index: number, atMs: number): Command {
  const { slot, cents, share, over, agent, name, per, plain } = one
  const account: AccountName = `agent:${agent}`
  const other: AccountName = `agent:${one.other}`
  const amounts = { moneyNanos: BigInt(cents) * 10_000_000n, calls: 1n }
  const spend = { agent, model: plain ? "claude-sonnet-4-5" : "gpt-5", provider: "p" }
  const id = `h${slot}`
  const open = state.holds.get(id)
  const ended = state.closed.get(id)
  const attempt = open?.attempt ?? ended?.attempt ?? 1
  const latest = [...state.extensions.keys()].at(-1 - (slot % 2)) ?? "none"
  switch (one.kind) {
    case "settle":
    case "late": {
      const hold = open ?? (ended?.outcome === "expired" ? ended.hold : undefined)
      const scale = (held: bigint) => (over === 0 ? held + BigInt(cents) : (held * BigInt(share)) / 100n)
      const parts = (hold?.movements ?? []).map(({ credit, amounts: held }) => ({
        account: credit,
        amounts: Object.fromEntries(Object.entries(held).map(([unit, amount]) => [unit, scale(amount)])),
      }))
      return {
        do: "settle",
        id,
        attempt,
        parts: parts.length > 0 ? parts : [{ account, amounts }],
        grade: "exact",
        atMs,
        ...(plain ? { usage: `u${slot}` } : {}),
      }
    }
    case "release":
      return { do: "release", id, attempt, reason: "refused", atMs }
    case "expire":
      return { do: "expire", id, attempt, atMs: Math.max(atMs, open?.expiresAtMs ?? 0) }
    case "consume":
      return { do: "consume", id, attempt, atMs }
    case "spend":
      return { do: "spend", id: `s${slot}`, spend, account, amounts, atMs, ...(plain ? { spentAtMs: atMs - hourMs } : {}) }
    case "correct":
      return {
        do: "correct",
        id: `c${index}`,
        corrects: plain ? id : `s${slot}`,
        reason: "r",
        debit: account,
        credit: "spent:unattributed",
        amounts,
        spend,
        atMs,
      }
    case "allocate":
      return { do: "allocate", id: `t${index}`, account: plain ? account : "budget:month", amounts, atMs }
    case "transfer":
      return { do: "transfer", id: `t${index}`, debit: account, credit: plain ? "budget:month" : other, amounts, atMs }
    case "ask":
      return {
        ...{ do: "ask", id: `x${index}`, door: "model", parts: [{ account, amounts }], spend, run: "r", session: "s" },
        ...{ most: { moneyNanos: 3_000_000_000n, calls: 3n }, ttlMs: hourMs, atMs },
      }
    case "grant":
    case "deny":
      return { do: one.kind, id: latest, reason: "owner", atMs }
    case "end":
      return { do: "end-extension", id: latest, atMs }
    case "budget":
      return { do: "set-budget", rule: parseBudget({ name, limits: [`${cents / 20}usd`], per, ...(plain ? { match: ["agent=sub-*"] } : {}) }), atMs }
    case "drop":
      return { do: "remove-budget", budget: name, atMs }
    case "allowance": {
      const from = plain ? "budget:month" : "budget:unallocated"
      return { do: "set-allowance", rule: parseAllowance({ name, to: account, from, give: [`${cents / 50}usd`], per: "day", rollover: over > 2 }), atMs }
    }
    case "forget":
      return { do: "remove-allowance", allowance: name, atMs }
    case "freeze":
    case "unfreeze":
      return { do: one.kind, target: slot === 0 || one.kind === "unfreeze" ? "all" : plain ? { account } : { budget: name }, reason: "r", atMs }
    case "leap": {
      const facts = { trustedMs: atMs, steadyMs: atMs, uptimeMs: atMs, wallMs: atMs, aheadMs: hourMs, leapMs: hourMs, by: "operator" as const }
      return { do: "note-clock", type: "clock.accepted", facts, atMs }
    }
    default: {
      const parts =
        agent === one.other || plain
          ? [{ account, amounts }]
          : [
              { account, amounts },
              { account: other, amounts: { calls: 1n } },
            ]
      return { do: "hold", id, parts, spend, ttlMs: over < 3 ? 60_000 : 90 * hourMs, draw: { run: "r", session: "s", extension: latest }, atMs }
    }
  }
}

/** Something no rules allow, that keeps the state from nothing: an event once more, with other amounts. */
function planted(run: Run, { slot, cents }: Step, index: number): void {
  const event = run.events.at(-1 - slot)
  if (event?.type !== "transfer.posted" || event.facts.kind !== "spend") return
  const movements = event.facts.movements.map((movement) => ({ ...movement, amounts: { moneyNanos: String(BigInt(cents) * 10_000_000n) } }))
  const again: LedgerEvent = { type: "transfer.posted", facts: { ...event.facts, transfer: `p${index}`, movements } }
  run.events.push(again)
  evolve(run.state, again)
}

/** Half of what stands still goes on at once: nothing happens where everything is frozen. */
function frozenIn({ state }: Run): readonly Target[] {
  const accounts = [...state.accounts].filter(([, { frozen }]) => frozen !== undefined).map(([account]) => ({ account }))
  const budgets = [...state.budgets.values()].filter(({ frozen }) => frozen !== undefined).map(({ rule }) => ({ budget: rule.name }))
  return state.lastMs % 2 === 0 ? [] : [...(state.frozen === undefined ? [] : ["all" as const]), ...accounts, ...budgets]
}

function live(steps: readonly Step[]): Run {
  const run = newRun()
  let nowMs = startMs
  for (const [index, one] of steps.entries()) {
    nowMs += one.waitMs
    give(run, { do: "open-allowances", atMs: nowMs })
    if (one.kind !== "freeze") for (const target of frozenIn(run)) give(run, { do: "unfreeze", target, reason: "r", atMs: nowMs })
    if (one.kind === "planted") planted(run, one, index)
    else give(run, commandOf(run, one, index, nowMs))
    nowMs = Math.max(nowMs, run.state.lastMs)
  }
  return run
}

function counted(events: readonly LedgerEvent[], from = 0, state?: LedgerState) {
  const violations = new Violations(1_000)
  const recount = new Recount(violations)
  if (state) recount.begin(openingOf(closingOf(state, from)), from)
  for (const [at, { type, facts }] of events.entries()) if (at >= from) recount.take({ sequence: at, type, facts: { ...facts } })
  return { recount, violations: violations.listed }
}

const closingOf = (state: LedgerState, upTo: number): Closing => {
  const facts = JSON.parse(JSON.stringify(closedFacts(state))) as Closing["facts"]
  return { sequence: upTo, upTo, root: Buffer.alloc(32), timeMs: 0, contents: new Map(), ids: undefined, facts }
}

const isEmpty = ({ fed, ...tallies }: Omit<CountedAccount, "below">) =>
  fed.size === 0 && Object.values(tallies).every((tally) => Object.values(tally).every((amount) => amount === 0n))

const figures = ({ recount }: ReturnType<typeof counted>) => ({
  // An account that was frozen and never used is one to the ledger, and none to a recount.
  accounts: new Map([...recount.accounts].flatMap(([name, { below: _below, ...rest }]) => (isEmpty(rest) ? [] : [[name, rest]]))),
  open: new Map([...recount.open].map(([id, { sequence: _sequence, shares: _shares, ...rest }]) => [id, rest])),
  budgets: recount.budgets.at(recount.lastMs),
  lastMs: recount.lastMs,
})

/** Where it was seen, but for words that name an entry from before. */
const seen = (all: readonly Violation[], from: number) =>
  all.filter(({ sequence }) => (sequence ?? from) >= from).map(({ check, sequence, subject }) => `${check} #${sequence} ${subject}`)

test("at every place of a life of any kind", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 160, size: "max" }), fc.nat(), (steps, chance) => {
      const { events, state } = live(steps)
      const cut = chance % (events.length + 1)
      const before = emptyState()
      for (const event of events.slice(0, cut)) evolve(before, event)
      const [whole, rest] = [counted(events), counted(events, cut, before)]
      assert.deepEqual(figures(rest), figures(whole))
      assert.deepEqual(seen(rest.violations, cut), seen(whole.violations, cut))
      const after = closedState(closingOf(before, cut))
      for (const event of events.slice(cut)) evolve(after, event)
      assert.equal(snapshotText(after), snapshotText(state))
    }),
    { numRuns: 250 },
  )
})
