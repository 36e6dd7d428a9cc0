/** A checked proof as text a newcomer understands: the verdict, what it proves in a sentence, then what it shows. */
import type { ProofReport } from "../../verify/proof.ts"
import type { Terminal } from "../cli/terminal.ts"
import { verdictHead } from "./verify-text.ts"
import { countWords, plain } from "./words.ts"

export function proofReportText(report: ProofReport, what: string, terminal: Terminal): string {
  const { colors } = terminal
  const { entry, problems } = report
  const lines = [
    verdictHead(report.verdict, what, terminal),
    ...(problems.length === 0 && report.statement !== "" ? [`  ${plain(report.statement)}`] : []),
    ...(entry?.id === null || entry === null ? [] : [`  id ${plain(entry.id)}`]),
    ...(entry?.facts ? [`  facts ${plain(JSON.stringify(entry.facts))}`] : []),
    ...(entry?.content ? [`  content ${plain(JSON.stringify(entry.content))}`] : []),
    ...report.checkpoints.map(({ size, root, otherSigners }) => {
      const others = otherSigners.length === 0 ? "" : `, also signed by ${otherSigners.map(plain).join(", ")} (not checked)`
      return `  checkpoint over ${countWords(size, "entry", "entries")}, root ${root}${others}`
    }),
    ...(report.signedBy === null ? [] : [`  signed by ${plain(report.signedBy)}`]),
    ...problems.map((problem) => `  ${colors.red("✗")} ${plain(problem)}`),
    ...report.notes.map((note) => `  ${colors.dim(plain(note))}`),
  ]
  return `${lines.join("\n")}\n`
}
