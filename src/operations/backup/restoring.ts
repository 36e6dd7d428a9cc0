/**
 * How a restored ledger comes into its directory. It is put together in `.restoring/` there, whole and checked; `restoring.json` in it says so, and from then on
 * its files only have to change their places. A process that dies meanwhile leaves what the next one completes:
 *
 *   made       no restoring.json: nothing was changed, and it is thrown away
 *   whole      the files of the ledger that was there go to `setAside`, one by one, keys.json first
 *   emptied    `setAside` is null: the new files take their places, keys.json last. Until it is there no writer begins
 */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, renameSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import { journalName, pruneName, viewsName, type LedgerFiles } from "../../journal/files.ts"
import { rekeyName } from "../../vault/data-keys.ts"
import { makePrivateDirectory, syncDirectory, writeDurably } from "../../vault/durable-file.ts"
import { keyStoreName } from "../../vault/key-store.ts"
import { scopesName } from "../../vault/scopes.ts"
import { nextOf } from "../rekey/switch-files.ts"
import { headNoteName, readBytes, removeTree } from "./backup-names.ts"

const restoringName = ".restoring"
const markName = "restoring.json"
const doorsName = "doors.json"
/** In the order in which they take their places. */
const placed = [journalName, scopesName, doorsName, keyStoreName] as const

/** `backup`: which one it is of. `journal`: what its journal.db is like before anybody goes on with it. */
type Mark = { readonly backup: string; readonly setAside: string | null; readonly journal: string }

export function restoringDirectory(directory: string): string {
  return join(directory, restoringName)
}

/** Files of a ledger in a directory, keys.json first; with those that were written anew and were to take the place of others, and what says that they are to. */
export function ledgerFilesIn(directory: string): readonly string[] {
  const sealed = [journalName, scopesName, viewsName]
  const suffixes = ["", "-wal", "-shm", "-journal"]
  const ofDatabases = (names: readonly string[]) => names.flatMap((name) => suffixes.map((suffix) => name + suffix))
  const names = [keyStoreName, ...ofDatabases(sealed), doorsName, pruneName, rekeyName, ...ofDatabases(sealed.map(nextOf))]
  return names.filter((name) => isThere(join(directory, name)))
}

/** Marks what was put together as whole: from here on it is completed, whoever dies. */
export function markWhole(directory: string, mark: Omit<Mark, "journal">): void {
  writeMark(directory, { ...mark, journal: stateOf(join(restoringDirectory(directory), journalName)) })
}

function writeMark(directory: string, mark: Mark): void {
  writeDurably(join(restoringDirectory(directory), markName), `${JSON.stringify(mark)}\n`)
}

/** A change of its name changes nothing of it. */
function stateOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true })
  return `${size} ${mtimeNs}`
}

/** Gives everything its place. */
export function finishRestoring({ directory, headNote }: LedgerFiles): void {
  const restoring = restoringDirectory(directory)
  const mark = readMark(directory)
  if (!mark) throw new Fault("store.damaged", { file: join(restoring, markName), problem: "it is not what was written" })
  // keys.json by itself, durably: where it is missing no writer begins, and what is only half here is not taken for a ledger.
  const isKeys = (name: string) => name === keyStoreName
  const isOther = (name: string) => name !== keyStoreName
  if (mark.setAside !== null) {
    const there = ledgerFilesIn(directory)
    for (const which of [isKeys, isOther]) moveAll(directory, mark.setAside, there.filter(which))
    writeMark(directory, { ...mark, setAside: null })
  }
  const coming = placed.filter((name) => isThere(join(restoring, name)))
  for (const which of [isOther, isKeys]) moveAll(restoring, directory, coming.filter(which))
  // One that is outside already may be evidence, and stays as it is.
  const note = join(restoring, headNoteName)
  if (isThere(note) && !isThere(headNote)) {
    makePrivateDirectory(dirname(headNote))
    writeDurably(headNote, readBytes(note), { exclusive: true })
  }
  removeTree(restoring)
}

export function isWhole(directory: string): boolean {
  return isThere(join(restoringDirectory(directory), markName))
}

/** Completes what a process left that died, or throws it away. Answers the backup that stands in its place now, if any does. */
export function settleRestoring(files: LedgerFiles): string | undefined {
  const { directory } = files
  const restoring = restoringDirectory(directory)
  if (!existsSync(restoring)) return undefined
  const mark = readMark(directory)
  if (!mark || !isCutShort(directory, mark)) {
    removeTree(restoring)
    return undefined
  }
  finishRestoring(files)
  return mark.backup
}

/**
 * Whether what is there is what a process left that died between the first change of a place and the last. A ledger that somebody began, or put together again,
 * since then is his: it is neither written over nor moved.
 */
function isCutShort(directory: string, mark: Mark): boolean {
  const isHere = (name: string) => isThere(join(directory, name))
  const isComing = (name: string) => isThere(join(restoringDirectory(directory), name))
  if (mark.setAside !== null) return existsSync(mark.setAside) && !isHere(keyStoreName)
  if (placed.some((name) => isHere(name) && isComing(name))) return false
  if (![journalName, scopesName, keyStoreName].every((name) => isHere(name) || isComing(name))) return false
  return isComing(keyStoreName) || stateOf(join(directory, journalName)) === mark.journal
}

/** It is written in one step: one that is something else is nobody's half-done work, and what it was to say is not guessed. */
function readMark(directory: string): Mark | undefined {
  const file = join(restoringDirectory(directory), markName)
  if (!existsSync(file)) return undefined
  try {
    const fields = objectOf(JSON.parse(readBytes(file).toString("utf8")))
    const backup = stringOf(fields["backup"])
    const journal = stringOf(fields["journal"])
    if (backup !== undefined && journal !== undefined) return { backup, setAside: stringOf(fields["setAside"]) ?? null, journal }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("store.damaged", { file, problem: problemOf(error) }, error)
  }
  throw new Fault("store.damaged", { file, problem: "it does not say what it is of" })
}

function moveAll(from: string, to: string, names: readonly string[]): void {
  try {
    mkdirSync(to, { recursive: true, mode: 0o700 })
    for (const name of names) renameSync(join(from, name), join(to, name))
    for (const directory of [dirname(to), to, from]) syncDirectory(directory)
  } catch (error) {
    throw new Fault("store.write-failed", { file: to, problem: problemOf(error) }, error)
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Beside the directory, by the time; in it where nothing may be made beside it, or it is a disk of its own: files do not leave that by a change of their names. */
export function setAsideDirectory(directory: string, nowMs: number): string {
  const name = `set-aside-${new Date(nowMs).toISOString().replace(/[-:.]/g, "")}`
  const parent = dirname(directory)
  return statSync(directory).dev === statSync(parent).dev && mayWrite(parent) ? `${directory}.${name}` : join(directory, name)
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false // which is what was asked
  }
}
