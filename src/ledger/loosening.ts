/**
 * Which commands let somebody spend more than before. Tightening is free for everybody; for loosening an operator may ask for a credential. What cannot
 * be told apart at a glance (another period, another match) counts as loosening.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import type { AccountName, AllowanceRule, BudgetRule } from "../format/facts/ledger.ts"
import { unallocated } from "./accounts.ts"
import { amountsOf, stated, type Amounts } from "./amounts.ts"
import { isLooserBreakers } from "./breakers/breaker-rule.ts"
import type { Command } from "./commands.ts"
import { isBounded, type LedgerState } from "./state.ts"
import { units } from "./units.ts"

/** What it would loosen, in words; undefined when it loosens nothing. */
export function loosened(state: LedgerState, command: Command): string | undefined {
  switch (command.do) {
    case "set-budget": {
      const before = state.budgets.get(command.rule.name)?.rule
      return before && !isTighter(before, command.rule) ? `a looser budget ${before.name}` : undefined
    }
    case "remove-budget":
      return state.budgets.has(command.budget) ? `removing the budget ${command.budget}` : undefined
    case "remove-allowance": {
      const before = state.allowances.get(command.allowance)?.rule
      return before && backTo(before)
    }
    case "set-breakers":
      return isLooserBreakers(state.breakers.rule, command.rule) ? "looser breakers" : undefined
    case "reset-breaker":
      return `resetting the breaker of ${command.cut === "all" ? "everything" : command.cut}`
    case "unfreeze":
      return "unfreezing"
    case "grant":
      return "letting a run spend more"
    case "allocate":
      return bounds(state, command.account, command.amounts) ? undefined : `more for ${command.account}`
    case "set-allowance": {
      const { name, to, amounts } = command.rule
      const before = state.allowances.get(name)?.rule
      if (before) return isLess(before, command.rule) ? backTo(before) : `a larger allowance ${name}`
      return bounds(state, to, amountsOf(amounts)) ? undefined : `more for ${to}`
    }
    case "transfer":
      return `more for ${command.debit}`
    case "correct":
      // Only what makes more of what was spent takes nothing back and gives nobody anything.
      return command.debit.startsWith("spent:") && !command.credit.startsWith("spent:") ? undefined : `giving back to ${command.debit}`
    case "note-clock":
      return command.type === "clock.accepted" ? "taking the wall clock as it is" : undefined
    case "set-credential":
      // The first one too: whoever sets it decides who loosens from then on.
      return "another credential"
    default:
      return undefined
  }
}

/** What is first given of a unit bounds an account that had no bound. What an allowance took away again stays bounded, so that taking it away loosens nothing. */
function bounds(state: LedgerState, name: AccountName, amounts: Amounts): boolean {
  const account = state.accounts.get(name)
  return account === undefined || stated(amounts).every((unit) => !isBounded(account, unit))
}

/** What an allowance gives less of stays where it comes from, for others that are fed from there. */
function backTo({ from }: AllowanceRule): string | undefined {
  return from === unallocated ? undefined : `giving back to ${from}`
}

function isLess(before: AllowanceRule, after: AllowanceRule): boolean {
  const same = canonicalJson([before.from, before.to, before.period]) === canonicalJson([after.from, after.to, after.period])
  const lower = stated(amountsOf(after.amounts)).every((unit) => BigInt(after.amounts[unit] ?? 0) <= BigInt(before.amounts[unit] ?? 0))
  return same && lower && (before.rollover || !after.rollover)
}

function isTighter(before: BudgetRule, after: BudgetRule): boolean {
  const same = canonicalJson({ period: before.period, match: before.match }) === canonicalJson({ period: after.period, match: after.match })
  const lower = units.every((unit) => {
    const [old, next] = [before.limit[unit], after.limit[unit]]
    return old === undefined || (next !== undefined && BigInt(next) <= BigInt(old))
  })
  const [share, next] = [before.window, after.window]
  const windows = !share || (next !== undefined && next.limitMillipercent <= share.limitMillipercent && (next.label ?? share.label) === share.label)
  const blocks = after.mode === "block" || before.mode === "warn"
  const allowsNothing = Object.values(after.limit).includes("0")
  const warns = allowsNothing || before.warnPercents.every((level) => after.warnPercents.includes(level))
  return same && lower && windows && blocks && warns && (before.rollover || !after.rollover)
}
