/** One sentence on an entry, from its facts alone: what happened, without anything a person wrote. */
import type { JsonObject } from "../base/json.ts"
import { eventTypes, type EventType } from "./event.ts"
import { usd } from "../base/money.ts"

type Describe = (facts: JsonObject) => string

const text = (value: unknown, otherwise = "?"): string => (typeof value === "string" || typeof value === "number" ? String(value) : otherwise)
const model = (facts: JsonObject): string => `${text(facts["provider"])}/${text(facts["model"])}`
const took = (facts: JsonObject): string => (typeof facts["durationMs"] === "number" ? ` in ${facts["durationMs"]} ms` : "")
const tokens = (facts: JsonObject): string => {
  const parts = (["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"] as const).flatMap((name) =>
    typeof facts[name] === "number" && facts[name] > 0
      ? [`${facts[name]} ${name.replace("Tokens", "").replace("cacheRead", "cached").replace("cacheWrite", "cache-written")}`]
      : [],
  )
  const nanos = facts["reportedNanos"]
  const cost = typeof nanos === "string" && /^\d{1,30}$/.test(nanos) ? `, ${usd(BigInt(nanos))}` : ""
  return parts.length === 0 ? "no usage told" : `${parts.join(" + ")} tokens${cost}`
}

const sentences: Partial<Record<EventType, Describe>> = {
  "journal.opened": (facts) => `journal of format ${text(facts["format"])}, signed by ${text(facts["origin"])}`,
  "writer.started": (facts) => `writer ${text(facts["version"])} took the ledger${facts["clean"] === false ? " after one that did not stop cleanly" : ""}`,
  "writer.stopped": (facts) => `writer let go of the ledger: ${text(facts["reason"])}`,
  "config.loaded": (facts) => `${text(facts["guardedPatterns"])} guarded and ${text(facts["deniedPatterns"])} denied tool patterns`,
  "capture.gap": (facts) => `${text(facts["count"])} events not recorded: ${text(facts["reason"])}`,
  "capture.hook-unavailable": (facts) => `hook ${text(facts["hook"])} could not be registered`,
  "gateway.started": (facts) => `gateway up on port ${text(facts["port"])}`,
  "gateway.stopped": (facts) => `gateway stopping: ${text(facts["reason"])}`,
  "session.started": (facts) => (facts["resumed"] === true ? "session resumed" : "session began"),
  "session.ended": (facts) => `session ended: ${text(facts["reason"])}, ${text(facts["messageCount"], "0")} messages`,
  "run.started": (facts) => `run on ${model(facts)}, started by ${text(facts["trigger"])}, prompt of ${text(facts["promptLength"], "0")} characters`,
  "run.ended": (facts) => `run ${facts["success"] === true ? "succeeded" : "failed"}${took(facts)}`,
  "prompt.submitted": (facts) =>
    `prompt of ${text(facts["promptLength"], "0")} characters and ${text(facts["historyMessages"], "0")} earlier messages to ${model(facts)}`,
  "model.responded": (facts) => `${model(facts)} answered ${text(facts["answerLength"], "0")} characters; ${tokens(facts)}`,
  "model.called": (facts) => `request to ${model(facts)}`,
  "model.returned": (facts) => `${model(facts)} ${text(facts["outcome"], "returned")}${took(facts)}`,
  "usage.reported": (facts) => `${model(facts)}: ${tokens(facts)}`,
  "tool.invoked": (facts) =>
    `${text(facts["tool"])} asked for: ${facts["verdict"] === "deny" ? `denied by ${text(facts["rule"])}` : facts["guarded"] === true ? "recorded first, then allowed" : "allowed"}`,
  "tool.returned": (facts) =>
    `${text(facts["tool"])} ${facts["failed"] === true ? "failed" : "returned"} ${text(facts["resultBytes"], "0")} bytes${took(facts)}`,
  "tool.denied": (facts) => `${text(facts["tool"])} was refused (${text(facts["deniedBy"], "by the host")})`,
  "message.received": (facts) => `${text(facts["length"], "0")} characters came in on ${text(facts["channel"])}`,
  "message.offered": (facts) => `${text(facts["length"], "0")} characters about to leave on ${text(facts["channel"])}`,
  "message.sent": (facts) => `${text(facts["length"], "0")} characters ${facts["success"] === true ? "left" : "failed to leave"} on ${text(facts["channel"])}`,
  "subagent.spawned": (facts) => `subagent on ${model(facts)} for this run`,
  "subagent.ended": (facts) => `subagent ended: ${text(facts["outcome"])}`,
}

export const unknownEventWords = "an event of a newer version"

/** The sentence of a type never changes: every exported row carries it, and verifiers of every age compute it again (docs/spec/export.md). */
export function describe(type: string, facts: JsonObject): string {
  const sentence = sentences[type as EventType]
  if (sentence) return sentence(facts)
  return type in eventTypes ? eventTypes[type as EventType].words : unknownEventWords
}
