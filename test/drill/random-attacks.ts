/**
 * Attacks composed at random by somebody who has the page key and not the signing key: rows and columns edited, deleted, exchanged, cut off, spliced in,
 * and then, or not, whatever can be made consistent again.
 *
 * Part of the record is what entries, their contents, the tree and the checkpoints say. Not part of it, and left alone: the senders' counters and the time at
 * which a checkpoint was stored, which nothing covers; entries behind the last checkpoint, which a writer could not have signed yet either.
 */
import { randomBytes } from "node:crypto"
import type { Chance } from "../../src/drill/chance.ts"
import { closeGap, makeRoom, rebuildTree, relink, replaceFacts, rollBack } from "../../src/drill/forgery.ts"
import type { StoreCopy } from "../../src/drill/store-copy.ts"
import { headerOffset, zeroHash } from "../../src/format/header.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { isDriverError, type SqliteDatabase } from "../../src/vault/database.ts"
import { Signer } from "../../src/vault/signer.ts"

type Cell = Buffer | string | number | null
type Table = { readonly name: string; readonly key: string; readonly columns: readonly string[] }
/** Something done; answers in words what, for whoever looks for the one that was missed. */
type Move = (journal: SqliteDatabase, chance: Chance) => string

const entries: Table = { name: "entries", key: "sequence", columns: ["header", "facts", "place"] }
const tables: readonly Table[] = [
  entries,
  entries, // where most of the record is
  { name: "chunks", key: "number", columns: ["scope_id", "sealed"] },
  { name: "tiles", key: "tile", columns: ["hashes"] },
  { name: "checkpoints", key: "size", columns: ["note"] },
  { name: "meta", key: "name", columns: ["value"] },
]
const movesMost = 4

/** Commits one, and says which. */
export function commitAttack(copy: StoreCopy, chance: Chance): string {
  const done: string[] = []
  copy.edit((journal) => {
    for (let left = 1 + chance.below(movesMost); left > 0; left--) done.push(attempted(journal, chance, chance.pick(moves)))
    for (const mend of mends) if (chance.below(2) === 0) done.push(attempted(journal, chance, mend))
  })
  return done.join(", ")
}

/** A move that the tables do not take (a key twice, a value of another type) is as if it had not been made. */
function attempted(journal: SqliteDatabase, chance: Chance, move: Move): string {
  journal.exec("SAVEPOINT move")
  try {
    return move(journal, chance)
  } catch (error) {
    if (!isDriverError(error) && !(error instanceof RangeError)) throw error
    journal.exec("ROLLBACK TO move")
    return "(nothing)"
  } finally {
    journal.exec("RELEASE move")
  }
}

const editCell: Move = (journal, chance) => {
  const { table, key } = someRow(journal, chance)
  const column = chance.pick(table.columns)
  writeCell(journal, table, column, key, bent(readCell(journal, table, column, key), chance))
  return `edited ${table.name}.${column} of ${key}`
}

const changeKey: Move = (journal, chance) => {
  const { table, key } = someRow(journal, chance)
  const other = typeof key === "number" ? chance.pick([key + 1, key - 1, -key, key + 1_000, chance.below(2 ** 31)]) : `${key}s`
  journal.prepare(`UPDATE ${table.name} SET ${table.key} = ? WHERE ${table.key} = ?`).run(other, key)
  return `${table.name} ${key} became ${other}`
}

const deleteRows: Move = (journal, chance) => {
  const { table, key } = someRow(journal, chance)
  const most = chance.pick([1, 1, 2, 40])
  journal
    .prepare(
      `DELETE FROM ${table.name} WHERE ${table.key} IN (SELECT ${table.key} FROM ${table.name} WHERE ${table.key} >= ? ORDER BY ${table.key} LIMIT ${most})`,
    )
    .run(key)
  return `deleted ${most} of ${table.name} from ${key}`
}

const cutTable: Move = (journal, chance) => {
  const { table, key } = someRow(journal, chance)
  const side = chance.pick([">=", "<"])
  journal.prepare(`DELETE FROM ${table.name} WHERE ${table.key} ${side} ?`).run(key)
  return `cut ${table.name} ${side} ${key}`
}

const exchangeCells: Move = (journal, chance) => {
  const { table, key } = someRow(journal, chance)
  const { key: other } = someRow(journal, chance, table)
  const columns = chance.below(2) === 0 ? table.columns : [chance.pick(table.columns)]
  for (const column of columns) {
    const cell = readCell(journal, table, column, key)
    writeCell(journal, table, column, key, readCell(journal, table, column, other))
    if (chance.below(4) > 0) writeCell(journal, table, column, other, cell) // else one of them stands twice
  }
  return `exchanged ${columns.join(" and ")} of ${table.name} ${key} and ${other}`
}

const spliceEntry: Move = (journal, chance) => {
  const { key: at } = someRow(journal, chance, entries)
  const { key: from } = someRow(journal, chance, entries)
  const [header, facts, place] = entries.columns.map((column) => readCell(journal, entries, column, from))
  makeRoom(journal, Number(at))
  journal.prepare("INSERT INTO entries(sequence, header, facts, place) VALUES (?, ?, ?, ?)").run(at, header ?? null, facts ?? null, place ?? null)
  return `spliced entry ${from} in at ${at}`
}

const vanishEntry: Move = (journal, chance) => {
  const { key } = someRow(journal, chance, entries)
  journal.prepare("DELETE FROM entries WHERE sequence = ?").run(key)
  closeGap(journal, Number(key))
  return `let entry ${key} vanish`
}

const rewriteFacts: Move = (journal, chance) => {
  const { key } = someRow(journal, chance, entries)
  replaceFacts(journal, Number(key), (text) => text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)).replace(/\}$/, " }"))
  return `rewrote the facts of ${key} with their hashes`
}

const rewriteHeader: Move = (journal, chance) => {
  const { key } = someRow(journal, chance, entries)
  const header = readCell(journal, entries, "header", key) as Buffer
  const [from, to] = chance.pick([
    [headerOffset.time + 4, headerOffset.idHash],
    [headerOffset.scopeId, headerOffset.factsHash],
    [headerOffset.idHash, headerOffset.scopeId],
    [headerOffset.type, header.length],
  ])
  const at = from + chance.below(to - from)
  header.writeUInt8(header.readUInt8(at) ^ 1, at)
  writeCell(journal, entries, "header", key, header)
  return `changed byte ${at} of header ${key}`
}

const dropContent: Move = (journal, chance) => {
  const { key } = someRow(journal, chance, entries)
  const header = readCell(journal, entries, "header", key) as Buffer
  zeroHash.copy(header, headerOffset.contentHash)
  writeCell(journal, entries, "header", key, header)
  writeCell(journal, entries, "place", key, null)
  return `dropped the content of ${key} and its hash`
}

const rollBackTail: Move = (journal, chance) => {
  const { key } = someRow(journal, chance, entries)
  rollBack(journal, Number(key))
  return `rolled back to ${key}`
}

const moves: readonly Move[] = [
  editCell,
  editCell,
  editCell,
  changeKey,
  deleteRows,
  deleteRows,
  cutTable,
  exchangeCells,
  exchangeCells,
  spliceEntry,
  vanishEntry,
  rewriteFacts,
  rewriteHeader,
  dropContent,
  rollBackTail,
]

/** What makes things fit again, in the order in which it has to be done. */
const mends: readonly Move[] = [
  (journal) => {
    relink(journal, 0)
    return "linked anew"
  },
  (journal) => {
    rebuildTree(journal)
    return "built the tree anew"
  },
  (journal, chance) => {
    const root = rebuildTree(journal)
    const size = journal.prepare("SELECT count(*) FROM entries").pluck().get() as number
    const stored = journal.prepare("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").pluck().get() as string | undefined
    const note = new Signer(stored?.split("\n")[0] ?? "nobody", randomBytes(32)).note({ origin: stored?.split("\n")[0] ?? "nobody", size, root })
    if (chance.below(2) === 0) journal.exec("DELETE FROM checkpoints")
    journal.prepare("INSERT INTO checkpoints(size, note, stored_ms) VALUES (?, ?, 0) ON CONFLICT(size) DO UPDATE SET note = excluded.note").run(size, note)
    return "signed with another key"
  },
]

function someRow(journal: SqliteDatabase, chance: Chance, wanted?: Table): { readonly table: Table; readonly key: number | string } {
  const table = wanted ?? chance.pick(tables)
  const count = journal.prepare(`SELECT count(*) FROM ${table.name}`).pluck().get() as number
  if (count === 0) throw new RangeError("there is no row left")
  const key = journal.prepare(`SELECT ${table.key} FROM ${table.name} ORDER BY ${table.key} LIMIT 1 OFFSET ?`).pluck().get(chance.below(count))
  return { table, key: key as number | string }
}

function readCell(journal: SqliteDatabase, { name, key }: Table, column: string, value: number | string): Cell {
  return journal.prepare(`SELECT ${column} FROM ${name} WHERE ${key} = ?`).pluck().get(value) as Cell
}

function writeCell(journal: SqliteDatabase, { name, key }: Table, column: string, value: number | string, cell: Cell): void {
  journal.prepare(`UPDATE ${name} SET ${column} = ? WHERE ${key} = ?`).run(cell, value)
}

function bent(cell: Cell, chance: Chance): Cell {
  if (cell === null) return chance.below(100_000)
  if (typeof cell === "number") return chance.pick([null, cell + 1, cell - 1, cell + 1024, -cell, chance.below(2 ** 40)])
  if (typeof cell === "string") return bentBytes(Buffer.from(cell), chance).toString("utf8")
  return bentBytes(Buffer.from(cell), chance)
}

function bentBytes(bytes: Buffer, chance: Chance): Buffer {
  if (bytes.length === 0) return Buffer.of(chance.below(256))
  const at = chance.below(bytes.length)
  return chance.pick([
    () => Buffer.concat([bytes.subarray(0, at), Buffer.of((bytes[at] ?? 0) ^ (1 << chance.below(8))), bytes.subarray(at + 1)]),
    () => bytes.subarray(0, at),
    () => bytes.subarray(at),
    () => Buffer.concat([bytes, Buffer.of(chance.below(256))]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    () => Buffer.from(bytes).reverse(),
    () => Buffer.from(bytes).fill(0, at),
  ])()
}

/** Everything that is recorded, as one hash. Older checkpoints may be gone, since the later ones cover what they covered; none may be another one. */
export function recordOf(copy: StoreCopy): string {
  const [[newest] = []] = copy.rows("SELECT max(size) FROM checkpoints")
  const rows = [
    copy.rows("SELECT sequence, header, facts, place FROM entries ORDER BY sequence"),
    copy.rows("SELECT number, scope_id, sealed FROM chunks WHERE number IN (SELECT place / 1024 FROM entries) ORDER BY number"),
    copy.rows("SELECT tile, hashes FROM tiles ORDER BY tile"),
    copy.rows("SELECT size, note FROM checkpoints WHERE size = ?", Number(newest ?? -1)),
    copy.rows("SELECT value FROM meta WHERE name = 'id salt'"),
  ]
  return sha256(Buffer.from(JSON.stringify(rows))).toString("hex")
}
