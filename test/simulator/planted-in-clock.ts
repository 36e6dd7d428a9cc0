/** Mistakes about what time it is. */
import type { PlantedBug } from "./planted-bug.ts"

const file = "src/ledger/ledger-clock.ts"

export const plantedInClock: readonly PlantedBug[] = [
  {
    name: "the ledger goes by the clock on the wall",
    file,
    from: "const ms = Math.min(Math.max(wallMs, trustedMs - clockToleranceMs), trustedMs + clockToleranceMs)",
    to: "const ms = wallMs",
  },
  {
    name: "a clock that was set back stops the ledger",
    file,
    from: "const ms = Math.min(Math.max(wallMs, trustedMs - clockToleranceMs), trustedMs + clockToleranceMs)",
    to: "const ms = Math.min(wallMs, trustedMs + clockToleranceMs)",
  },
  {
    name: "ledger time goes back behind what is on record",
    file,
    from: "return Math.max(this.#state.lastMs, Math.floor(ms))",
    to: "return Math.floor(ms)",
  },
  {
    name: "the next writer believes the wall clock it finds",
    file,
    from: "this.#line = isSame ? moved({ ...known, wallMs: known.trustedMs }, here) :",
    to: "this.#line =",
  },
  {
    name: "the line follows a clock that was set, however far",
    file,
    from: "const most = Math.abs(aheadMs) > clockToleranceMs ? 0 : passedMs * mostSlew",
    to: "const most = passedMs * mostSlew",
  },
]
