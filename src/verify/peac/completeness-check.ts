/** Whether the records of a bundle are all that it says there are: numbered without a gap, each anchored in the one before. */
import { canonicalJson } from "../../base/canonical-json.ts"
import { countOf, objectOf } from "../../base/json.ts"
import { rootOverHashes, type Completeness } from "../../format/peac/completeness.ts"
import { keyHashOf, parseSignedCheckpoint } from "../../format/checkpoint.ts"
import type { RecordKey } from "../../format/peac/keys.ts"
import { interactionGroup, type PeacRecord } from "../../format/peac/record.ts"
import { genesisDigest } from "../../format/peac/spool.ts"
import { anchorOf, placeOf, spoolEntryOf } from "../../format/peac/spool-of-record.ts"
import { spoolAnchor } from "../../format/peac/write-record.ts"
import { noteChecker } from "../signature.ts"

/** Places in the spool of the first and the last, when everything in between is there. */
export type Whole = { readonly log: string; readonly first: number; readonly last: number; readonly count: number }

/** The hash of each record by its number in the spool, ascending. */
export type Numbered = { readonly log: string; readonly first: number; readonly last: number; readonly hashes: ReadonlyMap<number, string> }

export function numberedOf(log: string, records: readonly Counted[]): Numbered {
  const rows = records.map(({ hash, record }) => [numberOf(record), hash] as const)
  const ordered = rows.toSorted(([a], [b]) => a - b)
  return { log, first: ordered.at(0)?.[0] ?? 0, last: ordered.at(-1)?.[0] ?? 0, hashes: new Map(ordered) }
}

export type CompletenessCheck = { readonly problem: string } | { readonly whole: Whole } | { readonly selection: string }

type Counted = { readonly hash: string; readonly record: PeacRecord }

export function checkCompleteness(said: Completeness, records: readonly Counted[]): CompletenessCheck {
  const ordered = records.toSorted((a, b) => numberOf(a.record) - numberOf(b.record))
  const [first, last] = [ordered.at(0)?.record, ordered.at(-1)?.record]
  if (said.count !== ordered.length) return { problem: `it says that it has ${said.count} records, and has ${ordered.length}` }
  if (!first || !last || numberOf(first) !== said.numbers.first || numberOf(last) !== said.numbers.last)
    return { problem: "its records are not those from the number to the number that it says" }
  if (rootOverHashes(ordered.map(({ hash }) => hash)) !== said.root) return { problem: "its records are not those that its completeness.json is over" }
  const stray = ordered.find(({ record }) => placeOf(record).log !== said.log)
  if (stray) return { problem: `the record ${stray.record.jti} does not say that it is of ${said.log}` }
  if (placeOf(first).sequence !== said.sequences.first || placeOf(last).sequence !== said.sequences.last)
    return { problem: "its records are not of the entries of the journal that it says" }
  if (said.selection !== null)
    return {
      selection: Object.entries(said.selection)
        .map(([name, value]) => `${name} ${typeof value === "string" ? value : canonicalJson(value)}`)
        .join(", "),
    }
  return chainProblem(said, ordered) ?? { whole: { log: said.log, ...said.numbers, count: said.count } }
}

/** The checkpoint in it, by the pinned keys: a ledger signs both with one key. What is wrong with it, or what is to be told of it. */
export function checkpointProblem({ log, checkpoint }: Completeness, keys: readonly RecordKey[]): { readonly problem?: string; readonly note?: string } {
  if (checkpoint === null) return {}
  const parsed = parseSignedCheckpoint(checkpoint)
  if (parsed?.origin !== log) return { problem: `its checkpoint is no checkpoint of ${log}` }
  const hashes = new Set(parsed.signatures.filter(({ name }) => name === log).map(({ keyHash }) => keyHash.toString("hex")))
  const pinned = keys
    .map(({ publicKey }) => ({ name: log, keyHash: keyHashOf(log, publicKey), publicKey }))
    .filter(({ keyHash }) => hashes.has(keyHash.toString("hex")))
  if (pinned.length === 0) return { note: "The checkpoint of the journal in it is signed by no pinned key: it is told, and proves nothing." }
  return pinned.some((key) => noteChecker(key)(checkpoint).ok) ? {} : { problem: "the signature of its checkpoint is wrong" }
}

function chainProblem(said: Completeness, ordered: readonly Counted[]): { readonly problem: string } | undefined {
  if (said.numbers.first === 1 && said.before !== genesisDigest) return { problem: "its first record is not the first of its spool" }
  let { before }: { before: string | null } = said
  let number = said.numbers.first
  for (const { record } of ordered) {
    if (numberOf(record) !== number++) return { problem: `before the record ${record.jti} one is missing` }
    const digest = anchorOf(record)
    const isLinked = before === null || spoolEntryOf(record, before)?.entry_digest === digest
    if (digest === undefined || !isLinked) return { problem: `the record ${record.jti} does not follow the one before it` }
    before = digest
  }
  return before === said.head ? undefined : { problem: "its last record is not the last that it says" }
}

function numberOf({ claims }: PeacRecord): number {
  const evidence = objectOf(objectOf(claims["extensions"])[interactionGroup])
  return countOf(objectOf(objectOf(evidence["extensions"])[spoolAnchor])["sequence"]) ?? -1
}
