/** Whether each entry of a session leads to the last signed state: its facts to its header, its header to the root. */
import { factsHashInto } from "../../format/commitment.ts"
import { leafHash } from "../../format/header.ts"
import { inclusionProof, rootFromInclusion, type SubtreeSource } from "../../format/merkle.ts"
import type { StoredEntry } from "../../journal/reader.ts"
import { storedCheckpoint } from "../checkpoints.ts"
import type { LedgerAccess } from "../ledger-access.ts"

export type SessionProofs = {
  readonly verified: number
  readonly failed: number
  /** No checkpoint covers them yet. */
  readonly unavailable: number
  readonly size: number | null
  readonly root: string | null
}

export function proveEntries(access: LedgerAccess, entries: readonly StoredEntry[]): SessionProofs {
  const latest = access.reader.latestCheckpoint()
  if (!latest) return { verified: 0, failed: 0, unavailable: entries.length, size: null, root: null }
  const { size, root } = storedCheckpoint(access, latest.size).checkpoint
  const source = remembered(access.reader.subtrees(size))
  let [verified, failed, unavailable] = [0, 0, 0]
  for (const entry of entries) {
    if (entry.sequence >= size) unavailable++
    else if (leads(entry, size, source)?.equals(root) && factsAreMeant(entry)) verified++
    else failed++
  }
  return { verified, failed, unavailable, size, root: root.toString("hex") }
}

function leads({ sequence, headerBytes }: StoredEntry, size: number, source: SubtreeSource): Buffer | undefined {
  return rootFromInclusion(leafHash(headerBytes), sequence, size, inclusionProof(source, sequence, size))
}

function factsAreMeant({ header, saltedFacts }: StoredEntry): boolean {
  const computed = Buffer.alloc(header.factsHash.length)
  factsHashInto(computed, 0, saltedFacts)
  return computed.equals(header.factsHash)
}

/** The entries of a session share most of their way to the root. */
function remembered(source: SubtreeSource): SubtreeSource {
  const known = new Map<string, Buffer>()
  return (level, index) => {
    const name = `${level} ${index}`
    const hash = known.get(name) ?? source(level, index)
    known.set(name, hash)
    return hash
  }
}
