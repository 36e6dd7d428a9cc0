/** Single calls to a model provider. They carry no usage (the transcript row does), and call numbers start again with every attempt of a run. */
import { countOf, stringOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { wholeMs } from "../measures.ts"
import { hookRow, pickCommon, type Reading } from "../reading.ts"
import { word } from "../references.ts"
import { runFacts } from "./run-kind.ts"

export const modelCallStarted = hookRow({
  hook: "model_call_started",
  pick: (event, ctx) => ({ ...pickCall(event, ctx), contextTokens: event["contextTokenBudget"] }),
  map: (reading) => {
    const call = reading.reference("call", reading.picked["call"])
    return [
      reading.event({
        type: "model.called",
        key: [call ?? reading.reference("run", reading.picked["run"])],
        facts: { ...modelFacts(reading), call, contextTokens: countOf(reading.picked["contextTokens"]) },
      }),
    ]
  },
})

export const modelCallEnded = hookRow({
  hook: "model_call_ended",
  pick: (event, ctx) => ({
    ...pickCall(event, ctx),
    outcome: event["outcome"],
    error: event["failureKind"] ?? event["errorCategory"],
    durationMs: event["durationMs"],
    firstByteMs: event["timeToFirstByteMs"],
    requestBytes: event["requestPayloadBytes"],
    responseBytes: event["responseStreamBytes"],
  }),
  map: (reading) => {
    const { picked } = reading
    const call = reading.reference("call", picked["call"])
    return [
      reading.event({
        type: "model.returned",
        key: [call ?? reading.reference("run", picked["run"])],
        facts: {
          ...modelFacts(reading),
          call,
          outcome: word(picked["outcome"]),
          error: word(picked["error"]),
          durationMs: wholeMs(picked["durationMs"]),
          firstByteMs: wholeMs(picked["firstByteMs"]),
          requestBytes: countOf(picked["requestBytes"]),
          responseBytes: countOf(picked["responseBytes"]),
        },
      }),
    ]
  },
})

function pickCall(event: Picked, ctx: Picked): Picked {
  // The hold is ours: whoever hands the call over has put it there.
  const held = { hold: event["hold"], holdAttempt: event["holdAttempt"] }
  return {
    ...pickCommon(event, ctx),
    ...held,
    call: event["callId"],
    trigger: ctx["trigger"],
    provider: event["provider"],
    model: event["model"],
    api: event["api"],
  }
}

function modelFacts(reading: Reading) {
  return {
    ...runFacts(reading),
    hold: holdOf(reading.picked["hold"]),
    provider: reading.name("provider", reading.picked["provider"]),
    model: reading.name("model", reading.picked["model"]),
    api: word(reading.picked["api"]),
    callNumber: numberOf(reading.picked["call"]),
  }
}

/** A hold's name as doors make them; anything else is somebody's text. */
function holdOf(value: unknown): string | undefined {
  const text = stringOf(value)
  return text !== undefined && /^model:[0-9a-f]{16}-\d{1,15}$/.test(text) ? text : undefined
}

/** The number in `<run>:model:<n>`: the reference of a call whose run names a session does not show it. */
function numberOf(call: unknown): number | undefined {
  const [, digits] = typeof call === "string" ? (/:model:(\d{1,9})$/.exec(call) ?? []) : []
  return digits === undefined ? undefined : Number(digits)
}
