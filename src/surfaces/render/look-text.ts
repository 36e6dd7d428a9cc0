/** A host's last days on one screen. */
import type { LookReport, Named, Sum } from "../cli/history/look-tally.ts"
import type { Terminal } from "../cli/terminal.ts"
import { bar, shortCount, shortUsd, tableLines } from "./bars.ts"
import { countWords, plain, sizeWords } from "./words.ts"

const mostRows = 4
const nameWidth = 40
const heights = "▁▂▃▄▅▆▇█"

export type LookHeading = { readonly home: string; readonly days: number; readonly bytes: number; readonly tookMs: number; readonly troubles: number }

export function lookText(report: LookReport, { home, days, bytes, tookMs, troubles }: LookHeading, { colors }: Terminal): string {
  const { total, cap, unpriced } = report
  if (total.calls === 0) return `No model call of the last ${days} days is stored in ${plain(home)}.\n`
  const prompt = total.input + total.cacheRead + total.cacheWrite
  const cached = prompt === 0 ? "" : `, ${Math.round((total.cacheRead / prompt) * 100)} % of prompts from a cache`
  const seconds = (tookMs / 1_000).toFixed(1)
  return `${[
    `${colors.bold("Sovereign Ledger")} ${colors.dim("look")}   ${plain(home)}   last ${days} days`,
    "",
    `  ${colors.bold(shortUsd(total.nanos))}   ${countWords(total.calls, "call")}   ${shortCount(total.tokens)} tokens${cached}`,
    `  ${sparkline(report)}`,
    "",
    ...section("Models", report.models, total, colors),
    ...section("Agents", report.agents, total, colors),
    ...section("Top burners", report.sessions, total, colors),
    colors.bold("  Nobody asked for"),
    `    heartbeats ${sumWords(report.heartbeat)} · jobs ${sumWords(report.cron)}${jobsWords(report.jobs)} · subagents ${sumWords(report.subagents)}`,
    "",
    colors.bold("  The host's own page does not count"),
    ...unseenLines(report),
    "",
    `  A cap of ${shortUsd(cap.capNanos)} a day would have saved ${colors.bold(colors.green(shortUsd(cap.savedNanos)))}${cap.days > 0 ? ` on ${countWords(cap.days, "day")}` : ""}.`,
    ...(cap.savedNanos > 0 ? [colors.dim(`  sovereign-ledger budget set daily --limit ${cap.capNanos / 1e9}usd sets it.`)] : []),
    ...(unpriced.length > 0
      ? [
          colors.yellow(
            `  No price is known for ${unpriced
              .slice(0, 3)
              .map(({ model, calls }) => `${plain(model)} (${countWords(calls, "call")})`)
              .join(", ")}.`,
          ),
        ]
      : []),
    ...(troubles > 0 ? [colors.yellow(`  ${countWords(troubles, "thing")} could not be read: sovereign-ledger import --dry-run names each.`)] : []),
    "",
    colors.dim(`  ${sizeWords(bytes)} read in ${seconds} s. Nothing was written, nothing was sent. Cost is by published prices and your own.`),
  ].join("\n")}\n`
}

function section(title: string, named: readonly Named[], total: Sum, colors: Terminal["colors"]): readonly string[] {
  const shown = named.slice(0, mostRows)
  const most = Math.max(...shown.map(({ nanos }) => nanos), 1)
  const [, ...lines] = tableLines([
    { head: "", cells: shown.map(({ name }) => plain(name)), most: nameWidth },
    { head: "", cells: shown.map(({ nanos }) => shortUsd(nanos)), toRight: true },
    { head: "", cells: shown.map(({ nanos }) => (total.nanos === 0 ? "" : `${Math.round((nanos / total.nanos) * 100)} %`)), toRight: true },
    { head: "", cells: shown.map(({ nanos }) => bar(nanos / most, 16)) },
  ])
  const more = named.length - shown.length
  return [`${colors.bold(`  ${title}`)}${more > 0 ? colors.dim(`   and ${more.toLocaleString("en")} more`) : ""}`, ...lines.map((line) => `    ${line}`), ""]
}

/** A column a day, as high as what was spent on it. */
function sparkline({ days }: LookReport): string {
  const most = Math.max(...days.map(({ nanos }) => nanos), 1)
  const columns = days.map(({ nanos }) => heights[Math.min(heights.length - 1, Math.floor((nanos / most) * heights.length))] ?? "").join("")
  const worst = days.reduce<(typeof days)[number] | undefined>((found, day) => (found === undefined || day.nanos > found.nanos ? day : found), undefined)
  return worst === undefined ? "" : `${columns}  ${worst.day} was the dearest: ${shortUsd(worst.nanos)}`
}

function sumWords({ nanos, calls }: Sum): string {
  return calls === 0 ? "none" : `${shortUsd(nanos)} (${countWords(calls, "call")})`
}

function jobsWords([first, ...others]: readonly Named[]): string {
  return first === undefined ? "" : `, most of them ${plain(first.name)}${others.length > 0 ? ` of ${others.length + 1}` : ""}`
}

function unseenLines({ unseen }: LookReport): readonly string[] {
  const reasons = [
    [unseen.branch, "on branches of conversations that were left again"],
    [unseen.archive, "of sessions that were deleted or reset"],
    [unseen.copy, "that only stand in copies and in what was migrated"],
    [unseen.withoutCost, "recorded without a cost"],
  ] as const
  const lines = reasons.flatMap(([sum, words]) => (sum.calls === 0 ? [] : [`    ${shortUsd(sum.nanos)}  ${countWords(sum.calls, "call")} ${words}`]))
  return lines.length === 0 ? ["    nothing that is stored"] : lines
}
