/**
 * Who works for whom: which session has an orchestrator, which workers there are, what is being started, what was tried. Made of the journal's events alone. Sessions
 * are named by pseudonyms of their keys, tasks by pseudonyms of who gave them out, to whom and what.
 */
import type { DelegationRole, WorkerOutcome } from "./events.ts"

/** A session is being started for somebody; known until the tool's result tells what became of it. */
export type Pending = { readonly session: string; readonly role: DelegationRole; readonly call: string; readonly task: string; readonly atMs: number }

export type Binding = {
  readonly front: string
  readonly orchestrator: string
  readonly boundAtMs: number
  /** When it was last heard of: it was spoken to, did something, or a run of it ended. */
  readonly usedAtMs: number
  /** A run of it ended; before that it may work for however long without a word. */
  readonly hasEnded: boolean
}

export type Worker = {
  readonly child: string
  readonly spawner: string
  readonly run: string | undefined
  readonly task: string
  readonly status: "running" | WorkerOutcome
  readonly begunAtMs: number
  readonly updatedAtMs: number
}

export type Attempts = { readonly count: number; readonly call: string; readonly passed: boolean }

/** A word to a session that it is to give work out again. `unknown` as long as nobody tells whether it was told. */
export type Retry = {
  readonly id: string
  readonly session: string
  readonly atMs: number
  readonly child: string
  readonly outcome: "unknown" | "told" | "failed"
}

export type OrchestratorState = {
  /** By the session that people talk to. */
  readonly bindings: Map<string, Binding>
  /** By the orchestrator's session: whose it is. */
  readonly fronts: Map<string, string>
  readonly pending: Map<string, Pending>
  /** By their sessions, the one that was updated last at the end. */
  readonly workers: Map<string, Worker>
  /** By run, session and tool. */
  readonly attempts: Map<string, Attempts>
  /** How often a task was given out again, by the task. */
  readonly retries: Map<string, number>
  /** By the run that failed. */
  readonly told: Map<string, Retry>
  /** Runs whose end counted. */
  readonly counted: Set<string>
}

export function emptyOrchestrator(): OrchestratorState {
  return {
    bindings: new Map(),
    fronts: new Map(),
    pending: new Map(),
    workers: new Map(),
    attempts: new Map(),
    retries: new Map(),
    told: new Map(),
    counted: new Set(),
  }
}

/** More are not remembered; the oldest are forgotten. */
export const mostKept = { sessions: 20_000, pending: 1_024, workers: 20_000, attempts: 8_192, tasks: 20_000, runs: 20_000 }

/** Sets it as the newest, and forgets the oldest beyond what is kept. */
export function keepNewest<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value as string)
}

export function pendingKey(session: string, call: string): string {
  return `${session}|${call}`
}

export function attemptsKey(run: string | undefined, session: string, tool: string): string {
  return `${run ?? "-"}|${session}|${tool}`
}
