/** A bill beside the record on one screen: the verdict, what differs and why, what agrees as a count, and what can be done. */
import { usd } from "../../base/money.ts"
import type { BillReport, BillRow, BillState } from "../../views/reconcile-bill.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const mostShown = 60

const stateWords: { readonly [S in BillState]: string } = {
  agrees: "agrees",
  rounding: "agrees but for rounding",
  edge: "over midnight",
  differs: "differs",
  "tokens-differ": "other tokens",
  "not-billed": "not on the bill",
  "not-recorded": "not on record",
  "other-currency": "not compared",
}

const quiet: ReadonlySet<BillState> = new Set(["agrees", "rounding"])

export function billText(report: BillReport, { colors }: Terminal): string {
  const { verdict, format, providers, from, to, rows, totals, duplicates, problems, notes, corrections } = report
  const paint = verdict === "agrees" ? colors.green : verdict === "differs" ? colors.red : colors.yellow
  const loud = rows.filter(({ state }) => !quiet.has(state))
  const agreeing = rows.length - loud.length
  const lines = [
    `${colors.bold("Bill")}   ${paint(colors.bold(verdict.toUpperCase()))}   ${format} of ${providers.join(", ")}, ${shortDay(from)} up to ${shortDay(to)}`,
    `  billed ${usd(BigInt(totals.billedNanos))}, here ${usd(BigInt(totals.oursNanos))}, difference of what can be compared ${usd(BigInt(totals.differenceNanos))}`,
    `  ${countWords(agreeing, "line")} of ${rows.length.toLocaleString("en")} by time and model agree${rows.some(({ state }) => state === "rounding") ? ", some but for rounding" : ""}.`,
    ...(loud.length === 0 ? [] : ["", ...loud.slice(0, mostShown).flatMap(rowLines)]),
    ...(loud.length > mostShown ? [`  and ${(loud.length - mostShown).toLocaleString("en")} more; --json lists them`] : []),
    ...(duplicates.length === 0
      ? []
      : [
          "",
          `  ${countWords(duplicates.length, "line")} of the file stand there twice and were counted once: ${duplicates
            .slice(0, 8)
            .map(({ line, of }) => `line ${line} as ${of}`)
            .join(", ")}${duplicates.length > 8 ? ", ..." : ""}`,
        ]),
    ...problems.slice(0, 8).map(({ line, problem }) => `  line ${line} was not read: ${plain(problem)}`),
    ...(problems.length > 8 ? [`  and ${countWords(problems.length - 8, "line")} more`] : []),
    ...notes.map((note) => `  ${note}`),
    ...(corrections.length === 0
      ? []
      : ["", `${countWords(corrections.length, "correction")} would make the ledger agree where it differs: the same command with --post.`]),
  ]
  return `${lines.join("\n")}\n`
}

function rowLines(row: BillRow): readonly string[] {
  const { model, state, why, billedNanos, oursNanos, differenceNanos, duplicates, calls } = row
  const amounts =
    billedNanos === null
      ? `here ${usd(BigInt(oursNanos))}`
      : `billed ${usd(BigInt(billedNanos))}, here ${usd(BigInt(oursNanos))}, difference ${usd(BigInt(differenceNanos ?? "0"))}`
  const counted =
    calls.billed === null ? countWords(calls.recorded, "call") : `${countWords(calls.billed, "call")} there, ${calls.recorded.toLocaleString("en")} here`
  const twice = duplicates > 0 ? "; it has lines twice, and is not corrected" : ""
  return [`  ${shortDay(row.from)}  ${plain(model ?? "all models")}: ${stateWords[state]}. ${amounts}; ${counted}`, `      ${plain(why)}${twice}`]
}

function shortDay(iso: string | null): string {
  return iso === null ? "-" : iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso.replace(":00.000Z", "Z")
}
