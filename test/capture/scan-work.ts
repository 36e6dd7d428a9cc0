/**
 * Counts what redacting a text takes, or what stripping it of what is internal does, in a thread of its own: how often the blocks of the scanner's code ran (loop rounds, branches, calls), as V8's
 * coverage counts them, and how many characters were gone through by what is not our code (patterns, slices, searches). What a pattern looks at in vain
 * at one place is not seen here: `npm run soak -- redaction` measures that.
 */
import { Session } from "node:inspector/promises"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { filled } from "./hostile-parts.ts"

export type Work = { readonly blocks: number; readonly characters: number }

type Question = { readonly part: string; readonly length: number }

export type WorkCounter = {
  /** The work for a part repeated up to a length. */
  readonly count: (part: string, length: number) => Promise<Work>
  readonly stop: () => Promise<unknown>
}

export function startWorkCounter(of: "redacting" | "stripping" = "redacting"): WorkCounter {
  // Of code that was compiled before coverage began not every block is counted.
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const worker = new Worker(import.meta.filename, { env, workerData: of })
  return {
    count: (part, length) =>
      new Promise((resolve, reject) => {
        worker.once("error", reject)
        worker.once("message", (work: Work) => {
          worker.off("error", reject)
          resolve(work)
        })
        worker.postMessage({ part, length } satisfies Question, [])
      }),
    stop: () => worker.terminate(),
  }
}

if (!isMainThread) await answer()

async function answer(): Promise<void> {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
  const passed = { characters: 0 }
  countPassed(passed)
  const work = await workOf(workerData) // after its counters are asked for
  parentPort?.on("message", async ({ part, length }: Question) => {
    const text = filled(part, length)
    await session.post("Profiler.takePreciseCoverage") // sets the counters back
    passed.characters = 0
    work(text)
    const { characters } = passed
    const { result } = await session.post("Profiler.takePreciseCoverage")
    const ranges = result.filter(({ url }) => /\/src\/(?:capture|policy)\//.test(url)).flatMap(({ functions }) => functions.flatMap((one) => one.ranges))
    parentPort?.postMessage({ blocks: ranges.reduce((sum, { count }) => sum + count, 0), characters } satisfies Work, [])
  })
}

async function workOf(of: unknown): Promise<(text: string) => unknown> {
  if (of === "redacting") return (await import("../../src/capture/redact.ts")).redactText
  const { strip } = await import("../../src/policy/outbound/strip.ts")
  return (text) => strip(text, { reasoning: true, internalMarkers: true, secrets: false }, (clean) => clean)
}

type Passed = { characters: number }

/** Every use of a pattern ends in `exec`; every other way through a text that costs its length is a slice or a search. */
function countPassed(passed: Passed): void {
  const { exec } = RegExp.prototype
  const { slice, indexOf, lastIndexOf } = String.prototype
  Object.assign(RegExp.prototype, {
    exec(this: RegExp, text: string) {
      const from = this.global || this.sticky ? this.lastIndex : 0
      const match = exec.call(this, text)
      if (match) passed.characters += match.index + match[0].length - from
      else passed.characters += this.sticky ? 1 : text.length - from
      return match
    },
  })
  Object.assign(String.prototype, {
    slice(this: string, ...range: [number?, number?]) {
      const part = slice.apply(this, range)
      passed.characters += part.length
      return part
    },
    indexOf(this: string, what: string, from = 0) {
      const at = indexOf.call(this, what, from)
      passed.characters += (at < 0 ? this.length : at) - from
      return at
    },
    lastIndexOf(this: string, what: string, from = this.length) {
      const at = lastIndexOf.call(this, what, from)
      passed.characters += from - Math.max(0, at)
      return at
    },
  })
}
