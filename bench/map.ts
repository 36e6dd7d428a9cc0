/**
 * The map of event ids at 1,000,000 keys, in a sealed file of its own as views.db is.
 *
 *   batch   the root of 1,000 new keys and those that are stored, made in memory as whoever asks makes it: read, merged, hashed. Baseline: as many SHA-256 of 65 bytes
 *           as that takes, in turn. Then what the thread beside the writer does once in 8,192 entries: these added, written, committed, and the log copied into the file
 *           where that is due; by a thousand of them.
 *   proof   of a random id that is there, and of one that is not, in turn, nothing kept from the one before but the driver's pages: made, as the text of a short proof;
 *           checked, by the verifier. Its size; and that of a whole one, to which the way from the root to a checkpoint is added.
 */
import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { idHash } from "../src/format/commitment.ts"
import { mapProofText, parseMapProof, type MapProof } from "../src/format/map-proof.ts"
import { sha256 } from "../src/format/sha256.ts"
import { mapLag } from "../src/projections/event-map.ts"
import { isPairOf, MapTree, mapSchema } from "../src/projections/map-tree.ts"
import { inTransaction, openDatabase, type SqliteDatabase } from "../src/vault/database.ts"
import { wayProblems } from "../src/verify/map-proof.ts"
import { temporaryDirectory } from "./ledger-home.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "the map of event ids at 1,000,000 keys: a batch of 1,000, making, checking and size of a proof"

const keys = 1_000_000
const batch = 1_000
/** Of about five pairs in each row, of the nodes over them, and of the eighteen above, of which some are shared. */
const hashesOfBatch = 20 * batch
const idSalt = randomBytes(32)

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const isQuick = args.includes("--quick")
  const directory = temporaryDirectory("map")
  const database = openDatabase(join(directory, "views.db"), { key: randomBytes(32) })
  database.pragma("page_size = 4096")
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = NORMAL")
  database.exec(mapSchema)
  const from = performance.now()
  for (let at = 0; at < keys; at += keys / 4) add(database, pairsFrom(at, keys / 4))
  say(`${keys} keys in ${((performance.now() - from) / 1_000).toFixed(1)} s`)
  const rows = [...batches(database, isQuick ? 20 : 60, say), ...proofs(database, isQuick ? 1_000 : 5_000)]
  database.close()
  rmSync(directory, { recursive: true, force: true })
  return await Promise.resolve(rows)
}

function idOf(n: number): string {
  const uuid = sha256(`run ${n >> 3}`).toString("hex")
  return `tool.invoked:${uuid.slice(0, 8)}-${uuid.slice(8, 12)}-${uuid.slice(12, 16)}-${uuid.slice(16, 20)}-${uuid.slice(20, 32)}/toolu_01${uuid.slice(0, 15)}${String(n).padStart(7, "0")}`
}

function pairsFrom(first: number, count: number): Buffer {
  const pairs: Buffer[] = []
  for (let n = first; n < first + count; n++) pairs.push(idHash(idSalt, idOf(n)), sha256(`leaf ${n}`))
  return Buffer.concat(pairs)
}

function add(database: SqliteDatabase, pairs: Buffer): void {
  inTransaction(database, () => {
    const tree = new MapTree(database)
    tree.add(pairs)
    tree.store()
  })
}

function batches(database: SqliteDatabase, count: number, say: (words: string) => void): readonly BenchRow[] {
  const measured = { root: [] as number[], processor: [] as number[], hashing: [] as number[], written: [] as number[], writtenProcessor: [] as number[] }
  const data = randomBytes(65)
  for (let i = -3; i < count; i++) {
    const pairs = pairsFrom(keys + (i + 3) * batch, batch)
    const [cpu, from] = [process.cpuUsage(), performance.now()]
    const tree = new MapTree(database)
    tree.add(pairs)
    tree.root()
    const [rootMs, processorMs] = [performance.now() - from, processorSince(cpu)]
    const hashFrom = performance.now()
    for (let n = 0; n < hashesOfBatch; n++) sha256(data)
    if (i < 0) continue
    measured.root.push(rootMs)
    measured.processor.push(processorMs)
    measured.hashing.push(performance.now() - hashFrom)
  }
  for (let i = 0; i < Math.ceil(count / 10); i++) {
    const pairs = pairsFrom(keys * 2 + i * mapLag, mapLag)
    const [cpu, from] = [process.cpuUsage(), performance.now()]
    add(database, pairs)
    measured.writtenProcessor.push((processorSince(cpu) / mapLag) * batch)
    measured.written.push(((performance.now() - from) / mapLag) * batch)
  }
  say(`${batch} new keys (least | median | most): ${spread(measured.root)} ms; hashes alone ${spread(measured.hashing)} ms`)
  say(`written, by ${batch} of ${mapLag}: ${spread(measured.written)} ms`)
  return [
    atMost(`${batch} new keys into ${keys}: p50`, median(measured.root), "ms", 60),
    shown("p99", quantile(measured.root, 0.99), "ms"),
    shown("processor time of it, p50", median(measured.processor), "ms"),
    shown("its hashes alone, p50", median(measured.hashing), "ms"),
    atMost(`written by the thread, ${mapLag} at once: p50 of ${batch}`, median(measured.written), "ms", 60),
    shown("processor time of it, p50", median(measured.writtenProcessor), "ms"),
  ]
}

function processorSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function proofs(database: SqliteDatabase, count: number): readonly BenchRow[] {
  const root = new MapTree(database).root()
  const measured = { make: [] as number[], check: [] as number[], bytes: [] as number[] }
  for (let i = -100; i < count; i++) {
    const n = Math.floor(Math.random() * keys)
    const id = i % 2 === 0 ? idOf(n) : idOf(n + 10 * keys)
    const from = performance.now()
    const text = mapProofText(proofOf(database, id, root))
    const made = performance.now()
    const parsed = parseMapProof(text)
    if (parsed === "other" || "wrong" in parsed || wayProblems(parsed.proof, idHash(idSalt, id)).length > 0) throw new Error("a proof does not hold")
    const checked = performance.now()
    if ((parsed.proof.proves === "recorded") !== (i % 2 === 0)) throw new Error("a proof says the contrary")
    if (i < 0) continue
    measured.make.push(made - from)
    measured.check.push(checked - made)
    measured.bytes.push(Buffer.byteLength(text) + 1)
  }
  return [
    atMost(`a proof at ${keys} keys: p50`, median(measured.make), "ms", 0.5),
    shown("p99", quantile(measured.make, 0.99), "ms"),
    shown("checking its way: p50", median(measured.check), "ms"),
    atMost("its size: p50", median(measured.bytes), "B", 1_300),
    atMost("its size: p99", quantile(measured.bytes, 0.99), "B", 1_300),
    shown("its size: most", quantile(measured.bytes, 1), "B"),
  ]
}

function proofOf(database: SqliteDatabase, id: string, root: Buffer): MapProof {
  const key = idHash(idSalt, id)
  const { pair, ...path } = new MapTree(database).place(key)
  const shared = { id, ...path, size: keys, root }
  return pair && isPairOf(key, pair) ? { ...shared, proves: "recorded", leaf: pair.subarray(32) } : { ...shared, proves: "not-recorded", other: pair }
}
