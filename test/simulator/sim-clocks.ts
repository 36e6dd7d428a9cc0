/**
 * The clocks of a schedule's machine: those that nobody sets, the one on the wall, which somebody may, and what a gateway shows, which may differ a little. What
 * of the wall clock a ledger believes is written from docs/spec/ledger.md, "Time", for settings of none or of more than a machine's clock is ever off.
 */
import type { Clocks } from "../../src/base/clock.ts"

/** An hour after its machine began: nothing of what is believed of a machine's first minutes. */
const begunMs = 3_600_000
const toleranceMs = 5 * 60_000

export class SimClocks implements Clocks {
  readonly #startMs: number
  readonly boot = "one"
  passedMs = 0
  /** How far the wall clock was set off. */
  offMs = 0
  /** Of gateways: their times are compared with their own. */
  skewMs = 0

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  readonly wallMs = (): number => this.#startMs + this.passedMs + this.offMs
  readonly steadyMs = (): number => begunMs + this.passedMs
  readonly uptimeMs = (): number => begunMs + this.passedMs
  readonly gatewayMs = (): number => this.wallMs() + this.skewMs

  /** A clock that was set is believed as far as the tolerance goes. */
  believedMs(): number {
    return this.#startMs + this.passedMs + Math.max(-toleranceMs, Math.min(toleranceMs, this.offMs))
  }
}
