/** What one attempt to tell somebody means for the next one, pure: pauses that double, none longer than an hour, and never shorter than the receiver asks for. */
import type { AlertEvent } from "./events.ts"
import { givenUp } from "./decide.ts"
import type { Pending } from "./state.ts"

export type Outcome =
  | { readonly took: true; readonly status?: number }
  /** `isFinal`: trying again cannot help. `afterMs`: how long the receiver wants to be left alone. */
  | { readonly took: false; readonly why: string; readonly status?: number; readonly afterMs?: number; readonly isFinal?: true }

export const mostAttempts = 40
const firstPauseMs = 5_000
const longestPauseMs = 3_600_000
/** A receiver that asks for more is tried after it all the same. */
const longestAskedMs = 6 * 3_600_000

/** @param chance from 0 up to but not including 1: half of a pause is left to it, so that many do not come back at once */
export function decideOutcome(pending: Pending, outcome: Outcome, { nowMs, chance }: { readonly nowMs: number; readonly chance: number }): AlertEvent {
  const { receiver, raised } = pending
  const attempt = pending.attempts + 1
  const of = { alert: raised.alert, receiver, attempt, ...(outcome.status === undefined ? {} : { status: outcome.status }) }
  if (outcome.took) return { type: "alert.delivered", facts: of }
  if (outcome.isFinal === true || attempt >= mostAttempts) return givenUp(pending, outcome.why, attempt)
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
  const ownMs = Math.round(pauseMs * (0.5 + chance / 2))
  const againMs = nowMs + Math.max(ownMs, Math.min(longestAskedMs, outcome.afterMs ?? 0))
  return { type: "alert.failed", facts: { ...of, why: outcome.why, againMs } }
}

/** The next for each receiver: one at a time and in order, and none while the first of them has a pause. */
export function nextOf(pending: Iterable<Pending>, nowMs: number): ReadonlyMap<string, Pending> {
  const heads = new Map<string, Pending>()
  for (const one of pending) if (!heads.has(one.receiver)) heads.set(one.receiver, one)
  // A clock that was put back makes nobody wait for longer than the longest pause.
  for (const [receiver, { againMs }] of heads) if (againMs > nowMs && againMs - nowMs <= longestAskedMs) heads.delete(receiver)
  return heads
}
