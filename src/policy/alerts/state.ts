/** Alerts as they stand: all of it made of the journal's entries, so that who reads them again has the same. */
import type { AlertEventFacts, AlertOf } from "../../format/facts/alerts.ts"

/** What is to be told, and has not been decided about, or counts as told already. */
export type Waiting = Omit<AlertOf, "alert">

/** What is the same as this was told or held, and is counted until then. */
export type Window = { readonly untilMs: number; readonly since: Waiting | undefined }

/** One alert on its way to one receiver. */
export type Pending = {
  readonly receiver: string
  readonly raised: AlertEventFacts["alert.raised"]
  /** Of the entry by which it was raised. */
  readonly sequence: number
  /** How often it was tried, and when it may be tried again (ms since 1970 UTC). */
  readonly attempts: number
  readonly againMs: number
}

/** What a receiver did last. */
export type Standing = {
  readonly delivered: number
  readonly failed: number
  readonly givenUp: number
  readonly deliveredMs?: number
  readonly failedMs?: number
  readonly why?: string
}

export type AlertState = {
  isOn: boolean
  readonly waiting: Map<string, Waiting>
  readonly windows: Map<string, Window>
  /** By severity and kind: to be told together. */
  readonly held: Map<string, Waiting>
  /** By `<alert> <receiver>`, the oldest first. */
  readonly pending: Map<string, Pending>
  readonly receivers: Map<string, Standing>
  /** By period: the label of the one that was told last. */
  readonly digests: Map<"daily" | "weekly", string>
  /** When what was raised lately was, the oldest first, apart by whether it is critical. */
  readonly recent: { readonly critical: number[]; readonly others: number[] }
}

export function emptyAlerts(): AlertState {
  return {
    isOn: false,
    waiting: new Map(),
    windows: new Map(),
    held: new Map(),
    pending: new Map(),
    receivers: new Map(),
    digests: new Map(),
    recent: { critical: [], others: [] },
  }
}

/** Beyond so many different things at once they are told as one. */
export const mostWaiting = 1_000
/** The oldest are forgotten beyond; what is the same is then told again. */
export const mostWindows = 5_000
export const mostRecent = 10_000
export const mostReceivers = 256

export function pendingKey(alert: string, receiver: string): string {
  return `${alert} ${receiver}`
}
