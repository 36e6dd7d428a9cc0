/** The map of event ids, asked: its roots, proofs that an event is on record or is not, and whether the roots on record are those of the journal. */
import { assert, Fault } from "../base/fault.ts"
import { idHash } from "../format/commitment.ts"
import { headerOffset, leafHash } from "../format/header.ts"
import { committedMap, mapCommittedType, type CommittedMap } from "../format/map-commitment.ts"
import type { MapProof } from "../format/map-proof.ts"
import { hashBytes } from "../format/sha256.ts"
import { closingOf } from "../journal/closing.ts"
import { factsOf, type StoredEntry } from "../journal/reader.ts"
import { eventMap, openedIn, PairList, type MapRoot } from "../projections/event-map.ts"
import { isPairOf, MapTree } from "../projections/map-tree.ts"
import { ViewStore } from "../projections/view-store.ts"
import { wayProblems } from "../verify/map-proof.ts"
import type { Note } from "./checkpoints.ts"
import { filteredSequences } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { proveEntry } from "./proof.ts"

const keyCharacters = 16

export type MapView = {
  /** Names the map: the beginning of entry 0's id hash, so of the salt that its keys are made with. */
  readonly tree: string
  readonly origin: string
  /** Of the entries before this one, and from `from` on. */
  readonly size: number
  readonly from: number
  readonly keys: number
  readonly root: string
  /** The last root on record; null where there is none. */
  readonly committed: { readonly sequence: number; readonly size: number; readonly root: string } | null
}

/** The map as it is now. */
export function mapView(access: LedgerAccess): MapView {
  return access.askMap((tree, size, roots) => {
    const last = roots(1)[0]
    const committed = last ? { sequence: last.sequence, size: last.size, root: last.root.toString("base64") } : null
    const { origin } = access.keys.store
    return { tree: treeKey(access), origin, size, from: tree.first, keys: tree.keys, root: tree.root().toString("base64"), committed }
  })
}

export function treeKey({ reader }: LedgerAccess): string {
  return openedIn(reader).toString("hex").slice(0, keyCharacters)
}

/** @throws {Fault} `map.unknown-tree` for a name that is neither that of this ledger's map nor how it begins. */
export function refuseOtherTree(access: LedgerAccess, tree: string | undefined): void {
  if (tree !== undefined && (tree === "" || !treeKey(access).startsWith(tree))) throw new Fault("map.unknown-tree", { tree, directory: access.files.directory })
}

export type MapQuestion = {
  readonly id: string
  /** Other ids that the same event might be recorded under, the likeliest first. */
  readonly others?: readonly string[]
  readonly head: Note
  readonly isShort: boolean
}

/**
 * A proof by the last root on record that the checkpoint covers: of the first of the ids that is recorded; where none is, of the likeliest of the others, or the id.
 * @throws {Fault} `map.uncommitted` where there is none, `map.unfit` where the map of the entries does not have that root.
 */
export function proveInMap(access: LedgerAccess, { id: asked, others = [], head, isShort }: MapQuestion): MapProof {
  const idSalt = saltOf(access)
  return access.askMap((tree, reached, roots) => {
    const root = roots().find(({ sequence }) => sequence < head.checkpoint.size)
    const entry = root && access.reader.entry(root.sequence)
    if (!root || !entry) throw new Fault("map.uncommitted", { directory: access.files.directory })
    rewind(access, tree, root.size, reached)
    const places = [asked, ...others].map((id) => {
      const key = idHash(idSalt, id.toWellFormed())
      const { pair, ...path } = tree.place(key)
      return { id, key, pair, path, isRecorded: pair !== undefined && isPairOf(key, pair) }
    })
    const found = places.find(({ isRecorded }) => isRecorded) ?? places[1] ?? places[0]
    assert(found, "an id was asked for")
    const { id, key, pair, path } = found
    const place =
      pair !== undefined && found.isRecorded
        ? { proves: "recorded" as const, leaf: pair.subarray(hashBytes) }
        : { proves: "not-recorded" as const, other: pair }
    const proof: MapProof = { ...place, id: id.toWellFormed(), ...path, size: root.size, root: root.root }
    if (wayProblems(proof, key).length > 0) throw unfit(root)
    return isShort ? proof : { ...proof, idSalt, committed: proveEntry(access, entry, head, { id: false, facts: true, content: false }) }
  })
}

function unfit({ size, sequence }: MapRoot): Fault {
  return new Fault("map.unfit", { size, sequence })
}

/** The map as it was of fewer entries: in memory alone. */
function rewind(access: LedgerAccess, tree: MapTree, size: number, reached: number): void {
  const later = new PairList()
  for (const { sequence, header, headerBytes } of access.reader.entries(Math.max(size, tree.first), reached - 1))
    if (sequence >= size) later.push(header.idHash, headerBytes)
  tree.remove(later.all())
}

function saltOf({ reader, files }: LedgerAccess): Buffer {
  const idSalt = reader.idSalt()
  if (!idSalt) throw new Fault("store.damaged", { file: files.journal, problem: "the salt of its id hashes is gone" })
  return idSalt
}

/** What is wrong with a short proof, by the salt and the roots of this ledger; nothing, where it is right. Undefined where no root is on record to hold it against. */
export function shortProofProblems(access: LedgerAccess, proof: MapProof): readonly string[] | undefined {
  const { size, root, id } = proof
  const roots = access.askMap((_tree, _size, all) => all())
  if (roots.length === 0) return undefined
  const isKnown = roots.some((one) => one.size === size && isOnRecord(access, one) && one.root.equals(root))
  return [...(isKnown ? [] : ["no such root is on record in this ledger"]), ...wayProblems(proof, idHash(saltOf(access), id))]
}

/** The projection is no evidence: what counts is the entry. */
function isOnRecord(access: LedgerAccess, root: MapRoot): boolean {
  const committed = committedIn(access.reader.entry(root.sequence))
  return committed !== undefined && committed.size === root.size && committed.root.equals(root.root)
}

function committedIn(entry: StoredEntry | undefined): CommittedMap | undefined {
  return entry && committedMap(factsOf(entry))
}

export type SessionChain = {
  readonly tree: string
  readonly session: string
  readonly entries: readonly {
    readonly sequence: number
    readonly createdAt: string
    readonly type: string
    readonly id: string
    readonly leafHash: string
    /** False where an earlier entry has the same id, and so stands in the map. */
    readonly isFirst: boolean
  }[]
}

/** The entries of a session that are there, in their order. */
export function chainOf(access: LedgerAccess, session: string): SessionChain {
  const sequences = filteredSequences(access, { session }, "ASC")
  return access.askMap((tree) => {
    const entries = sequences.flatMap((sequence) => {
      const entry = access.reader.entry(sequence)
      if (!entry) return []
      const { timeMs, type, idHash: key } = entry.header
      const leaf = leafHash(entry.headerBytes)
      const isFirst = tree.place(key).pair?.subarray(hashBytes).equals(leaf) === true
      return [{ sequence, createdAt: new Date(timeMs).toISOString(), type, id: factsOf(entry).id, leafHash: leaf.toString("hex"), isFirst }]
    })
    return { tree: treeKey(access), session, entries }
  })
}

export type RootChecked = {
  readonly sequence: number
  readonly size: number
  readonly root: string
  /** What is wrong with it; null for nothing. */
  readonly problem: string | null
}

const sliceEntries = 20_000

/**
 * Every root on record, held against a map that is made anew of the journal's entries: the stored map is believed nothing. Roots over fewer entries than were removed
 * since cannot be told by themselves, and are left out.
 */
export function checkRoots(access: LedgerAccess, onProgress?: (done: number, total: number) => void): readonly RootChecked[] {
  const committed = committedEntries(access).toSorted((a, b) => a.map.size - b.map.size)
  const total = access.reader.size()
  const opened = openedIn(access.reader)
  const store = ViewStore.inMemory([eventMap])
  try {
    const least = closingOf(access.reader, access.files.journal)?.upTo ?? 0
    return committed
      .filter(({ map }) => map.size >= least)
      .map(({ sequence, map }) => {
        while (store.applySlice(access.reader, Math.min(map.size, total), sliceEntries)) onProgress?.(store.reached(), total)
        return {
          sequence,
          size: map.size,
          root: map.root.toString("base64"),
          problem: problemOf({ sequence, map }, new MapTree(store.database), opened),
        }
      })
  } finally {
    store.close()
  }
}

type CommittedEntry = { readonly sequence: number; readonly map: CommittedMap }

function problemOf({ sequence, map }: CommittedEntry, tree: MapTree, opened: Buffer): string | null {
  if (map.size > sequence) return "it is said to be of entries that came after it"
  if (!map.opened.equals(opened)) return "it names another id salt"
  if (map.from !== tree.first) return `it is of the entries from #${map.from} on, and ids are known from #${tree.first} on`
  if (map.keys !== tree.keys) return `it tells ${map.keys} keys, and there are ${tree.keys}`
  return map.root.equals(tree.root()) ? null : "the ids of these entries make another root"
}

function committedEntries({ reader }: LedgerAccess): readonly CommittedEntry[] {
  const found: CommittedEntry[] = []
  for (const [sequence, header] of reader.rawHeaders(0)) {
    if (header.toString("latin1", headerOffset.type) !== mapCommittedType) continue
    const map = committedIn(reader.entry(sequence))
    if (!map) throw new Fault("store.damaged", { file: "journal.db", problem: `#${sequence}, which puts a root of the map on record, does not` })
    found.push({ sequence, map })
  }
  return found
}
