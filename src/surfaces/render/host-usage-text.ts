/** The host's own figure of usage beside the record: a line a day, and under each day that differs a line a reason. */
import { isNothing, tokensOf, type DayCompared, type Explained, type Figure, type HostComparison, type Reason } from "../../views/host-usage.ts"
import type { Terminal } from "../cli/terminal.ts"
import { shortUsd, tableLines } from "./bars.ts"
import { countWords, plain } from "./words.ts"

const words: { readonly [R in Reason]: string } = {
  branch: "on branches of conversations that were left again",
  archive: "in archives inside the store",
  copy: "only in copies the host does not read",
  compaction: "summaries of compactions, which no transcript has",
  gone: "no longer in the host's stores",
  agent: "of agents the host's configuration does not list",
  later: "after the host's figure was made",
  midnight: "begun before midnight, and over after it",
  twice: "counted again by the host, in a fork or a rewound conversation",
  unrecorded: "counted by the host, and not on record",
  unpriced: "without a price at the host",
  price: "at another price",
}

export type HostUsageHeading = { readonly timeZone: string; readonly agent: string | null; readonly hostState: string; readonly troubles: number }

export function hostUsageText(found: HostComparison, heading: HostUsageHeading, { colors }: Terminal): string {
  const { days, total, verdict } = found
  const shown = days.filter(({ calls, host, reasons }) => calls > 0 || reasons.length > 0 || !isNothing(host))
  const [first, last] = [days[0]?.day ?? "", days.at(-1)?.day ?? ""]
  const whose = heading.agent === null ? "all agents" : `agent ${plain(heading.agent)}`
  const title = `${colors.bold("Usage on record, and the host's own figure")}   ${first} to ${last} (${plain(heading.timeZone)}), ${whose}`
  const rows = shown.flatMap((day) => [dayRow(day.day, day), ...whyRows(day)])
  const all = shown.length > 1 ? [...rows, dayRow("total", total), ...whyRows(total)] : rows
  const column = (head: string, at: number, toRight: boolean) => ({ head, cells: all.map((row) => row[at] ?? ""), toRight })
  const [head = "", ...lines] = tableLines([
    column("", 0, false),
    column("calls", 1, true),
    column("tokens", 2, true),
    column("host", 3, true),
    column("differ by", 4, true),
    column("cost", 5, true),
    column("host", 6, true),
    column("differ by", 7, true),
  ])
  const isGood = verdict === "explained"
  const verdictLine = isGood ? colors.green("Every difference is explained.") : colors.red("Not every difference is explained.")
  return `${[title, "", ...(shown.length === 0 ? ["Neither has a call."] : [colors.dim(head), ...lines]), "", verdictLine, ...notes(found, heading, colors)].join("\n")}\n`
}

type Row = readonly string[]

function dayRow(name: string, { calls, record, host }: Omit<DayCompared, "day">): Row {
  const [ours, theirs] = [tokensOf(record), tokensOf(host)]
  const cost = [shortUsd(record.nanos), shortUsd(host.nanos), signedUsd(record.nanos - host.nanos)]
  return [name, count(calls), count(ours), count(theirs), signed(ours - theirs), ...cost]
}

function whyRows({ reasons, rest }: Pick<DayCompared, "reasons" | "rest">): readonly Row[] {
  const row = (name: string, calls: string, figure: Figure) => [`  ${name}`, calls, "", "", signed(tokensOf(figure)), "", "", signedUsd(figure.nanos)]
  const explained = reasons.map((one: Explained) => row(words[one.reason], count(one.calls), one))
  return isNothing(rest) ? explained : [...explained, row("unexplained", "", rest)]
}

function notes({ verdict, total, beyondClasses }: HostComparison, { hostState, troubles }: HostUsageHeading, colors: Terminal["colors"]): readonly string[] {
  const unrecorded = total.reasons.find(({ reason }) => reason === "unrecorded")?.calls ?? 0
  return [
    ...(unrecorded > 0 ? [colors.yellow(`${countWords(unrecorded, "call")} not on record: sovereign-ledger import records what the host has stored.`)] : []),
    ...(hostState === "fresh" ? [] : [colors.yellow(`The host was still adding up (${plain(hostState)}): ask it again in half a minute.`)]),
    ...(troubles > 0 ? [colors.yellow(`${countWords(troubles, "thing")} could not be read: sovereign-ledger import --dry-run names each.`)] : []),
    ...(beyondClasses === 0 ? [] : [`The host's total has ${signed(beyondClasses)} tokens beside its four classes, which are compared here.`]),
    ...(verdict === "explained" || hostState !== "fresh"
      ? []
      : ["What is unexplained the host counted, or left out, for a reason not known here; --json has it by class. Were its days meant in another zone: --tz."]),
  ]
}

function count(value: number): string {
  return value.toLocaleString("en")
}

function signed(value: number): string {
  return value === 0 ? "" : `${value > 0 ? "+" : "−"}${count(Math.abs(value))}`
}

function signedUsd(nanos: number): string {
  return nanos === 0 ? "" : `${nanos > 0 ? "+" : "−"}${shortUsd(Math.abs(nanos))}`
}
