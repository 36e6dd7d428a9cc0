/** A verification as text a newcomer understands: the verdict first, the exact range, then every problem. */
import type { Verdict, VerifyReport } from "../../verify/verdict.ts"
import type { Terminal } from "../cli/terminal.ts"
import { anchorSeenWords } from "./anchor-text.ts"
import { witnessSeenWords } from "./witness-text.ts"
import { countWords, plain } from "./words.ts"

export function verifyText(report: VerifyReport, what: string, terminal: Terminal): string {
  const { colors } = terminal
  const range = report.entries === 0 ? "no entries" : `${countWords(report.entries, "entry", "entries")} (#${report.from} to #${report.to})`
  const lines = [
    verdictHead(report.verdict, what, terminal),
    `  ${range}, ${countWords(report.contentsOpened, "payload")} opened${report.contentsErased > 0 ? `, ${report.contentsErased} erased` : ""}, ${countWords(report.checkpoints, "checkpoint")} checked${report.checkpoints > 0 ? `, the last over ${countWords(report.covered, "entry", "entries")}` : ""}`,
    `  root ${report.root}`,
    `  signed by ${plain(report.signedBy ?? "nobody")}`,
    ...report.witnesses.map((seen) => `  ${witnessSeenWords(seen)}`),
    ...report.anchors.map((seen) => `  ${anchorSeenWords(seen)}`),
    ...report.problems.map((problem) => `  ${colors.red("✗")} ${rangeWords(problem.from, problem.to)}: ${plain(problem.what)}`),
    ...(report.problemsNotListed > 0 ? [`  ... and ${report.problemsNotListed} more`] : []),
    ...report.notes.map((note) => `  ${colors.dim(plain(note))}`),
  ]
  return `${lines.join("\n")}\n`
}

export function verdictHead(verdict: Verdict, what: string, { colors }: Terminal): string {
  const paint = verdict === "invalid" ? colors.red : verdict === "unverifiable" ? colors.yellow : colors.green
  const mark = verdict === "invalid" ? "✗" : verdict === "unverifiable" ? "?" : "✓"
  return `${paint(colors.bold(`${mark} ${verdict.toUpperCase()}`))}  ${plain(what)}`
}

export function rangeWords(from: number, to: number): string {
  return from >= to ? `#${from}` : `#${from} to #${to}`
}
