/** The section of money in `status`: nothing where no money was ever spoken of. */
import { amountsOf, amountWords, stated } from "../../ledger/amounts.ts"
import type { AllowanceSummary, BudgetSummary } from "../../ledger/summary.ts"
import { goneWords } from "../../views/forecast.ts"
import type { Frozen, Money } from "../../views/money.ts"
import type { Look } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const mostLines = 8

export function moneyLines({ budgets, allowances, openHolds, frozen, cuts, soonest }: Money, { colors }: Look): readonly string[] {
  if (budgets.length === 0 && allowances.length === 0 && openHolds === 0 && frozen.length === 0 && cuts.length === 0) return []
  const more = budgets.length + frozen.length - 2 * mostLines
  return [
    "",
    `Money${openHolds > 0 ? `   ${countWords(openHolds, "open hold")}` : ""}`,
    ...frozen.slice(0, mostLines).map((one) => `  ${colors.red(`${frozenWords(one)} is frozen: ${plain(one.reason)}`)}`),
    ...cuts.slice(0, mostLines).map(({ cut, words }) => `  ${colors.red(`cut off, ${plain(cut)}: ${plain(words)}`)}`),
    ...(cuts.length > mostLines ? [colors.dim("  ... and more: sovereign-ledger breaker list")] : []),
    ...budgets.slice(0, mostLines).map((budget) => `  ${budget.rule.name.padEnd(20)} ${leftWords(budget)}${downgradedWords(budget)}`),
    ...allowances.slice(0, mostLines).map((one) => `  ${one.rule.name.padEnd(20)} ${allowanceWords(one)}`),
    ...(allowances.length > mostLines ? [colors.dim("  ... and more: sovereign-ledger allowance list")] : []),
    ...(soonest === null ? [] : [`  ${colors.dim("gone first".padEnd(20))} ${colors.yellow(goneWords(soonest))}`]),
    ...(more > 0 ? [colors.dim("  ... and more: sovereign-ledger budget list")] : []),
  ]
}

function frozenWords({ what, name }: Frozen): string {
  if (what === "ledger") return "everything"
  return what === "budget" ? `the budget ${name}` : plain(name)
}

function allowanceWords({ rule, left, waits }: AllowanceSummary): string {
  const [most, rest] = [amountsOf(rule.amounts), amountsOf(left)]
  const units = stated(most).map((unit) => `${amountWords(unit, rest[unit] ?? 0n)} left of ${amountWords(unit, most[unit] ?? 0n)}`)
  return `${units.join("; ")} for ${plain(rule.to)}${waits ? " (waits for what is frozen)" : ""}`
}

/** The furthest step that is reached. */
function downgradedWords({ downgrades = [] }: BudgetSummary): string {
  const last = downgrades.findLast(({ isReached }) => isReached)
  return last === undefined ? "" : `; runs use ${plain(last.model)} from ${last.at} % on`
}

function leftWords({ limit, spent, left, rule }: BudgetSummary): string {
  const [most, gone, rest] = [amountsOf(limit), amountsOf(spent), amountsOf(left)]
  const units = stated(most).map((unit) => {
    const said = [gone, rest, most].map((amounts) => amountWords(unit, amounts[unit] ?? 0n))
    return `${said[0]} spent, ${said[1]} left of ${said[2]}`
  })
  return `${units.join("; ")}${rule.mode === "warn" ? " (only warns)" : ""}`
}
