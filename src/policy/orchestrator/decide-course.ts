/** What becomes of what was started, pure: who is bound and works for whom, how a run ended, whether what failed is given out again, and when a session lets go. */
import type { OrchestratorEvent, UnboundWhy, WorkerOutcome } from "./events.ts"
import type { OrchestratorRule } from "./orchestrator-rule.ts"
import { pendingKey, type OrchestratorState } from "./state.ts"

type Events = readonly OrchestratorEvent[]
type At = { readonly atMs: number }

/** The result of a tool that starts a session. */
export type Started = At & {
  readonly session: string
  readonly call: string
  readonly isFrontKey: boolean
  readonly accepted: boolean
  /** The session that was started; a result that was refused can name one, too. */
  readonly child: string | undefined
  readonly childRun: string | undefined
  /** Of a start that nobody asked about: what for. */
  readonly task: string
}

export function decideStarted(state: OrchestratorState, started: Started): Events {
  const { atMs, session, call, accepted, child, childRun } = started
  const pending = state.pending.get(pendingKey(session, call))
  const of = { atMs, session, call }
  if (!accepted || child === undefined) {
    if (!pending) return []
    return [{ type: "orchestrator.failed", facts: { ...of, role: pending.role, why: accepted ? "no-key" : "refused" } }]
  }
  if (state.fronts.has(child) || state.workers.has(child)) return []
  // What the ledger could not be asked about was let go, and is known from now on. Where one is bound already, say because nothing was heard of this one for too long, it stays.
  const mayBind = pending ? pending.role === "orchestrator" : started.isFrontKey && !state.fronts.has(session)
  const role = mayBind && !state.bindings.has(session) ? "orchestrator" : "worker"
  const run = childRun === undefined ? {} : { childRun }
  if (role === "orchestrator") return [{ type: "orchestrator.bound", facts: { ...of, child, ...run } }]
  return [{ type: "orchestrator.joined", facts: { ...of, child, ...run, task: pending?.task ?? started.task } }]
}

/** A message to the orchestrator was not taken: it is not there any more. */
export function decideSendFailed(
  state: OrchestratorState,
  { atMs, session, target }: At & { readonly session: string; readonly target: string | undefined },
): Events {
  const binding = state.bindings.get(session)
  if (!binding || (target !== undefined && target !== binding.orchestrator)) return []
  return [{ type: "orchestrator.unbound", facts: { atMs, session, child: binding.orchestrator, why: "send-failed" } }]
}

export type Ended = At & {
  readonly child: string
  readonly run: string | undefined
  readonly outcome: WorkerOutcome
  /** Names this word of the host's among all there were. */
  readonly id: string
  /** Somebody waits who can tell the session. */
  readonly mayRetry: boolean
}

export type EndDecision = {
  readonly events: Events
  readonly retry?: { readonly id: string; readonly session: string; readonly child: string; readonly attempt: number; readonly most: number }
}

/** A run of a child ended: told at once by one hook and later by another, and counted once. */
export function decideEnded(state: OrchestratorState, rule: OrchestratorRule, ended: Ended): EndDecision {
  const { atMs, child, run, outcome, id } = ended
  if (run !== undefined && state.counted.has(run)) return repeated(state, rule, ended)
  const childRun = run === undefined ? {} : { childRun: run }
  const front = state.fronts.get(child)
  if (front !== undefined) {
    if (outcome !== "ok" && outcome !== "unknown") return { events: [{ type: "orchestrator.unbound", facts: { atMs, session: front, child, why: outcome } }] }
    return { events: [{ type: "orchestrator.ended", facts: { atMs, session: front, child, role: "orchestrator", outcome, ...childRun } }] }
  }
  const worker = state.workers.get(child)
  // Another run in its session, say one that it was given by hand, is nobody's task.
  if (!worker || (run !== undefined && worker.run !== undefined && worker.run !== run)) return { events: [] }
  if (run === undefined && worker.status === outcome) return { events: [] }
  const { spawner: session, task } = worker
  const ending: OrchestratorEvent = { type: "orchestrator.ended", facts: { atMs, session, child, role: "worker", outcome, ...childRun } }
  if (!rule.autoRetryFailedSubagents || !rule.outcomes.has(outcome)) return { events: [ending] }
  const before = state.retries.get(task) ?? 0
  const [most, failed] = [rule.maxRetriesPerTask, { atMs, session, child, ...childRun, task, outcome }]
  if (before >= most || !ended.mayRetry) return { events: [ending, { type: "orchestrator.exhausted", facts: { ...failed, attempts: before } }] }
  const attempt = before + 1
  return { events: [ending, { type: "orchestrator.retried", facts: { ...failed, retry: id, attempt, most } }], retry: { id, session, child, attempt, most } }
}

/** Asked again after a lost answer: it was not told yet, because who asks again has had no answer. */
function repeated({ told, retries, workers }: OrchestratorState, { maxRetriesPerTask: most }: OrchestratorRule, { run = "", id, child }: Ended): EndDecision {
  const retry = told.get(run)
  const task = workers.get(child)?.task
  if (retry?.id !== id || retry.outcome !== "unknown" || task === undefined) return { events: [] }
  return { events: [], retry: { id, session: retry.session, child, attempt: retries.get(task) ?? 1, most } }
}

const lettingGo: readonly UnboundWhy[] = ["new", "reset", "deleted", "idle", "daily"]

/** A session ended. One that only stops with its gateway, or is made shorter, goes on. */
export function decideSessionEnded(state: OrchestratorState, { atMs, session, reason }: At & { readonly session: string; readonly reason: string }): Events {
  const why = lettingGo.find((one) => one === reason)
  if (why === undefined) return []
  const binding = state.bindings.get(session)
  if (binding) return [{ type: "orchestrator.unbound", facts: { atMs, session, child: binding.orchestrator, why } }]
  const front = state.fronts.get(session)
  return front === undefined ? [] : [{ type: "orchestrator.unbound", facts: { atMs, session: front, child: session, why } }]
}
