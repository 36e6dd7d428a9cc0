/** A session as a sheet, and its timeline as CSV. */
import { csvCell } from "../../views/export.ts"
import type { SessionReport, TimelineEntry } from "../../views/reports/session-report.ts"
import { shortCount, shortUsd } from "./bars.ts"
import { durationWords, timeWords } from "./report-words.ts"
import type { Sheet, SheetSection } from "./sheet.ts"
import { countWords } from "./words.ts"

export function sessionSheet(report: SessionReport): Sheet {
  const { session, start, end, durationMs, job, events, models, tools, outbound, integrity } = report
  const nanos = models.reduce((sum, { costNanos }) => sum + Number(costNanos), 0)
  return {
    kind: "Session report",
    heading: session,
    quiet:
      start === null
        ? ["nothing is on record of it"]
        : [`${timeWords(start)} to ${timeWords(end)} UTC`, durationWords(durationMs), ...(job === null ? [] : [`job ${job}`])],
    warning:
      integrity.failed > 0 ? `${countWords(integrity.failed, "entry", "entries")} of it do not lead to the signed root: sovereign-ledger verify` : undefined,
    totals: [
      ["events", events.total.toLocaleString("en")],
      ["model calls", `${models.reduce((sum, { calls }) => sum + calls, 0).toLocaleString("en")}, ${shortUsd(nanos)}`],
      ["tool calls", tools.reduce((sum, { calls }) => sum + calls, 0).toLocaleString("en")],
      ["messages", outbound.reduce((sum, { count }) => sum + count, 0).toLocaleString("en")],
    ],
    sections: [timelineSection(report), ...sumSections(report), proofSection(report)],
  }
}

function timelineSection({ timeline, events, settings }: SessionReport): SheetSection {
  return {
    title: "Timeline",
    head: ["time", "entry", "event", "what", "took", "cost", "words"],
    rows: timeline.map((entry) => [
      timeWords(entry.at),
      entriesOf(entry),
      entry.types.at(-1) ?? "",
      entry.description,
      entry.durationMs === undefined ? "" : durationWords(entry.durationMs),
      entry.costNanos === undefined ? "" : shortUsd(Number(entry.costNanos)),
      entry.preview ?? "",
    ]),
    texts: [0, 1, 2, 3, 6],
    empty: "Nothing is on record of this session. sovereign-ledger spend --by session names those there are.",
    remark: events.truncated
      ? `The last ${events.shown.toLocaleString("en")} of ${events.total.toLocaleString("en")} events${settings.limit === null ? ", which is the most there may be" : ""}.`
      : undefined,
  }
}

function sumSections({ tools, models, outbound }: SessionReport): readonly SheetSection[] {
  return [
    {
      title: "Tools",
      head: ["tool", "calls", "errors", "denied", "time"],
      rows: tools.map(({ tool, calls, errors, denied, timeMs }) => [tool, String(calls), String(errors), String(denied), durationWords(timeMs)]),
      empty: "No tool was called.",
    },
    {
      title: "Models",
      head: ["model", "calls", "tokens", "cost"],
      rows: models.map(({ model, calls, tokens, costNanos }) => [model, String(calls), shortCount(tokens), shortUsd(Number(costNanos))]),
      empty: "No model was called.",
    },
    {
      title: "Sent",
      head: ["channel", "recipient", "times", "when", "words"],
      rows: outbound.map(({ channel, recipient, count, sends, preview }) => [
        channel,
        recipient ?? "-",
        String(count),
        sends.map(({ at, success }) => `${timeWords(at)}${success ? "" : " (failed)"}`).join(", "),
        preview ?? "",
      ]),
      texts: [0, 1, 3, 4],
      empty: "No message left.",
    },
  ]
}

function proofSection({ integrity: { events, verified, failed, unavailable, size, root } }: SessionReport): SheetSection {
  return {
    title: "Integrity",
    head: ["what", "entries"],
    rows:
      events === 0
        ? []
        : [
            ["lead to the signed root", String(verified)],
            ["do not", String(failed)],
            ["not under a checkpoint yet", String(unavailable)],
          ],
    empty: "There is nothing to prove.",
    remark: root === null ? undefined : `Root ${root} of ${size} entries.`,
  }
}

function entriesOf({ sequences, count }: TimelineEntry): string {
  const [first] = sequences
  return count === 1 ? `#${first}` : `#${first} and ${count - 1} more`
}

const columns = [
  "at",
  "sequences",
  "count",
  "types",
  "category",
  "description",
  "run",
  "tool",
  "model",
  "durationMs",
  "costNanos",
  "outcome",
  "preview",
] as const satisfies readonly (keyof TimelineEntry)[]

export function sessionCsv({ timeline }: SessionReport): string {
  const cell = (entry: TimelineEntry, column: (typeof columns)[number]) => {
    const value = entry[column]
    return csvCell(Array.isArray(value) ? value.join(" ") : value)
  }
  return `${[columns.join(","), ...timeline.map((entry) => columns.map((column) => cell(entry, column)).join(","))].join("\r\n")}\r\n`
}
