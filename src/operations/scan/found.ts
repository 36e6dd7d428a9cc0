/**
 * What of a call is scanned, and what is found in it: the arguments of a tool call, the result of one, the text of a message that came in. Each text by itself,
 * as it is in memory: secrets are taken out of what is shown of a finding, not of what is looked at.
 */
import { objectOf, stringOf } from "../../base/json.ts"
import type { CapturedCall } from "../../capture/hook-row.ts"
import { redact } from "../../capture/redact.ts"
import { secretName } from "../../capture/redaction/field-name.ts"
import { secretsIn } from "../../capture/redaction/scan-text.ts"
import type { ScanSource } from "../../scanner/row.ts"
import { scanText, type ScanFinding } from "../../scanner/scan.ts"

export type FoundOne = ScanFinding & {
  /** What stands there, without secrets. */
  readonly text: string
}
export type Found = { readonly source: ScanSource; readonly findings: readonly FoundOne[]; readonly cut: boolean }

/** Of one call so many units are scanned, from the beginning; and so many texts of it. */
export const mostUnits = 65_536
const mostTexts = 256
const mostDepth = 32
const mostWords = 1_000
const mostFindings = 16
const shownBefore = 24
const shownAfter = 160

/** The tool of the host that calls another one: the call inside is scanned itself. */
const wrapperTool = "tool_call"

const rows: Readonly<Record<string, { readonly source: ScanSource; readonly of: (picked: CapturedCall["picked"]) => unknown }>> = {
  before_tool_call: { source: "args", of: ({ tool, params }) => (tool === wrapperTool ? undefined : params) },
  after_tool_call: { source: "result", of: ({ tool, result }) => (tool === wrapperTool ? undefined : result) },
  message_received: { source: "message", of: ({ text }) => text },
}

/** Undefined where there is nothing. A call is scanned once, however often is asked. */
export function foundIn(call: CapturedCall): Found | undefined {
  if (known.has(call)) return known.get(call)
  const row = Object.hasOwn(rows, call.hook) ? rows[call.hook] : undefined
  const found = row && foundInValue(row.of(call.picked), row.source)
  known.set(call, found)
  return found
}

const known = new WeakMap<CapturedCall, Found | undefined>()

export function foundInValue(value: unknown, source: ScanSource): Found | undefined {
  const left = { units: mostUnits, texts: mostTexts, cut: false }
  const findings: FoundOne[] = []
  for (const { text, isSecret } of textsOf(value, left, 0)) {
    for (const finding of scanText(text, source).findings) {
      if (findings.some(({ check }) => check === finding.check)) continue
      findings.push({ ...finding, text: isSecret ? "[redacted]" : shownPiece(text, finding) })
    }
  }
  return findings.length === 0 ? undefined : { source, findings: findings.slice(0, mostFindings), cut: left.cut }
}

type Left = { units: number; texts: number; cut: boolean }
type Text = { readonly text: string; readonly isSecret: boolean }

function* textsOf(value: unknown, left: Left, depth: number, isSecret = false): Generator<Text> {
  if (typeof value === "string") {
    if (left.units <= 0 || left.texts <= 0 || value === "") {
      left.cut ||= value !== ""
      return
    }
    if (value.length > left.units) left.cut = true
    const text = value.slice(0, left.units)
    left.units -= text.length
    left.texts--
    yield { text, isSecret }
    return
  }
  if (typeof value !== "object" || value === null || depth >= mostDepth) return
  if (Array.isArray(value)) {
    // A command as a list of words is one text; a secret may be known by the word before it, so it is not shown then.
    if (value.length > 1 && value.length < mostWords && value.every((one) => typeof one === "string"))
      yield* textsOf(value.join(" "), left, depth, isSecret || redact(value).value !== value)
    else for (const one of value as readonly unknown[]) yield* textsOf(one, left, depth + 1, isSecret)
    return
  }
  for (const [name, one] of Object.entries(objectOf(value))) yield* textsOf(one, left, depth + 1, isSecret || secretName(name)?.sure === true)
}

/** A piece of the text around a finding, with marks in the place of secrets that reach into it. */
export function shownPiece(text: string, { offset, end }: Pick<ScanFinding, "offset" | "end">): string {
  const from = Math.max(0, offset - shownBefore)
  const to = Math.min(text.length, Math.max(end + shownBefore, offset + shownAfter), offset + 2 * shownAfter)
  let piece = ""
  let at = from
  for (const span of secretsIn(text)) {
    if (span.end <= at || span.start >= to) continue
    piece += `${text.slice(at, Math.max(at, span.start))}[redacted:${span.kind}]`
    at = span.end
  }
  return stringOf(piece + text.slice(at, Math.max(at, to))) ?? ""
}
