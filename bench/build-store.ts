/** A process of `store.ts`: node --expose-gc build-store.ts ROOT ENTRIES appends that many events and prints its memory on the way. */
import { homeAt } from "./ledger-home.ts"
import { memoryMb } from "./memory.ts"
import type { HeapSample } from "./store.ts"
import { batchSize, BatchWriter } from "./writing.ts"

const samples = 20
const storedCheckpoints = 10

function build(root: string, entries: number): HeapSample[] {
  const writer = new BatchWriter(homeAt(root))
  const heap: HeapSample[] = []
  for (let written = 0; written < entries;) {
    writer.append(writer.map(writer.calls(Math.min(batchSize, entries - written))))
    written += batchSize
    if (written % Math.ceil(entries / storedCheckpoints) < batchSize) writer.storeCheckpoint()
    if (written === batchSize * 100 || written % Math.ceil(entries / samples) < batchSize) heap.push({ entries: written, ...memoryMb() })
  }
  writer.finish()
  return heap
}

if (import.meta.main) {
  const [root = "", entries = "0"] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(build(root, Number(entries))))
}
