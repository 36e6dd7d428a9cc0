/** What is to be sealed: a file, a directory, or standard input. */
import { closeSync, fstatSync, lstatSync, openSync, read, realpathSync, rmdirSync, statSync, unlinkSync, type Stats } from "node:fs"
import { sep } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { packDirectory } from "../../vault/archive/pack-directory.ts"

const pieceBytes = 262_144

export type PlainSource = {
  readonly isDirectory: boolean
  /** Undefined where nobody knows before the end. */
  readonly sizeBytes: number | undefined
  readonly bytes: () => AsyncIterable<Uint8Array>
  /** Removes what was read, unless it changed since; answers what was left. @throws {Fault} `sealed.changing` */
  readonly remove: () => readonly string[]
}

export type SourceOptions = {
  readonly skipped: (path: string) => void
  /** Keeps in mind what was read, to remove it. */
  readonly forRemoval: boolean
}

/** @throws {Fault} `cli.file-unreadable`, `sealed.not-sealable` */
export function plainSource(path: string, options: SourceOptions): PlainSource {
  const stat = statOf(path)
  if (options.forRemoval && lstatSync(path).isSymbolicLink())
    throw new Fault("sealed.not-sealable", { file: path, problem: "it is a link; name what it leads to" })
  if (stat.isDirectory()) return directorySource(realpathSync(path), options)
  if (!stat.isFile()) throw new Fault("sealed.not-sealable", { file: path, problem: "it is neither a file nor a directory" })
  let seen: Stats | undefined
  return {
    isDirectory: false,
    sizeBytes: stat.size,
    bytes: () => readFile(path, (before) => (seen = before)),
    remove: () => {
      if (!seen || !isSame(seen, lstatSync(path, { throwIfNoEntry: false })))
        throw new Fault("sealed.changing", { file: path, problem: "it is not what was read" })
      removing(path, () => unlinkSync(path))
      return []
    },
  }
}

export function standardInput(): PlainSource {
  return { isDirectory: false, sizeBytes: undefined, bytes: () => process.stdin as AsyncIterable<Uint8Array>, remove: () => [] }
}

/** Whether a place lies in a directory that is to be sealed: it would be sealed with it. */
export function liesIn(directory: string, place: string): boolean {
  const [outer, inner] = [realpathSync(directory), realpathSync(place)]
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep)
}

function directorySource(path: string, { skipped, forRemoval }: SourceOptions): PlainSource {
  const packed: { readonly path: string; readonly stat: Stats }[] = []
  return {
    isDirectory: true,
    sizeBytes: undefined,
    bytes: () => packDirectory(path, { skipped, ...(forRemoval ? { packed: (at: string, stat: Stats) => void packed.push({ path: at, stat }) } : {}) }),
    remove: () => {
      const left: string[] = []
      for (const one of packed.filter(({ stat }) => !stat.isDirectory())) {
        if (isSame(one.stat, lstatSync(one.path, { throwIfNoEntry: false }))) removing(one.path, () => unlinkSync(one.path))
        else left.push(one.path)
      }
      // The longest way first: a directory is empty when what is in it went before.
      const directories = packed.filter(({ stat }) => stat.isDirectory()).sort((a, b) => b.path.length - a.path.length)
      for (const one of directories) if (!isRemoved(one.path)) left.push(one.path)
      return left
    },
  }
}

/** A file that is read from its beginning to its end, and did not change meanwhile. */
export async function* readFile(path: string, begun: (stat: Stats) => void = () => {}): AsyncGenerator<Buffer> {
  const file = opened(path)
  try {
    const before = fstatSync(file)
    begun(before)
    const room = Buffer.allocUnsafe(pieceBytes)
    for (let at = 0; ;) {
      const count = await new Promise<number>((resolve, reject) => {
        read(file, room, 0, room.length, at, (error, bytesRead) => (error ? reject(unreadable(path, error)) : resolve(bytesRead)))
      })
      if (count === 0) break
      at += count
      yield Buffer.from(room.subarray(0, count))
    }
    if (!isSame(before, fstatSync(file))) throw new Fault("sealed.changing", { file: path, problem: "somebody writes to it" })
  } finally {
    closeSync(file)
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "r")
  } catch (error) {
    throw unreadable(path, error)
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(file: string, error: unknown): Fault {
  return new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
}

/** Reading changes neither; nor does a name that is taken away from a file with several, but for its time of change. */
function isSame(before: Stats, now: Stats | undefined): boolean {
  return now !== undefined && before.dev === now.dev && before.ino === now.ino && before.size === now.size && before.mtimeMs === now.mtimeMs
}

function removing(path: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new Fault("sealed.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch {
    // Something is in it that was not sealed: it stays, and is told of.
    return false
  }
}
