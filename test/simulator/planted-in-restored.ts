/** Bugs in what a ledger does that was put back from a copy. */
import type { PlantedBug } from "./planted-bug.ts"

const ledger = "src/ledger"

export const plantedInRestored: readonly PlantedBug[] = [
  {
    name: "a ledger that was put back goes on as if nothing were",
    file: `${ledger}/decide-restored.ts`,
    from: "const freezes = limited && state.frozen === undefined",
    to: "const freezes = false",
  },
  {
    name: "a snapshot forgets that spending was ever limited",
    file: `${ledger}/snapshot.ts`,
    from: "state.limited = current.limited === true",
    to: "state.limited = false",
  },
  {
    name: "what an operator accepted is told of again",
    file: `${ledger}/evolve.ts`,
    from: "for (const name of event.facts.accepts ?? []) acceptEvidence(state, name, event.facts.atMs)",
    to: "",
  },
]
