/**
 * `decide(state, command)`: the events a command leads to, or why it is refused. Reads the state, changes nothing; time is in the command.
 * All or nothing: the events of one decision are recorded together or not at all. Refusals come in the order of docs/spec/ledger.md.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import { unallocated, unattributed, type AccountName } from "./accounts.ts"
import { amountsJson, stated, type Amounts } from "./amounts.ts"
import { matching, standingAt } from "./budgets.ts"
import { flawOf, type Command, type CommandOf } from "./commands.ts"
import { closeHold, decideConsumption, decideSettle } from "./decide-close.ts"
import { decideAllowance, decideAllowanceRemoval, decideOpenings } from "./decide-allowance.ts"
import { decideBreakers, decideReset, decideTrip } from "./decide-breaker.ts"
import { decideFreeze, decideRemoval, decideRule } from "./decide-budget.ts"
import { decideDowngrade, decideSteps } from "./decide-downgrade.ts"
import { decideAsk, decideDenial, decideExtensionEnd, decideGrant } from "./decide-extension.ts"
import { decideRestored } from "./decide-restored.ts"
import { decideHold } from "./decide-hold.ts"
import type { LedgerEvent, LedgerEventFacts, MovementJson, Spend } from "../format/facts/ledger.ts"
import type { Decision } from "./decision.ts"
import { availableOf, type LedgerState } from "./state.ts"
import { decideWindows } from "./windows.ts"
import { openedEvent, warnings } from "./budget-events.ts"

export function decide(state: LedgerState, command: Command): Decision {
  const problem = flawOf(command)
  if (problem !== undefined) return { refused: { why: "malformed", problem } }
  // Ledger time never goes back, whatever a wall clock does.
  const atMs = Math.max(state.lastMs, command.atMs)
  switch (command.do) {
    case "hold":
      return decideHold(state, command, atMs)
    case "consume":
      return decideConsumption(state, command, atMs)
    case "settle":
      return decideSettle(state, command, atMs)
    case "release":
    case "expire":
      return closeHold(state, command, atMs)
    case "allocate":
      return decideMove(state, command, movedBy(command, atMs))
    case "transfer":
      return decideMove(state, command, movedBy(command, atMs))
    case "spend":
      return decideSpend(state, command, atMs)
    case "correct":
      return decideCorrection(state, command, atMs)
    case "set-budget":
      return decideRule(state, command.rule, atMs)
    case "remove-budget":
      return decideRemoval(state, command.budget, atMs)
    case "set-allowance":
      return decideAllowance(state, command, atMs)
    case "remove-allowance":
      return decideAllowanceRemoval(state, command, atMs)
    case "open-allowances":
      return decideOpenings(state, atMs)
    case "ask":
      return decideAsk(state, command, atMs)
    case "grant":
      return decideGrant(state, command, atMs)
    case "deny":
      return decideDenial(state, command, atMs)
    case "end-extension":
      return decideExtensionEnd(state, command, atMs)
    case "report-windows":
      return decideWindows(state, command, atMs)
    case "set-breakers":
      return decideBreakers(state, command, atMs)
    case "trip":
      return decideTrip(state, command, atMs)
    case "reset-breaker":
      return decideReset(state, command, atMs)
    case "set-downgrades":
      return decideSteps(state, command, atMs)
    case "downgrade":
      return decideDowngrade(state, command, atMs)
    case "set-credential": {
      const { salt, verifier } = command
      return { events: [{ type: "operator.credential-set", facts: { atMs, salt, verifier } }] }
    }
    case "note-clock":
      return { events: [{ type: command.type, facts: { atMs, ...command.facts } } as LedgerEvent] }
    case "recognise":
      return decideRestored(state, command, atMs)
    case "freeze":
    case "unfreeze":
      return decideFreeze(state, command, atMs)
  }
}

type Posted = LedgerEventFacts["transfer.posted"]

function movedBy(command: CommandOf<"allocate"> | CommandOf<"transfer">, atMs: number): Posted {
  const sides = command.do === "transfer" ? command : { debit: command.account, credit: command.from ?? unallocated }
  return {
    atMs,
    transfer: command.id,
    kind: command.do === "transfer" ? "transfer" : "allocation",
    movements: [movementJson(sides.debit, sides.credit, command.amounts)],
    ...(command.reason === undefined ? {} : { reason: command.reason }),
  }
}

/** What moves must be there, and neither it nor everything frozen. */
function decideMove(state: LedgerState, command: CommandOf<"allocate"> | CommandOf<"transfer">, facts: Posted): Decision {
  const before = answerBefore(state, facts)
  if (before) return before
  const credit = facts.movements[0]?.credit ?? unallocated
  const account = state.accounts.get(credit)
  if (state.frozen !== undefined && credit !== unallocated) return { refused: { why: "frozen", what: "ledger", name: "ledger", reason: state.frozen } }
  if (account?.frozen !== undefined) return { refused: { why: "frozen", what: "account", name: credit, reason: account.frozen } }
  for (const unit of stated(command.amounts)) {
    const needed = command.amounts[unit] ?? 0n
    const available = availableOf(state, credit, unit)
    if (available !== undefined && needed > 0n && available < needed)
      return { refused: { why: "over-account", account: credit, unit, needed, left: floored(available) } }
  }
  return { events: [{ type: "transfer.posted", facts }] }
}

function decideSpend(state: LedgerState, command: CommandOf<"spend">, atMs: number): Decision {
  const { id, account, against = unattributed, amounts, spend, spentAtMs = atMs, reason, usage, basis } = command
  if (usage !== undefined && state.charged.has(usage)) return { events: [], repeated: true }
  const facts: Posted = {
    atMs,
    transfer: id,
    kind: "spend",
    movements: [movementJson(against, account, amounts)],
    ...(reason === undefined ? {} : { reason }),
    spend,
    spentAtMs,
    grade: "counted",
    ...(usage === undefined ? {} : { usage }),
    ...(basis === undefined ? {} : { basis }),
  }
  return answerBefore(state, facts) ?? counted(state, facts, { spend, amounts, spentAtMs })
}

/** Goes back no further than what was spent: a counter account never owes. */
function decideCorrection(state: LedgerState, command: CommandOf<"correct">, atMs: number): Decision {
  const { id, corrects, debit, credit, amounts, spend, reason } = command
  const spentAtMs = command.spentAtMs ?? atMs
  const facts: Posted = {
    atMs,
    transfer: id,
    kind: "correction",
    movements: [movementJson(debit, credit, amounts)],
    reason,
    corrects,
    ...(spend === undefined ? {} : { spend, spentAtMs }),
  }
  const before = answerBefore(state, facts)
  if (before) return before
  const back = credit.startsWith("spent:")
  if (back) {
    const account = state.accounts.get(credit)
    for (const unit of stated(amounts)) {
      const needed = amounts[unit] ?? 0n
      const left = account ? account.debits[unit] - account.credits[unit] : 0n
      if (left < needed) return { refused: { why: "over-account", account: credit, unit, needed, left } }
    }
  }
  if (spend === undefined || back === debit.startsWith("spent:")) return { events: [{ type: "transfer.posted", facts }] }
  return counted(state, facts, { spend, amounts: back ? {} : amounts, spentAtMs })
}

/** The posting with the budgets it counts in: those whose period now is the one of the spend. */
function counted(
  state: LedgerState,
  facts: Posted,
  { spend, amounts, spentAtMs }: { readonly spend: Spend; readonly amounts: Amounts; readonly spentAtMs: number },
): Decision {
  const opened: LedgerEvent[] = []
  const warned: LedgerEvent[] = []
  const budgets: string[] = []
  for (const budget of matching(state.index, spend)) {
    const standing = standingAt(budget, facts.atMs)
    if (standing.opens) opened.push(openedEvent(budget, standing.opens, facts.atMs))
    if (spentAtMs < (standing.opens?.startMs ?? budget.startMs)) continue
    budgets.push(budget.rule.name)
    warned.push(...warnings(budget, standing, amounts, facts.atMs))
  }
  return { events: [...opened, { type: "transfer.posted", facts: { ...facts, budgets } }, ...warned] }
}

/** The answer to a transfer that is on record; undefined when it is not. When it was asked for is not part of what it is. */
function answerBefore(state: LedgerState, facts: Posted): Decision | undefined {
  const posted = state.posted.get(facts.transfer)
  if (!posted) return undefined
  return contentOf(posted) === contentOf(facts) ? { events: [], repeated: true } : { refused: { why: "id-taken", id: facts.transfer, of: "transfer" } }
}

function contentOf({ kind, movements, reason = "", corrects = "", spend = {} }: Posted): string {
  return canonicalJson({ kind, movements, reason, corrects, spend })
}

function movementJson(debit: AccountName, credit: AccountName, amounts: Amounts): MovementJson {
  return { debit, credit, amounts: amountsJson(amounts) }
}

function floored(amount: bigint): bigint {
  return amount > 0n ? amount : 0n
}
