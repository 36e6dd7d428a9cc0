/** What somebody with the page key can make consistent again after an edit: the links of the chain, the tree, its tiles. Everything but a signature. */
import { randomBytes } from "node:crypto"
import type { JsonObject } from "../base/json.ts"
import { encodeHeader, headerOffset, leafHash, parseHeader, writeUint64, zeroHash } from "../format/header.ts"
import { factsHash, idHash, saltBytes, saltedText } from "../format/commitment.ts"
import { Frontier } from "../format/merkle.ts"
import { factsOf, saltedTextOf } from "../journal/reader.ts"
import { closedName } from "../journal/schema.ts"
import { storedLeaf, TileWriter } from "../journal/tiles.ts"
import type { SqliteDatabase } from "../vault/database.ts"

type HeaderRow = { readonly sequence: number; readonly header: Buffer }

/** Gives every entry from `from` on the sequence of its row and the hash of the entry before it. Headers too short to hold them stay as they are. */
export function relink(journal: SqliteDatabase, from: number): void {
  const before = journal.prepare("SELECT header FROM entries WHERE sequence < ? ORDER BY sequence DESC LIMIT 1").pluck().get(from) as Buffer | undefined
  const write = journal.prepare("UPDATE entries SET header = ? WHERE sequence = ?")
  let previous = before ? leafHash(before) : zeroHash
  let expected = from
  for (const { sequence, header } of headersFrom(journal, from)) {
    // Behind what was removed, the tree knows what the hash of the entry before is.
    if (sequence > expected) previous = storedLeaf(journal, sequence - 1)
    expected = sequence + 1
    if (header.length > headerOffset.typeLength) {
      writeUint64(header, headerOffset.sequence, sequence)
      previous.copy(header, headerOffset.previousHash)
      write.run(header, sequence)
    }
    previous = leafHash(header)
  }
}

/** Writes the tiles anew over the entries there are, and answers the root over all of them. */
export function rebuildTree(journal: SqliteDatabase): Buffer {
  const leaves = [...leavesOf(journal)]
  journal.exec("DELETE FROM tiles")
  const tiles = new TileWriter(journal, 0, () => {})
  for (const leaf of leaves) {
    leaf.copy(tiles.target, tiles.targetOffset)
    tiles.pushed()
  }
  return tiles.root()
}

/** Roots of the trees over the first so many entries. */
export function rootsAt(journal: SqliteDatabase, sizes: readonly number[]): ReadonlyMap<number, Buffer> {
  const wanted = new Set(sizes)
  const roots = new Map<number, Buffer>()
  const frontier = new Frontier()
  for (const leaf of leavesOf(journal)) {
    frontier.push(leaf)
    if (wanted.has(frontier.size)) roots.set(frontier.size, frontier.root())
  }
  return roots
}

/** Of all entries, in order; of those that were removed, as the tree keeps them. */
function* leavesOf(journal: SqliteDatabase): IterableIterator<Buffer> {
  const closed = journal.prepare("SELECT 1 FROM meta WHERE name = ?").pluck().get(closedName) !== undefined
  let size = 0
  for (const { sequence, header } of headersFrom(journal, Number.MIN_SAFE_INTEGER)) {
    if (closed) for (; size < sequence; size++) yield storedLeaf(journal, size)
    yield leafHash(header)
    size++
  }
}

/** An entry without content behind the last one, at its time, and of its type unless told; it still has to be linked. */
export function appendForged(journal: SqliteDatabase, sequence: number, facts: JsonObject & { readonly id: string }, type?: string): void {
  const [bytes, saltedFacts] = journal.prepare("SELECT header, facts FROM entries ORDER BY sequence DESC LIMIT 1").raw().get() as [Buffer, Buffer]
  const idSalt = journal.prepare("SELECT value FROM meta WHERE name = 'id salt'").pluck().get() as Buffer
  const before = parseHeader(bytes)
  const text = JSON.stringify(type === undefined ? { ...(JSON.parse(saltedTextOf(saltedFacts)) as object), ...facts } : facts)
  const salt = randomBytes(saltBytes)
  const hashes = { idHash: idHash(idSalt, facts.id), factsHash: factsHash(salt, text), contentHash: zeroHash }
  const header = encodeHeader({ ...before, type: type ?? before.type, sequence, ...hashes })
  journal.prepare("INSERT INTO entries(sequence, header, facts, place) VALUES (?, ?, ?, NULL)").run(sequence, header, saltedText(salt, text))
}

/** Everything behind the first `size` entries taken away, as if it had never been written. */
export function rollBack(journal: SqliteDatabase, size: number): void {
  takeBack(journal, size)
  rebuildTree(journal)
}

/** The rows alone; tiles stay as they are. */
export function takeBack(journal: SqliteDatabase, size: number): void {
  journal.prepare("DELETE FROM entries WHERE sequence >= ?").run(size)
  journal.prepare("DELETE FROM chunks WHERE number > coalesce((SELECT max(place) / 1024 FROM entries), -1)").run()
  journal.prepare("DELETE FROM checkpoints WHERE size > ?").run(size)
}

/** Other facts in an entry, with the hashes of them and of their id; what follows is not yet linked to it. */
export function replaceFacts(journal: SqliteDatabase, sequence: number, edit: (factsText: string) => string): void {
  const row = journal.prepare("SELECT header, facts FROM entries WHERE sequence = ?").raw().get(sequence) as [Buffer, Buffer] | undefined
  const idSalt = journal.prepare("SELECT value FROM meta WHERE name = 'id salt'").pluck().get()
  if (!row || !Buffer.isBuffer(idSalt)) return
  const [header, saltedFacts] = row
  const salt = saltedFacts.subarray(0, saltBytes)
  const text = edit(saltedFacts.toString("utf8", saltBytes))
  const replaced = Buffer.concat([salt, Buffer.from(text)])
  if (header.length > headerOffset.typeLength) {
    factsHash(salt, text).copy(header, headerOffset.factsHash)
    idHash(idSalt, factsOf({ saltedFacts: replaced }).id).copy(header, headerOffset.idHash)
  }
  journal.prepare("UPDATE entries SET header = ?, facts = ? WHERE sequence = ?").run(header, replaced, sequence)
}

/** Makes room for an entry at `at` by moving those behind it; their headers still say their old sequences. */
export function makeRoom(journal: SqliteDatabase, at: number): void {
  // Two steps, since a row may not pass through the key of another one.
  journal.prepare("UPDATE entries SET sequence = -sequence - 2 WHERE sequence >= ?").run(at)
  journal.exec("UPDATE entries SET sequence = -sequence - 1 WHERE sequence < 0")
}

/** Closes the gap that an entry left. */
export function closeGap(journal: SqliteDatabase, at: number): void {
  journal.prepare("UPDATE entries SET sequence = -sequence WHERE sequence > ?").run(at)
  journal.exec("UPDATE entries SET sequence = -sequence - 1 WHERE sequence < 0")
}

/** Some at a time: a statement that is being read keeps its table from being written. */
function* headersFrom(journal: SqliteDatabase, from: number): IterableIterator<HeaderRow> {
  const some = journal.prepare("SELECT sequence, header FROM entries WHERE sequence >= ? ORDER BY sequence LIMIT 256")
  for (let next = from; ;) {
    const rows = some.all(next) as HeaderRow[]
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    next = last.sequence + 1
  }
}
