/** What code leaves for later turns of the event loop: each callback given to setImmediate, timed. */
import { interruptions } from "./interruptions.ts"

export type Blocks = {
  readonly takeMs: () => number[]
  /** Of the callbacks during which the thread kept its processor. */
  readonly takeAloneMs: () => number[]
  readonly end: () => void
}

/** Times every callback given to setImmediate from here on. */
export function watchImmediates(): Blocks {
  const original = globalThis.setImmediate
  let blocks: { readonly tookMs: number; readonly alone: boolean }[] = []
  const watched = (callback: () => void) =>
    original(() => {
      const before = interruptions()
      const from = performance.now()
      callback()
      const tookMs = performance.now() - from
      blocks.push({ tookMs, alone: interruptions() === before })
    })
  globalThis.setImmediate = watched as typeof setImmediate
  const take = (wanted: (block: (typeof blocks)[number]) => boolean) => {
    const taken = blocks.filter(wanted).map(({ tookMs }) => tookMs)
    blocks = []
    return taken
  }
  return { takeMs: () => take(() => true), takeAloneMs: () => take(({ alone }) => alone), end: () => void (globalThis.setImmediate = original) }
}
