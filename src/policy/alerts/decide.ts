/**
 * What is told, when, and to whom: the one place that decides, pure. What is the same is told once in a while, with how often it came; in quiet hours, and beyond so
 * many an hour, things are held and told together afterwards. What is critical waits for no hour, and has a bound of its own. Every decision is an event.
 */
import { sha256 } from "../../format/sha256.ts"
import type { AlertOf, AlertPart, HeldWhy, Severity } from "../../format/facts/alerts.ts"
import type { AlertRule } from "./alert-rule.ts"
import type { AlertEvent } from "./events.ts"
import { isAtLeast, severities } from "./kinds.ts"
import { isQuiet } from "./quiet-hours.ts"
import type { AlertState, Pending, Waiting } from "./state.ts"

export type DecideContext = {
  readonly nowMs: number
  /** Tells ledgers apart at a receiver that several write to. */
  readonly origin: string
  /** Facts `peer` of the operator's own chat: that nothing may be sent there is told elsewhere. */
  readonly chatPeer?: string | undefined
}

type RaisedEvent = Extract<AlertEvent, { readonly type: "alert.raised" }>

const hourMs = 3_600_000
/** At most so many events of one decision. */
const mostAtOnce = 100
/** More than these on their way to one receiver are too many. */
export const mostPending = 1_000

export function decideAlerts(state: AlertState, rule: AlertRule, context: DecideContext): readonly AlertEvent[] {
  if (!state.isOn) return []
  const { nowMs } = context
  const quiet = rule.quietHours !== undefined && isQuiet(rule.quietHours, nowMs)
  const counts = { critical: lately(state.recent.critical, nowMs), others: lately(state.recent.others, nowMs) }
  const hasRoom = (severity: Severity) => counts[classOf(severity)] < rule.mostAnHour
  const events: AlertEvent[] = [...overdue(state, rule, nowMs)]
  const untilMs = nowMs + rule.repeatMs
  for (const { one, repeats } of due(state, rule, nowMs)) {
    if (events.length >= mostAtOnce) break
    const of: AlertOf = { alert: nameOf(context, one), ...one }
    const receivers = receiversFor(rule, one, context)
    const why: HeldWhy | undefined = quiet && one.severity !== "critical" ? "quiet hours" : hasRoom(one.severity) ? undefined : "rate"
    if (why !== undefined && receivers.length > 0) events.push({ type: "alert.held", facts: { ...of, atMs: nowMs, untilMs, why } })
    else {
      events.push({ type: "alert.raised", facts: { ...of, atMs: nowMs, untilMs, receivers, ...(repeats ? { repeats } : {}) } })
      if (receivers.length > 0) counts[classOf(one.severity)]++
    }
  }
  const summary = quiet || state.held.size === 0 ? undefined : summaryOf([...state.held.values()], rule, context)
  if (summary && hasRoom(summary.facts.severity)) events.push(summary)
  return events
}

/** Somebody wants to see whether they arrive: now, and everywhere. */
export function testAlert(rule: AlertRule, context: DecideContext, of: number): RaisedEvent {
  const { nowMs } = context
  const about = { kind: "test", severity: "info" as const, key: `test|${nowMs}`, of, count: 1, fromMs: nowMs, toMs: nowMs }
  const words = "a test: somebody ran sovereign-ledger alerts test"
  const facts = { alert: nameOf(context, { ...about, words }), ...about, words, atMs: nowMs, untilMs: nowMs, receivers: rule.receivers.map(({ id }) => id) }
  return { type: "alert.raised", facts }
}

type Due = { readonly one: Waiting; readonly repeats?: true }

/** A clock that was put back holds nothing longer than it was to be held. */
function due({ waiting, windows }: AlertState, { mute, repeatMs }: AlertRule, nowMs: number): readonly Due[] {
  const again = [...windows.values()].flatMap(({ untilMs, since }): readonly Due[] =>
    since !== undefined && (untilMs <= nowMs || untilMs - nowMs > repeatMs) ? [{ one: since, repeats: true }] : [],
  )
  return [...[...waiting.values()].map((one) => ({ one })), ...again].filter(({ one }) => !mute.some(({ matches }) => matches(one.kind)))
}

function receiversFor({ receivers }: AlertRule, { kind, severity, key }: Waiting, { chatPeer }: DecideContext): readonly string[] {
  const isOfChat = kind.startsWith("outbound.") && chatPeer !== undefined && key.split("|").includes(chatPeer)
  return receivers
    .filter(
      ({ id, isChat, minSeverity, getsReports }) =>
        !getsReports && isAtLeast(severity, minSeverity) && !(isOfChat && isChat) && !(kind === "alert.given-up" && key.endsWith(`|${id}`)),
    )
    .map(({ id }) => id)
}

function summaryOf(held: readonly Waiting[], rule: AlertRule, context: DecideContext): RaisedEvent {
  const { nowMs } = context
  const worst = severities.findLast((severity) => held.some((one) => one.severity === severity)) ?? "info"
  const sorted = held.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || b.count - a.count)
  const parts: readonly AlertPart[] = sorted.map(({ kind, severity, count, words }) => ({ kind, severity, count, words }))
  const count = held.reduce((sum, one) => sum + one.count, 0)
  const about = {
    ...{ kind: "summary", severity: worst, key: "summary", of: Math.min(...held.map(({ of }) => of)), count },
    ...{ fromMs: Math.min(...held.map(({ fromMs }) => fromMs)), toMs: Math.max(...held.map(({ toMs }) => toMs)) },
    words: `held back and told together: ${count} in ${parts.length} ${parts.length === 1 ? "kind" : "kinds"}`,
  }
  const receivers = receiversFor(rule, about, context)
  return { type: "alert.raised", facts: { alert: nameOf(context, about), ...about, atMs: nowMs, untilMs: nowMs, receivers, parts } }
}

/** What is too old to be news, and what a receiver that takes nothing would get too much of. */
function overdue({ pending }: AlertState, { giveUpMs }: AlertRule, nowMs: number): readonly AlertEvent[] {
  const counts = new Map<string, number>()
  for (const { receiver } of pending.values()) counts.set(receiver, (counts.get(receiver) ?? 0) + 1)
  return [...pending.values()]
    .flatMap((one) => {
      const left = counts.get(one.receiver) ?? 0
      const why = Math.abs(nowMs - one.raised.atMs) > giveUpMs ? "too old" : left > mostPending ? "too many" : undefined
      if (why === undefined) return []
      counts.set(one.receiver, left - 1)
      return [givenUp(one, why)]
    })
    .slice(0, mostAtOnce)
}

export function givenUp({ receiver, raised: { alert, kind }, attempts }: Pending, why: string, tried = attempts): AlertEvent {
  return { type: "alert.given-up", facts: { alert, receiver, attempts: tried, why, kind } }
}

function lately(times: readonly number[], nowMs: number): number {
  return times.filter((atMs) => Math.abs(nowMs - atMs) < hourMs).length
}

function classOf(severity: Severity): "critical" | "others" {
  return severity === "critical" ? "critical" : "others"
}

/** Of what is decided now: decided again before it is on disk, it has another one, and the first was nobody's. */
function nameOf({ origin, nowMs }: DecideContext, { kind, key, of }: Waiting): string {
  return sha256([origin, kind, key, of, nowMs].join("\n")).toString("hex").slice(0, 24)
}
