/**
 * A ledger's state as it stood after some entry, kept in views.db so that a start replays only what came after it. Nothing here is evidence: it is bound to
 * the entry it stands after by that entry's leaf hash, and to itself by a digest; where either does not fit, the events are replayed from the beginning.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { sha256 } from "../format/sha256.ts"
import type { JournalReader } from "../journal/reader.ts"
import type { SqliteDatabase } from "../vault/database.ts"

export type KeptSnapshot = {
  /** Sequence of the first entry that is not in it. */
  readonly next: number
  /** The state as text. */
  readonly body: string
}

/** Text of 4 MB is a tenth as pages to open, which is what a start waits for. The fastest level: the writer's last snapshot is made while it ends. */
const packing = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

const schema = `CREATE TABLE IF NOT EXISTS ledger_state(
  place INTEGER PRIMARY KEY CHECK (place = 1), next INTEGER NOT NULL, leaf BLOB NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL) STRICT`

type Row = { readonly next: number; readonly leaf: Buffer; readonly digest: Buffer; readonly body: Buffer }

export function keepSnapshot(views: SqliteDatabase, reader: JournalReader, { next, body }: KeptSnapshot): void {
  if (next === 0) return
  const leaf = reader.leafHash(next - 1)
  const bytes = zstdCompressSync(body, packing)
  views.exec(schema)
  views
    .prepare("INSERT OR REPLACE INTO ledger_state(place, next, leaf, digest, body) VALUES (1, ?, ?, ?, ?)")
    .run(next, leaf, digestOf(next, leaf, bytes), bytes)
}

/** Undefined when there is none that fits this journal. */
export function keptSnapshot(views: SqliteDatabase, reader: JournalReader): KeptSnapshot | undefined {
  views.exec(schema)
  const row = views.prepare("SELECT next, leaf, digest, body FROM ledger_state WHERE place = 1").get() as Row | undefined
  if (!row || row.next < 1 || row.next > reader.size()) return undefined
  if (!reader.leafHash(row.next - 1).equals(row.leaf) || !digestOf(row.next, row.leaf, row.body).equals(row.digest)) return undefined
  return { next: row.next, body: zstdDecompressSync(row.body).toString("utf8") }
}

function digestOf(next: number, leaf: Buffer, body: Buffer): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${next}\n`), leaf, sha256(body)]))
}
