/**
 * The system's word that something happened in a directory, one watch a directory and none a file. Only a hint: what happened is found by looking. Where the system
 * gives no more watches, it is said, and whoever asked looks again by himself.
 */
import { lstatSync, watch, type FSWatcher } from "node:fs"
import { dirname } from "node:path"

export class DirectoryWatches {
  readonly #hint: () => void
  readonly #open = new Map<string, { readonly inode: bigint; readonly watcher: FSWatcher }>()
  /** Some directory has none: the system gives no more, or it does not know of changes there. */
  isBlind = false

  constructor(hint: () => void) {
    this.#hint = hint
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Of these directories and no others; of those that are not there, the nearest above them that is.
   * Answers whether there are new ones: of what happened there since they were listed nobody was told.
   */
  follow(directories: ReadonlyMap<string, bigint>, absent: readonly string[]): boolean {
    const wanted = new Map(directories)
    for (const path of absent) {
      const above = nearest(path)
      if (above) wanted.set(above.path, above.inode)
    }
    for (const [path, { inode, watcher }] of this.#open) {
      if (wanted.get(path) === inode) continue
      watcher.close() // a directory that was made again is another
      this.#open.delete(path)
    }
    this.isBlind = false
    const fresh = [...wanted].filter(([path]) => !this.#open.has(path))
    for (const [path, inode] of fresh) if (!this.#watch(path, inode)) break
    return fresh.length > 0
  }

  close(): void {
    for (const { watcher } of this.#open.values()) watcher.close()
    this.#open.clear()
  }

  #watch(path: string, inode: bigint): boolean {
    try {
      const watcher = watch(path, { persistent: false }, this.#hint)
      watcher.on("error", () => {
        watcher.close()
        if (this.#open.get(path)?.watcher === watcher) this.#open.delete(path)
        this.isBlind = true
        this.#hint()
      })
      this.#open.set(path, { inode, watcher })
      return true
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined
      if (code === "ENOENT" || code === "ENOTDIR") return true // gone meanwhile: the one above tells of it
      this.isBlind = true
      return code === "EACCES"
    }
  }
}

function nearest(path: string): { readonly path: string; readonly inode: bigint } | undefined {
  for (let at = dirname(path); ; at = dirname(at)) {
    try {
      const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false })
      if (stat?.isDirectory() === true) return { path: at, inode: stat.ino }
    } catch {
      // What may not be looked at is above nothing that is found.
    }
    if (dirname(at) === at) return undefined
  }
}
