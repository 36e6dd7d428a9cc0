/**
 * A copy of a ledger that may be damaged: the only thing a crime can be committed on. It always stands in a private directory of its own that it made itself,
 * so that no path of a real ledger can take its place.
 *
 * The copy is made once. Rows are edited through a write-ahead log that is never copied into the file, and of bytes that are overwritten the old ones are kept:
 * putting back costs what was changed, not what the ledger holds.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Fault } from "../base/fault.ts"
import { ledgerFiles, type LedgerFiles } from "../journal/files.ts"
import type { JournalReader } from "../journal/reader.ts"
import { openDatabase, type SqliteDatabase } from "../vault/database.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import { copyLedger } from "../journal/consistent-copy.ts"
import { loggedPages, logName } from "./page-log.ts"

export type CopiedLedger = { readonly files: LedgerFiles; readonly keys: OpenKeys; readonly reader: JournalReader }

/** A page of the file as it stood at another time, sealed under the same key. */
export type OtherPage = { readonly offset: number; readonly bytes: Buffer }

/** Beside a copy of every file: the tables that are recomputed, and what crimes write before it is put back. */
const roomToSpareBytes = 16_000_000

export class StoreCopy {
  /** The private directory; the ledger's own stands in it. */
  readonly root: string
  readonly files: LedgerFiles
  readonly #journalKey: Uint8Array
  readonly #texts: ReadonlyMap<string, Buffer | undefined>
  #patches: OtherPage[] = []
  #sizeBytes = 0

  /** @throws {Fault} `drill.no-room`, or why the ledger cannot be copied. */
  constructor(ledger: CopiedLedger, parent: string = tmpdir()) {
    refuseWithoutRoom(ledger.files, parent)
    this.root = mkdtempSync(join(parent, "sovereign-ledger-drill-"))
    try {
      this.files = ledgerFiles(join(this.root, "ledger"), join(this.root, "sovereign-ledger.head.note"))
      mkdirSync(this.files.directory, { mode: 0o700 })
      copyLedger(ledger.files, ledger.reader, this.files)
      this.#journalKey = ledger.keys.journalKey
      this.#mergeLog()
      this.#texts = new Map([this.files.keys, this.files.headNote].map((path) => [path, existsSync(path) ? readFileSync(path) : undefined]))
      this.#sizeBytes = statSync(this.files.journal).size
    } catch (error) {
      this.remove()
      throw error
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Rows changed by somebody who has the page key, in one commit. */
  edit(change: (journal: SqliteDatabase) => void): void {
    // SQLite copies the log into the file when its last connection closes: this one, which cannot write, outlives the one that does.
    const last = openDatabase(this.files.journal, { key: this.#journalKey, readonly: true })
    try {
      const database = openDatabase(this.files.journal, { key: this.#journalKey, existing: true })
      try {
        database.pragma("synchronous = OFF")
        database.pragma("wal_autocheckpoint = 0")
        database.exec("BEGIN IMMEDIATE")
        change(database)
        database.exec("COMMIT")
      } finally {
        database.close()
      }
    } finally {
      last.close()
    }
  }

  rows(statement: string, ...parameters: readonly number[]): unknown[][] {
    const database = openDatabase(this.files.journal, { key: this.#journalKey, readonly: true })
    try {
      return database
        .prepare(statement)
        .raw()
        .all(...parameters) as unknown[][]
    } finally {
      database.close()
    }
  }

  /** Bytes of journal.db overwritten by somebody who has nothing but the disk. */
  overwrite({ offset, bytes }: OtherPage): void {
    const file = openSync(this.files.journal, "r+")
    try {
      this.#patches.push({ offset, bytes: bytesAt(file, offset, bytes.length) })
      writeSync(file, bytes, 0, bytes.length, offset)
    } finally {
      closeSync(file)
    }
  }

  /** The end of journal.db cut off. */
  cut(sizeBytes: number): void {
    const file = openSync(this.files.journal, "r+")
    try {
      this.#patches.push({ offset: sizeBytes, bytes: bytesAt(file, sizeBytes, this.#sizeBytes - sizeBytes) })
      ftruncateSync(file, sizeBytes)
    } finally {
      closeSync(file)
    }
  }

  bytes(offset: number, count: number): Buffer {
    const file = openSync(this.files.journal, "r")
    try {
      return bytesAt(file, offset, count)
    } finally {
      closeSync(file)
    }
  }

  /** keys.json or the note outside, replaced. */
  write(which: "keys" | "headNote", text: string): void {
    writeFileSync(this.files[which], text)
  }

  read(which: "keys" | "headNote"): string | undefined {
    return this.#texts.get(this.files[which])?.toString()
  }

  /** The pages of journal.db that a change of its rows leads to, as they would stand in the file; the file itself stays as it is. */
  pagesAfter(change: (journal: SqliteDatabase) => void): OtherPage[] {
    this.edit(change)
    const pages = loggedPages(this.files.journal)
    const before = pages.flatMap(({ offset, sizeBytes }) => (offset < this.#sizeBytes ? { offset, bytes: this.bytes(offset, sizeBytes) } : []))
    this.#mergeLog()
    const after = before.map(({ offset, bytes }) => ({ offset, bytes: this.bytes(offset, bytes.length) }))
    this.#patches.push(...before)
    this.putBack()
    return after
  }

  /** Everything as it was copied. */
  putBack(): void {
    for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(this.files.journal + suffix, { force: true })
    if (this.#patches.length > 0 || statSync(this.files.journal).size !== this.#sizeBytes) {
      const file = openSync(this.files.journal, "r+")
      try {
        for (const { offset, bytes } of this.#patches.reverse()) writeSync(file, bytes, 0, bytes.length, offset)
        ftruncateSync(file, this.#sizeBytes)
      } finally {
        closeSync(file)
      }
      this.#patches = []
    }
    for (const [path, bytes] of this.#texts) {
      if (bytes === undefined) rmSync(path, { force: true })
      else if (!existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes)
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /** What the log holds reaches the file when its last connection closes. */
  #mergeLog(): void {
    const database = openDatabase(this.files.journal, { key: this.#journalKey, existing: true })
    try {
      database.pragma("synchronous = OFF")
      database.pragma("wal_checkpoint(TRUNCATE)")
    } finally {
      database.close()
    }
  }
}

function refuseWithoutRoom(files: LedgerFiles, parent: string): void {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const neededBytes = sizeOf(files.journal) + 2 * sizeOf(logName(files.journal)) + sizeOf(files.scopes) + sizeOf(files.views) + roomToSpareBytes
  const { bavail, bsize } = statfsSync(parent)
  const leftBytes = bavail * bsize
  if (leftBytes < neededBytes) throw new Fault("drill.no-room", { directory: parent, neededBytes, leftBytes })
}

function bytesAt(file: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(count)
  return bytes.subarray(0, readSync(file, bytes, 0, count, offset))
}
