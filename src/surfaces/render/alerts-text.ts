/** Alerts for people. */
import type { AlertLogRow, AlertStatus, ReceiverStatus } from "../../views/alert-log.ts"
import type { Look } from "../cli/terminal.ts"
import { agoWords, countWords, plain } from "./words.ts"

export function alertStatusText(status: AlertStatus, terminal: Look, nowMs: number): string {
  const { colors } = terminal
  const { state, receivers, quietHours, repeatMinutes, mostAnHour, mute, held, day } = status
  const nobody = "off: no gateway names anybody; the setting alerts does (docs/guides/alerts.md)"
  const told = day.suppressed === 0 ? "" : `; ${countWords(day.suppressed, "more of the same was", "more of the same were")} counted and not told`
  return [
    `Alerts         ${state === "on" ? colors.green(`on, ${countWords(receivers.length, "receiver")}`) : colors.yellow(nobody)}`,
    ...(quietHours
      ? [`Quiet hours    ${String(quietHours["from"])} to ${String(quietHours["to"])}, ${String(quietHours["zone"])}; what is critical is told all the same`]
      : []),
    ...(repeatMinutes === null ? [] : [`The same       once in ${countWords(repeatMinutes, "minute")}; at most ${mostAnHour ?? 0} an hour`]),
    ...(mute.length === 0 ? [] : [`Never told     ${mute.map(plain).join(", ")}`]),
    ...(held === 0 ? [] : [`Held back      ${countWords(held, "event")}, to be told together`]),
    `Last day       ${day.raised} raised, ${day.held} held, ${day.delivered} delivered, ${day.failed} failed attempts, ${day.givenUp} given up${told}`,
    ...receivers.flatMap((one) => receiverLines(one, terminal, nowMs)),
    "",
  ].join("\n")
}

function receiverLines(one: ReceiverStatus, { colors }: Look, nowMs: number): readonly string[] {
  const where = one.chat ?? one.host ?? "a reference that was not resolved"
  const last = one.lastDeliveredAt === null ? "nothing delivered yet" : `last delivered ${agoWords(one.lastDeliveredAt, nowMs)}`
  const waits = one.pending === 0 ? "" : colors.yellow(`, ${one.pending} on the way`)
  const next = one.nextAt === null ? "" : `, next attempt ${one.nextAt}`
  return [
    "",
    `${plain(one.name)}  ${one.kind}${one.signed ? ", signed" : ""}, ${one.reports ? "of days and weeks" : `from ${one.minSeverity} on`}: ${plain(where)}`,
    `  ${last}${waits}${next}`,
    ...(one.lastProblem === null ? [] : [`  last problem ${agoWords(one.lastProblem.at, nowMs)}: ${plain(one.lastProblem.why)}`]),
  ]
}

export function alertLine({ sequence, at, what, severity, description }: AlertLogRow, { colors }: Look): string {
  const isBad = what === "given-up" || severity === "critical"
  const shown = isBad ? colors.red(what) : what === "failed" || severity === "warning" ? colors.yellow(what) : what
  return `${colors.dim(`#${sequence}`.padStart(8))}  ${at.replace("T", " ").replace("Z", "")}  ${shown}  ${plain(description)}\n`
}
