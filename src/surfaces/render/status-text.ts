/** `status` on one screen: whether it records and what is not covered come first. */
import { retentionRows, storageWords } from "./storage-text.ts"
import { clockWords } from "../../views/clock.ts"
import { restoredWords } from "../../views/restored-rows.ts"
import type { StatusReport } from "../../views/status.ts"
import type { WitnessRow } from "../../views/witness-rows.ts"
import type { Look } from "../cli/terminal.ts"
import { mayReplace } from "../../journal/head-note.ts"
import { objectOf } from "../../base/json.ts"
import { usd } from "../../base/money.ts"
import { anchorStandingWords } from "./anchor-text.ts"
import { coverageLines } from "./coverage-lines.ts"
import { moneyLines } from "./money-lines.ts"
import { isDisagreement } from "../../format/witness.ts"
import { headRows, standingRows } from "./standing-rows.ts"
import { witnessName } from "./witness-text.ts"
import { agoWords, countWords, plain } from "./words.ts"

const mostAlerts = 8

const headline: { readonly [R in StatusReport["recording"]]: string } = {
  on: "RECORDING",
  ready: "READY (the next event starts the writer)",
  off: "NOT RECORDING",
  "not set up": "NOT SET UP, nothing is recorded",
}

export function statusText(report: StatusReport, terminal: Look): string {
  const { colors } = terminal
  const paint = report.recording === "on" || report.recording === "ready" ? colors.green : colors.red
  const lines = [`${colors.bold("Sovereign Ledger")} ${report.version}   ${paint(colors.bold(headline[report.recording]))}   ${plain(report.directory)}`]
  lines.push(...headRows(report, colors))
  if (report.problem) lines.push(colors.red(`${plain(report.problem.message)}`), `  ${plain(report.problem.remedy)}`)
  lines.push(...coverageLines(report.coverage), ...furtherRemedies(report, terminal), "")
  if (report.keys.warning) lines.push(`${colors.yellow("Warning:")} ${report.keys.warning}`, "")
  if (report.storage.entries > 0) lines.push(...numbers(report, terminal))
  return `${lines.join("\n")}\n`
}

/** What else a command could cover; the first of them stands in the lines above. */
function furtherRemedies({ coverage }: StatusReport, { colors }: Look): string[] {
  const others = coverage.notCovered.flatMap(({ what, remedy }) => (remedy === null || remedy === coverage.next?.command ? [] : [{ what, remedy }]))
  return others.map(({ what, remedy }) => colors.dim(`  also ${plain(what)}: ${plain(remedy)}`))
}

function alertLines({ alerts, generatedAt }: StatusReport, { colors }: Look): string[] {
  const nowMs = Date.parse(generatedAt)
  const days = Math.round((nowMs - Date.parse(alerts.since)) / 86_400_000)
  if (alerts.count === 0) return [`${colors.dim("Alerts".padEnd(10))} none in ${days} days`]
  const shown = alerts.newest.slice(0, mostAlerts).map(({ sequence, at, type, description }) => {
    const paint = type === "guard.disabled" ? colors.red : colors.yellow
    return `  ${colors.dim(`#${sequence}`)} ${agoWords(at, nowMs).padEnd(11)} ${paint(plain(description))}`
  })
  const more = alerts.count - shown.length
  return ["", `Alerts of ${days} days`, ...shown, ...(more > 0 ? [colors.dim(`  ... and ${countWords(more, "more", "more")}`)] : [])]
}

function witnessRowWords(row: WitnessRow, nowMs: number, { red, yellow }: Look["colors"]): string {
  const seen = row.seenAt === null ? "has seen nothing yet" : `has seen ${countWords(row.seenSize, "entry", "entries")}, ${agoWords(row.seenAt, nowMs)}`
  const words = `${witnessName(row.witness)} ${seen}`
  if (row.state === null || row.state === "agrees" || row.state === "not asked yet") return words
  if (!isDisagreement(row.state)) return `${words}; ${yellow(plain(row.problem === null ? row.state : `${row.state}: ${row.problem}`))}`
  const told = `it ${row.state} (at ${countWords(row.toldSize ?? 0, "entry", "entries")})`
  return `${words}; ${red(`${told}: this ledger was rolled back or forked; sovereign-ledger witness check says more`)}`
}

/** Of a running writer: without one they are what `receipts list` shows. */
function receiptRows(writer: Readonly<Record<string, unknown>>, { red, yellow }: Look["colors"]): [string, string][] {
  const { state, issued, problem } = objectOf(writer["receipts"])
  if (state === undefined || (state === "off" && issued === 0)) return []
  const words = `${String(state)}, ${countWords(Number(issued), "receipt")} issued`
  const halted = state === "halted" ? red(`${words}: those on record are no chain; sovereign-ledger verify says where`) : words
  return [["Receipts", typeof problem === "string" ? `${halted}; ${yellow(plain(problem))}` : halted]]
}

function clockRows({ clock }: StatusReport, { red }: Look["colors"]): [string, string][] {
  return clock === null || clock.state === "agrees" ? [] : [["Clock", red(`${clockWords(clock)}; sovereign-ledger clock says what to do`)]]
}

function recountWords({ at, sequence, postings, violations }: NonNullable<StatusReport["reconciled"]>, nowMs: number, { red }: Look["colors"]): string {
  const words = `${agoWords(at, nowMs)}, ${countWords(postings, "posting")}`
  if (violations === 0) return `${words}, all agree`
  return red(`${words}, ${countWords(violations, "violation")} (#${sequence}): sovereign-ledger reconcile lists them`)
}

/** What no plugin saw is known to the host's stores alone. */
function gradeRows({ grades }: StatusReport): [string, string][] {
  const parts = Object.entries({ exact: grades?.exactNanos, bound: grades?.boundNanos, counted: grades?.countedNanos }).map(([name, nanos]) => ({
    name,
    nanos: BigInt(nanos ?? 0),
  }))
  const total = parts.reduce((sum, { nanos }) => sum + nanos, 0n)
  if (total === 0n) return []
  const shares = parts.map(({ name, nanos }) => `${name} ${(Number((nanos * 10_000n) / total) / 100).toLocaleString("en")} %`)
  return [["Known", `${shares.join(", ")} of ${usd(total)} spent; what was never seen: sovereign-ledger completeness`]]
}

function numbers(report: StatusReport, terminal: Look): string[] {
  const { colors } = terminal
  const nowMs = Date.parse(report.generatedAt)
  const { storage, integrity, gaps } = report
  const checkpoint = integrity.lastCheckpoint ? `at entry ${integrity.lastCheckpoint.size}, ${agoWords(integrity.lastCheckpoint.storedAt, nowMs)}` : "none yet"
  const writer = objectOf(report.writer)
  const rows: (readonly [string, string])[] = [
    ["Storage", storageWords(storage, nowMs)],
    ...retentionRows(storage, nowMs, colors),
    [
      "Integrity",
      `last checkpoint ${checkpoint}, ${countWords(integrity.entriesSinceCheckpoint, "entry", "entries")} since; head note ${mayReplace(integrity.headNote) ? integrity.headNote : colors.red(integrity.headNote)}`,
    ],
    ...standingRows(report, colors),
    ...integrity.witnesses.map((row): [string, string] => ["Witness", witnessRowWords(row, nowMs, colors)]),
    ...integrity.anchors.map((one): [string, string] => ["Anchor", anchorStandingWords(one, nowMs, colors)]),
    [
      "Writer",
      report.writer === null
        ? "not running (it starts when it is needed)"
        : `pid ${String(writer["pid"])}, version ${String(writer["version"])}, ${String(writer["waiting"])} waiting`,
    ],
    ...receiptRows(writer, colors),
    ...integrity.restored.map((row): [string, string] => [
      "Restored",
      row.acceptedAt === null ? colors.red(`${restoredWords(row)}; sovereign-ledger unfreeze all goes on`) : restoredWords(row),
    ]),
    ...gradeRows(report),
    ...clockRows(report, colors),
    ["Key", `${report.keys.source ?? "none found"}; verifier key ${report.keys.verifierKey ?? "-"}`],
    ...(report.reconciled === null ? [] : [["Recount", recountWords(report.reconciled, nowMs, colors)] as [string, string]]),
    [
      "Gaps",
      gaps.count === 0
        ? "none"
        : colors.yellow(`${countWords(gaps.count, "gap")}, ${countWords(gaps.events, "event")} not recorded; last: ${plain(gaps.last?.reason ?? "")}`),
    ],
  ]
  const most = report.activity.slice(0, 12).map((row) => `  ${row.type.padEnd(20)} ${String(row.count).padStart(9)}   ${colors.dim(agoWords(row.last, nowMs))}`)
  const tools = report.tools
    .slice(0, 8)
    .map((row) => `  ${plain(row.tool).padEnd(20)} ${String(row.invoked).padStart(9)}${row.denied > 0 ? colors.red(`   ${row.denied} denied`) : ""}`)
  return [
    ...rows.map(([name, value]) => `${colors.dim(name.padEnd(10))} ${value}`),
    ...moneyLines(report.money, terminal),
    ...alertLines(report, terminal),
    "",
    "Events",
    ...most,
    ...(tools.length > 0 ? ["", "Tools", ...tools] : []),
  ]
}
