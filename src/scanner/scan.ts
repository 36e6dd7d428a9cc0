/**
 * What of a text looks like an attack, by a table of rows (`rows.ts`): shell commands that hand a machine over, data on its way out, text that speaks to a
 * model. It advises; what is done about it is decided elsewhere. Pure, and the time it takes follows the length of the text alone.
 */
import { secretsIn } from "../capture/redaction/scan-text.ts"
import { machineOf } from "./machine.ts"
import { TextReader } from "./reader.ts"
import type { ScanCategory, ScanSeverity, ScanSource } from "./row.ts"
import { scanRows } from "./rows.ts"

export type ScanFinding = {
  readonly check: string
  readonly category: ScanCategory
  readonly severity: ScanSeverity
  /** Where it begins and ends in the text, in UTF-16 units. */
  readonly offset: number
  readonly end: number
  /** Counted from 1. */
  readonly line: number
  /** It stands in something encoded, which begins at `offset`. */
  readonly encoded?: true
}

export type Scanned = { readonly findings: readonly ScanFinding[]; readonly work: number }

/** Texts within texts within texts are read no deeper. */
const mostDepth = 3
const mostHiddenUnits = 65_536
const mostSecretLooks = 32
const secretWindow = 512

let reader: TextReader | undefined

/** What is found in a text, in the order of the table; each check once, at its first place. */
export function scanText(text: string, source: ScanSource): Scanned {
  reader ??= new TextReader(machineOf(scanRows))
  const findings: ScanFinding[] = []
  const left = { units: mostHiddenUnits }
  const work = readInto(findings, reader, { text, source, left, depth: 0 })
  return { findings, work }
}

type Part = {
  readonly text: string
  readonly source: ScanSource
  readonly left: { units: number }
  readonly depth: number
  /** Where it stands in the text that was given, if it is only the text of something there. */
  readonly at?: { readonly offset: number; readonly line: number }
}

function readInto(findings: ScanFinding[], by: TextReader, { text, source, left, depth, at }: Part): number {
  let looks = 0
  const isSecret = (from: number) => {
    if (++looks > mostSecretLooks) return false
    const begin = Math.max(0, from - 64)
    return secretsIn(text.slice(begin, from + secretWindow)).some(({ end }) => begin + end > from)
  }
  const { matches, hidden, work } = by.read(text, source, isSecret)
  for (const { row, from, to } of matches) {
    const found = scanRows[row]
    if (found === undefined || findings.some(({ check }) => check === found.check)) continue
    const { check, category, severity } = found
    const place =
      at === undefined ? { offset: from, end: to, line: lineOf(text, from) } : { offset: at.offset, end: at.offset, line: at.line, encoded: true as const }
    findings.push({ check, category, severity, ...place })
  }
  let total = work + Math.min(looks, mostSecretLooks) * (secretWindow + 64)
  if (depth >= mostDepth) return total
  for (const one of hidden) {
    const inner = one.text.slice(0, left.units)
    left.units -= inner.length
    if (inner === "") break
    total += readInto(findings, by, { text: inner, source, left, depth: depth + 1, at: at ?? { offset: one.at, line: lineOf(text, one.at) } })
  }
  return total
}

export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++
  return line
}
