/** A cap proof as text: whether the cap held, by how much it did not, what was counted and how well that is known. */
import { amountWords } from "../../ledger/amounts.ts"
import { units, type Unit } from "../../ledger/units.ts"
import type { BudgetRule } from "../../format/facts/ledger.ts"
import { notProved, type CapCount, type CapResult } from "../../format/cap-proof.ts"
import type { CapProofReport } from "../../verify/cap-proof.ts"
import type { Terminal } from "../cli/terminal.ts"
import { gradeWords, signedWords } from "./statement-words.ts"
import { rangeWords } from "./verify-text.ts"
import { witnessSeenWords } from "./witness-text.ts"
import { countWords, plain } from "./words.ts"

type Shown = { readonly budget: string; readonly startMs: number; readonly endMs: number | null; readonly result: CapResult }

const mostShown = 10

export function capReportText(report: CapProofReport, what: string, terminal: Terminal): string {
  const { colors } = terminal
  const { verdict, budget, startMs, endMs, result, problems } = report
  const paint = verdict === "valid" ? colors.green : verdict === "unverifiable" ? colors.yellow : colors.red
  const mark = verdict === "valid" ? "✓" : verdict === "unverifiable" ? "?" : "✗"
  const counted = budget !== null && startMs !== null && result !== null && problems.length === 0
  const lines = [
    `${paint(colors.bold(`${mark} ${verdict.toUpperCase()}`))}  ${plain(what)}`,
    ...(counted ? capResultLines({ budget, startMs, endMs, result }, terminal) : []),
    ...(result === null
      ? []
      : [`  ${countWords(report.entries, "entry", "entries")}, ${report.shown.toLocaleString("en")} with their facts, of ${plain(report.origin ?? "?")}`]),
    ...(report.root === null ? [] : [`  checkpoint over ${countWords(report.covered, "entry", "entries")}, root ${report.root}`]),
    ...(report.signedBy === null ? [] : [`  signed by ${plain(report.signedBy)}${report.signedAt === null ? "" : `, ${report.signedAt}`}`]),
    ...report.witnesses.map((seen) => `  ${witnessSeenWords(seen)}`),
    ...problems.map((problem) => `  ${colors.red("✗")} ${rangeWords(problem.from, problem.to)}: ${plain(problem.what)}`),
    ...(report.problemsNotListed > 0 ? [`  ... and ${report.problemsNotListed} more`] : []),
    ...[...report.notes, ...(counted ? [`Not proved: ${notProved}`] : [])].map((note) => `  ${colors.dim(plain(note))}`),
  ]
  return `${lines.join("\n")}\n`
}

/** What the entries add up to. */
export function capResultLines({ budget, startMs, endMs, result }: Shown, terminal: Terminal): readonly string[] {
  const { counts, running, last, freezes, extensions } = result
  const until = endMs === null ? "" : ` to ${new Date(endMs).toISOString()}`
  const again = counts.length > 1 ? [`  The budget began to count ${counts.length} times in it; each time by itself.`] : []
  return [
    `  budget ${plain(budget)}, ${new Date(startMs).toISOString()}${until}${running ? `, proved up to entry #${last}: the period may go on` : ""}`,
    ...again,
    ...counts.flatMap((count) => countLines(count, terminal)),
    ...extensions.map(
      ({ extension, asked, granted, amounts, spent }) =>
        `  beyond the limit: ${signedWords({ ...spent })} of up to ${signedWords({ ...amounts })} for one run (${plain(extension)}), asked at #${asked}, ${granted === null ? "not granted" : `granted at #${granted}`}`,
    ),
    ...freezes.map(({ sequence, type, reason }) => `  ${type === "budget.frozen" ? "frozen" : "unfrozen"} at #${sequence}: ${plain(reason)}`),
  ]
}

function countLines(count: CapCount, { colors }: Terminal): readonly string[] {
  const { rules, carried, peak, spent, held, grades, corrected, holds, exceeded, timesExceeded, worst } = count
  const said = (amounts: { readonly [unit: string]: string }) => signedWords(amounts)
  const peaks = Object.entries(peak).map(([unit, { sequence, amount }]) => `${words(unit, amount)} at #${sequence}`)
  const known = Object.entries(grades).filter(([, { postings }]) => postings > 0)
  return [
    ...rules.map(({ sequence, rule, above }, at) => {
      const more = at === 0 && Object.keys(carried).length > 0 ? `, and ${said(carried)} carried over` : ""
      const lowered = above === undefined ? "" : `; ${said(above)} below what was spent and held by then`
      const mode = rule.mode === "warn" ? " (only warns)" : ""
      return `  ${at === 0 ? "limit" : "changed to"} ${said({ ...rule.limit })} ${ruleWords(rule)}${mode}${more} at #${sequence}${lowered}`
    }),
    `  most held and spent at once: ${peaks.join(", ") || "nothing"}`,
    `  spent ${said({ ...spent })}${Object.keys(held).length > 0 ? `, held ${said({ ...held })} in ${countWords(holds.open, "open hold")}` : ""}`,
    ...known.map(([grade, { postings, amounts }]) => `    ${gradeWords[grade] ?? grade}: ${said({ ...amounts })} in ${countWords(postings, "posting")}`),
    ...(corrected.postings === 0 ? [] : [`    corrected: ${said({ ...corrected.amounts })} in ${countWords(corrected.postings, "posting")}`]),
    ...Object.entries(worst).map(([unit, { sequence, by }]) => `  ${colors.red(`exceeded by ${words(unit, by)} at entry #${sequence}`)}`),
    ...exceeded.slice(0, mostShown).map(({ sequence, type, unit, by }) => `    #${sequence} ${type}: ${words(unit, by)} above`),
    ...(timesExceeded > mostShown ? [`    ${countWords(timesExceeded, "entry", "entries")} in all`] : []),
  ]
}

/** What it is a limit of: a stranger must see which spends it never looked at. */
function ruleWords({ period, match }: BudgetRule): string {
  const per = period.per === "rolling" ? "rolling" : period.per === "lifetime" ? "for its lifetime" : `a ${period.per} (${plain(period.zone)})`
  const dimensions = Object.entries(match ?? {}).map(([name, pattern]) => plain(`${name}=${String(pattern)}`))
  return `${per}, on ${dimensions.length === 0 ? "every spend" : dimensions.join(" and ")}`
}

function words(unit: string, amount: string): string {
  return (units as readonly string[]).includes(unit) ? amountWords(unit as Unit, BigInt(amount)) : `${amount} ${plain(unit)}`
}
