/**
 * Reads a SQLite file that belongs to the host, without taking part in it: no lock that a writer could wait for, no byte changed, no file made
 * beside it. Never inside the gateway, and never with our own driver: see ARCHITECTURE.md on POSIX locks.
 *
 *   shared      a write-ahead log and its index are there: read in one snapshot, the index opened read-only (`readonly_shm`)
 *   immutable   no log: nothing can be half written while the file stays as it is, so it is read without a lock
 *   copy        a log without an index, or a journal to roll back: file and log are read from a private copy
 *
 * The last two hold only while nobody writes: size, time and inode are compared after the reading, and a change means once more. A store that cannot
 * be read within a few tries is a sentence, not a wait.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync, type BigIntStats } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { problemOf } from "../../base/fault.ts"
import { versionOf } from "./tables.ts"

export type Reading<T> =
  | { readonly state: "read"; readonly schemaVersion: number; readonly value: T }
  | { readonly state: "absent" }
  | { readonly state: "refused"; readonly schemaVersion: number; readonly problem: string }
  | { readonly state: "unreadable"; readonly problem: string }

export type ReadingLimits = {
  /** Longest wait for another process's lock in one try. */
  readonly busyMs: number
  readonly tries: number
  readonly mostCopyBytes: number
}

type Way = "shared" | "immutable" | "copy"

const defaultLimits: ReadingLimits = { busyMs: 1_000, tries: 4, mostCopyBytes: 4 * 2 ** 30 }
const pauseMs = 150
const busyCodes: readonly number[] = [5, 6] // SQLITE_BUSY, SQLITE_LOCKED
/** Of SQLite, of the file system, and of a number or a text too large to hand over. */
const readErrors = /^(?:ERR_SQLITE\w*|ERR_OUT_OF_RANGE|ERR_STRING_TOO_LONG|E[A-Z]+)$/
const changedProblem = "it was written to at every try"

/** `read` may be called more than once; its last answer counts. It must throw nothing but errors of SQLite. */
export function readStore<T>(
  path: string,
  versions: readonly number[],
  read: (database: DatabaseSync) => T,
  limits: ReadingLimits = defaultLimits,
): Reading<T> {
  let problem = changedProblem
  let copyNext = false
  for (let tried = 0; tried < limits.tries; tried++) {
    if (tried > 0) pause(pauseMs * tried)
    try {
      const before = stamps(path)
      if (before.file === undefined) return { state: "absent" }
      const way: Way = copyNext ? "copy" : wayInto(before)
      const outcome: Outcome<T> = tryOnce(() => open(path, way, before, limits, (database) => readIfKnown(database, versions, read)))
      if (way !== "shared" && !unchanged(before, stamps(path))) continue
      if ("reading" in outcome) return outcome.reading
      problem = outcome.problem
      if (way !== "shared" && !outcome.busy) break
      // Whoever holds this lock may hold it for long: once more as it should be, then from a copy.
      copyNext = way === "shared" && (!outcome.busy || tried > 0)
    } catch (error) {
      problem = readProblem(error)
      break
    }
  }
  return { state: "unreadable", problem }
}

type Outcome<T> = { readonly reading: Reading<T> } | { readonly problem: string; readonly busy: boolean }

function tryOnce<T>(act: () => Reading<T>): Outcome<T> {
  try {
    return { reading: act() }
  } catch (error) {
    return { problem: readProblem(error), busy: isBusy(error) }
  }
}

/** Rows one by one. SQLite's whole numbers may be larger than a number holds exactly; ids and times of a host are not, and what is, is near enough. */
export function* rowsOf(database: DatabaseSync, sql: string, ...parameters: readonly (number | string)[]): IterableIterator<Readonly<Record<string, unknown>>> {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  for (const row of statement.iterate(...parameters)) {
    const plain: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(row)) plain[name] = typeof value === "bigint" ? Number(value) : value
    yield plain
  }
}

function readIfKnown<T>(database: DatabaseSync, versions: readonly number[], read: (database: DatabaseSync) => T): Reading<T> {
  // What stands in the file is the host's; views and triggers in it run nothing of their own choice.
  database.exec("PRAGMA trusted_schema = OFF")
  database.exec("BEGIN")
  try {
    const schemaVersion = versionOf(database)
    if (versions.includes(schemaVersion)) {
      refuseComputed(database)
      return { state: "read", schemaVersion, value: read(database) }
    }
    const problem = `its schema is version ${schemaVersion}; this version of Sovereign Ledger reads ${spanOf(versions)}`
    return { state: "refused", schemaVersion, problem }
  } finally {
    // Nothing was written; a file that is damaged may refuse even this, and its error is on the way already.
    if (database.isTransaction) attempt(() => database.exec("ROLLBACK"))
  }
}

/** What computes its rows may have as many as it likes, of any size. The host's stores have nothing of the kind; modules of virtual tables may not be there. */
function refuseComputed(database: DatabaseSync): void {
  const found = database.prepare(`
    SELECT name FROM sqlite_schema WHERE type = 'view' UNION ALL
    SELECT m.name FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND x.hidden IN (2, 3) LIMIT 1`)
  const name = found.get()?.["name"]
  if (name !== undefined) throw new StoreProblem(`${String(name)} is computed and not stored, which nothing in the host's stores is`)
}

function spanOf(versions: readonly number[]): string {
  const [first = 0, last = first] = [versions[0], versions.at(-1)]
  return versions.length > 1 && last - first === versions.length - 1 ? `${first} to ${last}` : versions.join(", ")
}

function open<T>(path: string, way: Way, found: Stamps, limits: ReadingLimits, use: (database: DatabaseSync) => T): T {
  if (way === "copy") return openCopy(path, found, limits, use)
  const url = pathToFileURL(path)
  url.search = way === "immutable" ? "immutable=1" : "readonly_shm=1"
  return using(new DatabaseSync(url, { readOnly: true, timeout: limits.busyMs }), use)
}

function openCopy<T>(path: string, found: Stamps, limits: ReadingLimits, use: (database: DatabaseSync) => T): T {
  const sizeBytes = Number(found.file?.size ?? 0n) + Number(found.log?.size ?? 0n)
  if (sizeBytes > limits.mostCopyBytes) throw new StoreProblem(`it can only be read from a copy, and ${sizeBytes} bytes are too many for one`)
  const directory = mkdtempSync(join(tmpdir(), "sovereign-ledger-host-"))
  try {
    const copy = join(directory, basename(path))
    copyFileSync(path, copy)
    if (found.log) copyFileSync(`${path}-wal`, `${copy}-wal`)
    if (found.journal) copyFileSync(`${path}-journal`, `${copy}-journal`)
    return using(new DatabaseSync(copy, { timeout: limits.busyMs }), use)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function using<T>(database: DatabaseSync, use: (database: DatabaseSync) => T): T {
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** Undefined members are files that are not there, or are empty. */
type Stamps = {
  readonly file: BigIntStats | undefined
  readonly log: BigIntStats | undefined
  readonly index: BigIntStats | undefined
  readonly journal: BigIntStats | undefined
}

function stamps(path: string): Stamps {
  const filled = (suffix: string) => {
    const stat = statSync(path + suffix, { bigint: true, throwIfNoEntry: false })
    return stat !== undefined && stat.size > 0n ? stat : undefined
  }
  return { file: filled(""), log: filled("-wal"), index: filled("-shm"), journal: filled("-journal") }
}

function wayInto({ log, index, journal }: Stamps): Way {
  if (log) return index ? "shared" : "copy"
  return journal ? "copy" : "immutable"
}

function unchanged(before: Stamps, after: Stamps): boolean {
  return (["file", "log", "journal"] as const).every((name) => same(before[name], after[name]))
}

function same(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs
}

class StoreProblem extends Error {}

/** The words of what a file or SQLite refused; anything else is a bug and goes on its way. */
function readProblem(error: unknown): string {
  const known = error instanceof StoreProblem || (error instanceof Error && "code" in error && readErrors.test(String(error.code)))
  if (!known) throw error
  return problemOf(error)
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && busyCodes.includes(Number(error.errcode) & 0xff)
}

function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // Said where it is called.
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
