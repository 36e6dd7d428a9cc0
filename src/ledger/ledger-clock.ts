/**
 * Ledger time: what the wall clock shows, as far as the clocks that nobody sets bear it out. They carry a line of trusted time forward; the wall clock is
 * believed within a tolerance of that line, and where it is further away, ledger time keeps to the edge and goes on at the line's pace.
 *
 * The line follows the wall clock by 200 millionths at most, which is more than crystals differ and 17 seconds a day: a clock that is moved by a
 * little again and again gets no further. Time comes from readings that are handed in.
 */
import { elapsedMs, pointOn, type Clocks, type SteadyPoint } from "../base/clock.ts"
import type { ClockAnchor } from "../format/facts/ledger.ts"
import type { NoteClock } from "./commands.ts"
import type { LedgerState } from "./state.ts"

export type ClockStanding = {
  readonly state: "agrees" | "ahead" | "behind"
  readonly ledgerMs: number
  readonly wallMs: number
  /** Wall clock less ledger time. */
  readonly aheadMs: number
}

/** What time services put right on a machine that was a minute off is less; no period is worth opening so much too early. */
export const clockToleranceMs = 5 * 60_000
/** A machine without a battery learns the time from the network, a moment after it began: once, that is believed. */
const bootWithinMs = 10 * 60_000
const mostSlew = 200e-6
/** As much as the two clocks may part before the one that takes long is asked. */
const glanceMs = 1_000
const anchoredEveryMs = 24 * 3_600_000

type State = Pick<LedgerState, "lastMs" | "clock">
type Line = SteadyPoint & { readonly trustedMs: number; readonly wallMs: number }

export class LedgerClock {
  readonly #clocks: Clocks
  readonly #state: State
  #line: Line
  /** The latest point that is on record, in this life of the machine. */
  #anchored: SteadyPoint | undefined
  #settled: boolean
  #told: ClockStanding["state"]

  /** `state` is read whenever time is asked for: its last event is what no time is before. */
  constructor(clocks: Clocks, state: State) {
    this.#clocks = clocks
    this.#state = state
    const here = { ...pointOn(clocks), wallMs: clocks.wallMs() }
    const known = state.clock
    const isSame = known?.boot !== undefined && known.boot === clocks.boot && elapsedMs(known, here) >= 0
    this.#anchored = isSame ? known : undefined
    this.#settled = isSame && known.settled === true
    this.#told = (isSame ? known.jumped : undefined) ?? "agrees"
    // In another life of the machine nobody knows what has passed: its clock is believed, unless it shows what is over.
    this.#line = isSame ? moved({ ...known, wallMs: known.trustedMs }, here) : { ...here, trustedMs: Math.max(here.wallMs, state.lastMs) }
  }

  nowMs(): number {
    const { steadyMs, trustedMs, wallMs } = this.#line
    const [passedMs, nowMs] = [this.#clocks.steadyMs() - steadyMs, this.#clocks.wallMs()]
    if (Math.abs(nowMs - wallMs - passedMs) > glanceMs) return this.standing().ledgerMs
    return this.#timeAt(nowMs, trustedMs + passedMs)
  }

  standing(): ClockStanding {
    const here = { ...pointOn(this.#clocks), wallMs: this.#clocks.wallMs() }
    // Before the ledger's first event there is nothing that time could open.
    this.#line = this.#state.lastMs === 0 ? { ...here, trustedMs: here.wallMs } : moved(this.#line, here)
    const { wallMs, trustedMs } = this.#line
    const ledgerMs = this.#timeAt(wallMs, trustedMs)
    const state = wallMs - trustedMs > clockToleranceMs ? "ahead" : trustedMs - wallMs > clockToleranceMs ? "behind" : "agrees"
    const aheadMs = Math.floor(wallMs) - ledgerMs
    return {
      state,
      ledgerMs,
      wallMs: Math.floor(wallMs),
      aheadMs: state === "ahead" ? Math.max(1, aheadMs) : state === "behind" ? Math.min(-1, aheadMs) : aheadMs,
    }
  }

  /** Whether something is to be put on record. */
  hasNews(): boolean {
    const { state } = this.standing()
    if (state === "agrees") this.#told = state // it came back by itself
    return state !== this.#told
  }

  /** That the wall clock was set, once each time; in the first minutes of a machine's life the first setting is believed instead. */
  news(): NoteClock | undefined {
    if (!this.hasNews()) return undefined
    const { state, ledgerMs, wallMs, aheadMs } = this.standing()
    if (state === "ahead" && !this.#settled && this.#line.uptimeMs < bootWithinMs) return this.acceptance("boot")
    return { do: "note-clock", atMs: ledgerMs, type: "clock.jumped", facts: { ...this.#anchor(), wallMs, aheadMs } }
  }

  /** The wall clock as it is, from here on; undefined where it is believed already. */
  acceptance(by: "operator" | "boot"): NoteClock | undefined {
    const { state, ledgerMs, wallMs, aheadMs } = this.standing()
    if (state === "agrees") return undefined
    const settled = by === "boot" ? { settled: true as const } : {}
    const facts = { ...this.#anchor(), trustedMs: wallMs, ...settled, wallMs, aheadMs, leapMs: Math.max(0, wallMs - ledgerMs), by }
    return { do: "note-clock", atMs: Math.max(ledgerMs, wallMs), type: "clock.accepted", facts }
  }

  /** The point a writer to come goes on from, where the one on record is too old or none. */
  anchorage(): NoteClock | undefined {
    if (this.#anchored && elapsedMs(this.#anchored, this.#line) < anchoredEveryMs) return undefined
    const { ledgerMs, wallMs } = this.standing()
    return { do: "note-clock", atMs: ledgerMs, type: "clock.anchored", facts: { ...this.#anchor(), wallMs } }
  }

  /** What was found is on record. */
  noted({ type, facts }: NoteClock): void {
    this.#anchored = facts
    this.#settled = facts.settled === true
    if (type === "clock.jumped") this.#told = facts.aheadMs > 0 ? "ahead" : "behind"
    if (type !== "clock.accepted") return
    this.#told = "agrees"
    this.#line = facts
  }

  #anchor(): ClockAnchor {
    const { steadyMs, uptimeMs, trustedMs } = this.#line
    const { boot } = this.#clocks
    return { trustedMs: Math.floor(trustedMs), steadyMs, uptimeMs, ...(boot === undefined ? {} : { boot }), ...(this.#settled ? { settled: true } : {}) }
  }

  #timeAt(wallMs: number, trustedMs: number): number {
    const ms = Math.min(Math.max(wallMs, trustedMs - clockToleranceMs), trustedMs + clockToleranceMs)
    return Math.max(this.#state.lastMs, Math.floor(ms))
  }
}

function moved(line: Line, here: SteadyPoint & { readonly wallMs: number }): Line {
  const passedMs = Math.max(0, elapsedMs(line, here))
  const expectedMs = line.trustedMs + passedMs
  const aheadMs = here.wallMs - expectedMs
  const most = Math.abs(aheadMs) > clockToleranceMs ? 0 : passedMs * mostSlew
  return { ...here, trustedMs: expectedMs + Math.min(Math.max(aheadMs, -most), most) }
}
