/** What budgets would have refused, for people. */
import { localText } from "../../ledger/periods.ts"
import { refusalWords } from "../../ledger/refusals.ts"
import type { Blocked, SimulationReport } from "../../ledger/simulate.ts"
import type { Terminal } from "../cli/terminal.ts"
import { shortUsd, tableLines } from "./bars.ts"
import { countWords, plain } from "./words.ts"

const mostExamples = 3

export function simulationText(report: SimulationReport, window: { readonly since: string; readonly until: string }, { colors }: Terminal): string {
  const { calls, spentNanos, savedNanos, blocked, allowedCalls } = report
  const heading = `From ${window.since.slice(0, 16).replace("T", " ")} to ${window.until.slice(0, 16).replace("T", " ")} UTC: ${countWords(calls, "call")}, ${usdOf(spentNanos)}`
  if (calls === 0) return `${heading}. Nothing is on record: sovereign-ledger import records what the host stored; --raw reads it as it is.\n`
  const share = spentNanos === 0n ? 0 : Math.round(Number((savedNanos * 100n) / spentNanos))
  const [head = "", ...rows] = tableLines([
    { head: "budget", cells: blocked.map(({ by }) => plain(by)), most: 32 },
    { head: "refused", cells: blocked.map((one) => one.calls.toLocaleString("en")), toRight: true },
    { head: "not made", cells: blocked.map(({ following }) => following.toLocaleString("en")), toRight: true },
    { head: "saved", cells: blocked.map((one) => usdOf(one.savedNanos)), toRight: true },
    { head: "periods", cells: blocked.map(({ periods }) => (periods.size === 0 ? "" : String(periods.size))), toRight: true },
    { head: "first", cells: blocked.map(({ firstMs }) => localText("UTC", firstMs)) },
    { head: "last", cells: blocked.map(({ lastMs }) => localText("UTC", lastMs)) },
  ])
  return `${[
    colors.bold(heading),
    "",
    ...(blocked.length === 0 ? ["These budgets would have refused nothing."] : [colors.dim(head), ...rows, ""]),
    ...(blocked.length === 0
      ? []
      : [`Saved ${colors.bold(colors.green(usdOf(savedNanos)))} (${share} %); ${allowedCalls.toLocaleString("en")} calls would have gone through.`, ""]),
    ...report.examples.slice(0, mostExamples).map(({ atMs, spend, refusal }) => {
      const who = [spend.agent, spend.cron, spend.model].filter((one) => one !== undefined).map(plain)
      return colors.dim(`${localText("UTC", atMs)}  ${who.join(", ")}: ${plain(refusalWords(refusal))}`)
    }),
  ].join("\n")}\n`
}

function usdOf(nanos: bigint): string {
  return shortUsd(Number(nanos))
}

export function blockedJson({ periods, savedNanos, ...blocked }: Blocked) {
  const times = { first: new Date(blocked.firstMs).toISOString(), last: new Date(blocked.lastMs).toISOString() }
  return { by: blocked.by, calls: blocked.calls, following: blocked.following, savedNanos: String(savedNanos), ...times, periods: periods.size }
}
