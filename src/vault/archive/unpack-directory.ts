/**
 * Writes a sealed directory out. Nothing is written outside it, through a link, or over anything: each name is made anew, in a directory that only its owner may
 * enter, and whatever does not fit ends all of it.
 */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs"
import { join, posix } from "node:path"
import type { ReadEntry } from "tar"
import { Fault } from "../../base/fault.ts"
import { writeFault } from "../sealed-file/raw-file.ts"
import { innerPath, staysInside } from "./names.ts"
import { readArchive } from "./read-archive.ts"

/** Their times and modes wait until all is written. */
const mostDirectories = 1_000_000
const nothing = { take: () => {}, end: () => {} }

/** @throws {Fault} `sealed.unsafe-archive`, `sealed.no-room`, `sealed.write-failed`; what was written by then stays, for who began it to remove */
export async function unpackDirectory(source: AsyncIterable<Uint8Array>, target: string, file: string): Promise<void> {
  const unsafe = (problem: string) => new Fault("sealed.unsafe-archive", { file, problem })
  const directories: { readonly path: string; readonly mode: number; readonly mtime: Date | undefined }[] = []
  const begin = (entry: ReadEntry) => {
    const path = innerPath(entry.path)
    if (path === undefined) throw unsafe("a name in it leads outside")
    const mode = (entry.mode ?? 0o600) & 0o777
    if (path === "") {
      if (entry.type !== "Directory") throw unsafe("an entry has no name")
      if (entry.mtime) directories.push({ path: target, mode: 0o700, mtime: entry.mtime })
      return nothing
    }
    checkParents(target, path, unsafe)
    const place = join(target, path)
    switch (entry.type) {
      case "Directory":
        if (directories.length >= mostDirectories) throw unsafe(`it has more than ${mostDirectories} directories`)
        writing(place, unsafe, () => mkdirSync(place, { mode: 0o700 }))
        directories.push({ path: place, mode, mtime: entry.mtime })
        return nothing
      case "SymbolicLink": {
        const to = entry.linkpath ?? ""
        if (!staysInside(path, to)) throw unsafe("a link in it leads outside")
        writing(place, unsafe, () => {
          symlinkSync(to, place)
          if (entry.mtime) lutimesSync(place, entry.mtime, entry.mtime)
        })
        return nothing
      }
      case "Link": {
        const to = innerPath(entry.linkpath ?? "")
        if (!to) throw unsafe("a link in it leads outside")
        checkParents(target, to, unsafe)
        if (!lstatSync(join(target, to), { throwIfNoEntry: false })?.isFile()) throw unsafe("a link in it leads to no file before it")
        writing(place, unsafe, () => linkSync(join(target, to), place))
        return nothing
      }
      case "File":
      case "OldFile":
      case "ContiguousFile":
        return fileWriter(place, { mode, mtime: entry.mtime }, unsafe)
      default:
        throw unsafe(`it has an entry of the kind ${entry.type}`)
    }
  }
  await readArchive(source, file, { begin })
  for (const { path, mode, mtime } of directories.toReversed()) {
    writing(path, unsafe, () => {
      if (mtime) utimesSync(path, mtime, mtime)
      chmodSync(path, mode)
    })
  }
}

function fileWriter(path: string, { mode, mtime }: { readonly mode: number; readonly mtime: Date | undefined }, unsafe: (problem: string) => Fault) {
  let file = 0
  writing(path, unsafe, () => (file = openSync(path, "wx", 0o600)))
  const closing = (work: () => void) => {
    try {
      writing(path, unsafe, work)
    } catch (error) {
      closeSync(file)
      throw error
    }
  }
  return {
    take: (piece: Buffer) =>
      closing(() => {
        for (let at = 0; at < piece.length;) at += writeSync(file, piece, at)
      }),
    end: () => {
      closing(() => {
        if (mtime) futimesSync(file, mtime, mtime)
        fchmodSync(file, mode)
      })
      closeSync(file)
    },
  }
}

/** The way to a name leads over directories that are there, and over no link. */
function checkParents(target: string, path: string, unsafe: (problem: string) => Fault): void {
  const parts = posix.dirname(path).split("/")
  if (parts[0] === ".") return
  for (let count = 1; count <= parts.length; count++) {
    if (!lstatSync(join(target, ...parts.slice(0, count)), { throwIfNoEntry: false })?.isDirectory()) {
      throw unsafe("a name in it stands below something that is no directory before it")
    }
  }
}

function writing(path: string, unsafe: (problem: string) => Fault, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw unsafe("a name stands in it twice")
    throw writeFault(path, error)
  }
}
