/** What a verification of records says. */
import type { Whole } from "./completeness-check.ts"
import type { JudgedRecord, RecordJudge } from "./records.ts"

export type RecordsVerdict = "valid" | "invalid" | "unverifiable"

export const recordsExit: { readonly [V in RecordsVerdict]: 0 | 1 | 2 } = { valid: 0, invalid: 1, unverifiable: 2 }

export type RecordsReport = {
  readonly verdict: RecordsVerdict
  readonly total: number
  readonly valid: number
  readonly invalid: number
  /** Signed, they say, by keys that were not named; or by one that others may have. */
  readonly untrusted: number
  /** Of each key, how many good records it signed. */
  readonly keysUsed: readonly { readonly kid: string; readonly records: number }[]
  /** Null where there is no bundle. */
  readonly bundleSignature: "valid" | "invalid" | "untrusted" | "absent" | null
  /** The pinned key that signed the bundle. */
  readonly bundleSigner: string | null
  /** Of a good bundle that says it: these are all the receipts of a ledger from one number to another. Null where nothing says so. */
  readonly whole: Whole | null
  /** The first of them. */
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

const mostListed = 50

const mostNamed = 5

export function repeatedNotes(judged: readonly JudgedRecord[]): readonly string[] {
  const repeated = repeatedIn(judged)
  const distinct = judged.length - repeated
  return repeated === 0
    ? []
    : [`${repeated} of the ${judged.length} are there a second time: ${distinct === 1 ? "it is one record" : `there are ${distinct} records`}.`]
}

/** What is to be known of good records. */
export function judgedNotes(judged: readonly JudgedRecord[], judge: RecordJudge): readonly string[] {
  return [...revokedNotes(judged, judge), ...issuerNotes(judged, judge)]
}

/** A JWKS says which keys are good, and of no name whose they are. What a `did:key` issued is signed by that key. */
function issuerNotes(judged: readonly JudgedRecord[], { issuers }: RecordJudge): readonly string[] {
  if (issuers.length > 0) return []
  const named = new Set(judged.flatMap(({ verdict, record }) => (verdict === "valid" && record && !record.iss.startsWith("did:key:") ? [record.iss] : [])))
  if (named.size === 0) return []
  const words = [...named].slice(0, mostNamed).map((iss) => iss.slice(0, 100))
  const more = named.size > mostNamed ? ` and ${named.size - mostNamed} more` : ""
  return [
    `Issued by ${words.join(", ")}${more}: so says whoever has the key. Give that issuer's peac-issuer.json, too, and what another one issued is not good.`,
  ]
}

/** On keys that were revoked since, and signed good records. */
function revokedNotes(judged: readonly JudgedRecord[], judge: RecordJudge): readonly string[] {
  const counts = new Map<string, number>()
  for (const { isOfRevoked, record } of judged) if (isOfRevoked && record) counts.set(record.kid, (counts.get(record.kid) ?? 0) + 1)
  return [...counts].map(
    ([kid, count]) => `The key ${kid.slice(0, 80)} was revoked, at ${judge.revokedAt(kid)}; by it: ${count} of the good ones, issued before.`,
  )
}

export function tally(judged: readonly JudgedRecord[]): Pick<RecordsReport, "total" | "valid" | "invalid" | "untrusted" | "keysUsed" | "problems"> {
  const used = new Map<string, number>()
  const count = (verdict: JudgedRecord["verdict"]) => judged.filter((one) => one.verdict === verdict).length
  for (const { verdict, record } of judged) if (verdict === "valid" && record) used.set(record.kid, (used.get(record.kid) ?? 0) + 1)
  const problems = judged.flatMap(({ problem, record, verdict }, index) => {
    return problem === null || verdict === "valid" ? [] : [`record ${index + 1}${record ? ` (${record.jti})` : ""}: ${problem}`]
  })
  return {
    total: judged.length,
    valid: count("valid"),
    invalid: count("invalid"),
    untrusted: count("untrusted"),
    keysUsed: [...used].map(([kid, records]) => ({ kid, records })),
    problems: problems.slice(0, mostListed),
  }
}

/** How many of a list are there again: the same record, byte for byte. */
export function repeatedIn(judged: readonly JudgedRecord[]): number {
  const seen = new Set<string>()
  const known = judged.flatMap(({ record }) => (record ? [`${record.jti} ${record.signature.toString("latin1")}`] : []))
  for (const one of known) seen.add(one)
  return known.length - seen.size
}

/** Of records alone: one, or a list of them. */
export function reportOf(judged: readonly JudgedRecord[], hasKeys: boolean, judge: RecordJudge): RecordsReport {
  const counted = tally(judged)
  const list = ["That there are no other records is not proven by a list of them: a bundle that a named key signed says so."]
  const isGood = counted.untrusted === 0 && hasKeys && counted.total > 0
  const verdict = counted.invalid > 0 ? "invalid" : isGood ? "valid" : "unverifiable"
  return {
    verdict,
    ...counted,
    bundleSignature: null,
    bundleSigner: null,
    whole: null,
    notes: [...repeatedNotes(judged), ...judgedNotes(judged, judge), ...(judged.length > 1 ? list : [])],
  }
}
