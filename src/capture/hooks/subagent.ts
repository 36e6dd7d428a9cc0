/** Delegated runs, as their parent's session sees them: the run of these hooks is the child's, and the scope is the parent's. */
import { objectOf, stringOf } from "../../base/json.ts"
import { wholeMs } from "../measures.ts"
import { hookRow } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"

export const subagentSpawned = hookRow({
  hook: "subagent_spawned",
  pick: (event, ctx, memory) => {
    const childSession = event["childSessionKey"] ?? ctx["childSessionKey"]
    memory?.parents.note(childSession, ctx["requesterSessionKey"])
    return {
      childRun: event["runId"] ?? ctx["runId"],
      agent: event["agentId"],
      session: ctx["requesterSessionKey"],
      mode: event["mode"],
      provider: event["resolvedProvider"],
      model: event["resolvedModel"],
      childSession,
      label: event["label"],
      requester: event["requester"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const childRun = reading.reference("childRun", picked["childRun"])
    return [
      reading.event({
        type: "subagent.spawned",
        key: [childRun ?? reading.call.atMs],
        facts: {
          childRun,
          mode: word(picked["mode"]),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", bareModel(picked["model"], picked["provider"])),
        },
        content: { childSession: picked["childSession"], label: picked["label"], requester: picked["requester"] },
      }),
    ]
  },
})

export const subagentEnded = hookRow({
  hook: "subagent_ended",
  pick: (event, ctx) => ({
    childRun: event["runId"] ?? ctx["runId"],
    // The host tells of a session that is reset as of an ended subagent that nobody asked for.
    session: ctx["requesterSessionKey"] ?? event["targetSessionKey"],
    targetKind: event["targetKind"],
    reason: event["reason"],
    outcome: event["outcome"],
    endedAtMs: event["endedAt"],
    childSession: event["targetSessionKey"] ?? ctx["childSessionKey"],
    account: event["accountId"],
    error: event["error"],
  }),
  map: (reading) => {
    const { picked } = reading
    const childRun = reading.reference("childRun", picked["childRun"])
    const reason = word(picked["reason"])
    return [
      reading.event({
        type: "subagent.ended",
        key: [childRun ?? reading.call.atMs],
        facts: {
          childRun,
          targetKind: word(picked["targetKind"]),
          reason,
          outcome: word(picked["outcome"]),
          endedAtMs: wholeMs(picked["endedAtMs"]),
        },
        content: {
          childSession: picked["childSession"],
          reason: reason === undefined ? picked["reason"] : undefined,
          account: picked["account"],
          error: picked["error"],
        },
      }),
    ]
  },
})

/** What channels show of a subagent at work; it says no more than the other two, and says it where they do not fire. */
export const subagentProgress = hookRow({
  hook: "subagent_progress",
  pick: (event, ctx, memory) => {
    const childSession = event["childSessionKey"] ?? ctx["childSessionKey"]
    memory?.parents.note(childSession, ctx["requesterSessionKey"])
    return {
      childRun: event["runId"] ?? ctx["runId"],
      session: ctx["requesterSessionKey"],
      phase: event["phase"],
      outcome: event["outcome"],
      channel: objectOf(event["requester"])["channel"],
      childSession,
      requester: event["requester"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const childRun = reading.reference("childRun", picked["childRun"])
    const phase = listed(picked["phase"], ["started", "ended"])
    return [
      reading.event({
        type: "subagent.progressed",
        key: [childRun ?? reading.call.atMs, phase],
        facts: {
          childRun,
          phase,
          outcome: listed(picked["outcome"], ["ok", "error", "timeout", "killed", "unknown"]),
          channel: reading.name("channel", picked["channel"]),
        },
        content: { childSession: picked["childSession"], requester: picked["requester"] },
      }),
    ]
  },
})

export const subagentDeliveryTarget = hookRow({
  hook: "subagent_delivery_target",
  pick: (event, ctx) => ({
    childRun: event["childRunId"] ?? ctx["runId"],
    session: event["requesterSessionKey"] ?? ctx["requesterSessionKey"],
    mode: event["spawnMode"],
    awaited: event["expectsCompletionMessage"],
    channel: objectOf(event["requesterOrigin"])["channel"],
    childSession: event["childSessionKey"] ?? ctx["childSessionKey"],
    origin: event["requesterOrigin"],
  }),
  map: (reading) => {
    const { picked } = reading
    const childRun = reading.reference("childRun", picked["childRun"])
    return [
      reading.event({
        type: "subagent.routed",
        key: [childRun ?? reading.call.atMs],
        facts: {
          childRun,
          mode: listed(picked["mode"], ["run", "session"]),
          channel: reading.name("channel", picked["channel"]),
          awaited: picked["awaited"] === true,
        },
        content: { childSession: picked["childSession"], requesterSession: picked["session"], origin: picked["origin"] },
      }),
    ]
  },
})

/** The host writes `mock/mock-1` here and `mock-1` everywhere else. */
function bareModel(model: unknown, provider: unknown): unknown {
  const prefix = `${stringOf(provider)}/`
  return typeof model === "string" && model.startsWith(prefix) ? model.slice(prefix.length) : model
}
