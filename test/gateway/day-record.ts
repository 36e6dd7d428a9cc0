/**
 * The record of a day in words that can stand in a table: an event is a line of its type and those facts that a day has the same every time. What is left
 * out (ids, times, lengths, tokens) is compared with the model's own log, or paired, by the tests themselves.
 */
import { ofType, type LedgerEvent } from "./ledger.ts"

/** Facts that tell what happened, by type; `runKind` and `inside` (another call) are told of every type that has them. */
const toldFacts: Readonly<Record<string, readonly string[]>> = {
  "capture.gap": ["reason", "count"],
  "config.loaded": ["guardedPatterns", "deniedPatterns"],
  "cron.changed": ["action", "payload"],
  "cron.completed": ["payload", "status"],
  "cron.executed": ["payload"],
  "cron.reconciled": ["reason", "enabled"],
  "diagnostic.reported": ["kind", "outcome", "channel"],
  "exec.prepared": ["tool"],
  "gateway.stopped": ["reason"],
  "message.dispatched": ["channel"],
  "message.offered": ["channel"],
  "message.received": ["channel"],
  "message.sent": ["channel", "success"],
  "message.written": ["role", "stopReason", "tool", "failed"],
  "model.returned": ["outcome"],
  "reply.dispatched": ["channel"],
  "reply.offered": ["channel", "part"],
  "run.ended": ["success", "aborted"],
  "run.progressed": ["stream", "phase", "status", "reason", "attempt", "aborted"],
  "run.started": ["trigger"],
  "session.ended": ["reason"],
  "session.reset": ["reason"],
  "session.started": ["resumed"],
  "subagent.ended": ["outcome"],
  "subagent.progressed": ["phase"],
  "tool.denied": ["tool", "wrapper", "deniedBy"],
  "tool.invoked": ["tool", "wrapper", "verdict", "rule"],
  "tool.persisted": ["tool", "failed"],
  "tool.returned": ["tool", "wrapper", "inner", "failed"],
  "usage.reported": ["stopReason"],
}

/** Lines with how often each stands on record. */
export type Counts = Readonly<Record<string, number>>

export function counted(lines: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const line of lines.toSorted()) counts[line] = (counts[line] ?? 0) + 1
  return counts
}

export function lineOf({ type, facts }: LedgerEvent): string {
  const told = [...(toldFacts[type] ?? []), "runKind"].flatMap((name) => (facts[name] === undefined ? [] : [`${name}=${shown(String(facts[name]))}`]))
  return [type, ...told, ...(facts["outer"] === undefined ? [] : ["inside"])].join(" ")
}

/** A pseudonym differs from ledger to ledger. */
function shown(value: string): string {
  return value.startsWith("~") ? "~" : value
}

/** Events by the part of the day they belong to: the session's name; what belongs to none is the gateway's. */
export function partsOf(events: readonly LedgerEvent[]): ReadonlyMap<string, readonly LedgerEvent[]> {
  return Map.groupBy(rowsOnce(events.filter((event) => !isOfTheMachine(event) && !ofMoney.includes(event.type))), ({ sessionId }) => partOf(sessionId))
}

/** What a day cost has suites of its own; one posting follows every report of usage. */
const ofMoney: readonly string[] = ["transfer.posted", "prices.loaded"]

/** The host warns of its process (memory, event loop) as the machine is, and not as the day is. */
function isOfTheMachine({ type, facts }: LedgerEvent): boolean {
  return type === "diagnostic.reported" && String(facts["kind"]).startsWith("diagnostic.")
}

/**
 * The host has two writers for the row of what a run answers, and each announces it that comes first or finds it unwritten: once or twice, as it happens,
 * of messages by a channel, of the web chat and of heartbeats. Both are on record, under one id.
 */
function rowsOnce(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
  const seen = new Set<string>()
  return events.filter(({ type, id }) => type !== "message.written" || (!seen.has(id) && seen.add(id)))
}

function partOf(sessionId: string | null): string {
  const name = (sessionId ?? "agent:main:gateway").replace(/^agent:main:/, "")
  // Sessions the host names itself: `subagent:<id>`, `cron:<job>:run:<id>`, and `telegram:<account>:direct:<who>` for what a tool sends there.
  return /^(subagent|cron|telegram):/.exec(name)?.[1] ?? name
}

/** By run and call: how often it was asked for, and how often it ended. Ids of calls come from models and are not trusted to be unique. */
export function callsByEnds(
  events: readonly LedgerEvent[],
  asked: string,
  ended: readonly string[],
): Readonly<Record<string, readonly [asked: number, ended: number]>> {
  const nameOf = ({ facts }: LedgerEvent) => `${String(facts["run"])} ${String(facts["call"])}`
  const counts: Record<string, [number, number]> = {}
  for (const event of ofType(events, asked)) (counts[nameOf(event)] ??= [0, 0])[0]++
  for (const type of ended) for (const event of ofType(events, type)) (counts[nameOf(event)] ??= [0, 0])[1]++
  return counts
}
