/**
 * Which commands let somebody spend more than before. Tightening is free for everybody; for loosening an operator may ask for a credential. What cannot
 * be told apart at a glance (another period, another match) counts as loosening.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import type { BudgetRule } from "../format/facts/ledger.ts"
import { isLooserBreakers } from "./breakers/breaker-rule.ts"
import type { Command } from "./commands.ts"
import type { LedgerState } from "./state.ts"
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
    case "set-breakers":
      return isLooserBreakers(state.breakers.rule, command.rule) ? "looser breakers" : undefined
    case "reset-breaker":
      return `resetting the breaker of ${command.cut === "all" ? "everything" : command.cut}`
    case "unfreeze":
      return "unfreezing"
    case "allocate":
      // The first allocation of a unit bounds an account that had no bound.
      return units.every((unit) => command.amounts[unit] === undefined || (state.accounts.get(command.account)?.allotted[unit] ?? 0n) === 0n)
        ? undefined
        : `more for ${command.account}`
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

function isTighter(before: BudgetRule, after: BudgetRule): boolean {
  const same = canonicalJson({ period: before.period, match: before.match }) === canonicalJson({ period: after.period, match: after.match })
  const lower = units.every((unit) => {
    const [old, next] = [before.limit[unit], after.limit[unit]]
    return old === undefined || (next !== undefined && BigInt(next) <= BigInt(old))
  })
  const blocks = after.mode === "block" || before.mode === "warn"
  const allowsNothing = Object.values(after.limit).includes("0")
  const warns = allowsNothing || before.warnPercents.every((level) => after.warnPercents.includes(level))
  return same && lower && blocks && warns && (before.rollover || !after.rollover)
}
