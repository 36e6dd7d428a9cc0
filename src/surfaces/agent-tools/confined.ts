/**
 * Files that an agent names, confined to one directory. The agent is the attacker, and may change that directory while it is read: so a path is walked part by
 * part, each directory is opened without following a link, entered, and must then be the one that was opened; only the last name is left, and is opened in the directory
 * that the process stands in by then, whatever its path leads to meanwhile. Node has no `openat`; a working directory is the one place that a path cannot be
 * exchanged under, on every system. All of it is synchronous, so that nobody else sees the directory change.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, realpathSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs"
import { Fault } from "../../base/fault.ts"
import { refused } from "./refusal.ts"

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants
const mostParts = 32
const mostNameBytes = 255
/** Control characters, and what separates names on another system. */
const strange = /[\p{Cc}\\]/u
const below = "Name a path below the directory of this session, without a leading /, without .. and without links."

export type NewFile = { readonly name: string; readonly bytes: Buffer }
/** Of a directory, those of the files that were asked for. */
export type Found = { readonly bytes: Buffer } | { readonly files: ReadonlyMap<string, Buffer> }

/** A file that is there, or these of a directory, each at most `mostBytes`. @throws {Fault} `tool.refused` */
export function readConfined(root: string, path: string, mostBytes: number, names: readonly string[] = []): Found {
  const parts = partsOf(root, path)
  return inside(root, parts.slice(0, -1), path, () => {
    const last = parts.at(-1)
    const bytes = last === undefined ? undefined : fileNamed(last, path, mostBytes)
    if (bytes) return { bytes }
    if (last !== undefined) enter(last)
    return { files: new Map(names.flatMap((name) => filed(name, path, mostBytes))) }
  })
}

/** A new directory with these files in it, of the owner's alone; nothing is replaced. Answers its path below the root. @throws {Fault} `tool.refused` */
export function writeConfined(root: string, path: string, files: readonly NewFile[]): string {
  const parts = partsOf(root, path)
  const last = parts.at(-1)
  if (last === undefined) throw refused(`${shown(path)} is the directory of this session itself`, "Name a new one below it.")
  return inside(root, parts.slice(0, -1), path, () => {
    mkdirSync(last, { mode: 0o700 })
    enter(last)
    const written: string[] = []
    try {
      for (const { name, bytes } of files) {
        const file = openSync(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        written.push(name)
        fill(file, bytes)
      }
    } catch (error) {
      takeBack(last, written)
      throw error
    }
    return parts.join("/")
  })
}

function fill(file: number, bytes: Buffer): void {
  try {
    writeFileSync(file, bytes)
  } finally {
    closeSync(file)
  }
}

/** Half a bundle must not be taken for one. It is in the directory that was made. */
function takeBack(directory: string, written: readonly string[]): void {
  try {
    for (const name of written) unlinkSync(name)
    rmdirSync(`../${directory}`)
  } catch {
    // What made the writing fail is told; what is left is no bundle by its checksums.
  }
}

/** Runs where these parts of a path lead, and comes back. */
function inside<T>(root: string, parts: readonly string[], path: string, run: () => T): T {
  if (typeof O_NOFOLLOW !== "number" || typeof O_DIRECTORY !== "number")
    throw refused("This system cannot open a file without following links", "Use sovereign-ledger receipts on the machine.")
  const before = whereNow()
  try {
    enter(realpathSync(root))
    for (const part of parts) enter(part)
    return run()
  } catch (error) {
    throw error instanceof Fault ? error : refused(`${shown(path)} cannot be used: ${wordsOf(error)}`, below)
  } finally {
    goBack(before)
  }
}

function enter(name: string): void {
  const directory = openSync(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK)
  try {
    process.chdir(name)
    const [opened, here] = [fstatSync(directory, { bigint: true }), statSync(".", { bigint: true })]
    if (opened.dev !== here.dev || opened.ino !== here.ino) throw refused("A directory was exchanged while it was entered", below)
  } finally {
    closeSync(directory)
  }
}

function whereNow(): string {
  try {
    return process.cwd()
  } catch {
    return "/" // it was removed
  }
}

function goBack(directory: string): void {
  try {
    process.chdir(directory)
  } catch {
    process.chdir("/") // it was removed meanwhile; whatever else is opened has an absolute path
  }
}

function filed(name: string, path: string, mostBytes: number): readonly (readonly [string, Buffer])[] {
  try {
    const bytes = fileNamed(name, `${path}/${name}`, mostBytes)
    return bytes ? [[name, bytes]] : []
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
}

/** Undefined where it is a directory. What else is no plain file is refused, and so is one with a second name, which may be anybody's. */
function fileNamed(name: string, path: string, mostBytes: number): Buffer | undefined {
  const file = openSync(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const { size, nlink, ...kind } = statOf(file)
    if (kind.isDirectory) return undefined
    if (!kind.isFile) throw refused(`${shown(path)} is no plain file`, below)
    if (nlink !== 1) throw refused(`${shown(path)} has a second name (a hard link)`, "Copy it, and name the copy.")
    if (size > mostBytes)
      throw refused(`${shown(path)} is larger than ${mostBytes.toLocaleString("en")} bytes`, "Use sovereign-ledger receipts verify on the machine.")
    return wholeOf(file, size)
  } finally {
    closeSync(file)
  }
}

function statOf(file: number) {
  const stat = fstatSync(file)
  return { size: stat.size, nlink: stat.nlink, isFile: stat.isFile(), isDirectory: stat.isDirectory() }
}

/** As long as it was when it was opened, even if it grows. */
function wholeOf(file: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let filled = 0
  while (filled < sizeBytes) {
    const read = readSync(file, bytes, filled, sizeBytes - filled, filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

/** A path that is absolute is taken where it leads below the root by its words alone: agents know their directory by its whole path. */
function partsOf(root: string, path: string): readonly string[] {
  const start = [root, existing(root)].map((one) => `${one.replace(/\/+$/, "")}/`).find((one) => path.startsWith(one))
  const relative = start === undefined ? path : path.slice(start.length)
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".")
  if (relative.startsWith("/") || relative.startsWith("~")) throw refused(`${shown(path)} does not lie below the directory of this session`, below)
  if (parts.includes("..")) throw refused(`${shown(path)} has .. in it`, below)
  if (strange.test(relative) || parts.some((part) => Buffer.byteLength(part) > mostNameBytes) || parts.length > mostParts)
    throw refused(`${shown(path)} is no path that is taken here`, below)
  return parts
}

function existing(root: string): string {
  try {
    return realpathSync(root)
  } catch (error) {
    throw refused("The directory of this session is not there", `${below} The operator is to look whether it exists.`, error)
  }
}

const mostShown = 200

function shown(path: string): string {
  return JSON.stringify(path.slice(0, mostShown))
}

/** Why the system would not, without the paths it names. */
function wordsOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "it, or a directory on the way to it, is not there"
    case "EEXIST":
      return "it exists already, and nothing is replaced"
    case "ELOOP":
    case "ENOTDIR":
      return "a link, or what is no directory, stands on the way to it"
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "the system does not allow it"
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full"
    default:
      return "the system refused"
  }
}
