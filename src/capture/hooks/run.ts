/** Runs: the door before one begins, and the end of each attempt (a run that is retried or revised ends several times). */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { CaptureMemory } from "../capture-memory.ts"
import type { Picked } from "../hook-row.ts"
import { wholeMs } from "../measures.ts"
import { countItems, hookRow, lastItem, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { jobOf, runFacts } from "./run-kind.ts"

export const beforeAgentRun = hookRow({
  hook: "before_agent_run",
  gated: true,
  pick: (event, ctx, memory) => ({
    ...pickCommon(event, ctx),
    job: jobOf(ctx),
    payer: memory?.parents.payerOf(ctx["sessionKey"]),
    provider: ctx["modelProviderId"],
    model: ctx["modelId"],
    trigger: ctx["trigger"],
    channel: ctx["channel"] ?? event["channelId"], // of a channel with chats the event names the chat
    chat: ctx["chatId"],
    owner: event["senderIsOwner"],
    history: countItems(event["messages"]),
    origin: ctx["inputProvenance"],
    // Ours, where the door asks for the first model call: how much is known to be sent, and which hold it takes the place of.
    knownBytes: event["knownBytes"],
    instead: event["instead"],
    insteadAttempt: event["insteadAttempt"],
    prompt: event["prompt"],
  }),
  map: (reading) => {
    const { picked } = reading
    return [
      reading.event({
        type: "run.started",
        key: [reading.reference("run", picked["run"])],
        facts: {
          ...runFacts(reading),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          trigger: word(picked["trigger"]),
          job: reading.reference("job", picked["job"]),
          promptLength: reading.length(picked["prompt"]),
          historyMessages: countOf(picked["history"]) ?? 0,
          owner: picked["owner"] === true ? true : undefined,
        },
        content: { sessionId: picked["sessionId"], channel: picked["channel"], chat: picked["chat"], origin: picked["origin"], prompt: picked["prompt"] },
      }),
    ]
  },
})

export const agentEnd = hookRow({
  hook: "agent_end",
  gated: true,
  pick: (event, ctx, memory) => {
    const picked = {
      ...pickCommon(event, ctx),
      job: jobOf(ctx),
      provider: ctx["modelProviderId"],
      model: ctx["modelId"],
      trigger: ctx["trigger"],
      success: event["success"],
      durationMs: event["durationMs"],
      messages: countItems(event["messages"]),
      error: event["error"] ?? failureOf(lastItem(event["messages"])),
    }
    // Last: once it was asked, the new part counts as told.
    return { ...picked, ...newPart(event, ctx, memory) }
  },
  map: (reading) => {
    const { picked } = reading
    const error = stringOf(picked["error"])
    return [
      reading.event({
        type: "run.ended",
        key: [reading.reference("run", picked["run"])],
        facts: {
          ...runFacts(reading),
          success: picked["success"] === true && error === undefined,
          // The host tells an error for every failure but this one.
          aborted: picked["success"] === false && error === undefined ? true : undefined,
          durationMs: wholeMs(picked["durationMs"]),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          trigger: word(picked["trigger"]),
          job: reading.reference("job", picked["job"]),
          messageCount: countOf(picked["messages"]) ?? 0,
          newMessages: countOf(picked["newMessages"]),
          historyLength: countOf(picked["historyLength"]),
          historyRestarted: picked["historyRestarted"] === true ? true : undefined,
          errorLength: error === undefined ? undefined : reading.length(error),
        },
        // The digest is unsalted: it would confirm a guess, and goes with the content.
        content: { sessionId: picked["sessionId"], error, messages: picked["said"], historySha256: picked["historySha256"] },
      }),
    ]
  },
})

/** The messages of a session that no run before this one ended with. Without a session there is nothing to remember them by. */
function newPart(event: Picked, ctx: Picked, memory: CaptureMemory | undefined): Picked {
  const session = ctx["sessionKey"] ?? event["sessionKey"] ?? ctx["sessionId"]
  const all: unknown = event["messages"]
  if (memory === undefined || typeof session !== "string" || !Array.isArray(all)) return {}
  const { messages, count, length, sha256, restarted } = memory.histories.tell(session, all)
  return { newMessages: count, historyLength: length, historyRestarted: restarted, historySha256: sha256, said: messages }
}

/** The host calls an attempt a success also when its model call failed: that stands only in the row it put in the answer's place. */
function failureOf(message: unknown): unknown {
  const { stopReason, errorMessage } = objectOf(message)
  return stopReason === "error" ? (stringOf(errorMessage) ?? stopReason) : undefined
}
