/**
 * The map of event ids, and the roots of it that are on record. It costs more than everything else that is made of an entry, and only proofs ask for it: so it is no row
 * of `projection-list.ts`, which every question waits for, and has a place of its own in the same file.
 */
import { Fault } from "../base/fault.ts"
import { countOf } from "../base/json.ts"
import { pairBytes } from "../format/event-map.ts"
import { headerOffset, leafHashInto } from "../format/header.ts"
import { committedMap, mapCommittedType, type CommittedMap } from "../format/map-commitment.ts"
import { hashBytes } from "../format/sha256.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import { removedPairs } from "../journal/removed-ids.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { MapTree, mapSchema, mapTables } from "./map-tree.ts"
import type { Projection } from "./projection.ts"

const name = "event-map"

export const eventMap: Projection = {
  name,
  version: 1,
  tables: mapTables,
  schema: mapSchema,
  begin: (database, closing, reader) => {
    // A version that kept no ids of what it removed left a map that begins there.
    if (closing.ids === undefined) return void database.prepare("UPDATE map_state SET first = ?").run(closing.upTo)
    const tree = new MapTree(database)
    for (const pairs of removedPairs(reader, closing.upTo)) tree.add(pairs)
    tree.store()
  },
  prepare: (database) => {
    const { first } = new MapTree(database)
    const pairs = new PairList()
    const note = database.prepare("INSERT INTO map_roots(sequence, size, root) VALUES (?, ?, ?)")
    return {
      apply: ({ sequence, header, headerBytes, facts }) => {
        if (sequence >= first) pairs.push(header.idHash, headerBytes)
        const root = rootIn(sequence, header.type, facts)
        if (root) note.run(sequence, root.size, root.root)
      },
      finish: () => {
        const tree = new MapTree(database)
        tree.add(pairs.all())
        tree.store()
      },
    }
  },
}

/** Keys and values of entries, one pair after the other. */
export class PairList {
  #bytes: Buffer = Buffer.alloc(256 * pairBytes)
  #length = 0

  push(key: Buffer, header: Buffer): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#length)])
    key.copy(this.#bytes, this.#length)
    leafHashInto(this.#bytes, this.#length + hashBytes, header)
    this.#length += pairBytes
  }

  all(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}

/**
 * A thousand entries touch two thousand pages, ten thousand not many more: so the stored map may be behind by as many, which who asks adds in memory. That takes a tenth of a second at most.
 */
export const mapLag = 8_192

export type MapRoot = { readonly sequence: number; readonly size: number; readonly root: Buffer }

/** Roots on record whose entries are there, the newest first; all of them, or so many. */
export type MapRootsOf = (most?: number) => readonly MapRoot[]

/** Asks the map as it is of all entries: of those that are stored, with the rest added in memory, in one reading. Whoever brings it forward meanwhile changes nothing of it. */
export function askMap<T>(views: SqliteDatabase, reader: JournalReader, question: (tree: MapTree, size: number, roots: MapRootsOf) => T): T {
  views.exec("BEGIN")
  try {
    const stored = countOf(views.prepare("SELECT next FROM places WHERE name = ?").pluck().get(name)) ?? 0
    const size = Math.max(stored, reader.size())
    const tree = new MapTree(views)
    const [pairs, later] = [new PairList(), [] as MapRoot[]]
    for (const entry of reader.entries(stored, size - 1)) {
      if (entry.sequence >= tree.first) pairs.push(entry.header.idHash, entry.headerBytes)
      const root = rootIn(entry.sequence, entry.header.type, () => factsOf(entry))
      if (root) later.unshift(root)
    }
    tree.add(pairs.all())
    return question(tree, size, (most = Number.MAX_SAFE_INTEGER) => [...later, ...rootsIn(views, most)].slice(0, most))
  } finally {
    if (views.inTransaction) views.exec("ROLLBACK")
  }
}

/** The root that an entry puts on record, if it does. */
function rootIn(sequence: number, type: string, facts: () => Readonly<Record<string, unknown>>): MapRoot | undefined {
  const committed = type === mapCommittedType ? committedMap(facts()) : undefined
  return committed && { sequence, size: committed.size, root: committed.root }
}

function rootsIn(views: SqliteDatabase, most: number): readonly MapRoot[] {
  return views.prepare("SELECT sequence, size, root FROM map_roots ORDER BY sequence DESC LIMIT ?").all(most) as MapRoot[]
}

/** The map as it is, and the last root of it that is on record. */
export function mapStanding(views: SqliteDatabase, reader: JournalReader): { readonly map: Omit<CommittedMap, "opened">; readonly last: MapRoot | undefined } {
  return askMap(views, reader, (tree, size, roots) => ({ map: { size, from: tree.first, keys: tree.keys, root: tree.root() }, last: roots(1)[0] }))
}

/** The id hash of entry 0, which every journal keeps. */
export function openedIn(reader: JournalReader): Buffer {
  const header = reader.headerAt(0)
  if (!header) throw new Fault("store.damaged", { file: "journal.db", problem: "entry 0 is missing" })
  return Buffer.from(header.subarray(headerOffset.idHash, headerOffset.idHash + hashBytes))
}
