/**
 * What breakers have seen and what they have cut: made of recorded events alone, in their order, and bounded. The latest runs, sessions, jobs and agents are
 * kept, of each run the latest pairs of call and result.
 */
import type { BreakerRule, CutName, LedgerEventFacts } from "../../format/facts/ledger.ts"
import { usualBreakers } from "./breaker-rule.ts"

/** An event as it is on record; of a session that people share, `facts.session` is the session's own scope. */
export type Seen = { readonly type: string; readonly facts: Readonly<Record<string, unknown>>; readonly scope: string }

/** One pair of call and result: how often in a row, and at all. */
export type Repeat = {
  /** Nothing that the run had not seen before came in between. */
  row: number
  total: number
  sinceMs: number
  /** How much was new in the run when it was seen last, and how long its tools had taken. */
  news: number
  waitedMs: number
}

export type RunSeen = {
  kind: string | undefined
  job: string | undefined
  agent: string | undefined
  news: number
  waitedMs: number
  /** By print of the call and of its result. */
  readonly identical: Map<string, Repeat>
  readonly similar: Map<string, Repeat>
  /** The latest result of each call, by the call's print. */
  readonly results: Map<string, string>
  /** The latest calls that have ended and were not asked for again, by the provider's name for each. */
  readonly ended: Map<string, true>
}

/** Spent since somebody was told something. */
export type Silence = { nanos: bigint; calls: number; sinceMs: number; run: string | undefined }

/** Spent by quarters of an hour, so that the days of any zone can be told from it without a calendar. */
export type Unattended = { sinceMs: number; quarters: { readonly startMs: number; nanos: bigint; calls: number }[] }

export type Cut = LedgerEventFacts["breaker.tripped"]

export type BreakerState = {
  rule: BreakerRule
  readonly runs: Map<string, RunSeen>
  readonly sessions: Map<string, Silence>
  readonly unattended: Map<string, Unattended>
  readonly cuts: Map<CutName, Cut>
}

export const mostRuns = 512
export const mostRepeats = 64
export const mostSessions = 2_048
export const mostUnattended = 256
export const mostCuts = 1_024

export function emptyBreakers(): BreakerState {
  return { rule: usualBreakers, runs: new Map(), sessions: new Map(), unattended: new Map(), cuts: new Map() }
}

/** Puts it last, and drops who was first where there are too many. */
export function keepLatest<K, V>(map: Map<K, V>, key: K, value: V, most: number): V {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) for (const [oldest] of map) return (map.delete(oldest), value)
  return value
}

export function runAt(state: BreakerState, run: string): RunSeen {
  const found = state.runs.get(run)
  const made = () => ({ kind: undefined, job: undefined, agent: undefined, news: 0, waitedMs: 0 })
  return keepLatest(state.runs, run, found ?? { ...made(), identical: new Map(), similar: new Map(), results: new Map(), ended: new Map() }, mostRuns)
}
