/** What an entry makes of the state. Total, and without settings: what was decided by them stands in the entries. */
import type { AlertEventFacts } from "../../format/facts/alerts.ts"
import type { AlertEntry, AlertEvent } from "./events.ts"
import { isOfAlerts } from "./events.ts"
import { weigh } from "./kinds.ts"
import { emptyAlerts, mostReceivers, mostRecent, mostWaiting, mostWindows, pendingKey, type AlertState, type Standing, type Waiting } from "./state.ts"
import { alertWords } from "./words.ts"

export function evolveAlerts(state: AlertState, { sequence, timeMs, type, facts }: AlertEntry): void {
  if (isOfAlerts(type)) evolve(state, { type, facts } as unknown as AlertEvent, { sequence, timeMs })
  const weighed = state.isOn ? weigh(type, facts) : undefined
  if (!weighed) return
  const { severity, key } = weighed
  const cause: Waiting = { kind: type, severity, key, of: sequence, count: 1, fromMs: timeMs, toMs: timeMs, words: alertWords(type, facts) }
  const window = state.windows.get(key)
  if (window && (window.since !== undefined || timeMs < window.untilMs)) state.windows.set(key, { ...window, since: together(window.since, cause) })
  else wait(state, cause)
}

function wait({ waiting }: AlertState, cause: Waiting): void {
  const isKnown = waiting.has(cause.key)
  const others = { kind: "others", key: `${cause.severity}|others`, words: "more kinds of things at once than are told apart" }
  const one = isKnown || waiting.size < mostWaiting ? cause : { ...cause, ...others }
  waiting.set(one.key, together(waiting.get(one.key), one))
}

function together(before: Waiting | undefined, after: Waiting): Waiting {
  if (!before) return after
  return { ...before, count: before.count + after.count, fromMs: Math.min(before.fromMs, after.fromMs), toMs: Math.max(before.toMs, after.toMs) }
}

type Place = { readonly sequence: number; readonly timeMs: number }

function evolve(state: AlertState, { type, facts }: AlertEvent, { sequence, timeMs }: Place): void {
  switch (type) {
    case "alerts.begun":
      state.isOn = true
      break
    case "alerts.ended":
      Object.assign(state, emptyAlerts(), { receivers: state.receivers, digests: state.digests })
      break
    case "alert.raised":
      raised(state, facts, sequence)
      break
    case "alert.held": {
      state.isOn = true // as below
      const { alert: _, atMs: _at, untilMs: _until, why: _why, ...held } = facts
      const key = `${held.severity}|${held.kind}`
      state.held.set(key, together(state.held.get(key), held))
      settle(state, facts)
      break
    }
    case "alert.delivered":
      state.pending.delete(pendingKey(facts.alert, facts.receiver))
      stand(state, facts.receiver, ({ delivered, ...before }) => ({ ...before, delivered: delivered + 1, deliveredMs: timeMs }))
      break
    case "alert.failed": {
      const key = pendingKey(facts.alert, facts.receiver)
      const pending = state.pending.get(key)
      if (pending) state.pending.set(key, { ...pending, attempts: facts.attempt, againMs: facts.againMs })
      stand(state, facts.receiver, ({ failed, ...before }) => ({ ...before, failed: failed + 1, failedMs: timeMs, why: facts.why }))
      break
    }
    case "alert.given-up":
      state.pending.delete(pendingKey(facts.alert, facts.receiver))
      stand(state, facts.receiver, ({ givenUp, ...before }) => ({ ...before, givenUp: givenUp + 1, failedMs: timeMs, why: facts.why }))
  }
}

function raised(state: AlertState, facts: AlertEventFacts["alert.raised"], sequence: number): void {
  state.isOn = true // the entry that says so may be removed by now
  if (facts.kind === "summary") state.held.clear()
  else if (facts.digest) state.digests.set(facts.digest.period, facts.digest.label)
  else if (facts.kind !== "test") settle(state, facts)
  for (const receiver of facts.receivers) state.pending.set(pendingKey(facts.alert, receiver), { receiver, raised: facts, sequence, attempts: 0, againMs: 0 })
  if (facts.receivers.length === 0 || facts.digest) return
  const recent = facts.severity === "critical" ? state.recent.critical : state.recent.others
  recent.push(facts.atMs)
  if (recent.length > mostRecent) recent.splice(0, recent.length - mostRecent)
}

/** So many of what is the same are told or held; those that came while that was written down are counted on. */
function settle({ waiting, windows }: AlertState, { key, count, untilMs }: { readonly key: string; readonly count: number; readonly untilMs: number }): void {
  const before = waiting.get(key) ?? windows.get(key)?.since
  waiting.delete(key)
  const left = (before?.count ?? 0) - count
  const since = before && left > 0 ? { ...before, count: left, fromMs: before.toMs } : undefined
  windows.delete(key)
  windows.set(key, { untilMs, since })
  const [oldest] = windows.keys()
  if (windows.size > mostWindows && oldest !== undefined) windows.delete(oldest)
}

const unheard: Standing = { delivered: 0, failed: 0, givenUp: 0 }

function stand({ receivers }: AlertState, receiver: string, after: (before: Standing) => Standing): void {
  receivers.set(receiver, after(receivers.get(receiver) ?? unheard))
  const [oldest] = receivers.keys()
  if (receivers.size > mostReceivers && oldest !== undefined) receivers.delete(oldest)
}
