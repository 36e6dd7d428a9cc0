/** Spend of a session since the last message that a user could see. What heartbeats and jobs spend in it is counted as theirs. */
import { usd } from "../../base/money.ts"
import { keepLatest, mostSessions, type BreakerState, type Silence } from "./breaker-state.ts"
import type { Trip } from "./trip.ts"

export type Spent = { readonly nanos: bigint; readonly calls: number }

export function spentSilently(state: BreakerState, session: string, { nanos, calls }: Spent, atMs: number): void {
  const before = state.sessions.get(session) ?? fresh(atMs)
  const sinceMs = before.calls === 0 ? atMs : before.sinceMs
  keepLatest(state.sessions, session, { ...before, sinceMs, nanos: before.nanos + nanos, calls: before.calls + calls }, mostSessions)
}

/** Somebody saw an answer. What was cut stays cut: it may be our own words that were seen. */
export function brokeSilence(state: BreakerState, session: string, atMs: number): void {
  const before = state.sessions.get(session)
  if (before) state.sessions.set(session, { ...fresh(atMs), run: before.run })
}

/** A user wrote, so somebody is there: counted anew, and what was cut may go on. A run's later attempts are no new message. */
export function userWrote(state: BreakerState, session: string, run: string | undefined, atMs: number): void {
  if (isLaterAttempt(state, session, run)) return
  state.cuts.delete(`session:${session}`)
  keepLatest(state.sessions, session, { ...fresh(atMs), run: run ?? state.sessions.get(session)?.run }, mostSessions)
}

export function isLaterAttempt(state: BreakerState, session: string, run: string | undefined): boolean {
  return run !== undefined && state.sessions.get(session)?.run === run
}

export function silenceOf(state: BreakerState, session: string): Trip | undefined {
  const seen = state.sessions.get(session)
  const reached = seen && thresholdReached(seen, { nanos: BigInt(state.rule.silentNanos), calls: state.rule.silentCalls })
  return reached && { breaker: "silent-spend", cut: `session:${session}`, session, sinceMs: seen.sinceMs, ...reached }
}

/** Which of two thresholds an amount reached, as a trip tells it; 0 is none. */
export function thresholdReached({ nanos, calls }: Spent, most: Spent): Pick<Trip, "counted" | "threshold" | "unit"> | undefined {
  if (most.nanos > 0n && nanos >= most.nanos) return { counted: usd(nanos).slice(1), threshold: usd(most.nanos).slice(1), unit: "usd" }
  if (most.calls > 0 && calls >= most.calls) return { counted: `${calls}`, threshold: `${most.calls}`, unit: "calls" }
  return undefined
}

function fresh(atMs: number): Silence {
  return { nanos: 0n, calls: 0, sinceMs: atMs, run: undefined }
}
