/** A finding as lines of text, for a terminal. */
import type { EvidenceVerdict, Finding } from "../evidence/evidence.ts"
import { plain } from "../../base/plain-text.ts"

const marks: { readonly [V in EvidenceVerdict]: string } = { valid: "✓", "valid with erasures": "✓", unverifiable: "?", invalid: "✗", exceeded: "✗" }

const mostShown = 3

export function findingText(file: string, finding: Finding): string {
  const { kind, verdict, says, checked, keys, problems, details, contents, notes, notProven } = finding
  const list = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`  ${plain(title)}`, ...lines.map((line) => `    ${plain(line)}`)])
  const rows = (some: Finding["details"]) => some.map(({ name, value }) => `${name}: ${value}`)
  const lines = [
    `${marks[verdict]} ${verdict.toUpperCase()}  ${plain(file)}`,
    `  ${plain(kind)}. ${plain(says)}`,
    ...list(verdict === "invalid" ? "Wrong:" : "Problems:", problems),
    ...list("What it says:", rows(details)),
    ...list(
      keyTitle(verdict),
      keys.map(({ key, isPinned, signed }) => `${key} (${isPinned ? "pinned" : "not pinned"}): ${signed}`),
    ),
    ...list("Checked:", checked),
    ...contents.slice(0, mostShown).flatMap(({ title, details }) => list(`${title}:`, rows(details))),
    ...(contents.length > mostShown ? ["  More was recorded: --json tells the first of it, verify.html shows it."] : []),
    ...list("Notes:", notes),
    ...list("Not proven:", notProven),
  ]
  return `${lines.join("\n")}\n`
}

/** Of a file that is wrong it is not known whether the key that it names signed anything. */
export function keyTitle(verdict: EvidenceVerdict): string {
  return verdict === "invalid" ? "Keys that it names:" : "Signed by:"
}
