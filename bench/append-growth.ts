/**
 * Does an append cost more as the journal grows, and does the writer's memory?
 *
 * One process under the writer's flags opens a store of a million entries and a fresh copy of one of 10,000, and appends batches of 100 to them in
 * turn, with the writer's upkeep of the write-ahead log, so that both see the same disk and the same machine. A repetition sums the batches of each
 * and takes a fresh copy of the small store. Memory: heap and external bytes after a collection, sampled 20 times while another such process built the
 * large store from nothing, from its first 10,000 entries on.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { copyHome, removeHome } from "./ledger-home.ts"
import type { GrowthTimes } from "./compare-stores.ts"
import { runScript } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import { builtStore, largeStore, type HeapSample } from "./store.ts"

export const about = "cost of an append at 1,000,000 entries against 10,000, and the heap after gc on the way"

const smallEntries = 10_000

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const sizes = quick ? { batches: 100, repetitions: 3 } : { batches: 300, repetitions: 5 }
  const { home, heap, entries } = await largeStore(args, say)
  const small = await builtStore(smallEntries, say)
  const large = copyHome(home, "growth")
  const copies = Array.from({ length: sizes.repetitions + 1 }, () => copyHome(small.home, "small"))
  const times = (await runScript("compare-stores.ts", [String(sizes.batches), large.root, ...copies.map(({ root }) => root)])) as GrowthTimes
  for (const copy of [large, ...copies]) removeHome(copy)
  const ratios = times.repetitions.map((one) => one.largeMs / one.smallMs)
  say(`cost at ${entries} / at ${smallEntries} (least | median | most): ${spread(ratios)}`)
  const usOf = (read: (one: GrowthTimes["repetitions"][number]) => number) => median(times.repetitions.map(read)) / (sizes.batches / 10)
  return [
    atMost(`append at ${entries} entries / at ${smallEntries}`, median(ratios), "x", 1.15),
    shown("the same by CPU time", median(times.repetitions.map((one) => one.largeCpuMs / one.smallCpuMs)), "x"),
    shown(
      `append at ${smallEntries}`,
      usOf((one) => one.smallMs),
      "us",
    ),
    shown(
      `append at ${entries}`,
      usOf((one) => one.largeMs),
      "us",
    ),
    atMost(
      "heap after gc while it grew: most - least",
      drift(heap, (sample) => sample.heapMb),
      "MB",
      20,
    ),
    shown(`heap after gc at ${entries}`, heap.at(-1)?.heapMb ?? Number.NaN, "MB"),
    shown(
      "resident memory while it grew: most - least",
      drift(heap, (sample) => sample.residentMb),
      "MB",
    ),
    shown(`resident memory at ${entries}`, heap.at(-1)?.residentMb ?? Number.NaN, "MB"),
  ]
}

function drift(heap: readonly HeapSample[], read: (sample: HeapSample) => number): number {
  const values = heap.map(read)
  return Math.max(...values) - Math.min(...values)
}
