/** What an inspection found, a line a part, and under it what is wrong and what to do: each remedy once. */
import type { InspectReport, PartReport, PartState } from "../../journal/inspect-store.ts"
import type { Terminal } from "../cli/terminal.ts"
import { rangeWords } from "./verify-text.ts"
import { plain } from "./words.ts"

const marks: { readonly [S in PartState]: string } = { sound: "✓", damaged: "✗", missing: "?", "not looked at": "?" }

export function inspectText(report: InspectReport, directory: string, terminal: Terminal): string {
  const { colors } = terminal
  const paint = { sound: colors.green, damaged: colors.red, "not looked at": colors.yellow }[report.state]
  const head = { sound: "✓ SOUND", damaged: "✗ DAMAGED", "not looked at": "? NOT ALL OF IT COULD BE LOOKED AT" }[report.state]
  const widest = Math.max(...report.parts.map(({ part }) => part.length))
  const remedies = [...new Set(report.parts.flatMap(({ remedy }) => (remedy === null ? [] : [remedy])))]
  const lines = [
    `${paint(colors.bold(head))}  ${plain(directory)}`,
    ...report.parts.flatMap((part) => partLines(part, widest, terminal)),
    ...(remedies.length > 0 ? ["", "What to do:", ...remedies.map((remedy) => `  ${colors.dim("-")} ${plain(remedy)}`)] : []),
  ]
  return `${lines.join("\n")}\n`
}

function partLines({ part, state, words, findings, findingsNotListed }: PartReport, widest: number, { colors }: Terminal): string[] {
  const paint = state === "sound" ? colors.green : state === "damaged" ? colors.red : colors.yellow
  return [
    `  ${paint(marks[state])} ${part.padEnd(widest)}  ${plain(words)}`,
    ...findings.map(({ from, to, what }) => `    ${" ".repeat(widest)}  ${colors.red(rangeWords(from, to))} ${plain(what)}`),
    ...(findingsNotListed > 0 ? [`    ${" ".repeat(widest)}  ... and ${findingsNotListed} more`] : []),
  ]
}
