/** Proofs made from a ledger: that an entry stands in it, that it grew from an earlier state. Checked before they are handed out. */
import { Fault } from "../base/fault.ts"
import { consistencyProof, isConsistent } from "../format/consistency.ts"
import { leafHash } from "../format/header.ts"
import { inclusionProof, rootFromInclusion } from "../format/merkle.ts"
import type { ConsistencyProof, Disclosed, InclusionProof, ProofKeys } from "../format/proof.ts"
import { factsOf, type StoredEntry } from "../journal/reader.ts"
import type { Note } from "./checkpoints.ts"
import { contentOf } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** What is disclosed beside the header, which names nobody. */
export type Disclosure = { readonly id: boolean; readonly facts: boolean; readonly content: boolean }

/**
 * @throws {Fault} `checkpoint.uncovered` when the checkpoint ends before the entry, `content.unavailable` when content was asked for that is erased or
 * cannot be opened, `store.damaged` when the tree does not lead from the entry to the checkpoint.
 */
export function proveEntry(access: LedgerAccess, entry: StoredEntry, { text, checkpoint }: Note, disclosure: Disclosure): InclusionProof {
  const { sequence, headerBytes } = entry
  const { size, root } = checkpoint
  if (sequence >= size) throw new Fault("checkpoint.uncovered", { sequence, size })
  const path = inclusionProof(access.reader.subtrees(size), sequence, size)
  if (!rootFromInclusion(leafHash(headerBytes), sequence, size, path)?.equals(root))
    throw new Fault("store.damaged", { file: access.files.journal, problem: `entry #${sequence} does not lead to the checkpoint of size ${size}` })
  return { proves: "inclusion", header: headerBytes, ...disclosed(access, entry, disclosure), path, checkpoint: text, ...proofKeys(access) }
}

/** @throws {Fault} `cli.usage` when the older one is the larger, `store.damaged` when the tree does not lead from one to the other. */
export function proveConsistency(access: LedgerAccess, older: Note, newer: Note): ConsistencyProof {
  const [from, to] = [older.checkpoint, newer.checkpoint]
  if (from.size > to.size) throw new Fault("cli.usage", { problem: `The first checkpoint covers ${from.size} entries, the second only ${to.size}; swap them.` })
  const path = consistencyProof(access.reader.subtrees(to.size), from.size, to.size)
  if (!isConsistent(from.size, to.size, from.root, to.root, path))
    throw new Fault("store.damaged", { file: access.files.journal, problem: `the tree does not lead from ${from.size} to ${to.size} entries` })
  return { proves: "consistency", older: older.text, newer: newer.text, path, ...proofKeys(access) }
}

function proofKeys(access: LedgerAccess): ProofKeys {
  const { notes, last } = access.keyChain()
  return notes.length === 0 ? { verifierKey: last } : { handOvers: notes, verifierKey: last }
}

function disclosed(access: LedgerAccess, entry: StoredEntry, { id, facts, content }: Disclosure): Disclosed {
  const salt = id ? access.reader.idSalt() : undefined
  if (id && !salt) throw new Fault("store.damaged", { file: access.files.journal, problem: "the salt of its id hashes is gone" })
  return {
    id: salt && { salt, text: factsOf(entry).id },
    saltedFacts: facts ? entry.saltedFacts : undefined,
    saltedContent: content ? contentToShow(access, entry) : undefined,
  }
}

/** Asked for and not there is a fault: a proof that silently lacks what it was made for would be handed on. */
function contentToShow(access: LedgerAccess, entry: StoredEntry): Buffer {
  const { state, salted } = contentOf(access, entry)
  if (salted) return salted
  const problem = { none: "it has none", erased: "it was erased", unreadable: "it does not open", removed: "it was removed", open: "" }[state]
  throw new Fault("content.unavailable", { sequence: entry.sequence, problem })
}
