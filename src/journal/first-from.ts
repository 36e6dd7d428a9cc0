/** Where in a journal an instant falls. */
import { closingOf } from "./closing.ts"
import type { JournalReader } from "./reader.ts"

/** The first sequence that is there and was recorded at this time or later; times never go back in a journal. The journal's size when there is none. */
export function firstFrom(reader: JournalReader, timeMs: number): number {
  let [low, high] = [closingOf(reader)?.upTo ?? 0, reader.size()]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((reader.entry(middle)?.header.timeMs ?? 0) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
