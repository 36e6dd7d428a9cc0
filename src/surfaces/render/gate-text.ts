/** The outbound gate for people. */
import type { GateLogRow, GateStatus } from "../../views/gate.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

export function gateStatusText({ rule, arms, requests, day, uncovered }: GateStatus, { colors }: Terminal): string {
  const ruleLines = rule
    ? [
        `Outbound gate  ${rule.state === "on" ? colors.green(rule.words) : colors.yellow(rule.words)}`,
        `Channels       ${rule.channels.join(", ")}`,
        `Protected      ${countWords(rule.protected, "recipient")}; ${countWords(rule.allowed, "person", "people")} may ask`,
        `An arm         ${countWords(rule.maxUsesPerArm, "message")}, ${Math.round(rule.armTtlMs / 1_000)} s`,
        ...(rule.raised.length === 0 ? [] : [`Raised         ${rule.raised.join(", ")}: under the least, and raised to it`]),
      ]
    : ["Outbound gate  no gateway told of one; the setting gate names whom to protect (docs/guides/gate.md)"]
  const armed = arms.map(
    (arm) => `  ${plain(arm.recipient)}  ${countWords(arm.uses, "message")} until ${arm.expiresAt} (${arm.by === "operator" ? "an operator" : "asked for"})`,
  )
  const asked = requests.slice(0, 10).map((one) => `  ${plain(one.recipient)}  ${one.status}  ${one.at}`)
  const unknown = day.unknown === 0 ? "" : `; of ${countWords(day.unknown, "message")} that was let go nobody told what became of it`
  return [
    ...ruleLines,
    `Last day       ${day.asked} asked for, ${day.allowed} let through, ${day.refused} refused, ${day.missed} missed${unknown}`,
    ...section("Armed now", armed),
    ...section("Asked for, newest first", asked),
    ...section(
      "Not covered",
      uncovered.map((way) => `  ${way}`),
    ),
    "",
  ].join("\n")
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines]
}

export function gateLine({ sequence, at, what, recipient, why, usesLeft }: GateLogRow, { colors }: Terminal): string {
  const shown = what === "allowed" ? colors.green(what) : what === "refused" || what === "missed" ? colors.yellow(what) : what
  const more = [why, usesLeft === null ? null : `${countWords(usesLeft, "message")} left`].filter((one) => one !== null).join(", ")
  return `${colors.dim(`#${sequence}`.padStart(8))}  ${at.replace("T", " ").replace("Z", "")}  ${shown}  ${plain(recipient)}${more === "" ? "" : `  ${colors.dim(more)}`}\n`
}
