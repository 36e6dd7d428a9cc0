/** What events do to allowances: rules and periods as they say, and what every movement brings into or takes out of the accounts they feed. */
import type { LedgerEventFacts } from "../format/facts/ledger.ts"
import { add, amountsOf, emptyTally } from "./amounts.ts"
import { consume, giveBack, grant, newAllowance, refeed, reorder, takeBack, type Allowance } from "./allowances.ts"
import { accountAt, type LedgerState, type Movement } from "./state.ts"
import { units } from "./units.ts"

export type Posting = Pick<LedgerEventFacts["transfer.posted"], "kind" | "allowance">

export function flow(state: LedgerState, { debit, credit, amounts }: Movement, { kind, allowance: name }: Posting): void {
  const { feeders } = state
  const allowance = name === undefined ? undefined : state.allowances.get(name)
  const [to, from] = [feeders.get(debit), feeders.get(credit)]
  if (kind === "return" && allowance) takeBack(allowance, amounts)
  else if (from) consume(from, amounts)
  if (!to) return
  if (kind === "return" || credit.startsWith("spent:")) giveBack(to, accountAt(state, debit), amounts)
  else if (allowance) grant(to, allowance, accountAt(state, debit), amounts)
}

export function setAllowance(state: LedgerState, { rule, startMs, endMs, handed, waits }: LedgerEventFacts["allowance.set"]): void {
  const before = state.allowances.get(rule.name)
  const isOfAccount = before?.rule.to === rule.to
  const allowance = isOfAccount ? before : newAllowance(rule)
  Object.assign(allowance, { rule, amounts: amountsOf(rule.amounts), startMs, endMs, waits: waits === true } satisfies Partial<Allowance>)
  handOut(allowance, handed)
  state.serial++
  state.allowances.set(rule.name, allowance)
  if (before && !isOfAccount) refeed(state, before.rule.to)
  refeed(state, rule.to)
  const { fed } = accountAt(state, rule.to)
  for (const unit of units) if (rule.amounts[unit] !== undefined) fed.add(unit)
}

export function removeAllowance(state: LedgerState, { allowance: name }: LedgerEventFacts["allowance.removed"]): void {
  const allowance = state.allowances.get(name)
  if (!allowance) return
  state.allowances.delete(name)
  refeed(state, allowance.rule.to)
}

export function openAllowance(state: LedgerState, facts: LedgerEventFacts["allowance.opened"]): void {
  const allowance = state.allowances.get(facts.allowance)
  if (!allowance) return
  const { startMs, endMs, handed, waits } = facts
  Object.assign(allowance, { startMs, endMs, waits: waits === true } satisfies Partial<Allowance>)
  handOut(allowance, handed)
  state.serial++
  reorder(state.feeders, allowance.rule.to)
}

function handOut({ handed }: Allowance, amounts: LedgerEventFacts["allowance.opened"]["handed"]): void {
  Object.assign(handed, emptyTally())
  add(handed, amountsOf(amounts))
}
