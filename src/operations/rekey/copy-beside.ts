/** A journal copied as far as it gets beside a writer at work; what is left is carried over while nobody writes. */
import { statSync } from "node:fs"
import type { ChunkSupply, JournalCopy } from "../../journal/copy-journal.ts"
import { Flusher } from "../../vault/durable-file.ts"

/** So little is left that carrying it over takes no time worth speaking of. */
const fewEntries = 2_000

export type Watching = {
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Called in every piece of the copying: a test ends the process there. */
  readonly reached?: ((step: "copying") => void) | undefined
  /** Where another processor seals contents anew. */
  readonly contents?: ChunkSupply | undefined
}

/** @param path of the file that grows: it is written to the disk meanwhile. */
export async function copyBeside(copy: JournalCopy, path: string, { onProgress, reached, contents }: Watching): Promise<void> {
  const flusher = new Flusher(path)
  for (;;) {
    const { entries, of } = copy.step(contents)
    flusher.flush()
    onProgress?.(entries, of)
    reached?.("copying")
    if (of - entries <= fewEntries) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  await flusher.end()
}

/** Bytes of files and of the logs beside them. */
export function bytesWithLogs(paths: readonly string[]): number {
  const all = paths.flatMap((path) => ["", "-wal"].map((suffix) => path + suffix))
  return all.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
}
