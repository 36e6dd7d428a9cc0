/**
 * Whether keys.json is of the time of the journal. A copy that is put back whole is authentic, and opens the ledger as it did then; the journal's own notes know
 * better where the signing key or the master key gave its place to another one since, or keys.json had another format.
 */
import type { KeyChain } from "../verify/key-chain.ts"
import type { KeyStoreJson } from "../vault/key-store.ts"
import { outOfStep } from "./hand-overs.ts"
import { factsOf, type JournalReader } from "./reader.ts"

/** In words if it is not. `chain` is the journal's; undefined where it has none that is good, which is told elsewhere. */
export function keysOutOfStep(store: KeyStoreJson, reader: JournalReader, chain: KeyChain | undefined): string | undefined {
  return (chain && outOfStep(store, chain)) ?? earlierMaster(store, reader) ?? earlierFormat(store, reader)
}

/** The last time that another master key took the place of the one before, as it is on record. */
export function lastMasterReplaced(reader: JournalReader): { readonly sequence: number; readonly previous: unknown; readonly next: unknown } | undefined {
  const sequence = reader.noted("master").at(-1)
  const entry = sequence === undefined ? undefined : reader.entry(sequence)
  if (entry?.header.type !== "master.replaced") return undefined
  const facts = factsOf(entry)
  return { sequence: entry.sequence, previous: facts["previousFingerprint"], next: facts["nextFingerprint"] }
}

/** A journal that is older than its keys.json, as one that was put back, is in step with it: then `replaced` has what it knows. */
function earlierMaster({ masterFingerprint, next, replaced = [] }: KeyStoreJson, reader: JournalReader): string | undefined {
  const last = lastMasterReplaced(reader)
  if (!last || [masterFingerprint, next?.masterFingerprint, ...replaced.map((one) => one.masterFingerprint)].includes(String(last.next))) return undefined
  return `keys.json is of a time before entry #${last.sequence}, at which the master key ${String(last.next)} took the place of ${String(last.previous)}; it is wrapped under ${masterFingerprint}`
}

function earlierFormat({ format }: KeyStoreJson, reader: JournalReader): string | undefined {
  const known = reader.noted("keys").at(-1) ?? 0
  return known > format ? `keys.json is of format ${format}, and was written as format ${known} since` : undefined
}
