/** Budgets and accounts in words: amounts as people read them, a bar of what is spent, and when there is more. */
import type { AmountsJson } from "../../format/facts/ledger.ts"
import { amountsOf, amountWords, stated } from "../../ledger/amounts.ts"
import { localText } from "../../ledger/periods.ts"
import type { StepStanding } from "../../ledger/downgrades.ts"
import { percentWords } from "../../ledger/windows.ts"
import type { AllowanceSummary, BudgetSummary } from "../../ledger/summary.ts"
import type { AccountsReport, AllowancesReport, BudgetsReport } from "../../views/budgets.ts"
import type { Look } from "../cli/terminal.ts"
import { beyondLine } from "./extension-text.ts"
import { plain } from "./words.ts"

const barWidth = 20

export function budgetsText({ budgets, frozen, downgradesWithout = [] }: BudgetsReport, terminal: Look): string {
  const lines = [
    ...(frozen === undefined ? [] : [terminal.colors.red(`Everything is frozen: ${plain(frozen)}`), ""]),
    ...downgradesWithout.flatMap((name) => [terminal.colors.yellow(`There is no budget ${plain(name)}: downgrades that name it do nothing.`), ""]),
  ]
  if (budgets.length === 0)
    return `${[...lines, "There is no budget: nothing is refused. One is made with: sovereign-ledger budget set daily --limit 5usd"].join("\n")}\n`
  return `${[...lines, ...budgets.flatMap((budget) => [...budgetLines(budget, terminal), ""])].join("\n").trimEnd()}\n`
}

export function budgetLines(
  { rule, limit, spent, held, left, resetsAtMs, windows, frozen, extended = [], downgrades = [] }: BudgetSummary,
  { colors }: Look,
): readonly string[] {
  const { period, match, mode } = rule
  const per = period.per === "rolling" ? `rolling ${amountWords("wallMs", BigInt(period.spanMs))}` : period.per
  const matches = Object.entries(match).map(([name, pattern]) => `${name}=${plain(pattern)}`)
  const head = [colors.bold(rule.name), per, mode === "warn" ? colors.yellow("only warns") : "blocks", ...(matches.length > 0 ? matches : ["everything"])]
  const units = stated(amountsOf(limit)).map((unit) => {
    const [most, gone, kept, rest] = [limit, spent, held, left].map((amounts) => BigInt(amounts[unit] ?? 0)) as [bigint, bigint, bigint, bigint]
    const share = most === 0n ? 1 : Math.min(1, Number(((gone + kept) * 1_000n) / most) / 1_000)
    const filled = Math.round(share * barWidth)
    const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`
    const paint = share >= 1 ? colors.red : share >= 0.8 ? colors.yellow : colors.green
    return `  ${paint(bar)} ${amountWords(unit, gone)} spent${kept > 0n ? `, ${amountWords(unit, kept)} held` : ""} of ${amountWords(unit, most)}, ${amountWords(unit, rest)} left`
  })
  const zone = "zone" in period ? period.zone : "UTC"
  const resets = resetsAtMs === undefined ? [] : [colors.dim(`  resets ${localText(zone, resetsAtMs)} ${zone}`)]
  const beyond = extended.flatMap((extension) => colors.green(beyondLine(extension, rule.name)))
  const steps = downgrades.map((step) => (step.isReached ? colors.yellow(`  ${stepWords(step)}, reached`) : colors.dim(`  ${stepWords(step)}`)))
  return [
    head.join("  "),
    ...units,
    ...windowLines(rule, windows),
    ...beyond,
    ...resets,
    ...steps,
    ...(frozen === undefined ? [] : [colors.red(`  frozen: ${plain(frozen)}`)]),
  ]
}

function stepWords({ at, model, match }: StepStanding): string {
  const who = Object.entries(match).map(([name, pattern]) => `, ${name}=${plain(pattern)}`)
  return `from ${at} % on runs use ${plain(model)}${who.join("")}`
}

function windowLines({ window, match, period }: BudgetSummary["rule"], windows: BudgetSummary["windows"] = []): readonly string[] {
  if (!window) return []
  const limit = percentWords(window.limitMillipercent)
  if (windows.length === 0) return [`  ${plain(window.label ?? "windows")} of ${plain(match.provider ?? "")} up to ${limit}; nothing was told of it yet`]
  const zone = "zone" in period ? period.zone : "UTC"
  return windows.map(({ label, usedMillipercent, resetsAtMs }) => {
    const resets = resetsAtMs === undefined ? "" : `, resets ${localText(zone, resetsAtMs)} ${zone}`
    return `  window ${plain(label)}: ${percentWords(usedMillipercent)} used, limit ${limit}${resets}`
  })
}

export function accountsText({ accounts, frozen }: AccountsReport, { colors }: Look): string {
  const lines = frozen === undefined ? [] : [colors.red(`Everything is frozen: ${plain(frozen)}`), ""]
  if (accounts.length === 0) return `${[...lines, "No account has been used yet."].join("\n")}\n`
  const width = Math.min(48, Math.max(...accounts.map(({ account }) => account.length)))
  const rows = accounts.map(({ account, balance, allotted, spent, held, available, openHolds, allowances = [], frozen: standsStill }) => {
    const made = [...(wordsOf(allotted) === "" ? [] : [`${wordsOf(allotted)} allotted`]), ...(wordsOf(spent, true) === "" ? [] : [`${wordsOf(spent)} spent`])]
    const parts = [
      `${wordsOf(balance) || "nothing"}${made.length === 0 ? "" : ` (${made.join(", ")})`}`,
      ...(wordsOf(held, true) === "" ? [] : [`${wordsOf(held, true)} held by ${openHolds}`]),
      ...(wordsOf(available) === "" ? [] : [`${wordsOf(available)} to hold`]),
      ...allowances.map(allowanceWords),
      ...(standsStill === undefined ? [] : [colors.red(`frozen: ${plain(standsStill)}`)]),
    ]
    return `${plain(account).padEnd(width)}  ${parts.join("; ")}`
  })
  return `${[...lines, ...rows].join("\n")}\n`
}

function allowanceWords({ rule, resetsAtMs, waits }: AllowanceSummary): string {
  const zone = rule.period.zone
  const when = waits ? "when what is frozen moves again" : `from ${localText(zone, resetsAtMs)}${zone === "UTC" ? "" : ` ${zone}`}`
  return `allowance ${rule.name}: ${wordsOf(rule.amounts)} ${when}`
}

export function allowancesText({ allowances, frozen }: AllowancesReport, { colors }: Look): string {
  const lines = frozen === undefined ? [] : [colors.red(`Everything is frozen: ${plain(frozen)}`), ""]
  if (allowances.length === 0)
    return `${[...lines, "There is no allowance. One is made with: sovereign-ledger allowance set main --to agent:main --give 5usd --per day"].join("\n")}\n`
  const rows = allowances.flatMap(({ rule, left, held, resetsAtMs, waits }) => {
    const head = [
      colors.bold(rule.name),
      `${wordsOf(rule.amounts)} per ${rule.period.per}`,
      `${rule.from} to ${rule.to}`,
      ...(rule.rollover ? ["rolls over"] : []),
    ]
    const kept = wordsOf(held, true) === "" ? "" : `, ${wordsOf(held, true)} of that held`
    const next = `next ${localText(rule.period.zone, resetsAtMs)} ${rule.period.zone}`
    return [head.join("  "), `  ${wordsOf(left)} left${kept}`, waits ? colors.red("  waits for what is frozen") : colors.dim(`  ${next}`), ""]
  })
  return `${[...lines, ...rows].join("\n").trimEnd()}\n`
}

function wordsOf(json: AmountsJson, skipNone = false): string {
  const amounts = amountsOf(json)
  return stated(amounts)
    .filter((unit) => !skipNone || (amounts[unit] ?? 0n) !== 0n)
    .map((unit) => signed(unit, amounts[unit] ?? 0n))
    .join(", ")
}

function signed(unit: Parameters<typeof amountWords>[0], amount: bigint): string {
  return amount < 0n && unit !== "moneyNanos" ? `-${amountWords(unit, -amount)}` : amountWords(unit, amount)
}
