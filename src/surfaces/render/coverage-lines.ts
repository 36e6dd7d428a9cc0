/** The three lines that `status` begins with and the gateway's log says once: what is recorded, what is not covered, and the one command to run next. */
import type { Coverage } from "../../views/coverage.ts"
import { plain } from "./words.ts"

export { coverageOf } from "../../views/coverage.ts"

export function coverageLines({ recorded, notCovered, next }: Coverage): readonly [recorded: string, notCovered: string, next: string] {
  return [
    `Recorded: ${recorded}.`,
    `Not covered: ${notCovered.map(({ what }) => plain(what)).join("; ")}.`,
    next === null ? "Next: nothing is left that a command could cover." : `Next: ${plain(next.command)} (${next.gives})`,
  ]
}
