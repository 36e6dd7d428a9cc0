/**
 * How a hold ends: settled with what it came to, released because nothing was spent, or expired because nobody said.
 * A hold ends once. A settlement is posted in full, also above its hold (then its budgets freeze) and also after the hold expired (then it is marked late).
 */
import { canonicalJson } from "../base/canonical-json.ts"
import { isAccountName, unallocated } from "./accounts.ts"
import { amountsJson, amountsOf, stated, sumOf, without, type Amounts } from "./amounts.ts"
import { warnings } from "./budget-events.ts"
import { standingAt, type Budget, type Standing } from "./budgets.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { drawnJson } from "./extension-snapshot.ts"
import { drawnFor, type Draw, type Drawn } from "./extensions.ts"
import type { LedgerEvent, LedgerEventFacts, MovementJson } from "../format/facts/ledger.ts"
import type { Refusal } from "./refusals.ts"
import type { ClosedHold, Hold, LedgerState } from "./state.ts"
import type { Unit } from "./units.ts"

export function decideSettle(state: LedgerState, command: CommandOf<"settle">, atMs: number): Decision {
  const { id, attempt, grade, parts, usage, basis } = command
  if (usage !== undefined && state.charged.has(usage)) return { events: [], attempt, repeated: true }
  const found = findHold(state, id, attempt)
  if ("why" in found) return { refused: found }
  if ("outcome" in found) {
    if (found.outcome === "settled") return sameSettlement(found, command)
    if (found.outcome === "released") return closed(id, attempt, "released")
  }
  const late = "outcome" in found
  const hold = late ? found.hold : found
  const movements = movementsOf(hold, parts)
  if ("why" in movements) return { refused: movements }
  const told = { ...(usage === undefined ? {} : { usage }), ...(basis === undefined ? {} : { basis }) }
  return { events: settled(state, { hold, movements, late, atMs }, { grade, ...told }), attempt }
}

type Settling = { readonly hold: Hold; readonly movements: readonly MovementJson[]; readonly late: boolean; readonly atMs: number }
type Told = Pick<LedgerEventFacts["hold.settled"], "grade" | "usage" | "basis">

/** The settlement, and what it does to the budgets of its hold. */
function settled(state: LedgerState, { hold, movements, late, atMs }: Settling, told: Told): readonly LedgerEvent[] {
  const actual = sumOf(movements.map(({ amounts }) => amountsOf(amounts)))
  const over = excess(hold.total, actual)
  const isOver = stated(over).length > 0
  const marks = { ...(isOver ? { over: amountsJson(over) } : {}), ...(late ? { late } : {}) }
  const extension = hold.draw ? state.extensions.get(hold.draw.extension) : undefined
  const parts = late ? [] : drawnParts(hold, movements)
  const isUnapproved = extension?.grantedAtMs === undefined && parts.length > 0
  const drawn = extension && parts.length > 0 && !isUnapproved ? { extension: extension.id, parts } : undefined
  const facts = { atMs, hold: hold.id, attempt: hold.attempt, movements, ...told, ...marks, ...(drawn ? { drawn: drawnJson(drawn) } : {}) }
  const events: LedgerEvent[] = [...(drawn ? allotted(hold, drawn, atMs) : []), { type: "hold.settled", facts }]
  for (const { budget: name, serial } of hold.shares) {
    const budget = state.budgets.get(name)
    if (!budget) continue
    const counts = budget.serial === serial
    const found = standingAt(budget, atMs)
    const standing = found.opens ? budget : found
    const own = without(actual, drawnFor(drawn, name))
    if (counts) events.push(...warnings(budget, standing, own, atMs))
    const unapproved = isUnapproved && parts.some(({ of }) => of === name)
    const reason = freezeReason(budget, { over, unapproved, tooLate: late && counts && overflows(budget, standing, actual) })
    if (reason !== undefined) events.push({ type: "budget.frozen", facts: { atMs, budget: name, reason } })
  }
  return events
}

/** What a settlement came to beyond what its hold had of budgets and accounts: that much of what it drew was used. */
function drawnParts({ draw, total, movements: held }: Hold, movements: readonly MovementJson[]): Draw["parts"] {
  const came = movements.map(({ credit, amounts }) => ({ credit, amounts: amountsOf(amounts) }))
  const actual = sumOf(came.map(({ amounts }) => amounts))
  return (draw?.parts ?? []).flatMap(({ of, amounts }) => {
    const spent = came.find(({ credit }) => credit === of)?.amounts ?? actual
    const own = without(held.find(({ credit }) => credit === of)?.amounts ?? total, amounts)
    const used: { [U in Unit]?: bigint } = {}
    for (const unit of stated(amounts)) {
      const beyond = (spent[unit] ?? 0n) - (own[unit] ?? 0n)
      const most = amounts[unit] ?? 0n
      if (beyond > 0n) used[unit] = beyond < most ? beyond : most
    }
    return stated(used).length > 0 ? [{ of, amounts: used }] : []
  })
}

/** An account gets what was spent beyond it, so that nobody after it owes that. */
function allotted({ id, attempt }: Hold, { extension, parts }: Drawn, atMs: number): readonly LedgerEvent[] {
  return parts.flatMap(({ of, amounts }) => {
    if (!isAccountName(of)) return []
    const movements = [{ debit: of, credit: unallocated, amounts: amountsJson(amounts) }]
    const facts = { atMs, transfer: `extension:${extension}/${id}#${attempt}/${of}`, kind: "allocation" as const, movements, reason: `extension ${extension}` }
    return [{ type: "transfer.posted", facts }]
  })
}

/** What it was placed for begins: once. From here on nothing less than a word on what it came to gives it back. */
export function decideConsumption(state: LedgerState, { id, attempt }: CommandOf<"consume">, atMs: number): Decision {
  const found = findHold(state, id, attempt)
  if ("why" in found) return { refused: found }
  if ("outcome" in found) return closed(id, attempt, found.outcome)
  return found.consumedAtMs === undefined
    ? { events: [{ type: "hold.consumed", facts: { atMs, hold: id, attempt } }], attempt }
    : { events: [], attempt, repeated: true }
}

export function closeHold(state: LedgerState, command: CommandOf<"release"> | CommandOf<"expire">, atMs: number): Decision {
  const { id, attempt } = command
  const found = findHold(state, id, attempt)
  if ("why" in found) return { refused: found }
  const outcome = command.do === "release" ? "released" : "expired"
  if ("outcome" in found)
    return found.outcome === outcome || (outcome === "expired" && found.outcome === "settled" && found.facts.grade === "bound")
      ? { events: [], attempt, repeated: true }
      : closed(id, attempt, found.outcome)
  if (command.do === "release") return { events: [{ type: "hold.released", facts: { atMs, hold: id, attempt, reason: command.reason } }], attempt }
  if (found.expiresAtMs > atMs) return { refused: { why: "hold-not-due", id, expiresAtMs: found.expiresAtMs } }
  if (found.consumedAtMs === undefined) return { events: [{ type: "hold.expired", facts: { atMs, hold: id, attempt } }], attempt }
  // It began and nobody said how it ended: it may have cost all of it.
  const movements = found.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsJson(amounts) }))
  return { events: settled(state, { hold: found, movements, late: false, atMs }, { grade: "bound" }), attempt }
}

function findHold(state: LedgerState, id: string, attempt: number): Hold | ClosedHold | Refusal {
  const open = state.holds.get(id)
  if (open?.attempt === attempt) return open
  const last = state.closed.get(id)
  if (last?.attempt === attempt) return last
  const newest = open?.attempt ?? last?.attempt ?? 0
  return attempt < newest ? { why: "hold-closed", id, attempt, outcome: "superseded" } : { why: "hold-unknown", id, attempt }
}

function closed(id: string, attempt: number, outcome: ClosedHold["outcome"]): Decision {
  return { refused: { why: "hold-closed", id, attempt, outcome } }
}

function sameSettlement({ facts }: Extract<ClosedHold, { outcome: "settled" }>, { id, attempt, parts, grade }: CommandOf<"settle">): Decision {
  const before = facts.movements.map(({ credit, amounts }) => ({ account: credit, amounts }))
  const now = parts.map(({ account, amounts }) => ({ account, amounts: amountsJson(amounts) }))
  const same = facts.grade === grade && canonicalJson(before) === canonicalJson(now)
  return same ? { events: [], attempt, repeated: true } : { refused: { why: "id-taken", id, of: "settlement" } }
}

/** Every account of the hold and every unit that was held must be spoken of: what is left out is unknown, not nothing. */
function movementsOf(hold: Hold, parts: CommandOf<"settle">["parts"]): readonly MovementJson[] | Refusal {
  const movements: MovementJson[] = []
  for (const { account, amounts } of parts) {
    const held = hold.movements.find(({ credit }) => credit === account)
    if (!held) return { why: "malformed", problem: `the hold ${hold.id} holds nothing of ${account}` }
    for (const unit of stated(held.amounts)) if (amounts[unit] === undefined) return { why: "unstated", unit, by: `the hold ${hold.id}` }
    movements.push({ debit: held.debit, credit: account, amounts: amountsJson(amounts) })
  }
  const missing = hold.movements.find(({ credit }) => !parts.some(({ account }) => account === credit))
  return missing ? { why: "malformed", problem: `the settlement of ${hold.id} leaves out ${missing.credit}` } : movements
}

function excess(held: Amounts, actual: Amounts): Amounts {
  const over: { -readonly [U in keyof Amounts]: Amounts[U] } = {}
  for (const unit of stated(actual)) {
    const above = (actual[unit] ?? 0n) - (held[unit] ?? 0n)
    if (above > 0n) over[unit] = above
  }
  return over
}

/** The room a hold had is gone when it expires; what is settled later may not fit any more. */
function overflows({ limited }: Budget, { room, spent, held }: Standing, actual: Amounts): boolean {
  return limited.some((unit) => (actual[unit] ?? 0n) > 0n && spent[unit] + held[unit] + (actual[unit] ?? 0n) > (room[unit] ?? 0n))
}

type Wrong = { readonly over: Amounts; readonly unapproved: boolean; readonly tooLate: boolean }

function freezeReason({ rule, limited, frozen }: Budget, { over, unapproved, tooLate }: Wrong): string | undefined {
  if (rule.mode !== "block" || frozen !== undefined) return undefined
  if (unapproved) return "spent what nobody had let it spend"
  if (limited.some((unit) => over[unit] !== undefined)) return "settled above its hold"
  return tooLate ? "settled late and above the limit" : undefined
}
