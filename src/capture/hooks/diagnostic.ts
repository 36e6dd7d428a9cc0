/**
 * The host's diagnostics, from its subscription rather than a hook: mapped by the kind the host gives each of them. Recorded is what no hook tells; what
 * repeats a hook, and samples of the process and its queues, pick nothing and make no event. A kind of a newer host is recorded whole.
 *
 * Plugins get the host's untrusted diagnostics only: of models and tools nothing comes this way today.
 */
import { countOf, stringOf } from "../../base/json.ts"
import { wholeMs } from "../measures.ts"
import { hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"

/** What no hook tells. */
const told = [
  "security.event",
  "model.failover",
  "webhook.error",
  "message.processed",
  "message.delivery.completed",
  "message.delivery.error",
  "talk.event",
  "session.long_running",
  "session.stalled",
  "session.stuck",
  "session.recovery.requested",
  "session.recovery.completed",
  "run.attempt",
  "tool.loop",
  "skill.used",
  "exec.process.completed",
  "exec.approval.followup_suppressed",
  "harness.run.error",
  "payload.large",
  "telemetry.exporter",
  "diagnostic.async_queue.dropped",
  "diagnostic.liveness.warning",
  "diagnostic.memory.pressure",
]

/** What a hook or the run's own events tell too. */
const repeated = [
  "model.usage",
  "model.call.started",
  "model.call.completed",
  "model.call.error",
  "context.assembled",
  "run.started",
  "run.completed",
  "run.progress",
  "run.execution_phase",
  "harness.run.started",
  "harness.run.completed",
  "tool.execution.started",
  "tool.execution.completed",
  "tool.execution.error",
  "tool.execution.blocked",
  "session.turn.created",
  "session.state",
  "message.queued",
  "message.received",
  "message.dispatch.started",
  "message.dispatch.completed",
  "message.delivery.started",
  "webhook.received",
  "webhook.processed",
]

/** How the process and its queues are, many times a minute or a turn. */
const sampled = [
  "diagnostic.heartbeat",
  "diagnostic.gc",
  "diagnostic.memory.sample",
  "diagnostic.phase.completed",
  "diagnostic.child_process.spawn",
  "gateway.event_loop.sample",
  "gateway.rpc",
  "queue.lane.enqueue",
  "queue.lane.dequeue",
  "log.record",
]

export const diagnosticKinds = { told, repeated, sampled } as const

const known = new Set(told)
const leftOut = new Set([...repeated, ...sampled])
/** Kept whole, because what matters in them is more than facts can hold. */
const whole = new Set(["security.event", "model.failover"])
/** Of a voice conversation the beginnings and ends; the rest is sound, a piece at a time. */
const talk = /^(?:session|turn)\.|\.error$|^tool\.call$/

export const diagnostic = hookRow({
  hook: "diagnostic",
  source: "diagnostic",
  pick: (event) => {
    const kind = stringOf(event["type"])
    if (kind === undefined || leftOut.has(kind)) return {}
    if (kind === "talk.event" && !talk.test(stringOf(event["talkEventType"]) ?? "")) return {}
    return {
      ...pickCommon(event, {}),
      kind,
      seq: event["seq"],
      ts: event["ts"],
      phase: event["phase"] ?? event["talkEventType"],
      outcome: event["outcome"],
      status: event["status"] ?? event["exitSignal"] ?? event["classification"],
      level: event["level"] ?? event["severity"],
      action: event["action"],
      error: event["errorCategory"] ?? event["failureKind"],
      channel: event["channel"],
      provider: event["provider"] ?? event["toProvider"],
      model: event["model"] ?? event["toModel"],
      tool: event["toolName"] ?? event["activeToolName"],
      call: event["toolCallId"] ?? event["activeToolCallId"],
      attempt: event["attempt"],
      count: event["count"] ?? event["resultCount"] ?? event["droppedEvents"],
      exitCode: event["exitCode"],
      durationMs: event["durationMs"],
      ageMs: event["ageMs"],
      reason: event["reason"],
      message: event["messageId"],
      skill: event["skillName"],
      words: event["message"],
      problem: event["error"],
      event: whole.has(kind) || !known.has(kind) ? event : undefined,
    }
  },
  map: (reading) => {
    const { picked } = reading
    const kind = stringOf(picked["kind"])
    if (kind === undefined) return []
    const shown = known.has(kind) ? kind : "other"
    const reason = word(picked["reason"])
    return [
      reading.event({
        type: "diagnostic.reported",
        key: [shown, countOf(picked["seq"]), countOf(picked["ts"]) ?? reading.call.atMs],
        facts: {
          kind: shown,
          phase: word(picked["phase"]),
          outcome: word(picked["outcome"]),
          reason,
          status: word(picked["status"]),
          level: word(picked["level"]),
          action: word(picked["action"]),
          error: word(picked["error"]),
          channel: reading.name("channel", picked["channel"]),
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          tool: reading.name("tool", picked["tool"]),
          call: reading.reference("call", picked["call"]),
          message: reading.reference("message", picked["message"]),
          attempt: countOf(picked["attempt"]),
          count: countOf(picked["count"]),
          exitCode: countOf(picked["exitCode"]),
          durationMs: wholeMs(picked["durationMs"]),
          ageMs: wholeMs(picked["ageMs"]),
        },
        content: {
          kind: shown === kind ? undefined : kind,
          reason: reason === undefined ? picked["reason"] : undefined,
          skill: picked["skill"],
          words: picked["words"],
          problem: picked["problem"],
          event: picked["event"],
        },
      }),
    ]
  },
})
