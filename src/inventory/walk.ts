/**
 * Files below a place, by looking at names and stamps alone. Symbolic links are not followed, neither to files nor to directories; what is no regular file is passed over.
 * What may not be looked at is told of, and is not taken for nothing.
 */
import { lstatSync, readdirSync, type BigIntStats } from "node:fs"
import { join } from "node:path"

/** Where to look, and what is looked for there. */
export type WalkRules = {
  readonly directory: string
  /** Directories below it that are looked into. */
  readonly deepest: number
  /** Of a directory that belongs to nothing yet: what its files and all below it belong to. */
  readonly ownerOf: (directory: string, names: ReadonlySet<string>) => string | undefined
  readonly accepts: (path: string, name: string) => boolean
  readonly leavesOut: (path: string, name: string) => boolean
}

export type FoundFile = {
  readonly path: string
  readonly owner: string
  /** The same for as long as nothing was done to the file: no content is read for it. */
  readonly stamp: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

export type Walked = {
  readonly file: (file: FoundFile) => void
  /** With its inode: one that was removed and made again is another. */
  readonly directory: (path: string, inode: bigint) => void
  readonly unreadable: (path: string) => void
}

const neverEntered: ReadonlySet<string> = new Set(["node_modules", ".git"])

export function walk(rules: WalkRules, told: Walked): void {
  const stat = statOf(rules.directory, told)
  if (stat?.isDirectory() === true) walkInto(rules, told, { path: rules.directory, inode: stat.ino, depth: 0, owner: undefined })
}

type Place = { readonly path: string; readonly inode: bigint; readonly depth: number; readonly owner: string | undefined }

function walkInto(rules: WalkRules, told: Walked, { path, inode, depth, owner: above }: Place): void {
  told.directory(path, inode)
  const entries = entriesOf(path, told)
  const owner = above ?? rules.ownerOf(path, new Set(entries.map(({ name }) => name)))
  for (const entry of entries) {
    const { name } = entry
    const below = join(path, name)
    if (rules.leavesOut(below, name)) continue
    if (entry.isDirectory()) {
      const stat = depth < rules.deepest && !neverEntered.has(name) ? statOf(below, told) : undefined
      if (stat?.isDirectory() === true) walkInto(rules, told, { path: below, inode: stat.ino, depth: depth + 1, owner })
    } else if (owner !== undefined && entry.isFile() && rules.accepts(below, name)) {
      const stat = statOf(below, told)
      if (stat?.isFile() === true) told.file({ path: below, owner, stamp: stampOf(stat), sizeBytes: Number(stat.size), modifiedMs: Number(stat.mtimeMs) })
    }
  }
}

function entriesOf(path: string, told: Walked) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (!isGone(error)) told.unreadable(path)
    return []
  }
}

function statOf(path: string, told: Walked): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (!isGone(error)) told.unreadable(path)
    return undefined
  }
}

/** The change time is nobody's to set: it tells of what left size and time of a file as they were. */
export function stampOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")
}
