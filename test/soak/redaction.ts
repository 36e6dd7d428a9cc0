/** What redaction takes of time for texts made against it: what the counted test in the suites cannot see is what a pattern looks at in vain. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { redactText } from "../../src/capture/redact.ts"
import { filled, hostileParts } from "../capture/hostile-parts.ts"

export const about = "texts of 64 and 256 KiB made against each pattern of the redaction: four times the text takes no more than ten times the time"

const largeUnits = 256 * 1024
/** A quarter of the text takes a quarter of the time; were it quadratic, a sixteenth. Machines are busy, so half-way between is the line. */
const mostRatio = 10
/** Below this, time says nothing. */
const leastMs = 150

export function run({ say }: RunOptions): object {
  let slowest = { part: "", timeMs: 0 }
  let count = 0
  for (const [name, parts] of Object.entries(hostileParts)) {
    for (const part of parts) {
      const timeMs = linearTimeMs(part)
      count++
      if (timeMs > slowest.timeMs) slowest = { part, timeMs: Math.round(timeMs) }
    }
    say(`${name}: ${parts.length} texts`)
  }
  return { texts: count, slowest }
}

function linearTimeMs(part: string): number {
  const small = filled(part, largeUnits / 4)
  const large = filled(part, largeUnits)
  let largeMs = timeMs(large)
  if (largeMs < leastMs) return largeMs
  let smallMs = timeMs(small)
  for (let attempt = 0; attempt < 4 && largeMs > smallMs * mostRatio; attempt++) {
    largeMs = Math.min(largeMs, timeMs(large))
    smallMs = Math.max(smallMs, timeMs(small))
  }
  if (largeMs <= smallMs * mostRatio) return largeMs
  throw new Error(`${JSON.stringify(part.slice(0, 60))}: ${smallMs.toFixed(0)} ms, four times as much ${largeMs.toFixed(0)} ms`)
}

function timeMs(text: string): number {
  const startedMs = performance.now()
  redactText(text)
  return performance.now() - startedMs
}
