/** Events lost again and again for one reason: told at once the first time, then once a minute, so that the record is not filled with what it lacks. */
import type { Gap } from "../format/gap.ts"
import { GapCounter } from "./gap-counter.ts"

const tellEveryMs = 60_000

export class RepeatedGaps {
  readonly #gaps = new GapCounter()
  readonly #tell: (gaps: readonly Gap[]) => void
  #timer: NodeJS.Timeout | undefined
  #toldOnce = false

  constructor(tell: (gaps: readonly Gap[]) => void) {
    this.#tell = tell
  }

  count(reason: string, hook: string, atMs: number): void {
    this.#gaps.count(reason, hook, atMs)
    this.#timer ??= setTimeout(() => this.tellNow(), this.#toldOnce ? tellEveryMs : 0).unref()
  }

  tellNow(): void {
    this.stop()
    if (this.#gaps.empty) return
    this.#toldOnce = true
    this.#tell(this.#gaps.take())
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
