/** A drill on one screen: a line a crime, with who committed it, the entries that were named and what was said; last how many were found. */
import type { CrimeReport, DrillReport } from "../../drill/drill.ts"
import type { Terminal } from "../cli/terminal.ts"
import { rangeWords, verifyText } from "./verify-text.ts"
import { countWords, plain } from "./words.ts"

const leastWidth = 100

export function drillText(report: DrillReport, directory: string, terminal: Terminal): string {
  const { colors } = terminal
  const { state, before, crimes, seed, kept } = report
  if (state === "not begun")
    return `${verifyText(before, directory, terminal)}${colors.red("No crime was committed: the ledger itself is not valid, as it is.")}\n`
  const uncovered = before.to + 1 - before.covered
  const alone = uncovered > 0 ? `, the last ${uncovered} left alone (no checkpoint covers them yet)` : ""
  const lines = [
    `${colors.bold("Drill")} on a copy of ${plain(directory)}: ${countWords(before.entries, "entry", "entries")}, ${before.verdict}${alone}; --seed ${seed} repeats it`,
    ...crimes.map((crime) => crimeLine(crime, crimes, terminal)),
    ...crimes.flatMap((crime) => (crime.outcome === "not found" ? missedLine(crime, terminal) : [])),
    ...(kept === null ? [] : [`The copy is in ${plain(kept)}`]),
    lastLine(report, terminal),
  ]
  return `${lines.join("\n")}\n`
}

function crimeLine(crime: CrimeReport, all: readonly CrimeReport[], { colors, width }: Terminal): string {
  const widest = (of: (row: CrimeReport) => string) => Math.max(...all.map((row) => of(row).length))
  const name = crime.name.padEnd(widest((row) => row.name))
  const holds = crime.holds.padEnd(widest((row) => row.holds))
  const said = cut(saidOf(crime), Math.max(leastWidth, width) - name.length - holds.length - 6)
  if (crime.outcome === "skipped") return colors.dim(`- ${name}  ${holds}  ${said}`)
  const mark = crime.outcome === "found" ? colors.green("✓") : colors.red("✗")
  return `${mark} ${colors.bold(name)}  ${colors.dim(holds)}  ${said}`
}

function saidOf({ outcome, sentence, named, times }: CrimeReport): string {
  const [first] = named
  if (outcome === "skipped") return `skipped: ${plain(sentence)}`
  if (outcome === "not found") return "NOT FOUND"
  const often = times > 1 ? `${times} of ${times}: ` : ""
  return `${often}${first ? `${rangeWords(first.from, first.to)} ` : ""}${plain(sentence)}`
}

function missedLine({ name, words, sentence, foundBy }: CrimeReport, { colors }: Terminal): string {
  return colors.red(`NOT FOUND: ${name}. Who commits it ${words}; ${foundBy} had to tell, and what was said is: ${plain(sentence)}`)
}

function lastLine({ state, crimes }: DrillReport, { colors }: Terminal): string {
  const committed = crimes.filter(({ outcome }) => outcome !== "skipped").length
  const found = crimes.filter(({ outcome }) => outcome === "found").length
  const skipped = crimes.length - committed
  const paint = state === "all found" ? colors.green : state === "stopped" ? colors.yellow : colors.red
  const rest = skipped > 0 ? `, ${skipped} skipped` : ""
  return paint(colors.bold(`${found} of ${countWords(committed, "crime")} found${rest}${state === "stopped" ? ", then stopped" : ""}`))
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
