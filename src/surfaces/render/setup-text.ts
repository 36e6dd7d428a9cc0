/** What `setup` is about to write, for people: each answer on a line, what is new marked, nothing that is secret. */
import type { Plan } from "../cli/set-up/plan.ts"
import type { Terminal } from "../cli/terminal.ts"
import { plain } from "./words.ts"

export function planText({ rows, warnings }: Plan, { colors }: Pick<Terminal, "colors">): string {
  const lines = rows.map(({ name, words, isNew }) => `${isNew ? colors.green("+") : " "} ${name.padEnd(14)} ${plain(words)}`)
  return [...lines, ...warnings.map((words) => colors.yellow(`! ${plain(words)}`))].join("\n")
}
