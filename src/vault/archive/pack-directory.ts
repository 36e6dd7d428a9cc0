/** A directory as one stream, a tar archive that begins with a mark of ours; docs/spec/sealed-file.md says which. */
import { closeSync, constants, fstatSync, lstatSync, openSync, read, readdirSync, readlinkSync, type Stats } from "node:fs"
import { join } from "node:path"
import { Header, Pax } from "tar"
import { Fault, problemOf } from "../../base/fault.ts"
import { staysInside } from "./names.ts"

const blockBytes = 512
const pieceBytes = 262_144
export const directoryMark = globalHeader("comment=sovereign-ledger/sealed-directory/1")

export type PackOptions = {
  /** Sockets, pipes and devices hold nothing that could be sealed. */
  readonly skipped: (path: string) => void
  /** Called for all that is packed, with what it was before it was read. */
  readonly packed?: (path: string, stat: Stats) => void
}

/**
 * Walks the directory in the order of names, each directory before what is in it. Holds the names of the directories on the way down, and of files that have
 * several names: the second one becomes a hard link.
 * @throws {Fault} `sealed.not-sealable` for a link that leads outside and a name that is no text, `sealed.changing` when a file is not what it was a moment before
 */
export async function* packDirectory(directory: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  yield directoryMark
  yield* packEntry({ directory, options, links: new Map() }, "", statAt(directory))
  yield Buffer.alloc(2 * blockBytes)
}

type Walk = { readonly directory: string; readonly options: PackOptions; readonly links: Map<string, string> }

async function* packEntry(walk: Walk, path: string, stat: Stats): AsyncGenerator<Uint8Array> {
  const { directory, options, links } = walk
  const place = join(directory, path)
  if (stat.isDirectory()) {
    options.packed?.(place, stat)
    yield headerOf({ path: `./${path}${path === "" ? "" : "/"}`, type: "Directory", size: 0 }, stat)
    for (const name of namesIn(place)) yield* packEntry(walk, path === "" ? name : `${path}/${name}`, statAt(join(place, name)))
  } else if (stat.isSymbolicLink()) {
    const linkpath = reading(place, () => readlinkSync(place))
    if (!staysInside(path, linkpath)) throw new Fault("sealed.not-sealable", { file: place, problem: "it is a link that leads out of the directory" })
    options.packed?.(place, stat)
    yield headerOf({ path: `./${path}`, type: "SymbolicLink", linkpath, size: 0 }, stat)
  } else if (stat.isFile()) {
    options.packed?.(place, stat)
    const identity = `${stat.dev}:${stat.ino}`
    const linkpath = links.get(identity)
    if (linkpath !== undefined) yield headerOf({ path: `./${path}`, type: "Link", linkpath, size: 0 }, stat)
    else {
      if (stat.nlink > 1) links.set(identity, `./${path}`)
      yield headerOf({ path: `./${path}`, type: "File", size: stat.size }, stat)
      yield* contentOf(place, stat)
    }
  } else options.skipped(place)
}

/** Exactly what the header promised, or a fault. */
async function* contentOf(place: string, stat: Stats): AsyncGenerator<Uint8Array> {
  const changed = () => new Fault("sealed.changing", { file: place, problem: "somebody writes to it" })
  const file = reading(place, () => openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW))
  try {
    const isSame = ({ dev, ino, size, mtimeMs }: Stats) => dev === stat.dev && ino === stat.ino && size === stat.size && mtimeMs === stat.mtimeMs
    if (!isSame(fstatSync(file))) throw changed()
    for (let left = stat.size; left > 0;) {
      const room = Buffer.allocUnsafe(Math.min(left, pieceBytes))
      const count = await new Promise<number>((resolve, reject) => {
        read(file, room, 0, room.length, null, (error, bytesRead) => (error ? reject(notSealable(place, error)) : resolve(bytesRead)))
      })
      if (count === 0) throw changed()
      left -= count
      yield room.subarray(0, count)
    }
    if (!isSame(fstatSync(file))) throw changed()
    yield Buffer.alloc((blockBytes - (stat.size % blockBytes)) % blockBytes)
  } finally {
    closeSync(file)
  }
}

type Entry = { readonly path: string; readonly type: "Directory" | "File" | "Link" | "SymbolicLink"; readonly linkpath?: string; readonly size: number }

/** A header, and before it one of pax for what does not fit into it. */
function headerOf(entry: Entry, stat: Stats): Buffer {
  const block = Buffer.alloc(blockBytes)
  const header = new Header({ ...entry, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, mtime: stat.mtime })
  if (!header.encode(block, 0)) return block
  return Buffer.concat([new Pax({ ...entry, mtime: stat.mtime, uid: stat.uid, gid: stat.gid }).encode(), block])
}

function namesIn(place: string): readonly string[] {
  return reading(place, () => readdirSync(place, { encoding: "buffer" }))
    .map((bytes) => {
      const name = bytes.toString("utf8")
      if (Buffer.from(name).equals(bytes)) return name
      throw new Fault("sealed.not-sealable", { file: join(place, name), problem: "its name is not UTF-8" })
    })
    .sort()
}

function statAt(place: string): Stats {
  return reading(place, () => lstatSync(place))
}

function reading<T>(place: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP")
    throw isGone ? new Fault("sealed.changing", { file: place, problem: problemOf(error) }, error) : notSealable(place, error)
  }
}

function notSealable(file: string, error: unknown): Fault {
  return new Fault("sealed.not-sealable", { file, problem: problemOf(error) }, error)
}

/** Two blocks of a pax archive (POSIX.1-2001): a global header, and the record in it. */
function globalHeader(record: string): Buffer {
  const blocks = Buffer.alloc(1_024)
  const length = record.length + 2 + String(record.length + 5).length
  const line = `${length} ${record}\n`
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`
  blocks.write("sovereign-ledger", 0)
  blocks.write(octal(0o600, 7), 100)
  blocks.write(octal(0, 7), 108)
  blocks.write(octal(0, 7), 116)
  blocks.write(octal(line.length, 11), 124)
  blocks.write(octal(0, 11), 136)
  blocks.write(" ".repeat(8), 148)
  blocks.write("g", 156)
  blocks.write("ustar\u000000", 257)
  blocks.write(
    octal(
      blocks.subarray(0, 512).reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  )
  blocks.write(line, 512)
  return blocks
}
