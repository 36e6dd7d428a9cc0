/** What an import found and did, for people. */
import type { ImportReport } from "../cli/history/import-run.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain, sizeWords } from "./words.ts"

const mostTroubles = 10

export function importText(report: ImportReport, isDry: boolean, tookMs: number, { colors }: Terminal): string {
  const { sources, bytes, rows, recorded, known, unreadable, troubles } = report
  const seconds = tookMs / 1_000
  const rate = seconds > 0 ? ` (${sizeWords(bytes / seconds)}/s)` : ""
  const did = isDry ? `would be recorded: ${countWords(recorded, "call")}` : `recorded: ${countWords(recorded, "call")}`
  const more = troubles.length - mostTroubles
  return `${[
    `${countWords(sources.found, "source")}: ${sources.read} read, ${sources.unchanged} unchanged since they were read${sources.failed > 0 ? `, ${colors.red(`${sources.failed} not readable`)}` : ""}`,
    ...(sources.read > 0 ? [`${sizeWords(bytes)} in ${seconds.toFixed(seconds < 10 ? 1 : 0)} s${rate}`] : []),
    `${countWords(rows, "model call")} found; ${colors.bold(did)}, ${known.toLocaleString("en")} known already`,
    ...(report.events.found > 0
      ? [`${countWords(report.events.found, "other event")} found; ${isDry ? "would be recorded" : "recorded"}: ${report.events.recorded.toLocaleString("en")}`]
      : []),
    ...(unreadable > 0 ? [colors.yellow(`${countWords(unreadable, "row")} could not be read`)] : []),
    ...troubles.slice(0, mostTroubles).map(({ path, problem }) => `  ${plain(path)}: ${plain(problem)}`),
    ...(more > 0 ? [colors.dim(`  ... and ${more} more: --json lists all`)] : []),
  ].join("\n")}\n`
}
