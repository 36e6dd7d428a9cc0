/**
 * A SQLite file whose every page is sealed (AEGIS-256) under a 32-byte key. The only importer of the driver, so that it can be changed.
 *
 * The plugin inside the gateway never opens one: a second copy of a native SQLite in a process breaks POSIX file locks.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs"
import { dirname, join } from "node:path"
import Database from "better-sqlite3-multiple-ciphers"
import { Fault, problemOf } from "../base/fault.ts"
import { readOnlyFault } from "./read-only-disk.ts"

declare const __SOVEREIGN_LEDGER_NATIVE__: boolean | undefined

/** In the built package the driver's binary stands beside the bundle; from source the driver finds its own. */
const nativeBinding: string | undefined =
  typeof __SOVEREIGN_LEDGER_NATIVE__ === "boolean" ? join(import.meta.dirname, "native", `${nativeTarget()}.node`) : undefined
const driverOptions = nativeBinding === undefined ? {} : { nativeBinding }

/** This machine, as the drivers of the package are named. */
export function nativeTarget(): string {
  const report = process.platform === "linux" ? (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }) : undefined
  const musl = report !== undefined && report.header?.glibcVersionRuntime === undefined
  return `${musl ? "linuxmusl" : process.platform}-${process.arch}`
}

export type SqliteDatabase = Database.Database
export type SqliteStatement = Database.Statement

export type DatabaseOptions = {
  readonly key: Uint8Array
  /** Opens an existing file for reading; it is never created, and this process never becomes its writer. */
  readonly readonly?: boolean
  /**
   * As `readonly`, but where this process may write, a transaction that was cut off with its writer is taken back first: without that nobody could read the file
   * until the next writer comes (a hot rollback journal, https://www.sqlite.org/lockingv3.html#hot_journals).
   */
  readonly reading?: boolean
  /** Never creates it, also for writing. */
  readonly existing?: boolean
  /** Nobody else has it open: no memory is shared, which not every file system can, and nothing is left beside the file. */
  readonly alone?: boolean
  /** The cipher's salt of a file that is made: that of another one, whose place it is to take. */
  readonly salt?: Uint8Array
  /** Milliseconds to wait for another connection's lock. */
  readonly busyTimeoutMs?: number
}

/** Bytes at the front of a sealed file that no page seal covers (the cipher's salt): their copy in the key file is what checks them. */
export const fileSaltBytes = 24
/** The rest says how large pages are. */
const cipherSaltBytes = 16

/** @throws {Fault} `store.unreadable`, or `store.damaged` when the key does not fit the pages. */
export function openDatabase(path: string, options: DatabaseOptions): SqliteDatabase {
  let database: SqliteDatabase
  try {
    database = new Database(path, {
      ...driverOptions,
      readonly: options.readonly ?? false,
      fileMustExist: options.readonly || options.reading || options.existing || false,
      timeout: options.busyTimeoutMs ?? 5_000,
    })
  } catch (error) {
    throw (
      (options.readonly || options.reading ? undefined : openingFault(path, error)) ??
      new Fault("store.unreadable", { file: path, problem: problemOf(error) }, error)
    )
  }
  try {
    database.pragma("cipher='aegis'")
    const salt = options.salt === undefined ? "" : Buffer.from(options.salt.subarray(0, cipherSaltBytes)).toString("hex")
    database.pragma(`key="raw:${Buffer.from(options.key).toString("hex")}${salt}"`)
    if (options.alone) database.pragma("locking_mode = EXCLUSIVE")
    if (options.reading) database.pragma("query_only = ON")
    database.pragma("schema_version")
    return database
  } catch (error) {
    database.close()
    throw databaseFault(path, error)
  }
}

/** What an error of the driver means to the person who has to mend it. */
export function databaseFault(file: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const problem = problemOf(error)
  if (code === "SQLITE_READONLY_ROLLBACK") return new Fault("store.cut-off", { file, directory: dirname(file) }, error)
  if (code === "SQLITE_NOTADB") return new Fault("store.damaged", { file, problem: "its first page does not open under the ledger's key" }, error)
  if (code.startsWith("SQLITE_CORRUPT")) return new Fault("store.damaged", { file, problem }, error)
  const readOnly = /^SQLITE_(?:READONLY|CANTOPEN|IOERR)/.test(code) ? readOnlyFault(file, error) : undefined
  if (readOnly) return readOnly
  if (/^SQLITE_(FULL|IOERR|READONLY)/.test(code)) return new Fault("store.write-failed", { file, problem }, error)
  return new Fault("store.unreadable", { file, problem }, error)
}

/** Whether an error came from SQLite, and not from a bug of ours. */
export function isDriverError(error: unknown): boolean {
  return error instanceof Fault || (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE"))
}

/** All of it in one commit, or nothing. */
export function inTransaction<T>(database: SqliteDatabase, work: () => T): T {
  database.exec("BEGIN IMMEDIATE")
  try {
    const done = work()
    database.exec("COMMIT")
    return done
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK")
    throw error
  }
}

/** The first bytes of a sealed file, which its page seals leave uncovered. */
export function readFileSalt(path: string): Buffer {
  const bytes = Buffer.alloc(fileSaltBytes)
  const file = openSync(path, "r")
  try {
    readSync(file, bytes, 0, fileSaltBytes, 0)
  } finally {
    closeSync(file)
  }
  return bytes
}

/** A SQLite file that holds nothing: the writer's lock. */
export function openPlainDatabase(path: string): SqliteDatabase {
  try {
    return new Database(path, { ...driverOptions, timeout: 0 })
  } catch (error) {
    throw openingFault(path, error) ?? new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

/** Of a file that is not there the driver only says that it cannot be opened: where nothing can be made, that is why. */
function openingFault(path: string, error: unknown): Fault | undefined {
  return existsSync(dirname(path)) ? readOnlyFault(path, error) : undefined
}

/** Tables that live as long as the process, for readers of a directory they cannot write. */
export function openMemoryDatabase(): SqliteDatabase {
  return new Database(":memory:", driverOptions)
}
