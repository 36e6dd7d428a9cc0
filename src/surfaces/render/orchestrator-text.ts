/** Delegation for people. */
import { usd } from "../../base/money.ts"
import type { OrchestratorLogRow, OrchestratorRuleView, OrchestratorStatus } from "../../views/orchestrator.ts"
import type { Look } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const longestTask = 60

export function orchestratorStatusText({ rule, bindings, workers, day }: OrchestratorStatus, { colors }: Look): string {
  const bound = bindings.flatMap(({ session, orchestrator, usedAt, account, workers: count, costNanos, totalNanos }) => [
    `  ${plain(session)}`,
    `    ${plain(orchestrator)}  ${countWords(count, "worker")}; last heard of ${usedAt}`,
    `    ${usd(BigInt(costNanos))}, with its workers ${usd(BigInt(totalNanos))}, from ${plain(account)}`,
  ])
  const listed = workers.map(({ session, status, label, task, costNanos }) => {
    const words = [label ?? "no-label", task === null ? undefined : taskWords(task)].filter((one) => one !== undefined).join(": ")
    return `  ${(status === "ok" ? colors.green : status === "running" ? plainText : colors.yellow)(status.padEnd(8))} ${plain(session)}  ${usd(BigInt(costNanos))}  ${plain(words)}`
  })
  const untold = day.untold === 0 ? "" : `; of ${countWords(day.untold, "retry", "retries")} nobody said whether it was sent`
  return [
    ...ruleLines(rule, colors),
    `Last day       ${day.bound} bound, ${countWords(day.joined, "worker")}, ${day.refused} refused, ${day.passed} let go on, ${day.retried} given out again, ${day.exhausted} given up${untold}`,
    ...section("Bound now", bound),
    ...section("Workers, the one that changed last first", listed),
    "",
  ].join("\n")
}

function ruleLines(rule: OrchestratorRuleView | null, colors: Look["colors"]): readonly string[] {
  if (!rule?.enabled) return [`Delegation     ${colors.yellow("off")}: the setting orchestrator switches it on (docs/guides/orchestrator.md)`]
  const own = [rule.ownPrompt ? "prompt" : undefined, rule.ownContract ? "contract" : undefined].filter((one) => one !== undefined)
  return [
    `Delegation     ${colors.green("on")}: front sessions ${rule.enforceMainDelegation ? "do no work themselves" : "may work themselves"}${rule.injectOrchestratorPrompt ? "" : ", and are not told how to hand it on"}`,
    `Retries        ${rule.autoRetryFailedSubagents ? `up to ${rule.maxRetriesPerTask} a task, after ${rule.retryOutcomes.join(", ")}` : "none"}`,
    ...(own.length === 0 ? [] : [`Own texts      ${own.join(", ")}`]),
    ...(rule.frontSessions.length === 0 ? [] : [`Front, too     ${rule.frontSessions.map(plain).join(", ")}`]),
    ...rule.warnings.map((warning) => `Note           ${colors.yellow(plain(warning))}`),
  ]
}

function plainText(text: string): string {
  return text
}

function taskWords(task: string): string {
  const line = task.replace(/\s+/g, " ").trim()
  return line.length <= longestTask ? line : `${line.slice(0, longestTask - 1)}…`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines]
}

const worth: ReadonlySet<string> = new Set(["refused", "passed", "failed", "retried", "exhausted", "unbound"])

export function orchestratorLine({ sequence, at, what, session, child, tool, why, attempt }: OrchestratorLogRow, { colors }: Look): string {
  const more = [tool, why, attempt === null ? null : `attempt ${attempt}`].filter((one) => one !== null).join(", ")
  const shown = worth.has(what) ? colors.yellow(what) : what
  const whose = child === null ? plain(session) : `${plain(session)} > ${plain(child)}`
  return `${colors.dim(`#${sequence}`.padStart(8))}  ${at.replace("T", " ").replace("Z", "")}  ${shown}  ${whose}${more === "" ? "" : `  ${colors.dim(more)}`}\n`
}
