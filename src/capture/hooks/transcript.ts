/**
 * Rows of the host's transcript, from its subscription rather than a hook: the one place that tells usage and cost of each model call, with or
 * without conversation access. Nothing but the usage is taken of a row; a row without usage picks nothing and makes no event.
 * The run stands in the update only on the last row of a run, in the message's own mark on all of them.
 */
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import { tokensOf, wholeMs } from "../measures.ts"
import type { CaptureMemory } from "../capture-memory.ts"
import type { Picked } from "../hook-row.ts"
import { hookRow } from "../reading.ts"
import { word } from "../references.ts"
import { rowName } from "../row-identity.ts"
import { placeOfKey } from "../session-key.ts"
import { usageCounts } from "../usage-shape.ts"
import { runFacts } from "./run-kind.ts"

export const transcript = hookRow({
  hook: "transcript",
  source: "transcript",
  pick: (update, ctx, memory) => {
    const message = objectOf(update["message"])
    const target = objectOf(update["target"])
    const session = update["sessionKey"] ?? target["sessionKey"]
    // Import tells it of each row; live it is known from the rows before.
    const turn = memory ? memory.turns.heard(session, message) : update["turn"]
    if (typeof message["usage"] !== "object" || message["usage"] === null) return {}
    return {
      run: objectOf(message["__openclaw"])["runId"] ?? update["runId"],
      agent: update["agentId"] ?? target["agentId"],
      session,
      turn,
      sessionId: update["sessionId"] ?? target["sessionId"],
      trigger: ctx["trigger"],
      parent: memory ? memory.parents.parentOf(session) : update["parent"],
      project: update["project"],
      message: update["messageId"],
      messageSeq: update["messageSeq"],
      role: message["role"],
      provider: message["provider"],
      model: message["model"],
      api: message["api"],
      stopReason: message["stopReason"],
      response: message["responseId"],
      timestamp: message["timestamp"],
      // Told by import, which must name a row without a time of its own as it does where it reads usage alone.
      ...(numberOf(message["timestamp"]) === undefined && { written: update["writtenMs"] }),
      usage: message["usage"],
      ...(isOurs(message, memory) && { ours: true }),
    }
  },
  map: (reading) => {
    const { picked } = reading
    if (picked["usage"] === undefined) return []
    const message = reading.reference("message", picked["message"])
    const response = reading.reference("response", picked["response"])
    const { job, ...keyed } = placeOfKey(stringOf(picked["session"]) ?? "")
    const { channel, chatType, sender } = keyed.channel === undefined ? objectOf(picked["turn"]) : keyed
    const begunMs = numberOf(picked["timestamp"])
    const pseudonym = (value: unknown) => (stringOf(value) === undefined ? undefined : reading.context.pseudonym(String(value)))
    return [
      reading.event({
        type: "usage.reported",
        key: [reading.reference("sessionId", picked["sessionId"]), message ?? response ?? numberOf(picked["timestamp"])],
        facts: {
          ...runFacts(reading),
          role: word(picked["role"]) ?? "unknown",
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          api: word(picked["api"]),
          stopReason: word(picked["stopReason"]),
          response,
          message,
          messageSeq: countOf(picked["messageSeq"]),
          reasoningTokens: countOf(objectOf(picked["usage"])["reasoningTokens"]),
          ...tokensOf(picked["usage"]),
          row: rowOf(picked),
          latencyMs: begunMs === undefined ? undefined : wholeMs(reading.call.atMs - begunMs),
          job: reading.reference("job", job),
          channel: reading.name("channel", channel),
          chatType: word(chatType),
          sender: pseudonym(sender),
          parent: pseudonym(picked["parent"]),
          project: reading.name("project", picked["project"]),
          ours: picked["ours"] === true ? true : undefined,
        },
        content: { sessionId: picked["sessionId"], usage: picked["usage"] },
      }),
    ]
  },
})

/** The same name as import gives the row: of what the row says, as it says it. */
function rowOf(picked: Picked): string {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 } = usageCounts(picked["usage"])
  const [provider, model, response] = [picked["provider"], picked["model"], picked["response"]].map((name) => stringOf(name) ?? "") as [string, string, string]
  const message = stringOf(picked["message"]) ?? stringOf(picked["sessionId"]) ?? ""
  const counts = { input, output, cacheRead, cacheWrite: Math.max(cacheWrite, cacheWrite1h) }
  return rowName({ message, atMs: numberOf(picked["timestamp"]) ?? numberOf(picked["written"]) ?? 0, provider, model, response, ...counts })
}

/** A provider may answer under any id, but one that counted tokens was asked. */
function isOurs(message: Readonly<Record<string, unknown>>, memory: CaptureMemory | undefined): boolean {
  return memory?.ownAnswers.has(message["responseId"]) === true && objectOf(message["usage"])["totalTokens"] === 0
}
