/** What our own code in the gateway found out and no hook tells: it is captured on the same way as a hook's call. */
import { objectOf, stringOf } from "../../base/json.ts"
import { tokensOf } from "../measures.ts"
import { hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"
import { jobOf, runFacts } from "./run-kind.ts"

/** `{hook, errorName, message}`: registering a hook threw. Once for each time that registration runs. */
export const hookUnavailable = hookRow({
  hook: "hook-unavailable",
  source: "own",
  pick: (event) => ({ unavailable: event["hook"], error: event["errorName"], message: event["message"] }),
  map: (reading) => {
    const { picked } = reading
    const unavailable = word(picked["unavailable"]) ?? "unknown"
    return [
      reading.event({
        type: "capture.hook-unavailable",
        key: [unavailable, reading.call.atMs],
        facts: { hook: unavailable, error: word(picked["error"]) },
        content: { message: picked["message"] },
      }),
    ]
  },
})

const disabledBy = ["entry disabled", "not in plugins.allow", "plugins disabled", "denied in plugins.deny", "uninstalled"]

/** `{reason, message}`: the plugin is switched off while the gateway runs on. */
export const guardDisabled = hookRow({
  hook: "guard-disabled",
  source: "own",
  pick: (event) => ({ reason: event["reason"], message: event["message"] }),
  map: (reading) => {
    const reason = listed(reading.picked["reason"], disabledBy)
    return [
      reading.event({
        type: "guard.disabled",
        key: [reading.call.atMs],
        facts: { reason: reason ?? "unknown" },
        content: { reason: reason === undefined ? stringOf(reading.picked["reason"]) : undefined, message: reading.picked["message"] },
      }),
    ]
  },
})

/** `{run, session, sessionId, provider, model, call, why, stopped, hold, holdAttempt}`: a model call that had no hold, or one that stands still, was stopped. */
export const callStopped = hookRow({
  hook: "call-stopped",
  source: "own",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    provider: event["provider"],
    model: event["model"],
    call: event["callId"],
    why: event["why"],
    stopped: event["stopped"],
    hold: event["hold"],
    holdAttempt: event["holdAttempt"],
  }),
  map: (reading) => {
    const { picked } = reading
    const call = reading.reference("call", picked["call"])
    return [
      reading.event({
        type: "call.stopped",
        key: [call ?? reading.reference("run", picked["run"]), reading.call.atMs],
        facts: {
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          call,
          why: listed(picked["why"], stoppedFor) ?? "unknown",
          stopped: picked["stopped"] === true,
        },
      }),
    ]
  },
})

/** `{run, session, sessionId, provider, model, call, message}`: what a model call came to that the host tells of nowhere, from its stream. */
export const callTold = hookRow({
  hook: "call-told",
  source: "own",
  pick: (event, ctx) => {
    const message = objectOf(event["message"])
    return {
      ...pickCommon(event, ctx),
      provider: event["provider"],
      model: event["model"],
      call: event["callId"],
      api: message["api"],
      stopReason: message["stopReason"],
      response: message["responseId"],
      usage: message["usage"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const call = reading.reference("call", picked["call"])
    return [
      reading.event({
        type: "usage.reported",
        key: [reading.reference("run", picked["run"]), call, reading.call.atMs],
        facts: {
          ...runFacts(reading),
          role: "assistant",
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          api: word(picked["api"]),
          stopReason: word(picked["stopReason"]),
          response: reading.reference("response", picked["response"]),
          ...tokensOf(picked["usage"]),
        },
      }),
    ]
  },
})

const stoppedFor = ["refused", "frozen", "no permit"]

/** What a gateway asks before the next model call of a run. It is a question, not an event: what comes of it is on record. */
export const callWanted = hookRow({
  hook: "call-wanted",
  source: "own",
  pick: (event, ctx, memory) => ({
    ...pickCommon(event, ctx),
    job: jobOf(ctx),
    payer: memory?.parents.payerOf(ctx["sessionKey"]),
    provider: event["provider"],
    model: event["model"],
    channel: event["channel"],
    knownBytes: event["knownBytes"],
    compaction: event["compaction"],
    whole: event["whole"],
    maxTokens: event["maxTokens"],
    instead: event["instead"],
    insteadAttempt: event["insteadAttempt"],
  }),
  map: () => [],
})

/** `{extension, decision}`: what the host was answered when it asked for more, for a tool that waits. What comes of it is on record. */
export const extensionAnswered = hookRow({
  hook: "extension-answered",
  source: "own",
  pick: (event) => ({ extension: event["extension"], decision: event["decision"] }),
  map: () => [],
})

/**
 * What delegation asks or tells besides what a hook's own row has: `tells` says what. It is a question, not an event: what comes of it is on record, as is what the hook
 * told.
 */
export const orchestration = hookRow({
  hook: "orchestration",
  source: "own",
  pick: (event, ctx) => ({
    tells: event["tells"],
    ...pickCommon(event, ctx),
    ...Object.fromEntries(["tool", "call", "child", "outcome", "reason", "retry", "success", "error", "params", "result"].map((name) => [name, event[name]])),
  }),
  map: () => [],
})

/** `{alert, attempt, took, why, final}`: what came of an alert that the writer had said in a chat. What it means is on record. */
export const alertTold = hookRow({
  hook: "alert-told",
  source: "own",
  pick: (event) => ({ alert: event["alert"], attempt: event["attempt"], took: event["took"], why: event["why"], final: event["final"] }),
  map: () => [],
})

const signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGBREAK"]

/** `{signal, port}`: the process was told to stop. The hook that would say so may never fire: a run in its retries holds it up for minutes. */
export const gatewaySignal = hookRow({
  hook: "gateway-signal",
  source: "own",
  pick: (event) => ({ port: event["port"], signal: event["signal"] }),
  map: (reading) => {
    const signal = listed(reading.picked["signal"], signals)
    return [reading.event({ type: "gateway.stopped", key: [signal, reading.call.atMs], facts: { reason: signal ?? "unknown" } })]
  },
})
