/** What breakers have cut off, and when they trip. */
import { breakersNow } from "../../views/breakers.ts"
import { breakersText } from "../render/breaker-text.ts"
import { bodyOf, type Question } from "./question.ts"

export const breakersQuestion: Question = {
  path: "breaker list",
  route: "breakers",
  schema: "breakers.schema.json",
  summary: "Loops and silent burn that were cut off or told of, and when breakers trip",
  help: `What no message, end of a run or new day has lifted yet. The thresholds stand in the setting breakers; docs/guides/breakers.md says more.

Examples:
  sovereign-ledger breaker list
  sovereign-ledger breaker list --json | jq '.cuts[] | {cut, words}'`,
  parameters: [],
  formats: [],
  ask: (asked) => {
    const report = breakersNow(asked.access(), asked.nowMs)
    return { body: { ...bodyOf(asked), ...report }, text: (look) => breakersText(report, look) }
  },
}
