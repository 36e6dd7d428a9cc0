/** The checkpoints that are stored. */
import { listCheckpoints } from "../../views/checkpoints.ts"
import { checkpointLines } from "../render/checkpoint-lines.ts"
import { countWords } from "../render/words.ts"
import { whole } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

export const checkpointsQuestion: Question = {
  path: "checkpoint list",
  route: "checkpoints",
  schema: "checkpoints.schema.json",
  summary: "The checkpoints that are stored, newest last",
  parameters: [whole({ name: "last", words: "how many (default 20)", most: 1_000_000, default: 20, overHttp: { default: 20, most: 1_000 } })],
  formats: [],
  help: `One is stored a minute while something is recorded, and one when the writer stops.
Whether their signatures and hashes are good is what verify says.

Example:
  sovereign-ledger checkpoint list --json | jq -r '.checkpoints[].size'`,
  ask: (asked, values) => {
    const { checkpoints, total } = listCheckpoints(asked.access(), values["last"] as number)
    const truncated = total > checkpoints.length
    return {
      body: { ...bodyOf(asked), total, truncated, checkpoints },
      text: ({ colors }) => {
        const more = truncated ? colors.dim(`${countWords(checkpoints.length, "checkpoint")} of ${total.toLocaleString("en")}; --last shows more\n`) : ""
        return checkpointLines(checkpoints.toReversed()) + more
      },
    }
  },
}
