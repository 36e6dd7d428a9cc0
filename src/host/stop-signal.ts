/**
 * The signal that ends the gateway goes on record when it comes: a gateway that drains runs in their retries takes minutes over its end, and then its
 * last hooks may never fire. Only where the process has its own way to end: a listener of ours alone would keep it from ending at all.
 */
import { hookRows } from "../capture/hook-rows.ts"
import type { Tell } from "./subscriptions.ts"

const signals = ["SIGTERM", "SIGINT"] as const
const row = hookRows.find(({ hook }) => hook === "gateway-signal")

/** Tells of the first signal; answers how to stop listening. */
export function listenForStop(tell: Tell): () => void {
  const ends = signals.flatMap((signal) => {
    if (!row || process.listenerCount(signal) === 0) return []
    const heard = () => {
      for (const end of ends) end()
      tell(row, { signal })
    }
    process.prependListener(signal, heard)
    return [() => void process.off(signal, heard)]
  })
  return () => ends.forEach((end) => end())
}
