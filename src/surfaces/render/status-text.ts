/** `status` on one screen: whether it records and what is not covered come first. */
import type { StatusReport } from "../../views/status.ts"
import type { Terminal } from "../cli/terminal.ts"
import { mayReplace } from "../../journal/head-note.ts"
import { objectOf } from "../../base/json.ts"
import { agoWords, countWords, plain, sizeWords } from "./words.ts"

const headline: { readonly [R in StatusReport["recording"]]: string } = {
  on: "RECORDING",
  ready: "READY (the next event starts the writer)",
  off: "NOT RECORDING",
  "not set up": "NOT SET UP, nothing is recorded",
}

export function statusText(report: StatusReport, terminal: Terminal): string {
  const { colors } = terminal
  const paint = report.recording === "on" || report.recording === "ready" ? colors.green : colors.red
  const lines = [`${colors.bold("Sovereign Ledger")} ${report.version}   ${paint(colors.bold(headline[report.recording]))}   ${plain(report.directory)}`]
  if (report.problem) lines.push(colors.red(`${plain(report.problem.message)}`), `  ${plain(report.problem.remedy)}`)
  if (report.next) lines.push(`${colors.yellow("Next:")} ${report.next}`)
  lines.push(...coverageLines(report, terminal), "")
  if (report.keys.warning) lines.push(`${colors.yellow("Warning:")} ${report.keys.warning}`, "")
  if (report.storage.entries > 0) lines.push(...numbers(report, terminal))
  return `${lines.join("\n")}\n`
}

function coverageLines(report: StatusReport, { colors }: Terminal): string[] {
  const spots = report.notCovered.map((spot) => `  ${colors.dim("-")} ${spot.what}${spot.remedy ? colors.dim(`  (${spot.remedy})`) : ""}`)
  const access =
    report.conversationAccess === "not seen"
      ? [
          `  ${colors.yellow("-")} prompts and answers: the host has not given the permission (openclaw config set plugins.entries.sovereign-ledger.hooks.allowConversationAccess true --strict-json)`,
        ]
      : []
  return ["Not covered:", ...access, ...spots]
}

function numbers(report: StatusReport, { colors }: Terminal): string[] {
  const nowMs = Date.parse(report.generatedAt)
  const { storage, integrity, gaps } = report
  const checkpoint = integrity.lastCheckpoint ? `at entry ${integrity.lastCheckpoint.size}, ${agoWords(integrity.lastCheckpoint.storedAt, nowMs)}` : "none yet"
  const writer = objectOf(report.writer)
  const rows: [string, string][] = [
    [
      "Storage",
      `${countWords(storage.entries, "entry", "entries")}, ${sizeWords(storage.bytes)}${storage.oldest ? `, oldest ${agoWords(storage.oldest, nowMs)}` : ""}`,
    ],
    [
      "Integrity",
      `last checkpoint ${checkpoint}, ${countWords(integrity.entriesSinceCheckpoint, "entry", "entries")} since; head note ${mayReplace(integrity.headNote) ? integrity.headNote : colors.red(integrity.headNote)}`,
    ],
    [
      "Writer",
      report.writer === null
        ? "not running (it starts when it is needed)"
        : `pid ${String(writer["pid"])}, version ${String(writer["version"])}, ${String(writer["waiting"])} waiting`,
    ],
    ["Key", `${report.keys.source ?? "none found"}; verifier key ${report.keys.verifierKey ?? "-"}`],
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
    "",
    "Events",
    ...most,
    ...(tools.length > 0 ? ["", "Tools", ...tools] : []),
  ]
}
