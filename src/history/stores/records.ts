/** What is taken out of the host's stores: ids, names, times and numbers. No text of a conversation ever leaves a reader. */

/** A transcript row that carries the usage of a model call. */
export type ModelCallRow = {
  readonly agent: string
  readonly session: string
  readonly message: string | undefined
  readonly run: string | undefined
  readonly response: string | undefined
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The row's name, as import and live capture give it; undefined when it tells no tokens. */
  readonly row: string | undefined
  readonly totalTokens: number | undefined
  readonly costUsd: number | undefined
  readonly atMs: number
}

/**
 * A trace of a tool call. `asked` is the model's wish; every other evidence says that the host dealt with it: a result in the transcript, a call made
 * through another tool, a row of the run's trajectory, a row of the host's own audit trail.
 */
export type ToolEvidence = "asked" | "result" | "nested" | "trajectory" | "audit started" | "audit finished"

export type ToolCallRow = {
  readonly evidence: ToolEvidence
  readonly agent: string | undefined
  readonly session: string | undefined
  readonly run: string | undefined
  /** As the store has it; the audit trail has only its SHA-256. */
  readonly call: string | undefined
  /** SHA-256 of the id in UTF-8, lower-case hex. */
  readonly callSha256: string
  readonly tool: string | undefined
  readonly atMs: number
}

export type RunRow = {
  readonly evidence: "audit" | "transcript" | "trajectory"
  readonly agent: string | undefined
  readonly session: string | undefined
  readonly run: string
  readonly status: string | undefined
  readonly atMs: number
}

/** One file of the host, and what came of it. */
export type StoreRead = {
  /** `state`, or `agent <id>`. */
  readonly name: string
  readonly path: string
  readonly state: "read" | "absent" | "refused" | "unreadable"
  readonly schemaVersion: number | null
  /** Why it was not read, or not all of it. */
  readonly problem: string | null
  readonly rows: number
  /** Rows that are there but could not be understood. */
  readonly unreadableRows: number
}

export type HostRecords = {
  readonly stores: readonly StoreRead[]
  readonly modelCalls: readonly ModelCallRow[]
  readonly toolCalls: readonly ToolCallRow[]
  readonly runs: readonly RunRow[]
}

/** Where readers put what they find. */
export type Findings = {
  readonly modelCalls: ModelCallRow[]
  readonly toolCalls: ToolCallRow[]
  readonly runs: RunRow[]
  /** Ids of transcript events that were read: a fork, a rotated session or an archive repeats rows. */
  readonly seen: Set<string>
  rows: number
  unreadableRows: number
}

export function noFindings(): Findings {
  return { modelCalls: [], toolCalls: [], runs: [], seen: new Set(), rows: 0, unreadableRows: 0 }
}

/** Half open, milliseconds since 1970 UTC. */
export type TimeRange = { readonly fromMs: number; readonly toMs: number }
