/**
 * Bytes on disk an event: every file of the ledger (journal, projections, scopes, keys, lock, the note outside) divided by the captured events of
 * 505 B, appended in batches of 100 in four scopes, after the writer finished: log moved into the files, projections up to date.
 * The baseline is the JSON of what was kept.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { fileSizes } from "./ledger-home.ts"
import { ordinaryBytes } from "./payload.ts"
import { atMost, shown, sum, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "bytes on disk for an event of 505 B, everything included"

const limitBytes = 1_400

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const { home, entries } = await largeStore(args, say)
  const files = Object.entries(fileSizes(home)).sort(([, a], [, b]) => b - a)
  const bytes = sum(files.map(([, size]) => size)) / entries
  return [
    shown(`bytes on disk / JSON of the payload (${ordinaryBytes} B)`, bytes / ordinaryBytes, "x"),
    atMost("bytes on disk an event", bytes, "B", limitBytes),
    ...files.filter(([, size]) => size > entries).map(([name, size]) => shown(`  of it ${name}`, size / entries, "B")),
  ]
}
