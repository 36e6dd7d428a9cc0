/**
 * Copies the files of a ledger as they were at one moment, beside a running writer too, and only by reading them.
 *
 * Pages of journal.db and of its write-ahead log belong together as long as the log did not begin anew while they were copied: until then it only grows, and
 * every page that reaches the file meanwhile stands in it as well. A reading that is kept open keeps the log from beginning anew.
 */
import { constants, closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import type { LedgerFiles } from "./files.ts"
import type { JournalReader } from "./reader.ts"

const attemptsMost = 200
const betweenAttemptsMs = 5
const sleeper = new Int32Array(new SharedArrayBuffer(4))
/** Salts and a count that change whenever the log begins anew stand in its first bytes. */
const logHeaderBytes = 32

export type CopyFile = (from: string, to: string) => void

/** @throws {Fault} `store.unreadable` when a file cannot be read, or changes faster than it can be copied; `store.write-failed` on the other side. */
export function copyLedger(files: LedgerFiles, reader: JournalReader, target: LedgerFiles, copy: CopyFile = copyFile): void {
  const copyWhere: CopyFile = (from, to) => existsSync(from) && copy(from, to)
  // The writer stores a checkpoint in the journal first: what the note says is in any copy of the journal that is made after the note was read.
  copyWhere(files.headNote, target.headNote)
  copyJournal(files, reader, target.journal, copy)
  // Keys of scopes are on disk before anything is sealed with them, so those of every entry that was copied are there by now.
  if (existsSync(files.scopes)) {
    steadily(
      files.scopes,
      () => (existsSync(`${files.scopes}-journal`) ? undefined : fileState(files.scopes)),
      () => copy(files.scopes, target.scopes),
    )
  }
  copy(files.keys, target.keys)
}

/**
 * Copies journal.db and its write-ahead log as they were at one moment; the log stands beside the copy, and has to be copied into it. A log that begins anew
 * meanwhile makes it begin anew, too: mostly once, when a ledger that was at rest is written to, since the next reading keeps that log from it.
 * @throws {Fault} as `copyLedger`
 */
export function copyJournal(files: LedgerFiles, reader: JournalReader, target: string, copy: CopyFile = copyFile): void {
  steadily(
    files.journal,
    () => logState(files.journal),
    () =>
      reader.snapshot(() => {
        reader.size()
        copy(files.journal, target)
        if (existsSync(`${files.journal}-wal`)) copy(`${files.journal}-wal`, `${target}-wal`)
        else rmSync(`${target}-wal`, { force: true }) // of an attempt before
      }),
  )
}

/** Repeats a copying until what it depends on is the same before and after it; an undefined state is one in which nothing can be copied. */
function steadily(file: string, state: () => string | undefined, copying: () => void): void {
  for (let attempt = 0; attempt < attemptsMost; attempt++) {
    const before = state()
    if (before !== undefined) {
      copying()
      if (state() === before) return
    }
    Atomics.wait(sleeper, 0, 0, betweenAttemptsMs)
  }
  throw new Fault("store.unreadable", { file, problem: "it changes faster than it can be copied; try again" })
}

/** Which log there is; with an empty one nothing but the file counts. */
function logState(journal: string): string {
  const log = `${journal}-wal`
  if (!existsSync(log)) return fileState(journal)
  const header = Buffer.alloc(logHeaderBytes)
  const file = openSync(log, "r")
  try {
    return readSync(file, header, 0, logHeaderBytes, 0) === 0 ? fileState(journal) : header.toString("hex")
  } finally {
    closeSync(file)
  }
}

function fileState(path: string): string {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  return `${mtimeNs}/${size}`
}

function copyFile(from: string, to: string): void {
  try {
    // On file systems that can share blocks this costs nothing.
    copyFileSync(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    const isRoom = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT")
    throw new Fault(isRoom ? "store.write-failed" : "store.unreadable", { file: isRoom ? to : from, problem: problemOf(error) }, error)
  }
}
