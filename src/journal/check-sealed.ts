/**
 * Whether anything of the ledger can be read without its key: every file of its directory is looked at, byte by byte, with what each is known to hold. No
 * key is needed, and none is asked for.
 */
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync, type Stats } from "node:fs"
import { basename, join } from "node:path"
import { problemOf } from "../base/fault.ts"
import type { LedgerFiles } from "./files.ts"
import { rekeyName } from "../vault/data-keys.ts"
import { parseKeyStore } from "../vault/key-store.ts"
import { pageBytes, readableIn } from "../vault/readable.ts"

export type FileState = "sealed" | "plain by design" | "readable" | "open to others" | "unexpected" | "not looked at"

export type CheckedFile = {
  readonly file: string
  readonly bytes: number
  readonly mode: string | null
  readonly state: FileState
  /** What it is, or what is wrong with it. */
  readonly words: string
  readonly remedy: string | null
}

export type VaultCheck = { readonly sound: boolean; readonly bytes: number; readonly files: readonly CheckedFile[] }

type Looked = { readonly state: FileState; readonly words: string; readonly remedy?: string }

/** The first bytes of a sealed file, which its page seals leave uncovered, and of its log; neither holds anything of the ledger. */
const pieceBytes = 1_048_576
const sealedNames = /^(?:journal|views|scopes)\.db(?:\.next)?(?:-wal|-journal)?$/
const sharedMemory = /^(?:journal|views)\.db(?:\.next)?-shm$/
const lockNames = /\.lock\.sqlite(?:-journal)?$/
const leftover = /\.\d+\.tmp$/

export function checkVault(files: LedgerFiles, keyFile: string | undefined, onProgress?: (done: number, total: number) => void): VaultCheck {
  const names = readdirSync(files.directory).sort()
  const paths = names.filter((name) => name !== "runtime").map((name) => join(files.directory, name))
  const total = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
  let done = 0
  const checked = paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats) return [] // a log that its owner has just removed
    const found = checkedFile(
      path,
      stats,
      lookedAt(path, stats, (bytes) => {
        done += bytes // also where nobody follows: it is what the answer says was looked at
        onProgress?.(done, total)
      }),
    )
    return [found]
  })
  const directory = statSync(files.directory)
  const all = [
    checkedFile(files.directory, directory, { state: "plain by design", words: "the directory" }),
    ...checked,
    ...(keyFile === undefined ? [] : keyFiles(keyFile)),
  ]
  return { sound: all.every(({ state }) => state === "sealed" || state === "plain by design"), bytes: done, files: all }
}

function lookedAt(path: string, stats: Stats, onProgress: (bytes: number) => void): Looked {
  const name = basename(path)
  if (stats.isSocket()) return { state: "plain by design", words: "the writer's socket" }
  if (!stats.isFile()) return { state: "unexpected", words: "no file of the ledger", remedy: "Move it away: nothing of the ledger stands in it." }
  if (leftover.test(name))
    return { state: "unexpected", words: "left by a process that was killed while it wrote", remedy: "Start the writer once, or remove it while none runs." }
  if (sharedMemory.test(name)) return textless(path, "numbers of pages in the write-ahead log, and nothing of them", onProgress)
  if (sealedNames.test(name)) return sealedFile(path, onProgress)
  if (name === "keys.json") return keyStore(path)
  if (name === rekeyName) return { state: "plain by design", words: "wrapped keys that data is being sealed under" }
  if (name === "doors.json") return { state: "plain by design", words: "whether anything may refuse a spend: hard, frozen" }
  if (lockNames.test(name)) return textless(path, "a lock: it holds nothing", onProgress)
  const found = firstReadable(path, onProgress)
  const words = found === undefined ? "not of the ledger; nothing readable in it" : `not of the ledger, and readable at byte ${found}`
  return { state: "unexpected", words, remedy: "Move it out of the ledger's directory." }
}

function checkedFile(path: string, stats: Stats, { state, words, remedy }: Looked): CheckedFile {
  const mode = process.platform === "win32" ? null : stats.mode & 0o777
  const told = { file: path, bytes: stats.isDirectory() ? 0 : stats.size, mode: mode === null ? null : mode.toString(8).padStart(4, "0") }
  const isShared = mode !== null && (stats.isSocket() ? (mode & 0o007) !== 0 : (mode & 0o077) !== 0)
  if (isShared && state !== "readable") {
    return { ...told, state: "open to others", words: `${words}; other users can open it`, remedy: `chmod ${stats.isDirectory() ? "700" : "600"} ${path}` }
  }
  return { ...told, state, words, remedy: remedy ?? null }
}

function sealedFile(path: string, onProgress: (bytes: number) => void): Looked {
  const found = firstReadable(path, onProgress)
  if (found === undefined) return { state: "sealed", words: "sealed pages; nothing readable in them" }
  return {
    state: "readable",
    words: `readable at byte ${found}`,
    remedy: "Keep the file as evidence and see what wrote it: nothing of ours leaves a page unsealed.",
  }
}

/** Small files of numbers: no text in them. */
function textless(path: string, words: string, onProgress: (bytes: number) => void): Looked {
  const found = firstReadable(path, onProgress, false)
  return found === undefined
    ? { state: "plain by design", words }
    : { state: "readable", words: `text stands at byte ${found}`, remedy: "Keep the file as evidence and see what wrote it." }
}

function keyStore(path: string): Looked {
  try {
    parseKeyStore(readFileSync(path, "utf8"), path)
    return { state: "plain by design", words: "wrapped keys, fingerprints, the public key" }
  } catch (error) {
    return { state: "unexpected", words: problemOf(error), remedy: "sovereign-ledger fsck" }
  }
}

/** The place of the first page that looks like anything but sealed. The log's frames begin with numbers: runs of text are looked for across all of it. */
function firstReadable(path: string, onProgress: (bytes: number) => void, evenly?: boolean): number | undefined {
  const piece = Buffer.alloc(pieceBytes)
  const file = openSync(path, "r")
  try {
    for (let at = 0; ;) {
      const length = readSync(file, piece, 0, pieceBytes, at)
      if (length === 0) return undefined
      for (let page = 0; page < length; page += pageBytes) {
        const found = readableIn(piece.subarray(page, Math.min(page + pageBytes, length)), evenly)
        if (found) return at + page + found.at
      }
      onProgress(length)
      at += length
    }
  } finally {
    closeSync(file)
  }
}

/** The key's own file: seen, never read. */
function keyFiles(keyFile: string): readonly CheckedFile[] {
  return [keyFile, `${keyFile}.next`].flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats) return []
    const isNext = path !== keyFile
    const words = isNext ? "the new key of a rotation that was cut off" : "the master key: whoever reads it opens the ledger"
    const looked: Looked = isNext ? { state: "unexpected", words, remedy: "sovereign-ledger vault rotate completes it" } : { state: "plain by design", words }
    return [checkedFile(path, stats, looked)]
  })
}
