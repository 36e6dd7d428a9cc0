/** What is there to be watched at one time: names, stamps and values, and no content. */
import { type FoundFile, walk } from "../walk.ts"
import type { Watched, WatchedValue, WatchGroup } from "./watched-places.ts"

export type ListedFile = { readonly group: WatchGroup; readonly name: string; readonly file: FoundFile }

export type Listing = {
  readonly groups: ReadonlySet<string>
  readonly files: ReadonlyMap<string, ListedFile>
  readonly values: readonly WatchedValue[]
  /** Those that were looked into, with their inodes. */
  readonly directories: ReadonlyMap<string, bigint>
  /** Places that are not there. */
  readonly absent: readonly string[]
  /** Directories and files that may not be looked at, and the groups they would belong to. */
  readonly unreadable: ReadonlyMap<string, string>
  /** Files that are not watched, because there are too many. */
  readonly beyond: number
}

export function listingOf({ groups, places, values }: Watched, mostFiles: number): Listing {
  const files = new Map<string, ListedFile>()
  const directories = new Map<string, bigint>()
  const unreadable = new Map<string, string>()
  let beyond = 0
  for (const place of places) {
    const { kind, group, agent } = place
    walk(place, {
      file: (file) => {
        if (files.has(file.path)) return
        if (files.size >= mostFiles) beyond++
        else files.set(file.path, { group: { kind, group, ...(agent === undefined ? {} : { agent }) }, name: nameOf(kind, file), file })
      },
      directory: (path, inode) => void directories.set(path, inode),
      unreadable: (path) => void unreadable.set(path, group),
    })
  }
  const absent = places.map(({ directory }) => directory).filter((directory) => !directories.has(directory))
  return { groups, files, values, directories, absent, unreadable, beyond }
}

/** What a file belongs to; of a workspace, the file is that itself. */
function nameOf(kind: WatchGroup["kind"], { owner, path }: FoundFile): string {
  return kind === "workspace" ? path.slice(path.lastIndexOf("/") + 1) : owner
}
