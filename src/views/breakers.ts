/** What breakers have cut off, or told of, and when they trip: from the files, with or without a writer. */
import type { BreakerRule } from "../format/facts/ledger.ts"
import { isInForce } from "../ledger/breakers/breakers.ts"
import type { BreakerState, Cut } from "../ledger/breakers/breaker-state.ts"
import { tripWords } from "../ledger/breakers/trip.ts"
import { ledgerNow } from "./budgets.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type CutOff = Omit<Cut, "atMs" | "sinceMs" | "untilMs"> & {
  readonly at: string
  readonly since: string
  readonly until: string | null
  readonly words: string
}

export type BreakersReport = { readonly rule: BreakerRule; readonly cuts: readonly CutOff[] }

export function breakersNow(access: LedgerAccess, nowMs: number): BreakersReport {
  const { breakers } = ledgerNow(access)
  return { rule: breakers.rule, cuts: cutsNow(breakers, nowMs) }
}

/** Those that no message, end of a run or new day has lifted; the latest first. */
export function cutsNow({ cuts }: BreakerState, nowMs: number): readonly CutOff[] {
  return [...cuts.values()]
    .filter((cut) => isInForce(cut, nowMs))
    .map(cutOff)
    .reverse()
}

function cutOff(cut: Cut): CutOff {
  const { atMs, sinceMs, untilMs, ...rest } = cut
  const iso = (ms: number) => new Date(ms).toISOString()
  return { ...rest, at: iso(atMs), since: iso(sinceMs), until: untilMs === undefined ? null : iso(untilMs), words: tripWords(cut) }
}
