/**
 * Id hashes of entries that were removed: the map of event ids is of them, too, and their headers are gone. They stand beside the tree's tiles, 256 to a row, for all
 * entries before the place up to which the journal is closed (docs/spec/map.md, "Where ids of removed entries stand"). The entry that closes them has a hash over all.
 */
import { createHash } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { pairBytes } from "../format/event-map.ts"
import { headerOffset } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Closing } from "./closing.ts"
import type { JournalReader } from "./reader.ts"
import { idTiles, tileBytes, tileWidth } from "./tiles.ts"

/** Tiles whose pairs are handed out together: a map takes many at once for less. */
const tilesAtOnce = 256

/** The id hash of every entry before `upTo`, 256 to a piece: of those that are there from their headers. Undefined where some are gone whose ids were not kept. */
export function idHashesBefore(reader: JournalReader, closing: Closing | undefined, upTo: number): IterableIterator<Buffer> | undefined {
  const kept = closing?.upTo ?? 0
  if (kept > 0 && !closing?.ids) return undefined
  return pieces(reader, kept, upTo)
}

function* pieces(reader: JournalReader, kept: number, upTo: number): IterableIterator<Buffer> {
  for (let index = 0; index < kept / tileWidth; index++) yield tileAt(reader, index)
  let tile = Buffer.alloc(tileBytes)
  let at = kept
  for (const [sequence, header] of reader.rawHeaders(kept)) {
    if (sequence >= upTo) break
    header.copy(tile, (at % tileWidth) * hashBytes, headerOffset.idHash, headerOffset.idHash + hashBytes)
    if (++at % tileWidth !== 0) continue
    yield tile
    tile = Buffer.alloc(tileBytes)
  }
}

function tileAt(reader: JournalReader, index: number): Buffer {
  const tile = reader.tables.idTile(index)
  if (tile?.length !== tileBytes) throw new Fault("store.damaged", { file: "journal.db", problem: `ids of removed entries, ${index}, are missing` })
  return tile
}

/** What the closing entry says of them, as base64. */
export function idsDigest(reader: JournalReader, closing: Closing | undefined, upTo: number): string | undefined {
  const tiles = idHashesBefore(reader, closing, upTo)
  if (!tiles || upTo === 0) return undefined
  const digest = createHash("sha256")
  for (const tile of tiles) digest.update(tile)
  return digest.digest("base64")
}

/** Writes them into the tables of a journal that is to be without these entries, from those of the one that has them, which is attached as `old`. */
export function copyIds(database: SqliteDatabase, kept: number, upTo: number): void {
  database.prepare("INSERT INTO main.tiles SELECT * FROM old.tiles WHERE tile >= ? AND tile < ?").run(idTiles, idTiles + kept / tileWidth)
  const headers = database.prepare("SELECT header FROM old.entries WHERE sequence >= ? AND sequence < ? ORDER BY sequence").pluck()
  const write = database.prepare("INSERT INTO main.tiles(tile, hashes) VALUES (?, ?)")
  for (let from = kept; from < upTo; from += tileWidth) {
    const ids = (headers.all(from, from + tileWidth) as Buffer[]).map((header) => header.subarray(headerOffset.idHash, headerOffset.idHash + hashBytes))
    write.run(idTiles + from / tileWidth, Buffer.concat(ids))
  }
}

/** Keys and values of the map, of all entries before `upTo`, many to a piece: what was removed has its id here and its leaf hash in the tree. */
export function* removedPairs(reader: JournalReader, upTo: number): IterableIterator<Buffer> {
  for (let index = 0; index < upTo / tileWidth; index += tilesAtOnce) {
    const last = Math.min(index + tilesAtOnce, upTo / tileWidth)
    const pairs = Buffer.alloc((last - index) * tileWidth * pairBytes)
    for (let tile = index, at = 0; tile < last; tile++) {
      const [ids, leaves] = [tileAt(reader, tile), reader.leafTile(tile)]
      if (leaves?.length !== tileBytes) throw new Fault("store.damaged", { file: "journal.db", problem: `tile 0/${tile} is missing` })
      for (let slot = 0; slot < tileBytes; slot += hashBytes, at += pairBytes) {
        ids.copy(pairs, at, slot, slot + hashBytes)
        leaves.copy(pairs, at + hashBytes, slot, slot + hashBytes)
      }
    }
    yield pairs
  }
}

/** What is wrong with the ids that are kept, as a verifier says it; undefined when they are those that the closing entry tells. */
export function removedIdsProblem(reader: JournalReader, closing: Closing | undefined): string | undefined {
  const wanted = closing?.ids ? closing.upTo / tileWidth : 0
  const { count, last } = reader.tables.idTileBounds()
  if (count !== wanted || last !== wanted - 1) return "ids of removed entries are stored that no entry tells of, or are missing"
  if (!closing?.ids) return undefined
  const digest = createHash("sha256")
  for (let index = 0; index < wanted; index++) digest.update(tileAt(reader, index))
  return digest.digest().equals(closing.ids) ? undefined : `ids of removed entries are not those that #${closing.sequence} tells of`
}
