/**
 * Jobs of the host's scheduler. Executions are recorded from here and not from runs with the trigger `cron`: a run passes its door again with every
 * attempt and ends as often, while an execution begins and ends once, with or without permission to see conversations. What ran is found by `job`.
 * The heartbeat is a job too; its beats are changes of that job, so that `cron.executed` means the jobs somebody set up.
 */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import { wholeMs } from "../measures.ts"
import { hookRow, type Reading } from "../reading.ts"
import { listed } from "./closed-list.ts"
import { lengthOf } from "./lengths.ts"

const actions = ["added", "updated", "removed", "started", "finished", "scheduled"]
const schedules = ["cron", "at", "every", "on-exit", "stream"]
const payloads = ["agentTurn", "systemEvent", "heartbeat", "command", "script"]
const targets = ["main", "isolated", "current"]
const statuses = ["ok", "error", "skipped"]
const deliveries = ["not-requested", "delivered", "not-delivered", "unknown"]

export const cronReconciled = hookRow({
  hook: "cron_reconciled",
  pick: (event) => ({ reason: event["reason"], enabled: event["enabled"] }),
  map: (reading) => [
    reading.event({
      type: "cron.reconciled",
      key: [reading.call.atMs],
      facts: { reason: listed(reading.picked["reason"], ["startup", "reload"]), enabled: reading.picked["enabled"] === true },
    }),
  ],
})

export const cronChanged = hookRow({
  hook: "cron_changed",
  pick: (event) => {
    const job = objectOf(event["job"])
    const payload = objectOf(job["payload"])
    return {
      execution: event["runId"],
      agent: event["agentId"] ?? job["agentId"],
      session: event["sessionKey"],
      sessionId: event["sessionId"],
      job: event["jobId"] ?? job["id"],
      action: event["action"],
      enabled: job["enabled"],
      scheduleKind: objectOf(job["schedule"])["kind"],
      payloadKind: payload["kind"],
      target: event["sessionTarget"] ?? job["sessionTarget"],
      promptLength: lengthOf(payload["message"]) ?? lengthOf(payload["text"]),
      runAtMs: event["runAtMs"],
      nextRunAtMs: event["nextRunAtMs"],
      durationMs: event["durationMs"],
      status: event["status"],
      completion: event["completionStatus"],
      delivery: event["deliveryStatus"],
      provider: event["provider"],
      model: event["model"],
      title: job["name"],
      description: job["description"],
      schedule: job["schedule"],
      payload: job["payload"],
      error: event["error"],
      summary: event["summary"],
      deliveryError: event["deliveryError"],
      suppression: event["deliverySuppressionReason"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const job = reading.reference("job", picked["job"])
    const action = listed(picked["action"], actions) ?? "other"
    const type = typeOf(action, picked["payloadKind"], picked["status"], picked["completion"])
    const executes = action === "started" || action === "finished"
    const key = [job, action, (executes ? countOf(picked["runAtMs"]) : undefined) ?? reading.call.atMs]
    const facts = factsOf(reading, job)
    const content = {
      title: picked["title"],
      description: picked["description"],
      target: facts.target === undefined ? picked["target"] : undefined,
      schedule: picked["schedule"],
      payload: picked["payload"],
      error: picked["error"],
      summary: picked["summary"],
      deliveryError: picked["deliveryError"],
      suppression: picked["suppression"],
      sessionId: picked["sessionId"],
    }
    if (type === "cron.changed") return [reading.event({ type, key, facts: { ...facts, action }, content })]
    return [reading.event({ type, key, facts, content })]
  },
})

function typeOf(action: string, payload: unknown, status: unknown, completion: unknown): "cron.changed" | "cron.executed" | "cron.completed" | "cron.failed" {
  if (payload === "heartbeat") return "cron.changed"
  if (action === "started") return "cron.executed"
  if (action !== "finished") return "cron.changed"
  return status === "error" || completion === "failed" ? "cron.failed" : "cron.completed"
}

function factsOf(reading: Reading, job: string | undefined) {
  const { picked } = reading
  const error = stringOf(picked["error"])
  return {
    job,
    execution: reading.reference("execution", picked["execution"]),
    provider: reading.name("provider", picked["provider"]),
    model: reading.name("model", picked["model"]),
    enabled: typeof picked["enabled"] === "boolean" ? picked["enabled"] : undefined,
    schedule: listed(picked["scheduleKind"], schedules),
    payload: listed(picked["payloadKind"], payloads),
    target: listed(picked["target"], targets),
    promptLength: countOf(picked["promptLength"]),
    runAtMs: wholeMs(picked["runAtMs"]),
    nextRunAtMs: wholeMs(picked["nextRunAtMs"]),
    durationMs: wholeMs(picked["durationMs"]),
    status: listed(picked["status"], statuses),
    delivery: listed(picked["delivery"], deliveries),
    errorLength: error === undefined ? undefined : reading.length(error),
  }
}
