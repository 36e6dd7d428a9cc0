/** Model calls, a line each, and a large prompt with its sizes. */
import { usd } from "../../base/money.ts"
import type { AuditedCall, LargePrompt } from "../../views/token-audit.ts"
import type { Terminal } from "../cli/terminal.ts"
import { plain } from "./words.ts"

const number = (value: number) => value.toLocaleString("en")

export function callLine({ timestamp, provider, model, usage, costNanos, agent, sessionId, runId }: AuditedCall, { colors }: Terminal): string {
  const { input, output, cacheRead, cacheWrite, total } = usage
  const cached = cacheRead + cacheWrite === 0 ? "" : ` cache ${number(cacheRead)} read ${number(cacheWrite)} written`
  const cost = costNanos === null ? "no price" : usd(BigInt(costNanos))
  const place = [agent, sessionId, runId]
    .filter((part) => part !== "")
    .map(plain)
    .join(" ")
  return `${colors.dim(timestamp)}  ${plain(provider || "unknown")}/${plain(model || "unknown")}  in ${number(input)}${cached} out ${number(output)} total ${number(total)}  ${cost}  ${colors.dim(place)}\n`
}

export function largePromptText(found: LargePrompt | null, { colors }: Terminal): string {
  if (!found) return "No prompt was larger than is warned of (setting largePromptChars).\n"
  const { timestamp, sequence, provider, model, sessionId, runId, lengths, historyMessages, threshold, systemPrompt, prompt, warnings } = found
  const lines = [
    `${colors.bold("Large prompt")}   ${number(lengths.total)} characters, more than ${number(threshold)}   ${timestamp}, entry #${sequence}; ${number(warnings)} on record`,
    `  ${plain(provider || "unknown")}/${plain(model || "unknown")}  ${plain(sessionId ?? "")} ${plain(runId)}`.trimEnd(),
    `  system prompt  ${number(lengths.system)}`,
    `  prompt         ${number(lengths.prompt)}`,
    `  history        ${number(lengths.history)}, of ${number(historyMessages)} messages`,
    ...textLines("The system prompt begins", systemPrompt),
    ...textLines("The prompt begins", prompt),
  ]
  return `${lines.join("\n")}\n`
}

function textLines(heading: string, text: unknown): readonly string[] {
  if (text === null) return ["", `${heading}: erased, or kept from you`]
  if (typeof text !== "string") return ["", `${heading}: kept as a hash alone (redactPromptText)`]
  return text === "" ? [] : ["", `${heading}:`, ...text.split("\n").map((line) => `  ${plain(line)}`)]
}
