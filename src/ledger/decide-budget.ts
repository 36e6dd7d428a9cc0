/** Rules and standstills: a budget set, changed or removed; an account, a budget or everything frozen and unfrozen. */
import { canonicalJson } from "../base/canonical-json.ts"
import { openedEvent } from "./budget-events.ts"
import { standingAt } from "./budgets.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import type { BudgetRule, LedgerEvent } from "../format/facts/ledger.ts"
import { boundsAt } from "./periods.ts"
import { unaccepted, type LedgerState } from "./state.ts"

/** A changed rule keeps what was spent and is held: no change of a budget refills it. */
export function decideRule(state: LedgerState, rule: BudgetRule, atMs: number): Decision {
  const budget = state.budgets.get(rule.name)
  if (budget && canonicalJson(budget.rule) === canonicalJson(rule)) return { events: [], repeated: true }
  const opens = budget && standingAt(budget, atMs).opens
  const opened = budget && opens ? [openedEvent(budget, opens, atMs)] : []
  const samePeriod = budget && canonicalJson(budget.rule.period) === canonicalJson(rule.period)
  const bounds = samePeriod ? (opens ?? boundsOf(budget)) : boundsAt(rule.period, atMs)
  const { startMs, endMs } = bounds
  const more = { ...(endMs === undefined ? {} : { endMs }), ...(budget ? {} : { created: true as const }) }
  return { events: [...opened, { type: "budget.set", facts: { atMs, rule, startMs, ...more } }] }
}

export function decideRemoval(state: LedgerState, budget: string, atMs: number): Decision {
  if (!state.budgets.has(budget)) return { refused: { why: "budget-unknown", budget } }
  return { events: [{ type: "budget.removed", facts: { atMs, budget } }] }
}

/** Freezing what is frozen, or unfreezing what is not, changes nothing and is no error. */
export function decideFreeze(state: LedgerState, command: CommandOf<"freeze" | "unfreeze">, atMs: number): Decision {
  const { target, reason } = command
  const freeze = command.do === "freeze"
  if (target === "all") {
    const accepts = unaccepted(state).map(({ evidence }) => evidence)
    // Whoever lets everything go on has seen what stands there, also where nothing was frozen for it.
    if (!freeze && accepts.length > 0) return { events: [{ type: "ledger.unfrozen", facts: { atMs, reason, accepts } }] }
    return once(freeze, state.frozen, { type: freeze ? "ledger.frozen" : "ledger.unfrozen", facts: { atMs, reason } })
  }
  if ("account" in target) {
    const { account } = target
    const frozen = state.accounts.get(account)?.frozen
    return once(freeze, frozen, { type: freeze ? "account.frozen" : "account.unfrozen", facts: { atMs, account, reason } })
  }
  const { budget } = target
  const found = state.budgets.get(budget)
  if (!found) return { refused: { why: "budget-unknown", budget } }
  return once(freeze, found.frozen, { type: freeze ? "budget.frozen" : "budget.unfrozen", facts: { atMs, budget, reason } })
}

function once(freeze: boolean, frozen: string | undefined, event: LedgerEvent): Decision {
  return freeze === (frozen !== undefined) ? { events: [], repeated: true } : { events: [event] }
}

function boundsOf({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): { readonly startMs: number; readonly endMs?: number } {
  return endMs === Infinity ? { startMs } : { startMs, endMs }
}
