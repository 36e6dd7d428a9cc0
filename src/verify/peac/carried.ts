/** Receipts in what carries them: a message of MCP or A2A, or headers of HTTP. Each is judged; a reference without its receipt is told. */
import { carriersIn, carriersInHeaderText, type Carrier } from "../../format/peac/carrier.ts"
import type { Parsed } from "../../format/peac/record.ts"
import type { JudgedRecord, RecordJudge } from "./records.ts"

/** Of a message, or of headers with what follows them. */
const mostBytes = 16 * 1024 * 1024
const lookedAt = 1_000

/** Whether a text may be one: records are base64url from their first letter on. */
export function isCarrying(text: string): boolean {
  return /^\s*\{|^HTTP\/|^[A-Z]+ \S+ HTTP\/|^[A-Za-z0-9-]+:/.test(text.slice(0, lookedAt))
}

/** Undefined where it is something else: a list of records, for one. */
export function carriedTextOf(bytes: Buffer): string | undefined {
  const isOne = bytes.length <= mostBytes && isCarrying(bytes.toString("latin1", 0, lookedAt))
  return isOne ? bytes.toString("utf8") : undefined
}

export function carriersOfText(text: string): Parsed<readonly Carrier[]> {
  return /^\s*\{/.test(text) ? carriersIn(text) : carriersInHeaderText(text)
}

export function judgeCarried(text: string, judge: RecordJudge): { readonly judged: readonly JudgedRecord[]; readonly notes: readonly string[] } {
  const carriers = carriersOfText(text)
  const invalid = (problem: string) => ({ judged: [{ verdict: "invalid" as const, problem, record: undefined }], notes: [] })
  if ("problem" in carriers) return invalid(carriers.problem)
  if (carriers.value.length === 0) return invalid("it carries no receipt")
  return { judged: carriers.value.map((carrier) => judgedOf(carrier, judge)), notes: carriers.value.flatMap(noteOf) }
}

function judgedOf({ receipt_ref: ref, receipt_jws: jws }: Carrier, judge: RecordJudge): JudgedRecord {
  return jws === undefined ? { verdict: "untrusted", problem: `only a reference to it is carried (${ref})`, record: undefined } : judge.judge(jws)
}

function noteOf({ receipt_url: url }: Carrier): readonly string[] {
  return url === undefined ? [] : [`Where it can be had, it says: ${url}. Nothing was fetched.`]
}
