/** Ledger time now, and how the wall clock stands to it: by the word of the running writer, else by the journal and the clocks of this machine. */
import type { Clocks } from "../base/clock.ts"
import { objectOf, type Json } from "../base/json.ts"
import type { ClockStanding } from "../ledger/ledger-clock.ts"
import type { LedgerState } from "../ledger/state.ts"
import { standingOf } from "../projections/ledger-time.ts"
import { ledgerNow } from "./budgets.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type ClockQuestion = {
  readonly nowMs: number
  /** What the running writer says of itself, or null when none runs. */
  readonly writer: Json
  /** Without them the wall clock is believed. */
  readonly clocks?: Clocks | undefined
}

/** `state` is that of the ledger, where it is known already. */
export function clockNow(access: LedgerAccess, { nowMs, writer, clocks }: ClockQuestion, state?: LedgerState): ClockStanding {
  const told = toldClock(writer)
  if (told) return told
  if (!clocks || !access.scopes) return { state: "agrees", ledgerMs: nowMs, wallMs: nowMs, aheadMs: 0 }
  return standingOf(state ?? ledgerNow(access), access.scopes, clocks)
}

function toldClock(writer: Json): ClockStanding | undefined {
  const { state, ledgerMs, wallMs, aheadMs } = objectOf(objectOf(writer)["clock"])
  const isState = state === "agrees" || state === "ahead" || state === "behind"
  return isState && typeof ledgerMs === "number" && typeof wallMs === "number" && typeof aheadMs === "number" ? { state, ledgerMs, wallMs, aheadMs } : undefined
}

/** One sentence on it, and what can be done. */
export function clockWords({ state, ledgerMs, wallMs }: ClockStanding): string {
  const [ledger, wall] = [new Date(ledgerMs).toISOString(), new Date(wallMs).toISOString()]
  if (state === "agrees") return "the wall clock agrees with ledger time"
  return `the wall clock (${wall}) is ${state === "ahead" ? "ahead of" : "behind"} ledger time (${ledger}) by more than passing time explains`
}
