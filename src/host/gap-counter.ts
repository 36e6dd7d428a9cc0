/** Counts events that could not be held, by reason and hook, until they can be recorded as gaps. */
import type { Gap } from "../format/gap.ts"

type Counted = { byType: Record<string, number>; fromMs: number; toMs: number }

export class GapCounter {
  readonly #byReason = new Map<string, Counted>()

  get empty(): boolean {
    return this.#byReason.size === 0
  }

  count(reason: string, hook: string, atMs: number): void {
    let counted = this.#byReason.get(reason)
    if (!counted) this.#byReason.set(reason, (counted = { byType: {}, fromMs: atMs, toMs: atMs }))
    counted.byType[hook] = (counted.byType[hook] ?? 0) + 1
    counted.toMs = atMs
  }

  add(gaps: readonly Gap[]): void {
    for (const { reason, byType, fromMs, toMs } of gaps) {
      const counted = this.#byReason.get(reason) ?? { byType: {}, fromMs, toMs }
      this.#byReason.set(reason, counted)
      for (const [hook, count] of Object.entries(byType)) counted.byType[hook] = (counted.byType[hook] ?? 0) + count
      counted.fromMs = Math.min(counted.fromMs, fromMs)
      counted.toMs = Math.max(counted.toMs, toMs)
    }
  }

  take(): Gap[] {
    const gaps = [...this.#byReason].map(([reason, counted]) => ({ reason, ...counted }))
    this.#byReason.clear()
    return gaps
  }
}
