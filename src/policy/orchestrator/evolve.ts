/** What an event makes of the state. Total: every event that was ever decided can be replayed. */
import type { OrchestratorEvent } from "./events.ts"
import { attemptsKey, keepNewest, mostKept, pendingKey, type OrchestratorState, type Worker } from "./state.ts"

export function evolveOrchestrator(state: OrchestratorState, { type, facts }: OrchestratorEvent): void {
  const { session, atMs } = facts
  touch(state, state.fronts.get(session) ?? session, type === "orchestrator.filled" || state.fronts.has(session) ? atMs : undefined)
  switch (type) {
    case "orchestrator.requested": {
      const { role, call, task } = facts
      keepNewest(state.pending, pendingKey(session, call), { session, role, call, task, atMs }, mostKept.pending)
      break
    }
    case "orchestrator.refused":
      if (facts.attempt !== undefined) attempted(state, facts, facts.attempt, false)
      break
    case "orchestrator.passed":
      attempted(state, facts, facts.attempt, true)
      break
    case "orchestrator.failed":
      state.pending.delete(pendingKey(session, facts.call))
      break
    case "orchestrator.bound": {
      state.pending.delete(pendingKey(session, facts.call))
      const { child: orchestrator } = facts
      forget(state, session, state.bindings.get(session)?.orchestrator)
      keepNewest(state.bindings, session, { front: session, orchestrator, boundAtMs: atMs, usedAtMs: atMs, hasEnded: false }, mostKept.sessions)
      keepNewest(state.fronts, orchestrator, session, mostKept.sessions)
      break
    }
    case "orchestrator.unbound":
      forget(state, session, facts.child)
      break
    case "orchestrator.joined": {
      state.pending.delete(pendingKey(session, facts.call))
      const { child, task, childRun: run } = facts
      keepNewest(state.workers, child, { child, spawner: session, run, task, status: "running", begunAtMs: atMs, updatedAtMs: atMs }, mostKept.workers)
      break
    }
    case "orchestrator.ended":
      if (facts.outcome !== "unknown") count(state, facts.childRun)
      if (facts.role === "orchestrator") setEnded(state, session, atMs)
      else setStatus(state, facts.child, facts.outcome, atMs)
      break
    case "orchestrator.retried": {
      const { retry: id, child, task, attempt, childRun } = facts
      keepNewest(state.retries, task, attempt, mostKept.tasks)
      keepNewest(state.told, childRun ?? id, { id, session, atMs, child, outcome: "unknown" }, mostKept.runs)
      break
    }
    case "orchestrator.filled":
    case "orchestrator.exhausted":
      break
    case "orchestrator.told":
      for (const [run, retry] of state.told) if (retry.id === facts.retry) state.told.set(run, { ...retry, outcome: facts.success ? "told" : "failed" })
  }
}

type Tried = { readonly run?: string; readonly session: string; readonly tool: string; readonly call: string }

function attempted({ attempts }: OrchestratorState, { run, session, tool, call }: Tried, count: number, passed: boolean): void {
  keepNewest(attempts, attemptsKey(run, session, tool), { count, call, passed }, mostKept.attempts)
}

/** Something was heard of the orchestrator: from it, or for it. */
function touch({ bindings }: OrchestratorState, front: string, atMs: number | undefined): void {
  const found = bindings.get(front)
  if (found && atMs !== undefined) bindings.set(front, { ...found, usedAtMs: atMs })
}

function setEnded({ bindings }: OrchestratorState, front: string, atMs: number): void {
  const found = bindings.get(front)
  if (found) bindings.set(front, { ...found, usedAtMs: atMs, hasEnded: true })
}

/** Its workers are forgotten with an orchestrator. */
function forget(state: OrchestratorState, front: string, orchestrator: string | undefined): void {
  if (orchestrator === undefined) return
  if (state.bindings.get(front)?.orchestrator === orchestrator) state.bindings.delete(front)
  state.fronts.delete(orchestrator)
  for (const [child, { spawner }] of state.workers) if (spawner === orchestrator) state.workers.delete(child)
}

function setStatus({ workers }: OrchestratorState, child: string, status: Worker["status"], atMs: number): void {
  const found = workers.get(child)
  if (found) keepNewest(workers, child, { ...found, status, updatedAtMs: atMs }, mostKept.workers)
}

function count({ counted }: OrchestratorState, run: string | undefined): void {
  if (run === undefined) return
  counted.add(run)
  const [oldest] = counted
  if (counted.size > mostKept.runs && oldest !== undefined) counted.delete(oldest)
}
