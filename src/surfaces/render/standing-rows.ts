/** Rows of `status` about how the record stands: conversations, the tree, what is captured. A row more is a line in `standingRows`. */
import type { StatusReport } from "../../views/status.ts"
import type { Terminal } from "../cli/terminal.ts"
import { agoWords, countWords, plain } from "./words.ts"

export type Row = readonly [name: string, words: string]

type Colors = Terminal["colors"]

/** Who and when; and, where a step of set-up is missing, a banner with the command. */
export function headRows({ standing, generatedAt }: StatusReport, { bold, dim, yellow }: Colors): readonly string[] {
  const place = dim(`on ${plain(standing.machine)}, ${generatedAt.slice(0, 16).replace("T", " ")} UTC`)
  if (standing.missing.length === 0) return [place]
  return [place, yellow(bold(`SET-UP IS NOT COMPLETE: ${standing.missing.map(plain).join("; ")}. Run: sovereign-ledger setup`))]
}

export function standingRows(report: StatusReport, colors: Colors): readonly Row[] {
  return [treeRow(report), hookRow(report, colors), captureRow(report, colors), ...surroundingRows(report, colors)]
}

function treeRow({ integrity, standing }: StatusReport): Row {
  return ["Tree", `head #${integrity.lastSequence}${standing.root === null ? "" : `, root ${standing.root} at the last checkpoint`}`]
}

const hookWords = {
  ENABLED: "ENABLED",
  DISABLED: "DISABLED: prompts and answers are not recorded; sovereign-ledger setup grants it",
  "ENABLED but silent": "ENABLED but silent: no prompt for 24 h; sovereign-ledger doctor looks for the reason",
  unknown: "not known: the host's configuration could not be read",
} as const

function hookRow({ standing }: StatusReport, { green, red, yellow }: Colors): Row {
  const hook = standing.conversationHook
  const paint = hook === "ENABLED" ? green : hook === "DISABLED" ? red : yellow
  return ["Prompts", paint(hookWords[hook])]
}

function captureRow({ standing, storage, gaps, generatedAt }: StatusReport, { yellow }: Colors): Row {
  const { capture, unheardHooks } = standing
  const parts = [
    capture === null ? "no writer runs" : `${countWords(capture.clients, "client")} connected, ${capture.waiting} waiting`,
    ...(storage.newest === null ? [] : [`last entry ${agoWords(storage.newest, Date.parse(generatedAt))}`]),
    ...(gaps.count === 0 ? ["nothing is missing"] : [yellow(countWords(gaps.count, "gap"))]),
    ...(unheardHooks === 0
      ? []
      : [yellow(`${countWords(unheardHooks, "hook")} could not be registered: sovereign-ledger events list --type capture.hook-unavailable`)]),
  ]
  return ["Capture", parts.join(", ")]
}

/** Nothing where files are not watched, or nothing was found. */
function surroundingRows({ standing, generatedAt }: StatusReport, { red, yellow }: Colors): readonly Row[] {
  const { watched, changedOfDay, scan } = standing.surroundings
  const kinds = Object.entries(watched).map(([kind, count]) => `${count.toLocaleString("en")} ${plain(kind)}`)
  const changed = `${countWords(changedOfDay, "change")} in 24 h`
  const ago = scan === null ? "" : agoWords(scan.lastAt, Date.parse(generatedAt))
  return [
    ...(kinds.length === 0 ? [] : [["Watched", `${kinds.join(", ")}; ${changedOfDay > 0 ? yellow(changed) : changed}; sovereign-ledger inventory`] as const]),
    ...(scan === null
      ? []
      : [
          [
            "Scanner",
            `${(scan.high > 0 ? red : yellow)(`${ago}: ${scan.high} high, ${scan.medium} medium`)}, ${countWords(scan.texts, "text")} in all; sovereign-ledger events list --type finding.recorded`,
          ] as const,
        ]),
  ]
}
