/** What `doctor` found: what is wrong first, each with the command that mends it; what is well in one line. */
import type { Finding } from "../../views/doctor/finding.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const indent = " ".repeat(16)

export function doctorText(findings: readonly Finding[], fixed: readonly Finding[], { colors }: Pick<Terminal, "colors">): string {
  const bad = [...findings.filter(({ state }) => state === "wrong"), ...findings.filter(({ state }) => state === "unknown")]
  const lines = bad.flatMap(({ name, state, words, remedy }) => {
    const head = `${state === "wrong" ? colors.red("WRONG ") : colors.yellow("?     ")} ${name.padEnd(12)} ${plain(words)}`
    return [head, ...(remedy === null ? [] : [`${indent}${colors.dim("->")} ${plain(remedy)}`])]
  })
  const badNames = new Set(bad.map(({ name }) => name))
  const well = [...new Set(findings.map(({ name }) => name))].filter((name) => !badNames.has(name))
  return `${[
    ...fixed.map(({ name, words }) => `${colors.green("mended")} ${name.padEnd(12)} ${plain(words)}`),
    ...lines,
    ...(well.length > 0 ? [`ok     ${well.join(", ")}`] : []),
    bad.length === 0 ? colors.green("All is well.") : `${countWords(bad.length, "finding")}.`,
  ].join("\n")}\n`
}
