/** A state of one's own as it stands at an instant: what a writer would have opened by then is opened in it, and on record nowhere. */
import { decide } from "./decide.ts"
import { evolve } from "./evolve.ts"
import type { LedgerState } from "./state.ts"

export function openedBy(state: LedgerState, atMs: number): LedgerState {
  const decision = decide(state, { do: "open-allowances", atMs })
  if (!("refused" in decision)) for (const event of decision.events) evolve(state, event)
  return state
}
