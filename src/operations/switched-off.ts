/**
 * The time in which a gateway's plugin was switched off becomes a gap when it is switched on again: nobody could count what happened in it. It may have
 * been switched off in an earlier life of this writer: what is on record of that is known a little later, when the projections have come that far.
 */
import type { NewEvent } from "../format/event.ts"
import type { Gap } from "../format/gap.ts"
import { gapEvent } from "./record.ts"

export const switchedOffWords = "the plugin was switched off"

/** A gateway, by the pseudonym of its user; empty where none was told. */
export type GatewayName = string

export class SwitchedOff {
  readonly #since = new Map<GatewayName, number>()
  readonly #later: (gap: Gap, gateway: GatewayName) => void
  /** Gateways that began before it was known whether their plugin had been switched off; undefined once that is known. */
  #begun: Map<GatewayName, number> | undefined = new Map()

  constructor(later: (gap: Gap, gateway: GatewayName) => void) {
    this.#later = later
  }

  /** What was on record when this writer began. */
  known(since: ReadonlyMap<GatewayName, number>): void {
    const begun = this.#begun ?? new Map<GatewayName, number>()
    this.#begun = undefined
    for (const [gateway, sinceMs] of since) {
      const onMs = begun.get(gateway)
      if (onMs !== undefined) this.#later(gapOf(sinceMs, onMs), gateway)
      else if (!this.#since.has(gateway)) this.#since.set(gateway, sinceMs)
    }
  }

  /** The events of a gateway on their way into the journal, with the gap in front of the beginning that ends it. */
  pass(events: readonly NewEvent[], gateway: GatewayName): readonly NewEvent[] {
    return events.flatMap((event) => {
      if (event.type === "guard.disabled") this.#since.set(gateway, event.facts.atMs ?? 0)
      const gap = event.type === "gateway.started" ? this.#ended(gateway, event.facts.atMs ?? 0) : undefined
      return gap ? [gapEvent(gap), event] : [event]
    })
  }

  #ended(gateway: GatewayName, onMs: number): Gap | undefined {
    const sinceMs = this.#since.get(gateway)
    this.#since.delete(gateway)
    if (sinceMs !== undefined) return gapOf(sinceMs, onMs)
    if (this.#begun && !this.#begun.has(gateway)) this.#begun.set(gateway, onMs)
    return undefined
  }
}

function gapOf(fromMs: number, toMs: number): Gap {
  return { reason: switchedOffWords, byType: {}, fromMs, toMs: Math.max(fromMs, toMs), uncounted: true }
}
