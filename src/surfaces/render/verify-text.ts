/** A verification as text a newcomer understands: the verdict first, the exact range, then every problem. */
import type { VerifyReport } from "../../verify/verdict.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords } from "./words.ts"

export function verifyText(report: VerifyReport, what: string, terminal: Terminal): string {
  const { colors } = terminal
  const paint = report.verdict === "invalid" ? colors.red : report.verdict === "unverifiable" ? colors.yellow : colors.green
  const mark = report.verdict === "invalid" ? "✗" : report.verdict === "unverifiable" ? "?" : "✓"
  const range = report.entries === 0 ? "no entries" : `${countWords(report.entries, "entry", "entries")} (#${report.from} to #${report.to})`
  const lines = [
    `${paint(colors.bold(`${mark} ${report.verdict.toUpperCase()}`))}  ${what}`,
    `  ${range}, ${countWords(report.contentsOpened, "payload")} opened${report.contentsErased > 0 ? `, ${report.contentsErased} erased` : ""}, ${countWords(report.checkpoints, "checkpoint")} checked`,
    `  root ${report.root}`,
    `  signed by ${report.signedBy ?? "nobody"}`,
    ...report.problems.map((problem) => `  ${colors.red("✗")} ${rangeWords(problem.from, problem.to)}: ${problem.what}`),
    ...(report.problemsNotListed > 0 ? [`  ... and ${report.problemsNotListed} more`] : []),
    ...report.notes.map((note) => `  ${colors.dim(note)}`),
  ]
  return `${lines.join("\n")}\n`
}

function rangeWords(from: number, to: number): string {
  return from >= to ? `#${from}` : `#${from} to #${to}`
}
