/** What the host said its calls cost, beside what was posted for them, by model. */
import { objectOf } from "../base/json.ts"

type Sums = { calls: number; reportedNanos: bigint; postedNanos: bigint }

/** Amounts are decimal strings of nano-dollars; `share` is the difference in parts of what was reported, null where that is nothing. */
export type DriftRow = {
  readonly model: string | null
  readonly calls: number
  readonly reportedNanos: string
  readonly postedNanos: string
  readonly differenceNanos: string
  readonly share: number | null
}

export class Drift {
  readonly #models = new Map<string | null, Sums>()

  /** Counts only what the host told a cost of. */
  add(model: string | null, basis: unknown, postedNanos: bigint): void {
    const reported = objectOf(basis)["reportedNanos"]
    if (typeof reported !== "string" || !/^\d{1,19}$/.test(reported)) return
    const sums = this.#models.get(model) ?? { calls: 0, reportedNanos: 0n, postedNanos: 0n }
    sums.calls++
    sums.reportedNanos += BigInt(reported)
    sums.postedNanos += postedNanos
    this.#models.set(model, sums)
  }

  rows(): readonly DriftRow[] {
    return [...this.#models]
      .map(([model, { calls, reportedNanos, postedNanos }]) => ({
        model,
        calls,
        reportedNanos: String(reportedNanos),
        postedNanos: String(postedNanos),
        differenceNanos: String(postedNanos - reportedNanos),
        share: reportedNanos === 0n ? null : Number(((postedNanos - reportedNanos) * 1_000_000n) / reportedNanos) / 1_000_000,
      }))
      .toSorted((a, b) => ((a.model ?? "") < (b.model ?? "") ? -1 : 1))
  }
}
