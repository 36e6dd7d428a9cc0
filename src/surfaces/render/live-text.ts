/** The live screen as lines: what is wrong first, then runs, money and alerts; the last entries take what room is left. */
import { amountsOf, amountWords, stated } from "../../ledger/amounts.ts"
import type { BudgetSummary } from "../../ledger/summary.ts"
import { goneWords } from "../../views/forecast.ts"
import type { Live, Spent } from "../../views/live.ts"
import type { LiveRun } from "../../views/live-runs.ts"
import type { WatchReport } from "../../views/watch.ts"
import type { Terminal } from "../cli/terminal.ts"
import { bar, shortUsd } from "./bars.ts"
import { agoWords, countWords, plain } from "./words.ts"

export type LiveView = { readonly report: WatchReport; readonly live: Live | null; readonly nowMs: number }
export type Size = { readonly rows: number }

type Colors = Terminal["colors"]

const barWidth = 10
const mostRuns = 12
const leastEvents = 3

export function liveLines({ report, live, nowMs }: LiveView, colors: Colors, { rows }: Size): readonly string[] {
  const bad = report.checks.filter(({ state }) => state !== "good")
  const state = bad.some((one) => one.state === "wrong")
    ? colors.red(colors.bold("SOMETHING IS WRONG"))
    : bad.length > 0
      ? colors.yellow("not all is known")
      : colors.green("all is well")
  const head = [
    `${colors.bold("Sovereign Ledger")}  ${state}  ${plain(report.directory)}  ${colors.dim(`${new Date(nowMs).toISOString().slice(11, 19)} UTC, q ends it`)}`,
  ]
  const wrong = bad.map(
    ({ name, state, words, remedy }) =>
      `${state === "wrong" ? colors.red("WRONG") : colors.yellow("?    ")} ${name.padEnd(12)} ${plain(words)}${remedy === null ? "" : colors.dim(`  -> ${plain(remedy)}`)}`,
  )
  if (live === null) return [...head, "", ...wrong]
  const body = [...head, ...wrong, "", ...runLines(live.runs, nowMs, colors), "", ...moneyLines(live, colors), "", ...alertLines(live, nowMs, colors), ""]
  const room = Math.max(leastEvents, rows - body.length - 1)
  return [...body, ...eventLines(live, colors, room)]
}

function runLines(runs: readonly LiveRun[], nowMs: number, colors: Colors): readonly string[] {
  if (runs.length === 0) return [`${colors.bold("Runs")}  none`]
  const lines = runs.slice(0, mostRuns).map(({ session, model, since, tool, calls, nanos }) => {
    const doing = tool === null ? colors.dim("model") : colors.cyan(plain(tool))
    return `  ${shortUsd(Number(nanos)).padStart(9)}  ${agoWords(since, nowMs).replace(" ago", "").padEnd(7)} ${countWords(calls, "call").padEnd(9)} ${plain(session ?? "-")}  ${plain(model ?? "?")}  ${doing}`
  })
  return [`${colors.bold("Runs")}  ${runs.length}`, ...lines, ...(runs.length > mostRuns ? [colors.dim(`  ... and ${runs.length - mostRuns} more`)] : [])]
}

function moneyLines({ today, lastHour, money }: Live, colors: Colors): readonly string[] {
  const words = ({ calls, costNanos }: Spent) => `${shortUsd(costNanos)} (${countWords(calls, "call")})`
  const holds = money.openHolds === 0 ? "" : `   ${countWords(money.openHolds, "open hold")}`
  return [
    `${colors.bold("Spent")}  today ${words(today)}   last hour ${words(lastHour)}${holds}`,
    ...money.frozen.map(({ name, reason }) => `  ${colors.red(`${plain(String(name))} is frozen: ${plain(reason)}`)}`),
    ...money.cuts.map(({ cut, words }) => `  ${colors.red(`cut off, ${plain(cut)}: ${plain(words)}`)}`),
    ...money.budgets.flatMap((budget) => budgetLines(budget, colors)),
    ...(money.soonest === null ? [] : [`  ${colors.yellow(goneWords(money.soonest))}`]),
  ]
}

function budgetLines({ rule, limit, spent, left }: BudgetSummary, colors: Colors): readonly string[] {
  const [most, gone, rest] = [amountsOf(limit), amountsOf(spent), amountsOf(left)]
  return stated(most).map((unit) => {
    const [whole, used] = [most[unit] ?? 0n, gone[unit] ?? 0n]
    const share = whole === 0n ? 1 : Number((used * 1_000n) / whole) / 1_000
    const paint = share >= 1 ? colors.red : share >= 0.8 ? colors.yellow : colors.green
    const words = `${amountWords(unit, rest[unit] ?? 0n)} left of ${amountWords(unit, whole)}`
    return `  ${rule.name.padEnd(16)} ${paint(bar(share, barWidth).padEnd(barWidth, "·"))} ${String(Math.round(share * 100)).padStart(3)} %  ${words}${rule.mode === "warn" ? " (only warns)" : ""}`
  })
}

function alertLines({ alerts }: Live, nowMs: number, colors: Colors): readonly string[] {
  const lines = alerts.newest.map(
    ({ sequence, at, description }) => `  ${colors.dim(`#${sequence}`)} ${agoWords(at, nowMs).padEnd(10)} ${colors.yellow(plain(description))}`,
  )
  return [`${colors.bold("Alerts")}  ${alerts.count === 0 ? "none" : alerts.count} in 24 hours`, ...lines]
}

function eventLines({ events, entries }: Live, colors: Colors, room: number): readonly string[] {
  const lines = events.slice(0, room).map(({ sequence, createdAt, sessionId, type, description }) => {
    const where = sessionId === null ? "" : ` ${colors.cyan(`[${plain(sessionId)}]`)}`
    return `  ${colors.dim(`#${sequence} ${createdAt.slice(11, 19)}`)}${where} ${type} - ${plain(description)}`
  })
  return [`${colors.bold("Entries")}  ${entries.toLocaleString("en")}`, ...lines]
}
