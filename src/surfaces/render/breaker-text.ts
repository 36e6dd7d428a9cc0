/** Breakers in words: what each has cut off or told of, and the thresholds in force. */
import { usd } from "../../base/money.ts"
import type { BreakerRule } from "../../format/facts/ledger.ts"
import type { BreakersReport } from "../../views/breakers.ts"
import type { Look } from "../cli/terminal.ts"
import { plain } from "./words.ts"

const modes: { readonly [M in BreakerRule["mode"]]: string } = {
  auto: "they cut while a budget blocks, and only tell otherwise",
  warn: "they only tell",
  block: "they cut",
  off: "they are off",
}

export function breakersText({ rule, cuts }: BreakersReport, { colors }: Look): string {
  const lines = cuts.flatMap(({ cut, mode, words, at, until }) => [
    `${mode === "block" ? colors.red("cut off") : colors.yellow("told of")}  ${plain(cut)}  ${colors.dim(`${at}${until === null ? "" : `, until ${until}`}`)}`,
    `  ${plain(words)}`,
  ])
  const thresholds = [
    `${amount(rule.identicalCalls)} identical or ${amount(rule.similarCalls)} similar calls in a row of a run`,
    `${either(rule.silentNanos, rule.silentCalls)} of a session without a message anybody could see`,
    `${either(rule.unattendedNanos, rule.unattendedCalls)} of a heartbeat or job in a day (${rule.zone}) without telling anybody anything`,
  ]
  const empty = cuts.length === 0 ? ["Nothing is cut off."] : []
  return `${[...lines, ...empty, "", `Breakers trip at these (${modes[rule.mode]}):`, ...thresholds.map((one) => `  ${one}`)].join("\n")}\n`
}

function amount(calls: number): string {
  return calls === 0 ? "never by" : String(calls)
}

function either(nanos: string, calls: number): string {
  const parts = [...(nanos === "0" ? [] : [usd(BigInt(nanos))]), ...(calls === 0 ? [] : [`${calls} model calls`])]
  return parts.length === 0 ? "never by what is spent" : parts.join(" or ")
}
