/** May this be held? Every account and every budget concerned must have room for all of it, else nothing is held anywhere. */
import { canonicalJson } from "../base/canonical-json.ts"
import { unattributed, type AccountName } from "./accounts.ts"
import { amountsJson, sumOf, type Amounts } from "./amounts.ts"
import { openedEvent } from "./budget-events.ts"
import { leftOf, matching, resetsAtMs, standingAt, type Budget, type Standing } from "./budgets.ts"
import type { CommandOf, Part } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { drawJson } from "./extension-snapshot.ts"
import { drawFor } from "./lacks.ts"
import type { LedgerEvent, MovementJson, Spend, WindowUse } from "../format/facts/ledger.ts"
import type { MoreToCome, Refusal } from "./refusals.ts"
import { isBounded, type Hold, type LedgerState } from "./state.ts"
import { units, type Unit } from "./units.ts"
import { usedUp } from "./windows.ts"

export function decideHold(state: LedgerState, command: CommandOf<"hold">, atMs: number): Decision {
  const { id, parts, spend, ttlMs, basis } = command
  const open = state.holds.get(id)
  if (open) return sameHold(open, parts, spend) ? { events: [], attempt: open.attempt, repeated: true } : { refused: { why: "id-taken", id, of: "hold" } }
  if (state.frozen !== undefined) return { refused: { why: "frozen", what: "ledger", name: "ledger", reason: state.frozen } }
  const budgets = matching(state.index, spend)
  const total = sumOf(parts.map(({ amounts }) => amounts))
  const refused = frozenPart(state, parts) ?? frozenBudget(budgets) ?? unstatedUnit(budgets, total)
  if (refused) return { refused }
  const bare = overAccount(state, parts, atMs)
  if (bare?.why === "unstated") return { refused: bare }

  const events: LedgerEvent[] = []
  const names: string[] = []
  const above: string[] = []
  let blocked: { readonly budget: Budget; readonly standing: Standing; readonly unit: Unit } | undefined
  let full: { readonly budget: Budget; readonly window: WindowUse } | undefined
  const others: string[] = []
  for (const budget of budgets) {
    const standing = standingAt(budget, atMs)
    const unit = unitWithoutRoom(budget, standing, total)
    const window = budget.rule.window && usedUp(budget.rule, state.windows, atMs)
    if (window && budget.rule.mode === "warn" && unit === undefined) above.push(budget.rule.name)
    else if (window && budget.rule.mode === "block") full ??= { budget, window }
    if (unit !== undefined) {
      if (budget.rule.mode === "warn") above.push(budget.rule.name)
      else if (blocked) others.push(budget.rule.name)
      else blocked = { budget, standing, unit }
    }
    if (standing.opens) events.push(openedEvent(budget, standing.opens, atMs))
    names.push(budget.rule.name)
  }
  if (full) return { refused: overWindow(full, atMs) }
  const lacking = bare ?? (blocked && overBudget(blocked, total, { atMs, others }))
  const draw = lacking && drawFor(state, command, atMs)
  if (lacking && !draw) return { refused: lacking }

  const attempt = (state.closed.get(id)?.attempt ?? 0) + 1
  const movements = parts.map(movementOf)
  const facts = { atMs, hold: id, attempt, movements, spend, expiresAtMs: atMs + ttlMs, budgets: names }
  const more = { ...(above.length > 0 ? { above } : {}), ...(draw ? { draws: drawJson(draw) } : {}), ...(basis === undefined ? {} : { basis }) }
  events.push({ type: "hold.placed", facts: { ...facts, ...more } })
  return { events, attempt }
}

function movementOf({ account, against = unattributed, amounts }: Part): MovementJson {
  return { debit: against, credit: account, amounts: amountsJson(amounts) }
}

/** For how long is not part of what is held: who asks again may have less patience. */
function sameHold(open: Hold, parts: readonly Part[], spend: Spend): boolean {
  const held = open.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsJson(amounts) }))
  return canonicalJson({ held, spend: open.spend }) === canonicalJson({ held: parts.map(movementOf), spend })
}

function frozenPart(state: LedgerState, parts: readonly Part[]): Refusal | undefined {
  for (const { account } of parts) {
    const reason = state.accounts.get(account)?.frozen
    if (reason !== undefined) return { why: "frozen", what: "account", name: account, reason }
  }
  return undefined
}

function frozenBudget(budgets: readonly Budget[]): Refusal | undefined {
  for (const { frozen, rule } of budgets) if (frozen !== undefined) return { why: "frozen", what: "budget", name: rule.name, reason: frozen }
  return undefined
}

/** What nobody priced or bounded may not pass a cap as if it were free. */
function unstatedUnit(budgets: readonly Budget[], total: Amounts): Refusal | undefined {
  for (const { rule, limited } of budgets) {
    if (rule.mode !== "block") continue
    for (const unit of limited) if (total[unit] === undefined) return { why: "unstated", unit, by: `the budget ${rule.name}` }
  }
  return undefined
}

/** An account that was allotted a unit holds no more of it than it has; the others are bounded by budgets alone. */
function overAccount(state: LedgerState, parts: readonly Part[], atMs: number): Refusal | undefined {
  for (const { account, amounts } of parts) {
    const found = state.accounts.get(account)
    if (!found) continue
    for (const unit of units) {
      const needed = amounts[unit]
      if (!isBounded(found, unit) || needed === 0n) continue
      if (needed === undefined) return { why: "unstated", unit, by: account }
      const left = found.debits[unit] - found.credits[unit] - found.held[unit]
      if (left < needed) return { why: "over-account", account, unit, needed, left: left > 0n ? left : 0n, ...moreOf(state, account, unit, atMs) }
    }
  }
  return undefined
}

/** When an allowance brings more of it. */
function moreOf(state: LedgerState, account: AccountName, unit: Unit, atMs: number): { readonly more?: MoreToCome } {
  const next = state.feeders.get(account)?.find(({ amounts }) => amounts[unit] !== undefined)
  if (!next) return {}
  const { rule, endMs } = next
  return { more: { allowance: rule.name, atMs, resetsAtMs: endMs, zone: rule.period.zone } }
}

function unitWithoutRoom({ limited }: Budget, { room, spent, held }: Standing, total: Amounts): Unit | undefined {
  for (const unit of limited) {
    const needed = total[unit] ?? 0n
    if (needed > 0n && spent[unit] + held[unit] + needed > (room[unit] ?? 0n)) return unit
  }
  return undefined
}

function overWindow({ budget, window }: { readonly budget: Budget; readonly window: WindowUse }, atMs: number): Refusal {
  const { name, period, window: limit } = budget.rule
  const zone = "zone" in period ? period.zone : "UTC"
  return { why: "over-window", budget: name, window, limitMillipercent: limit?.limitMillipercent ?? 0, atMs, zone }
}

function overBudget(
  { budget, standing, unit }: { readonly budget: Budget; readonly standing: Standing; readonly unit: Unit },
  total: Amounts,
  { atMs, others }: { readonly atMs: number; readonly others: readonly string[] },
): Refusal {
  const { period, name } = budget.rule
  const resetMs = resetsAtMs(budget, atMs)
  return {
    why: "over-budget",
    budget: name,
    unit,
    needed: total[unit] ?? 0n,
    left: leftOf(standing, unit) ?? 0n,
    limit: standing.room[unit] ?? 0n,
    atMs,
    ...(resetMs === undefined ? {} : { resetsAtMs: resetMs }),
    zone: "zone" in period ? period.zone : "UTC",
    others,
  }
}
