/** What detectors found, as sections of a sheet: one a detector, in the order of the list. */
import type { AnomalyThresholds } from "../../policy/anomalies/thresholds.ts"
import type { Anomalies } from "../../views/anomalies/detector-list.ts"
import { shortUsd } from "./bars.ts"
import type { SheetSection } from "./sheet.ts"

export type AnomalyLook = { readonly dupWindowSec: number; readonly lookbackDays: number; readonly thresholds: AnomalyThresholds }
type Section = (anomalies: Anomalies, look: AnomalyLook) => SheetSection

const sections: { readonly [N in Exclude<keyof Anomalies, "truncated">]: Section } = {
  integrity: ({ integrity }) => ({
    title: "Integrity",
    head: ["what", "severity", "when", "entry", "words"],
    rows: integrity.map(({ what, severity, at, sequence, words }) => [what, severity, at === null ? "" : seconds(at), numbered(sequence), words]),
    texts: [0, 1, 2, 3, 4],
    empty: "Nothing says that the record was changed; sovereign-ledger verify checks all of it.",
  }),
  sequenceHoles: ({ sequenceHoles }) => ({
    title: "Entries that are gone",
    head: ["from", "to", "entries"],
    rows: sequenceHoles.map(({ from, to, count }) => [numbered(from), numbered(to), count.toLocaleString("en")]),
    texts: [0, 1],
    empty: "No number is left out.",
  }),
  gaps: ({ gaps }) => ({
    title: "Not recorded",
    head: ["reason", "events", "from", "to", "entry"],
    rows: gaps.map(({ reason, count, from, to, sequence }) => [reason, count.toLocaleString("en"), seconds(from), seconds(to), numbered(sequence)]),
    texts: [0, 2, 3, 4],
    empty: "Nothing was lost.",
  }),
  duplicates: ({ duplicates }, { dupWindowSec }) => ({
    title: "Sent more than once",
    head: ["channel", "recipient", "times", "from", "to", "events"],
    rows: duplicates.map(({ channel, recipient, count, first, last, sequences }) => [
      ...[channel, recipient, String(count), seconds(first), seconds(last)],
      sequences.map(numbered).join(" "),
    ]),
    texts: [0, 1, 3, 4, 5],
    empty: `No message went to the same recipient twice within ${dupWindowSec} s.`,
  }),
  denialSpikes: ({ denialSpikes }, { thresholds: { denialThreshold, denialWindowMs } }) => ({
    title: "Denials in a row",
    head: ["from", "to", "denials", "tools", "mostly by"],
    rows: denialSpikes.map(({ first, last, count, byTool, reason }) => [
      ...[seconds(first), seconds(last), count.toLocaleString("en")],
      ...[byTool.map(({ tool, count: times }) => `${tool} ${times}`).join(", "), reason],
    ]),
    texts: [0, 1, 3, 4],
    empty: `Never ${denialThreshold} denials within ${denialWindowMs / 1_000} s.`,
  }),
  firstSeenTools: ({ firstSeenTools }, { lookbackDays }) => ({
    title: "Tools seen for the first time",
    head: ["tool", "calls", "first within 15 minutes of"],
    rows: firstSeenTools.map(({ tool, calls, firstQuarter }) => [tool, String(calls), minutes(firstQuarter)]),
    texts: [0, 2],
    empty: `Every tool was used in the ${lookbackDays} days before, too.`,
  }),
  installs: ({ installs }) => ({
    title: "Installs",
    head: ["", "when", "kind", "name", "version", "scan", "critical", "entry"],
    rows: installs.map(({ marked, at, kind, name, version, scan, critical, sequence }) => [
      ...[marked ? "!" : "", seconds(at), kind ?? "", name ?? "", version ?? "", scan ?? "", String(critical), numbered(sequence)],
    ]),
    texts: [0, 1, 2, 3, 4, 5, 7],
    empty: "Nothing was installed.",
  }),
  spendSpikes: ({ spendSpikes }, { thresholds: { spendFactor } }) => ({
    title: "Hours that cost more than usual",
    head: ["hour", "cost", "usual", "times"],
    rows: spendSpikes.map(({ from, costNanos, usualNanos, times }) => [
      minutes(from),
      shortUsd(Number(costNanos)),
      shortUsd(Number(usualNanos)),
      String(times),
    ]),
    texts: [0],
    empty: `No hour cost more than ${spendFactor} times a usual one.`,
  }),
  idleBurn: ({ idleBurn }) => ({
    title: "Spent for nobody",
    head: ["by", "from", "to", "calls", "cost", "entry"],
    rows: idleBurn.map(({ why, from, to, calls, costNanos, sequence }) => [
      ...[why, seconds(from), seconds(to), calls === null ? "" : String(calls), costNanos === null ? "" : shortUsd(Number(costNanos)), numbered(sequence)],
    ]),
    texts: [0, 1, 2, 5],
    empty: "No heartbeat spent money while nobody wrote, and no breaker found such spending.",
  }),
  loops: ({ loops }) => ({
    title: "Loops",
    head: ["when", "breaker", "tool", "agent", "counted", "cut off", "entry"],
    rows: loops.map(({ at, breaker, tool, agent, counted, threshold, unit, cutOff, sequence }) => [
      ...[seconds(at), breaker, tool ?? "", agent ?? "", `${counted} of ${threshold} ${unit}`, cutOff ? "yes" : "no", numbered(sequence)],
    ]),
    texts: [0, 1, 2, 3, 4, 5, 6],
    empty: "No breaker found a loop.",
  }),
}

export function anomalySections(anomalies: Anomalies, look: AnomalyLook): readonly SheetSection[] {
  const all = Object.values(sections).map((section) => section(anomalies, look))
  const [first, ...others] = all
  if (!first || !anomalies.truncated) return all
  return [{ ...first, remark: "There was more than is looked at here; not all is listed." }, ...others]
}

/** How many things were found. */
export function oddCount(anomalies: Anomalies): number {
  return (Object.keys(sections) as (keyof typeof sections)[]).reduce((sum, name) => sum + anomalies[name].length, 0)
}

function numbered(sequence: number | null): string {
  return sequence === null ? "" : `#${sequence}`
}

function minutes(iso: string): string {
  return iso.slice(0, 16).replace("T", " ")
}

function seconds(iso: string): string {
  return iso.slice(0, 19).replace("T", " ")
}
