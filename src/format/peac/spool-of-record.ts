/** The spool entry that a record was made of, from its own claims: a chain of records is a spool, and need not be kept a second time. */
import { countOf, objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import { interactionGroup, type PeacRecord } from "./record.ts"
import { entryDigest, type SpoolEntry } from "./spool.ts"
import { ledgerGroup, spoolAnchor } from "./write-record.ts"

/** Undefined when the record is not one of ours. @param previous digest of the entry before it. */
export function spoolEntryOf({ claims }: PeacRecord, previous: string): SpoolEntry | undefined {
  const evidence = objectOf(objectOf(claims["extensions"])[interactionGroup])
  const { sequence: at, anchored_at: capturedAt } = objectOf(objectOf(evidence["extensions"])[spoolAnchor])
  const sequence = countOf(at)
  if (sequence === undefined || typeof capturedAt !== "string") return undefined
  const { status, error_code: errorCode } = objectOf(evidence["result"])
  const action = present({
    ...{ id: evidence["interaction_id"], kind: evidence["kind"], platform: objectOf(evidence["executor"])["platform"] },
    ...{ started_at: evidence["started_at"], completed_at: evidence["completed_at"], duration_ms: evidence["duration_ms"] },
    ...{ tool_name: objectOf(evidence["tool"])["name"], status, error_code: errorCode, policy: evidence["policy"] },
  })
  const digests = present({ input_digest: objectOf(evidence["input"])["digest"], output_digest: objectOf(evidence["output"])["digest"] })
  const entry = { captured_at: capturedAt, action, ...digests, prev_entry_digest: previous, sequence } as unknown as Omit<SpoolEntry, "entry_digest">
  return { ...entry, entry_digest: entryDigest(entry) }
}

/** The digest of its own entry, as a record says it. */
export function anchorOf({ claims }: PeacRecord): string | undefined {
  const evidence = objectOf(objectOf(claims["extensions"])[interactionGroup])
  return stringOf(objectOf(objectOf(evidence["extensions"])[spoolAnchor])["spool_head_digest"])
}

/** Where its action stands in a journal, as a record says it. */
export function placeOf({ claims }: PeacRecord): { readonly log: string | undefined; readonly sequence: number | undefined } {
  const { log, sequence } = objectOf(objectOf(claims["extensions"])[ledgerGroup])
  return { log: stringOf(log), sequence: countOf(sequence) }
}

function present(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}
