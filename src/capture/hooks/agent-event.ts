/**
 * The host's own events of a run, from its subscription rather than a hook: they come without permission to see conversations, and are what says whether a
 * run was retried, fell back to another model or was stopped. Streams that repeat what the hooks give whole (every piece of an answer, every tool call) are
 * counted by `stream-counts.ts` and make no event.
 */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { wholeMs } from "../measures.ts"
import { hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { runFacts } from "./run-kind.ts"

/** Streams whose events are recorded one by one; of `run_status` only the retries. */
export const recordedStreams: readonly string[] = ["lifecycle", "error", "approval", "compaction", "run_status"]

export const agentEvent = hookRow({
  hook: "agent-event",
  source: "agent-event",
  pick: (told, _ctx, memory) => {
    const event = memory === undefined ? told : memory.streams.take(told)
    if (event === undefined || !isRecorded(event)) return {}
    const data = objectOf(event["data"])
    const counted = objectOf(event["counted"])
    return {
      ...pickCommon(event, {}),
      stream: event["stream"],
      seq: event["seq"],
      ts: event["ts"],
      phase: data["phase"],
      status: data["status"],
      call: data["toolCallId"],
      attempt: data["attempt"] ?? data["fallbackStepChainPosition"],
      maxAttempts: data["maxAttempts"],
      aborted: data["aborted"],
      completed: data["completed"],
      stopReason: data["stopReason"],
      startedAtMs: data["startedAt"],
      endedAtMs: data["endedAt"],
      provider: data["provider"],
      model: data["model"] ?? data["fallbackStepToModel"],
      answerDeltas: counted["answerDeltas"],
      thinkingDeltas: counted["thinkingDeltas"],
      outputDeltas: counted["outputDeltas"],
      toolCalls: counted["toolCalls"],
      otherEvents: counted["otherEvents"],
      reason: data["reason"] ?? data["fallbackStepFromFailureReason"],
      error: data["error"],
      approval: data["approvalId"],
      title: data["title"],
      message: data["message"] ?? data["fallbackStepFromFailureDetail"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const stream = stringOf(picked["stream"])
    if (stream === undefined || !recordedStreams.includes(stream)) return []
    const error = stringOf(picked["error"])
    const reason = word(picked["reason"])
    return [
      reading.event({
        type: "run.progressed",
        key: [reading.reference("run", picked["run"]), countOf(picked["seq"]), countOf(picked["ts"]) ?? reading.call.atMs],
        facts: {
          ...runFacts(reading),
          stream,
          phase: word(picked["phase"]),
          status: word(picked["status"]),
          reason,
          call: reading.reference("call", picked["call"]),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          streamSeq: countOf(picked["seq"]),
          attempt: countOf(picked["attempt"]),
          maxAttempts: countOf(picked["maxAttempts"]),
          aborted: picked["aborted"] === true ? true : undefined,
          completed: typeof picked["completed"] === "boolean" ? picked["completed"] : undefined,
          stopReason: word(picked["stopReason"]),
          durationMs: between(picked["startedAtMs"], picked["endedAtMs"]),
          errorLength: error === undefined ? undefined : reading.length(error),
          answerDeltas: countOf(picked["answerDeltas"]),
          thinkingDeltas: countOf(picked["thinkingDeltas"]),
          outputDeltas: countOf(picked["outputDeltas"]),
          toolCalls: countOf(picked["toolCalls"]),
          otherEvents: countOf(picked["otherEvents"]),
        },
        content: {
          sessionId: picked["sessionId"],
          reason: reason === undefined ? picked["reason"] : undefined,
          error,
          approval: picked["approval"],
          title: picked["title"],
          message: picked["message"],
        },
      }),
    ]
  },
})

export function isRecorded(event: Picked): boolean {
  const stream = event["stream"]
  if (typeof stream !== "string" || !recordedStreams.includes(stream)) return false
  return stream !== "run_status" || objectOf(event["data"])["phase"] === "retrying"
}

function between(startedAtMs: unknown, endedAtMs: unknown): number | undefined {
  return typeof startedAtMs === "number" && typeof endedAtMs === "number" ? wholeMs(endedAtMs - startedAtMs) : undefined
}
