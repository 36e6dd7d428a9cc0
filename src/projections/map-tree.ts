/**
 * The map of event ids as it is stored in views.db (docs/spec/map.md says what it is). Keys that begin with the same 18 bits stand in one row, in order, each with its value
 * beside it; what is above them stands in rows of 63 nodes and 64 hashes. A proof reads four rows, and changing a thousand keys of a million reads, and would write, about two thousand pages.
 *
 * Everything is changed in memory; `store` writes it. Whoever wants the map as it was takes keys out again, whoever wants it as it will be adds some, and stores nothing.
 */
import { bitOf, commonBits, emptyMap, fixedDepth, mapLeafInto, mapNodeInto, mostDepth, pairBytes, type MapPath } from "../format/event-map.ts"
import { hashBytes } from "../format/sha256.ts"
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"

export const mapTables: readonly string[] = ["map_keys", "map_nodes", "map_state", "map_roots"]

export const mapSchema = `
  CREATE TABLE map_keys(prefix INTEGER PRIMARY KEY, pairs BLOB NOT NULL) STRICT;
  CREATE TABLE map_nodes(tree INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
  CREATE TABLE map_state(one INTEGER PRIMARY KEY CHECK (one = 1), first INTEGER NOT NULL, keys INTEGER NOT NULL) STRICT;
  INSERT INTO map_state(one, first, keys) VALUES (1, 0, 0);
  CREATE TABLE map_roots(sequence INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;`

/**
 * Three storeys of trees over 64 hashes each: one on top, 64 below it, 4,096 below these; keys that begin with the same 18 bits stand below one of 262,144 places.
 * Of a tree, the children of node n are 2n and 2n + 1, and the 64 are nodes 64 to 127. Node 1, its root, stands in the tree above: a row has nodes 2 to 127, which
 * is as much as fits into a page.
 */
const storeyBits = 6
const nodesWide = 2 ** storeyBits
const nodesBytes = 2 * nodesWide * hashBytes
const storedFrom = 2 * hashBytes
const storeys = fixedDepth / storeyBits
/** Numbers of the trees of each storey begin here. */
const firstTree: readonly number[] = [0, 1, 1 + nodesWide]
const topTree = 0
const noPairs = Buffer.alloc(0)

/** What hangs at the place of a key. */
export type MapPlace = MapPath & {
  /** The pair that hangs there, the key's own or another; undefined where the place is empty. */
  readonly pair: Buffer | undefined
}

export class MapTree {
  readonly #readKeys: SqliteStatement
  readonly #readNodes: SqliteStatement
  readonly #database: SqliteDatabase
  readonly #rows = new Map<number, Buffer>()
  readonly #trees = new Map<number, Buffer>()
  readonly #changedRows = new Set<number>()
  readonly #changedTrees = new Set<number>()
  /** How many keys there are. */
  keys: number
  /** The map is of entries from this one on. */
  readonly first: number

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#readKeys = database.prepare("SELECT pairs FROM map_keys WHERE prefix = ?").pluck()
    this.#readNodes = database.prepare("SELECT hashes FROM map_nodes WHERE tree = ?").pluck()
    const state = database.prepare("SELECT first, keys FROM map_state").get() as { first: number; keys: number }
    this.keys = state.keys
    this.first = state.first
  }

  root(): Buffer {
    const root = Buffer.alloc(hashBytes)
    mapNodeInto(root, 0, this.#tree(topTree), 2 * hashBytes)
    return root
  }

  /** Adds keys that are not there, each with the first value it has here. @param pairs keys and values, one pair after the other. */
  add(pairs: Buffer): void {
    this.#change(pairs, (row, some) => {
      const more = merged(row, some)
      this.keys += (more.length - row.length) / pairBytes
      return more
    })
  }

  /** Takes pairs out that are there; one whose key has another value stays. */
  remove(pairs: Buffer): void {
    this.#change(pairs, (row, some) => {
      const less = without(row, some)
      this.keys -= (row.length - less.length) / pairBytes
      return less
    })
  }

  #change(pairs: Buffer, change: (row: Buffer, some: readonly Buffer[]) => Buffer): void {
    const byPrefix = new Map<number, Buffer[]>()
    for (let at = 0; at < pairs.length; at += pairBytes) {
      const prefix = prefixOf(pairs, at)
      const some = byPrefix.get(prefix)
      const pair = pairs.subarray(at, at + pairBytes)
      if (some) some.push(pair)
      else byPrefix.set(prefix, [pair])
    }
    const touched: number[] = []
    const hash = Buffer.alloc(hashBytes)
    for (const [prefix, some] of byPrefix) {
      const row = this.#row(prefix)
      const next = change(row, some)
      if (next.length === row.length) continue
      this.#rows.set(prefix, next)
      this.#changedRows.add(prefix)
      subtreeInto(hash, 0, { row: next, from: 0, to: next.length / pairBytes, depth: fixedDepth })
      hash.copy(this.#tree(treeOver(storeys - 1, prefix)), placeOf(prefix))
      touched.push(prefix)
    }
    this.#rise(touched)
  }

  /** The nodes above places that changed, storey by storey: their numbers are the bits that lead to them. */
  #rise(places: readonly number[]): void {
    let changed = places
    for (let storey = storeys - 1; storey >= 0; storey--) {
      const byTree = Map.groupBy(changed, (place) => place >> storeyBits)
      for (const [tree, below] of byTree) {
        const nodes = this.#tree(treeOver(storey, below[0] ?? 0))
        let level = new Set(below.map((place) => (nodesWide + (place % nodesWide)) >> 1))
        for (; !level.has(0); level = new Set([...level].map((node) => node >> 1)))
          for (const node of level) mapNodeInto(nodes, node * hashBytes, nodes, 2 * node * hashBytes)
        this.#changedTrees.add(treeOver(storey, below[0] ?? 0))
        if (storey > 0) nodes.copy(this.#tree(treeOver(storey - 1, tree)), placeOf(tree), hashBytes, 2 * hashBytes)
      }
      changed = [...byTree.keys()]
    }
  }

  /** Where a key hangs, or would hang. */
  place(key: Buffer): MapPlace {
    const prefix = prefixOf(key, 0)
    const siblings: (Buffer | undefined)[] = []
    for (let storey = 0; storey < storeys; storey++) {
      const place = prefix >> (storeyBits * (storeys - 1 - storey))
      const nodes = this.#tree(treeOver(storey, place))
      for (let height = storeyBits - 1; height >= 0; height--) siblings.push(solid(nodeAt(nodes, ((nodesWide + (place % nodesWide)) >> height) ^ 1)))
    }
    return placeIn(this.#row(prefix), key, siblings)
  }

  /** Writes what changed; within a transaction of the caller. */
  store(): void {
    const write = this.#database.prepare("INSERT OR REPLACE INTO map_keys(prefix, pairs) VALUES (?, ?)")
    for (const prefix of [...this.#changedRows].sort((a, b) => a - b)) write.run(prefix, this.#row(prefix))
    const writeTree = this.#database.prepare("INSERT OR REPLACE INTO map_nodes(tree, hashes) VALUES (?, ?)")
    for (const tree of [...this.#changedTrees].sort((a, b) => a - b)) writeTree.run(tree, this.#tree(tree).subarray(storedFrom))
    this.#database.prepare("UPDATE map_state SET keys = ?").run(this.keys)
    this.#changedRows.clear()
    this.#changedTrees.clear()
    this.#rows.clear()
  }

  #row(prefix: number): Buffer {
    return this.#rows.get(prefix) ?? (this.#readKeys.get(prefix) as Buffer | undefined) ?? noPairs
  }

  #tree(tree: number): Buffer {
    const known = this.#trees.get(tree)
    if (known) return known
    const nodes = Buffer.alloc(nodesBytes)
    const stored = this.#readNodes.get(tree) as Buffer | undefined
    stored?.copy(nodes, storedFrom)
    this.#trees.set(tree, nodes)
    return nodes
  }
}

/** The bits of a key by which its row is found. */
function prefixOf(keys: Buffer, at: number): number {
  return keys.readUIntBE(at, 3) >> (24 - fixedDepth)
}

/** The tree of a storey that has a place. */
function treeOver(storey: number, place: number): number {
  return (firstTree[storey] ?? 0) + (place >> storeyBits)
}

/** Where the hash at a place stands in its tree. */
function placeOf(place: number): number {
  return (nodesWide + (place % nodesWide)) * hashBytes
}

function nodeAt(nodes: Buffer, node: number): Buffer {
  return Buffer.from(nodes.subarray(node * hashBytes, (node + 1) * hashBytes))
}

function solid(hash: Buffer): Buffer | undefined {
  return hash.equals(emptyMap) ? undefined : hash
}

/** Compares the keys at two places. */
function compareKeys(one: Buffer, at: number, other: Buffer, from = 0): number {
  return one.compare(other, from, from + hashBytes, at, at + hashBytes)
}

function merged(row: Buffer, some: readonly Buffer[]): Buffer {
  const added: Buffer[] = []
  // Sorting is stable, so that of one key the first value stays first.
  for (const pair of some.length > 1 ? some.toSorted((a, b) => compareKeys(a, 0, b)) : some) {
    const before = added.at(-1)
    if (before && compareKeys(pair, 0, before) === 0) continue
    if (firstFrom(row, pair).found) continue
    added.push(pair)
  }
  if (added.length === 0) return row
  const parts: Buffer[] = []
  let from = 0
  for (const pair of added) {
    const { at } = firstFrom(row, pair)
    parts.push(row.subarray(from, at), pair)
    from = at
  }
  return Buffer.concat([...parts, row.subarray(from)])
}

function without(row: Buffer, some: readonly Buffer[]): Buffer {
  let left = row
  for (const pair of some) {
    const { at, found } = firstFrom(left, pair)
    if (found && left.compare(pair, 0, pairBytes, at, at + pairBytes) === 0) left = Buffer.concat([left.subarray(0, at), left.subarray(at + pairBytes)])
  }
  return left
}

/** The place of the first pair of a row whose key is not before this one's. */
function firstFrom(row: Buffer, pair: Buffer): { readonly at: number; readonly found: boolean } {
  let [low, high] = [0, row.length / pairBytes]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(row, middle * pairBytes, pair) < 0) low = middle + 1
    else high = middle
  }
  const at = low * pairBytes
  return { at, found: at < row.length && compareKeys(row, at, pair) === 0 }
}

/** Pairs `from` to `to` of a row, which begin with the same `depth` bits. */
type Subtree = { readonly row: Buffer; readonly from: number; readonly to: number; readonly depth: number }

function subtreeInto(target: Buffer, offset: number, { row, from, to, depth }: Subtree): void {
  if (from === to) return void target.fill(0, offset, offset + hashBytes)
  if (to - from === 1) return mapLeafInto(target, offset, row, from * pairBytes)
  const middle = partAt(row, from, to, depth)
  const pair = Buffer.allocUnsafe(pairBytes)
  subtreeInto(pair, 0, { row, from, to: middle, depth: depth + 1 })
  subtreeInto(pair, hashBytes, { row, from: middle, to, depth: depth + 1 })
  mapNodeInto(target, offset, pair)
}

/** The first pair of a range whose key goes right at a depth. */
function partAt(row: Buffer, from: number, to: number, depth: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if (bitOf(row.subarray(middle * pairBytes), depth) === 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Goes down from where keys part at last. */
function placeIn(row: Buffer, key: Buffer, above: readonly (Buffer | undefined)[]): MapPlace {
  const siblings = [...above]
  let [from, to] = [0, row.length / pairBytes]
  for (let depth = fixedDepth; to - from > 1 && depth < mostDepth; depth++) {
    const middle = partAt(row, from, to, depth)
    const goesRight = bitOf(key, depth) === 1
    const hash = Buffer.alloc(hashBytes)
    subtreeInto(hash, 0, goesRight ? { row, from, to: middle, depth: depth + 1 } : { row, from: middle, to, depth: depth + 1 })
    siblings.push(solid(hash))
    if (goesRight) from = middle
    else to = middle
  }
  const pair = to === from ? undefined : Buffer.from(row.subarray(from * pairBytes, to * pairBytes))
  return { depth: siblings.length, siblings, pair }
}

/** Whether a pair is that of a key. */
export function isPairOf(key: Buffer, pair: Buffer): boolean {
  return commonBits(key, pair) === mostDepth
}
