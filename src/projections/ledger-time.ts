/** Ledger time as the state of a journal and the clocks of this machine give it, for the writer and for whoever reads beside it. */
import type { Clocks } from "../base/clock.ts"
import { LedgerClock, type ClockStanding } from "../ledger/ledger-clock.ts"
import type { LedgerState } from "../ledger/state.ts"
import type { ScopeStore } from "../vault/scopes.ts"

/** The machine's life goes on record as a pseudonym. */
export function clocksOf(scopes: Pick<ScopeStore, "pseudonym">, clocks: Clocks): Clocks {
  return { ...clocks, boot: clocks.boot === undefined ? undefined : scopes.pseudonym(`boot:${clocks.boot}`) }
}

export function standingOf(state: LedgerState, scopes: Pick<ScopeStore, "pseudonym">, clocks: Clocks): ClockStanding {
  return new LedgerClock(clocksOf(scopes, clocks), state).standing()
}
