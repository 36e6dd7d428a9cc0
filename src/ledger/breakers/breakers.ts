/**
 * Breakers: `see` takes what was recorded, `tripOf` says what that trips, `cutOf` whether something is cut off. The first is the only change of what they have
 * seen, live and on replay; what they cut is changed by the ledger's own events alone, and by the messages, ends of runs and days that lift it.
 */
import { stringOf } from "../../base/json.ts"
import type { CutName } from "../../format/facts/ledger.ts"
import { keepLatest, mostRepeats, runAt, type BreakerState, type Cut, type RunSeen, type Seen } from "./breaker-state.ts"
import { loopOf, seeResult } from "./loops.ts"
import { brokeSilence, isLaterAttempt, silenceOf, spentSilently, userWrote } from "./silence.ts"
import type { Trip } from "./trip.ts"
import { attended, spentUnattended, unattendedName, unattendedOf, type UnattendedName } from "./unattended.ts"

type Fields = Seen["facts"]
type Look = {
  readonly see?: (state: BreakerState, seen: Seen, atMs: number) => void
  readonly trips?: (state: BreakerState, seen: Seen, atMs: number) => Trip | undefined
}

/** What breakers look at: a row for each type of event. */
const looks: Readonly<Record<string, Look>> = {
  "tool.invoked": { see: toolBegan, trips: loopOf },
  "tool.returned": { see: toolEnded, trips: loopOf },
  "tool.denied": { see: toolEnded, trips: loopOf },
  "model.called": { see: (state, seen) => void runOf(state, seen) },
  "usage.reported": { see: spent, trips: spendTrips },
  "heartbeat.prompted": { see: (state, seen) => void runOf(state, seen) },
  "run.started": { see: runBegan },
  "run.ended": { see: runEnded },
  "model.responded": { see: (state, seen, atMs) => answered(state, seen, atMs) },
  "reply.offered": { see: (state, seen, atMs) => isShown(seen.facts) && told(state, seen, atMs) },
  "message.sent": { see: (state, seen, atMs) => seen.facts["success"] === true && told(state, seen, atMs) },
  "message.received": { see: (state, { facts, scope }, atMs) => userWrote(state, sessionIn(facts, scope), undefined, atMs) },
  "cron.completed": { see: (state, { facts }) => facts["delivery"] === "delivered" && attended(state, `cron:${String(facts["job"])}`) },
}

/** What was read from a history happened before anybody looked. */
export function isSeen({ type, facts }: { readonly type: string; readonly facts: object }): boolean {
  return Object.hasOwn(looks, type) && !("imported" in facts)
}

export function isLookedAt(type: string): boolean {
  return Object.hasOwn(looks, type)
}

export function see(state: BreakerState, seen: Seen): void {
  if (isSeen(seen)) looks[seen.type]?.see?.(state, seen, timeOf(seen.facts))
}

/** What it would cut, unless that is cut already. Of `tool.invoked` before the call runs; of the others when they were seen. */
export function tripOf(state: BreakerState, seen: Seen): Trip | undefined {
  if (state.rule.mode === "off" || !isSeen(seen)) return undefined
  const atMs = timeOf(seen.facts)
  const trip = looks[seen.type]?.trips?.(state, seen, atMs)
  return trip && !isInForce(state.cuts.get(trip.cut), atMs) ? trip : undefined
}

/** Who asks to spend. A first message's own event is not seen yet where its run asks. */
export type Asking = {
  readonly run: string | undefined
  readonly session: string | undefined
  readonly agent: string | undefined
  readonly job: string | undefined
  readonly kind?: string | undefined
  /** The run begins, and not by itself. */
  readonly begins?: boolean
}

/** What cuts it off; undefined when nothing does. */
export function cutOf(state: BreakerState, { run, session, agent, job, kind, begins }: Asking, atMs: number): Cut | undefined {
  const seen = run === undefined ? undefined : state.runs.get(run)
  const unattended = unattendedName(kind ?? seen?.kind ?? (job === undefined ? undefined : "cron"), job ?? seen?.job, agent ?? seen?.agent)
  const isNew = begins === true && session !== undefined && !isLaterAttempt(state, session, run)
  const cuts = [
    run === undefined ? undefined : state.cuts.get(`run:${run}`),
    session === undefined || isNew || unattended !== undefined ? undefined : state.cuts.get(`session:${session}`),
    unattended === undefined ? undefined : state.cuts.get(unattended),
  ]
  return cuts.find((cut) => cut?.mode === "block" && isInForce(cut, atMs))
}

/** It may go on, and is counted anew. */
export function resetCut(state: BreakerState, cut: CutName): void {
  state.cuts.delete(cut)
  const name = cut.slice(cut.indexOf(":") + 1)
  if (cut.startsWith("run:")) forgetCalls(state.runs.get(name))
  else if (cut.startsWith("session:")) state.sessions.delete(name)
  else state.unattended.delete(cut)
}

export function isInForce(cut: Cut | undefined, atMs: number): cut is Cut {
  return cut !== undefined && (cut.untilMs === undefined || atMs < cut.untilMs)
}

/** Providers name calls as they like, and may use a name again. */
function toolBegan(state: BreakerState, { facts }: Seen): void {
  const call = stringOf(facts["call"])
  if (call !== undefined) state.runs.get(stringOf(facts["run"]) ?? "")?.ended.delete(call)
}

/** A result that is told twice is one result. */
function toolEnded(state: BreakerState, seen: Seen, atMs: number): void {
  const run = runOf(state, seen)
  if (!run) return
  const call = stringOf(seen.facts["call"])
  if (call !== undefined && run.ended.has(call)) return
  if (call !== undefined) keepLatest(run.ended, call, true, mostRepeats)
  seeResult(run, seen.facts, atMs)
}

function spent(state: BreakerState, seen: Seen, atMs: number): void {
  const { facts, scope } = seen
  if (facts["ours"] === true) return
  const run = runOf(state, seen)
  const tokens = ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"].some((name) => typeof facts[name] === "number" && facts[name] > 0)
  if (!tokens) return
  const amount = { nanos: nanosIn(facts), calls: 1 }
  const name = unattendedIn(run, facts)
  if (name !== undefined) spentUnattended(state, name, amount, atMs)
  else spentSilently(state, sessionIn(facts, scope), amount, atMs)
}

function spendTrips(state: BreakerState, { facts, scope }: Seen, atMs: number): Trip | undefined {
  const run = state.runs.get(stringOf(facts["run"]) ?? "")
  const name = unattendedIn(run, facts)
  const trip = name === undefined ? silenceOf(state, sessionIn(facts, scope)) : unattendedOf(state, name, atMs)
  const about = { run: stringOf(facts["run"]), agent: stringOf(facts["agent"]) }
  return trip && { ...given(about), ...trip }
}

function runBegan(state: BreakerState, seen: Seen, atMs: number): void {
  const { facts, scope } = seen
  const run = runOf(state, seen)
  // Subagents, jobs, heartbeats and what hears of a subagent's end have a kind.
  if (facts["runKind"] === undefined && run) userWrote(state, sessionIn(facts, scope), stringOf(facts["run"]), atMs)
}

/** A run that failed may be tried again, under its name. */
function runEnded(state: BreakerState, { facts }: Seen): void {
  const run = stringOf(facts["run"])
  if (run === undefined || (facts["success"] !== true && facts["aborted"] !== true)) return
  state.cuts.delete(`run:${run}`)
  // What it is may still be asked: an answer leaves after the end of its run, and the last usage may be told after it.
  forgetCalls(state.runs.get(run))
}

function forgetCalls(run: RunSeen | undefined): void {
  for (const calls of [run?.identical, run?.similar, run?.results]) calls?.clear()
}

/** Of an ordinary run whoever asked for it reads the answer, also where it goes over no channel. What kind a run is may be told at its beginning alone. */
function answered(state: BreakerState, seen: Seen, atMs: number): void {
  const { answerLength } = seen.facts
  if (runOf(state, seen)?.kind === undefined && typeof answerLength === "number" && answerLength > 0) told(state, seen, atMs)
}

function told(state: BreakerState, seen: Seen, atMs: number): void {
  const run = runOf(state, seen)
  const name = unattendedIn(run, seen.facts)
  if (name !== undefined) attended(state, name)
  brokeSilence(state, sessionIn(seen.facts, seen.scope), atMs)
}

function isShown(facts: Fields): boolean {
  const shows = [facts["length"], facts["media"]].some((count) => typeof count === "number" && count > 0)
  return shows && facts["failed"] !== true && facts["part"] !== "tool"
}

/** What is known of the run of an event, with what the event adds; undefined when it is of none. */
function runOf(state: BreakerState, { facts }: Seen): RunSeen | undefined {
  const run = stringOf(facts["run"])
  if (run === undefined) return undefined
  const seen = runAt(state, run)
  seen.kind ??= stringOf(facts["runKind"])
  seen.job ??= stringOf(facts["job"])
  seen.agent ??= stringOf(facts["agent"])
  return seen
}

function unattendedIn(run: RunSeen | undefined, facts: Fields): UnattendedName | undefined {
  const job = stringOf(facts["job"]) ?? run?.job
  const kind = run?.kind ?? stringOf(facts["runKind"]) ?? (job === undefined ? undefined : "cron")
  return unattendedName(kind, job, stringOf(facts["agent"]) ?? run?.agent)
}

function sessionIn(facts: Fields, scope: string): string {
  return stringOf(facts["session"]) ?? scope
}

/** By the price in force, else what the host says. */
function nanosIn({ computedNanos, reportedNanos }: Fields): bigint {
  const text = stringOf(computedNanos) ?? stringOf(reportedNanos)
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : 0n
}

function timeOf({ atMs }: Fields): number {
  return typeof atMs === "number" && Number.isSafeInteger(atMs) && atMs >= 0 ? atMs : 0
}

function given<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
