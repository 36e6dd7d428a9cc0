/**
 * Downgrades: which cheaper model a run is to use while a budget runs low. The steps in force, what was decided for the latest runs, and who was told.
 * A step is reached when what is spent and held of a unit of its budget is `at` percent of its room; nothing here refuses anything.
 */
import { add, emptyTally } from "./amounts.ts"
import { keepLatest } from "./breakers/breaker-state.ts"
import { conditionsOf, matches, matching, standingAt, type Budget, type Condition } from "./budgets.ts"
import type { DowngradeStep, LedgerEventFacts, Spend } from "../format/facts/ledger.ts"
import type { LedgerState } from "./state.ts"
import type { Unit } from "./units.ts"

type Step = DowngradeStep & { readonly conditions: readonly Condition[] }
/** What a run was to have, what it was given, and all that it was given before: the host asks again for a model to fall back to. */
type Given = { readonly from?: string; readonly to: string; readonly tried: readonly string[] }
/** In which period of the budget, and when. */
type Telling = { readonly serial: number; readonly atMs: number }

export type DowngradeState = {
  /** By rising `at`. */
  steps: readonly Step[]
  readonly runs: Map<string, Given>
  readonly told: Map<string, Telling>
}

export type Used = { readonly unit: Unit; readonly usedPercent: number }
/** Reached, so that runs which match it use its model, or that of a further one. */
export type StepStanding = DowngradeStep & { readonly isReached: boolean }

const mostRuns = 1_024
const mostTold = 4_096

export function emptyDowngrades(): DowngradeState {
  return { steps: [], runs: new Map(), told: new Map() }
}

export function setSteps(state: DowngradeState, steps: readonly DowngradeStep[]): void {
  state.steps = steps.map((step) => ({ ...step, conditions: conditionsOf(step.match) }))
}

export function stepsOf({ steps }: DowngradeState): readonly DowngradeStep[] {
  return steps.map(({ conditions: _conditions, ...step }) => step)
}

/** Whether any run may get another model: a step of a budget that is there. */
export function mayDowngrade({ downgrades, budgets }: LedgerState): boolean {
  return downgrades.steps.some(({ budget }) => budgets.has(budget))
}

export function downgradeRun({ downgrades, budgets }: LedgerState, facts: LedgerEventFacts["model.downgraded"]): void {
  const { run, from, to, budget, atMs } = facts
  if (run !== undefined) {
    const tried = [...(downgrades.runs.get(run)?.tried ?? []), to]
    keepLatest(downgrades.runs, run, { ...(from === undefined ? {} : { from }), to, tried }, mostRuns)
  }
  const serial = budgets.get(budget)?.serial
  if (facts.told && serial !== undefined) keepLatest(downgrades.told, tellingOf(facts), { serial, atMs }, mostTold)
}

/** Steps that a run is on, the furthest last: those that match it, of budgets in which it counts with the model it would have. */
export function stepsFor({ downgrades, index }: LedgerState, spend: Spend): readonly { readonly step: DowngradeStep; readonly budget: Budget }[] {
  const counted = matching(index, spend)
  return downgrades.steps.flatMap((step) => {
    const budget = counted.find(({ rule }) => rule.name === step.budget)
    return budget && matches(step, spend) ? [{ step, budget }] : []
  })
}

/** The steps of a budget as they stand, whoever they match. */
export function stepsNow(state: DowngradeState, budget: Budget, atMs: number): readonly StepStanding[] {
  const { usedPercent } = usedOf(budget, atMs)
  return stepsOf(state).flatMap((step) => (step.budget === budget.rule.name ? [{ ...step, isReached: usedPercent >= step.at }] : []))
}

/** The unit of which the largest share is spent and held, rounded down. */
export function usedOf(budget: Budget, atMs: number): Used {
  const { room, spent, held } = standingAt(budget, atMs)
  const gone = emptyTally()
  for (const tally of [spent, held]) add(gone, tally)
  const shares = budget.limited.map((unit): Used => {
    const limit = room[unit] ?? 0n
    return { unit, usedPercent: limit === 0n ? 100 : Number((gone[unit] * 100n) / limit) }
  })
  return shares.reduce((most, one) => (one.usedPercent > most.usedPercent ? one : most), { unit: budget.limited[0] ?? "calls", usedPercent: -1 })
}

/** Once in a session for each step and period of its budget; of a rolling span once a span. */
export function wasTold({ downgrades }: LedgerState, budget: Budget, telling: Telt, atMs: number): boolean {
  const told = downgrades.told.get(tellingOf(telling))
  const { period } = budget.rule
  return told !== undefined && told.serial === budget.serial && (period.per !== "rolling" || told.atMs + period.spanMs > atMs)
}

type Telt = Pick<LedgerEventFacts["model.downgraded"], "session" | "run" | "budget" | "levelPercent" | "to">

function tellingOf({ session, run, budget, levelPercent, to }: Telt): string {
  return [session ?? run ?? "", budget, levelPercent, to].join("\n")
}

export function downgradeWords({ budget, usedPercent, from, to }: LedgerEventFacts["model.downgraded"]): string {
  return `Sovereign Ledger: the budget ${budget} is used to ${usedPercent} %; this run uses ${to} instead of ${from ?? "its own model"}.`
}

export function downgradesJson(state: DowngradeState) {
  return { steps: stepsOf(state), runs: [...state.runs], told: [...state.told] }
}

export function downgradesOf({ steps, runs, told }: ReturnType<typeof downgradesJson>): DowngradeState {
  const state = { ...emptyDowngrades(), runs: new Map(runs), told: new Map(told) }
  setSteps(state, steps)
  return state
}
