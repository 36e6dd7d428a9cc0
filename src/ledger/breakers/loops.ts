/**
 * Loops: calls of one run that bring nothing new. Identical is what has the same arguments and the same result; similar is what has them but for times, ids,
 * counters and white space. A row is broken by a pair of call and result that the run has not seen before, as when a file was changed between two runs of the
 * same test; such a call may come again `patience` times as often before it counts as a loop all the same. Looking at what takes its time is waiting and
 * bounded as similar calls are, however much the looks are alike.
 */
import { stringOf } from "../../base/json.ts"
import type { BreakerRule } from "../../format/facts/ledger.ts"
import { keepLatest, mostRepeats, type BreakerState, type Repeat, type RunSeen, type Seen } from "./breaker-state.ts"
import type { Trip } from "./trip.ts"

const patience = 5
/** A look that was preceded by less is none at something that takes its time. */
const waitsMs = 10_000

type Fields = Seen["facts"]

/** A call ended: with a result, or refused. */
export function seeResult(run: RunSeen, facts: Fields, atMs: number): void {
  const prints = printsOf(facts)
  if (!prints) return
  run.waitedMs += facts["waits"] === true ? waitsMs : durationOf(facts)
  const known = run.similar.has(prints.similar)
  if (!known) run.news++
  repeat(run, run.similar, prints.similar, { atMs, countsWaits: true })
  // A call inside another one's is seen for itself, and what is around it is not asked before it begins.
  repeat(run, run.identical, prints.identical, { atMs, countsWaits: false })
  keepLatest(run.results, prints.call, prints.identical, mostRepeats)
}

function repeat(run: RunSeen, seen: Map<string, Repeat>, key: string, { atMs, countsWaits }: { readonly atMs: number; readonly countsWaits: boolean }): void {
  const { news, waitedMs } = run
  const before = seen.get(key)
  const waited = !countsWaits && before !== undefined && waitedMs - before.waitedMs >= waitsMs
  const more = waited ? 0 : 1
  const goesOn = before !== undefined && before.news === news
  const next: Repeat = {
    row: goesOn ? before.row + more : 1,
    total: (before?.total ?? 0) + (before ? more : 1),
    sinceMs: goesOn ? before.sinceMs : atMs,
    news,
    waitedMs,
  }
  keepLatest(seen, key, next, mostRepeats)
}

/** What an event that was seen trips. */
export function loopOf(state: BreakerState, { type, facts }: Seen): Trip | undefined {
  const run = state.runs.get(stringOf(facts["run"]) ?? "")
  if (!run) return undefined
  return type === "tool.invoked" ? before(run, facts, state.rule) : after(run, facts, state.rule)
}

/** A call is asked for whose last result was the same again and again: one more would be too many. */
function before(run: RunSeen, facts: Fields, rule: BreakerRule): Trip | undefined {
  const call = stringOf(facts["callPrint"])
  const last = call === undefined ? undefined : run.identical.get(run.results.get(call) ?? "")
  if (!last || facts["wrapper"] === true || facts["waits"] === true || run.waitedMs - last.waitedMs >= waitsMs) return undefined
  const row = last.news === run.news ? last.row + 1 : 1
  return identical({ ...last, row, total: last.total + 1 }, facts, rule)
}

function after(run: RunSeen, facts: Fields, rule: BreakerRule): Trip | undefined {
  const prints = printsOf(facts)
  const [same, alike] = prints ? [run.identical.get(prints.identical), run.similar.get(prints.similar)] : []
  return (same && identical(same, facts, rule)) ?? (alike && similar(alike, facts, rule))
}

function identical(seen: Repeat, facts: Fields, { identicalCalls }: BreakerRule): Trip | undefined {
  return loop("identical-calls", seen, facts, identicalCalls)
}

function similar(seen: Repeat, facts: Fields, { similarCalls }: BreakerRule): Trip | undefined {
  return loop("similar-calls", seen, facts, similarCalls)
}

function loop(breaker: "identical-calls" | "similar-calls", { row, total, sinceMs }: Repeat, facts: Fields, most: number): Trip | undefined {
  const threshold = row >= most ? most : most * patience
  if (most === 0 || Math.max(row, total) < threshold) return undefined
  const counted = row >= most ? row : total
  const [run, tool, agent] = [stringOf(facts["run"]) ?? "", stringOf(facts["tool"]) ?? "unknown", stringOf(facts["agent"])]
  const about = { tool, run, ...(agent === undefined ? {} : { agent }) }
  return { breaker, cut: `run:${run}`, counted: `${counted}`, threshold: `${threshold}`, unit: "calls", sinceMs, ...about }
}

type Prints = { readonly call: string; readonly identical: string; readonly similar: string }

function printsOf(facts: Fields): Prints | undefined {
  const [call, callShape] = [stringOf(facts["callPrint"]), stringOf(facts["callShape"])]
  const [result, resultShape] = [stringOf(facts["resultPrint"]), stringOf(facts["resultShape"])]
  if (call === undefined || result === undefined || callShape === undefined || resultShape === undefined) return undefined
  return { call, identical: `${call}${result}`, similar: `${callShape}${resultShape}` }
}

function durationOf({ durationMs }: Fields): number {
  return typeof durationMs === "number" && durationMs > 0 ? durationMs : 0
}
