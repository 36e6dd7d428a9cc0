/** Facts of what was read from the host's own stores, of a time before anybody listened. */
import type { RunKind } from "./shared.ts"

/** Columns of rows that tell usage. Times are milliseconds, `reported` nano-dollars as the host says, `kind` places in `runKinds`. */
export const usageColumnNames = [
  "atMs",
  "latencyMs",
  "model",
  "stop",
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "reasoning",
  "reported",
  "run",
  "kind",
  "unseen",
] as const
export type UsageColumnName = (typeof usageColumnNames)[number]

/**
 * One number a row, in the order of the rows, or one number where all rows have the same; -1 is what was not told. Names are places in the lists beside
 * them, of which the first is the empty one.
 */
export type UsageColumn = number | readonly number[]
export type UsageColumns = { readonly [C in UsageColumnName]: UsageColumn }

/** Of the row at `index`. */
export function numberAt(column: UsageColumn, index: number): number {
  return typeof column === "number" ? column : (column[index] ?? 0)
}

/** What import makes of a host's stores, beside usage: the types live capture makes of the same. */
export const importableTypes = [
  "message.written",
  "tool.invoked",
  "tool.returned",
  "tool.denied",
  "session.started",
  "session.reset",
  "compaction.ended",
  "cron.executed",
  "cron.completed",
  "cron.failed",
  "cron.changed",
  "subagent.spawned",
  "subagent.ended",
  "approval.resolved",
] as const

export const runKinds: readonly RunKind[] = ["announce", "compaction", "subagent", "cron", "heartbeat"]

export type HistoryEventFacts = {
  /** Rows of one session: what `usage.reported` tells of each of them, in columns. */
  "usage.imported": {
    readonly count: number
    /** Names of the rows, 16 characters each, one after the other. */
    readonly ids: string
    readonly models: readonly (readonly [provider: string, model: string, api: string])[]
    readonly stops: readonly string[]
    readonly runs: readonly string[]
    readonly rows: UsageColumns
    /** Nano-dollars of each row, by the price in force at its time; -1 where there was none. */
    readonly computed: readonly number[]
    /** Rates by which `computed` came about: nano-dollars per million tokens of input, of cache read, written and written for an hour, and of output. */
    readonly rates: readonly (readonly number[])[]
    /** Place in `rates` of each row, or one for all of them; -1 where there was no price. */
    readonly rate: UsageColumn
    /** The provider's id of each answer; absent when no row has one. */
    readonly responses?: readonly string[]
    /** SHA-256 of the price book, hexadecimal. */
    readonly book: string
    readonly job?: string
    readonly channel?: string
    readonly chatType?: string
    readonly sender?: string
    readonly parent?: string
    readonly project?: string
  }
  /** A source was read up to a point, and what was found in it is on record. */
  "history.read": {
    readonly kind: string
    /** Pseudonym of its path. */
    readonly source: string
    readonly sizeBytes: number
    readonly modifiedMs: number
    readonly inode: number
    readonly endByte: number
    readonly rows: number
    readonly unreadable: number
    /** What was taken of it: rows that tell usage, or everything. */
    readonly depth: "usage" | "all"
  }
}
