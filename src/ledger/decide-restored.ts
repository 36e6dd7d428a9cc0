/**
 * A ledger that was put back from a copy has forgotten what was spent since, and budgets and freezes that were set since. So everything is frozen, once for each
 * evidence, until the operator lets it go on. Where nothing ever limited spending there is no promise to break, and an observer stops no gateway: there it is
 * recorded and told.
 */
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import type { LedgerEvent, Restored } from "../format/facts/ledger.ts"
import type { LedgerState } from "./state.ts"

export function decideRestored(state: LedgerState, command: CommandOf<"recognise">, atMs: number): Decision {
  const { evidence, by, finding, seenSize, size } = command
  if (state.restored.has(evidence)) return { events: [], repeated: true }
  const { limited } = state
  const restored: LedgerEvent = { type: "ledger.restored", facts: { atMs, evidence, by, finding, seenSize, size, limited } }
  const freezes = limited && state.frozen === undefined
  return { events: freezes ? [restored, { type: "ledger.frozen", facts: { atMs, reason: reasonOf(command) } }] : [restored] }
}

function reasonOf({ by, seenSize, size }: Restored): string {
  const goesOn = "the operator looks at sovereign-ledger status, and goes on with sovereign-ledger unfreeze all"
  if (by === "restore") return `this ledger was put back from a backup of ${size} entries, which knows nothing of what was spent and set since; ${goesOn}`
  const outside = by === "witness" ? "a witness" : "the note outside it"
  return `this ledger was put back from a copy or went on in two places: ${outside} knows ${seenSize} entries, ${size} stood here; ${goesOn}`
}
