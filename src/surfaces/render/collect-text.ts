/** How a collector fares, for people. */
import type { CollectStatus } from "../cli/history/collect-status.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const mostTroubles = 5

export function collectText({ at, sources, calls, events, changed, passes, troubles }: CollectStatus, { colors }: Terminal): string {
  const more = troubles.length - mostTroubles
  const since = `${countWords(passes, "pass", "passes")} since the last line, ${changed} with something to read`
  return `${[
    `${at} ${countWords(sources, "source")}; recorded ${colors.bold(countWords(calls, "call"))} and ${countWords(events, "other event")}; ${since}`,
    ...troubles.slice(0, mostTroubles).map(({ path, problem }) => colors.yellow(`  ${plain(path)}: ${plain(problem)}`)),
    ...(more > 0 ? [colors.dim(`  ... and ${more} more: --json lists all`)] : []),
  ].join("\n")}\n`
}
