/** The outbound gate for people. */
import type { GateRuleView } from "../../policy/outbound/rule-view.ts"
import type { GateLogRow, GateStatus } from "../../views/gate.ts"
import type { Look } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

export function gateStatusText({ rule, gateways, arms, requests, day, unknown, uncovered }: GateStatus, { colors }: Look): string {
  const armed = arms.map(
    (arm) => `  ${plain(arm.recipient)}  ${countWords(arm.uses, "message")} until ${arm.expiresAt} (${arm.by === "operator" ? "an operator" : "asked for"})`,
  )
  const asked = requests.slice(0, 10).map((one) => `  ${plain(one.recipient)}  ${one.status}  ${one.at}`)
  const untold = day.unknown === 0 ? "" : `; of ${countWords(day.unknown, "message")} nobody told what became of ${day.unknown === 1 ? "it" : "them"}`
  const sent = unknown.slice(0, 10).map((one) => `  ${plain(one.recipient)}  ${one.at}${one.request === null ? "" : `  ${plain(one.request)}`}`)
  return [
    ...rulesText(rule, gateways, colors),
    `Last day       ${day.asked} asked for, ${day.allowed} let through, ${day.refused} refused, ${day.missed} missed${untold}`,
    ...section("Armed now", armed),
    ...section("Asked for, newest first", asked),
    ...section("Let go, and nobody told what became of it", sent.length === 0 ? [] : [...sent, ...untoldWords(unknown[0]?.recipient ?? "")]),
    ...section(
      "Not covered",
      uncovered.map((way) => `  ${way}`),
    ),
    "",
  ].join("\n")
}

/** One gate, or each gateway's where they differ. */
function rulesText(rule: GateRuleView | null, gateways: GateStatus["gateways"], colors: Look["colors"]): readonly string[] {
  const differ = new Set(gateways?.map((gateway) => JSON.stringify(gateway.rule))).size > 1
  if (differ)
    return (gateways ?? []).flatMap((gateway) => [
      `Gateway        ${gateway.pid === null ? "that did not say which" : `process ${gateway.pid}`}`,
      ...ruleText(gateway.rule, colors),
    ])
  const isTold = gateways === null || gateways.length === 0
  const whose = gateways === null ? "as a gateway told it last; no writer runs to ask" : "as a gateway told it last; none is connected"
  return [...ruleText(rule, colors), ...(isTold && rule ? [`               ${whose}`] : [])]
}

function ruleText(rule: GateRuleView | null, colors: Look["colors"]): readonly string[] {
  if (!rule) return ["Outbound gate  no gateway told of one; the setting gate names whom to protect (docs/guides/gate.md)"]
  const head = `Outbound gate  ${rule.state === "on" ? colors.green(rule.words) : colors.yellow(plain(rule.words))}`
  if (rule.state === "closed") return [head]
  return [
    head,
    `Channels       ${rule.channels.map(plain).join(", ")}`,
    `Protected      ${countWords(rule.protected, "recipient")}; ${countWords(rule.allowed, "person", "people")} may ask`,
    `An arm         ${countWords(rule.maxUsesPerArm, "message")}, ${Math.round(rule.armTtlMs / 1_000)} s`,
    ...(rule.strips.length === 0 ? [] : [`Taken out      ${rule.strips.join(", ")}`]),
    ...(rule.raised.length === 0 ? [] : [`Raised         ${rule.raised.join(", ")}: under the least, and raised to it`]),
  ]
}

function untoldWords(recipient: string): readonly string[] {
  return [
    "  The chat shows whether it arrived. Its use is spent either way; to let the answer be sent again:",
    `  sovereign-ledger gate arm ${plain(recipient)} --uses 1 --reason "it did not arrive"`,
  ]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines]
}

export function gateLine({ sequence, at, what, recipient, why, usesLeft, request, outcome }: GateLogRow, { colors }: Look): string {
  const shown = what === "allowed" ? colors.green(what) : what === "refused" || what === "missed" ? colors.yellow(what) : what
  const left = usesLeft === null ? null : `${countWords(usesLeft, "message")} left`
  const became = outcome === "unknown" ? `nobody told what became of it${request === null ? "" : `, for ${plain(request)}`}` : outcome
  const more = [why, left, became].filter((one) => one !== null).join(", ")
  return `${colors.dim(`#${sequence}`.padStart(8))}  ${at.replace("T", " ").replace("Z", "")}  ${shown}  ${plain(recipient)}${more === "" ? "" : `  ${colors.dim(more)}`}\n`
}
