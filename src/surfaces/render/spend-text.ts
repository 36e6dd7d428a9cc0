/** What was spent, as a table with bars and a total, and as CSV. */
import type { SpendReport, SpendRow, SpendSums } from "../../views/spend.ts"
import { csvCell } from "../../views/export.ts"
import type { Look } from "../cli/terminal.ts"
import { bar, shortCount, shortUsd, tableLines, type Column } from "./bars.ts"
import { countWords, plain } from "./words.ts"

const barWidth = 20
const widestKey = 44
const mostUnpriced = 5

export type SpendLook = "spend" | "usage"

export function spendText(report: SpendReport, look: SpendLook, { colors }: Look): string {
  const { rows, by, total, window, more } = report
  const heading = `${look === "spend" ? "Spent" : "Used"} from ${window.from.slice(0, 16).replace("T", " ")} to ${window.to.slice(0, 16).replace("T", " ")} UTC`
  if (rows.length === 0) return `${heading}: nothing is on record.\n${elsewhere(report)}\n`
  const weigh = look === "spend" ? ({ cost }: SpendSums) => cost : ({ tokens }: SpendSums) => tokens
  const most = Math.max(...rows.map(weigh), 1)
  const keys = by.map((key): Column => ({
    head: key,
    cells: [...rows.map((row) => plain(row.keys[key] || "—")), key === by[0] ? "total" : ""],
    most: widestKey,
  }))
  const figures = look === "spend" ? spendColumns : usageColumns
  const lines = tableLines([
    ...keys,
    ...figures.map(({ head, of }): Column => ({ head, cells: [...rows, total].map(of), toRight: true })),
    { head: "", cells: [...rows.map((row) => bar(weigh(row) / most, barWidth)), ""] },
  ])
  const [head = "", ...body] = lines
  const last = body.pop() ?? ""
  return `${[colors.bold(heading), "", colors.dim(head), ...body, colors.bold(last), ...notes(report, more, colors)].join("\n")}\n`
}

function elsewhere({ latest }: SpendReport): string {
  const isEmpty = latest === undefined || latest === null
  return isEmpty
    ? "sovereign-ledger import records what the host stored before."
    : `The latest model call on record is of ${latest.slice(0, 16).replace("T", " ")} UTC: --since reaches further back.`
}

type Figure = { readonly head: string; readonly of: (row: SpendSums) => string }

const spendColumns: readonly Figure[] = [
  { head: "calls", of: ({ calls }) => calls.toLocaleString("en") },
  { head: "input", of: ({ input }) => shortCount(input) },
  { head: "cached", of: ({ cache_read: read }) => shortCount(read) },
  { head: "written", of: ({ cache_write: written }) => shortCount(written) },
  { head: "output", of: ({ output }) => shortCount(output) },
  { head: "cost", of: ({ cost }) => shortUsd(cost) },
]

const usageColumns: readonly Figure[] = [
  { head: "calls", of: ({ calls }) => calls.toLocaleString("en") },
  { head: "failed", of: ({ failed }) => failed.toLocaleString("en") },
  { head: "input", of: ({ input }) => shortCount(input) },
  { head: "cached", of: ({ cache_read: read }) => shortCount(read) },
  { head: "written", of: ({ cache_write: written }) => shortCount(written) },
  { head: "output", of: ({ output }) => shortCount(output) },
  { head: "tokens", of: ({ tokens }) => shortCount(tokens) },
  { head: "from cache", of: cachedShare },
  { head: "answer", of: ({ averageLatencyMs }) => (averageLatencyMs === null ? "" : `${(averageLatencyMs / 1_000).toFixed(1)} s`) },
]

function cachedShare({ input, cache_read: read, cache_write: written }: SpendSums): string {
  const prompt = input + read + written
  return prompt === 0 ? "" : `${Math.round((read / prompt) * 100)} %`
}

function notes({ total, unpriced }: SpendReport, more: number, colors: Look["colors"]): readonly string[] {
  const listed = unpriced.slice(0, mostUnpriced).map(({ model, calls }) => `${plain(model)} (${calls.toLocaleString("en")})`)
  const lines = [
    ...(more > 0 ? [colors.dim(`${countWords(more, "more row")}: --limit lists them; the total has them.`)] : []),
    ...(unpriced.length > 0
      ? [
          colors.yellow(
            `No price is known for ${listed.join(", ")}${unpriced.length > mostUnpriced ? ", ..." : ""}: their cost is not in the total. The setting prices states one.`,
          ),
        ]
      : []),
    ...(total.drifted > 0
      ? [colors.yellow(`${countWords(total.drifted, "call")}: the host's figure differs from the price by more than 1 %. Cost here is by the price.`)]
      : []),
  ]
  return lines.length === 0 ? [] : ["", ...lines]
}

const csvSums = ["calls", "failed", "input", "output", "cache_read", "cache_write", "tokens", "unpriced", "drifted"] as const

/** Dollars with nine decimals: a spreadsheet adds them up exactly. */
export function spendCsv({ by, rows }: SpendReport): string {
  const head = [...by, ...csvSums, "cost_usd", "reported_usd", "computed_usd"]
  const line = (row: SpendRow) => [
    ...by.map((key) => row.keys[key] ?? ""),
    ...csvSums.map((name) => row[name]),
    ...[row.cost, row.reported, row.computed].map((nanos) => (nanos / 1e9).toFixed(9)),
  ]
  return `${[head, ...rows.map(line)].map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`
}
