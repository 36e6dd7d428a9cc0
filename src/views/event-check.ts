/**
 * Whether an entry is what its header, the tree and the entry after it say: a look at one row. That all of them are what was signed is what `verify` says.
 *
 *   verified  facts, and a content that opens, are those of the header; the header is that of the tree, or of the entry after it; a stored checkpoint covers it
 *   pending   the same, and no stored checkpoint covers it yet
 *   tampered  something of it is another one's
 */
import { contentHashInto, factsHashInto } from "../format/commitment.ts"
import { headerOffset, leafHash } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import type { StoredEntry } from "../journal/reader.ts"
import { contentOf } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type EventCheck = "verified" | "pending" | "tampered"

const tileWidth = 256
const computed = Buffer.alloc(hashBytes)

/** Of entries that are there, in their order. */
export function checkEvents(access: LedgerAccess, sequences: readonly number[]): readonly EventCheck[] {
  const covered = access.reader.latestCheckpoint()?.size ?? 0
  return sequences.map((sequence) => {
    const entry = access.reader.entry(sequence)
    if (!entry || !isItself(access, entry)) return "tampered"
    return sequence < covered ? "verified" : "pending"
  })
}

function isItself(access: LedgerAccess, entry: StoredEntry): boolean {
  const { header, headerBytes, saltedFacts, sequence } = entry
  if (header.sequence !== sequence) return false
  factsHashInto(computed, 0, saltedFacts)
  if (!computed.equals(header.factsHash)) return false
  const { state, salted } = contentOf(access, entry)
  if (state === "unreadable" && access.scopes) return false
  if (salted) contentHashInto(computed, 0, salted)
  if (salted && !computed.equals(header.contentHash)) return false
  return leafHash(headerBytes).equals(leafElsewhere(access, sequence) ?? leafHash(headerBytes))
}

/** Its leaf as the tree has it; of the last tile, which has no row yet, as the entry after it does; undefined of the newest one. */
function leafElsewhere({ reader }: LedgerAccess, sequence: number): Buffer | undefined {
  const at = (sequence % tileWidth) * hashBytes
  const leaf = reader.leafTile(Math.floor(sequence / tileWidth))?.subarray(at, at + hashBytes)
  if (leaf?.length === hashBytes) return leaf
  return reader.headerAt(sequence + 1)?.subarray(headerOffset.previousHash, headerOffset.typeLength)
}
