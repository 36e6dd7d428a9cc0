/** A watch as text: what is wrong first in the eye, each with the command that mends it; and a line for each change. */
import type { Check, WatchReport } from "../../views/watch.ts"
import type { Terminal } from "../cli/terminal.ts"
import { plain } from "./words.ts"

const marks = { good: "ok", wrong: "WRONG", unknown: "?" } as const

export function watchText({ checks }: WatchReport, terminal: Terminal): string {
  return checks.map((check) => checkLine(check, terminal)).join("")
}

export function changeLine(check: Check, atIso: string, terminal: Terminal): string {
  return `${atIso} ${checkLine(check, terminal)}`
}

function checkLine({ name, state, words, remedy }: Check, { colors }: Terminal): string {
  const paint = { good: colors.green, wrong: colors.red, unknown: colors.yellow }[state]
  const mend = remedy === null || state === "good" ? "" : `${colors.dim("  ->")} ${plain(remedy)}`
  return `${paint(marks[state].padEnd(5))} ${name.padEnd(12)} ${plain(words)}${mend}\n`
}
