/** How often the system took the processor away from this thread in favour of another; always 0 where it does not say. */
import { readFileSync } from "node:fs"

const line = /^nonvoluntary_ctxt_switches:\s*(\d+)/m

export function interruptions(): number {
  try {
    return Number(line.exec(readFileSync("/proc/thread-self/status", "latin1"))?.[1] ?? 0)
  } catch {
    // Only Linux tells; elsewhere no call counts as interrupted.
    return 0
  }
}
