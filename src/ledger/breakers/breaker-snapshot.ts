/** What breakers have seen and cut, as JSON and back: part of a ledger's snapshot. */
import type { BreakerRule, CutName } from "../../format/facts/ledger.ts"
import { emptyBreakers, type BreakerState, type Cut, type Repeat, type RunSeen, type Silence } from "./breaker-state.ts"

type Lists<V> = readonly (readonly [string, V])[]
type Kept = {
  readonly rule: BreakerRule
  readonly runs: Lists<
    Omit<RunSeen, "identical" | "similar" | "results" | "ended"> & {
      readonly identical: Lists<Repeat>
      readonly similar: Lists<Repeat>
      readonly results: Lists<string>
      readonly ended: readonly string[]
    }
  >
  readonly sessions: Lists<Omit<Silence, "nanos"> & { readonly nanos: string }>
  readonly unattended: Lists<{
    readonly sinceMs: number
    readonly quarters: readonly { readonly startMs: number; readonly nanos: string; readonly calls: number }[]
  }>
  readonly cuts: readonly (readonly [CutName, Cut])[]
}

export function breakersJson({ rule, runs, sessions, unattended, cuts }: BreakerState): Kept {
  return {
    rule,
    runs: [...runs].map(([name, run]) => [
      name,
      { ...run, identical: [...run.identical], similar: [...run.similar], results: [...run.results], ended: [...run.ended.keys()] },
    ]),
    sessions: [...sessions].map(([name, silence]) => [name, { ...silence, nanos: `${silence.nanos}` }]),
    unattended: [...unattended].map(([name, { sinceMs, quarters }]) => [
      name,
      { sinceMs, quarters: quarters.map((quarter) => ({ ...quarter, nanos: `${quarter.nanos}` })) },
    ]),
    cuts: [...cuts],
  }
}

export function breakersOf({ rule, runs, sessions, unattended, cuts }: Kept): BreakerState {
  const state = emptyBreakers()
  state.rule = rule
  for (const [name, run] of runs) {
    const { kind, job, agent } = run // JSON leaves out what is not known
    const ended = new Map(run.ended.map((call) => [call, true as const]))
    const lists = { identical: new Map(run.identical), similar: new Map(run.similar), results: new Map(run.results), ended }
    state.runs.set(name, { ...run, kind, job, agent, ...lists })
  }
  for (const [name, silence] of sessions) state.sessions.set(name, { ...silence, run: silence.run, nanos: BigInt(silence.nanos) })
  for (const [name, { sinceMs, quarters }] of unattended)
    state.unattended.set(name, { sinceMs, quarters: quarters.map((quarter) => ({ ...quarter, nanos: BigInt(quarter.nanos) })) })
  for (const [name, cut] of cuts) state.cuts.set(name, cut)
  return state
}
