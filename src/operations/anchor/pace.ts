/**
 * How often a third party may be asked: never twice at once, after a failure later and later, and no more than so many times a day. What is left of a day's
 * questions is shared out over what is left of the day, so that a busy morning leaves some for the evening.
 */
export type Circuit = "closed" | "open" | "probing"

const firstPauseMs = 1_000
const failuresToOpen = 5
const firstOpenMs = 30_000
const longestOpenMs = 300_000
const dayMs = 86_400_000

export class Pace {
  #failures = 0
  #pausedUntilMs = 0
  #asking = false
  #day = 0
  #ofDay = 0
  #lastMs = Number.NEGATIVE_INFINITY

  /** `ofDay` of the day of `wallMs` have been spent before. */
  constructor(wallMs: number, ofDay: number) {
    this.#day = Math.floor(wallMs / dayMs)
    this.#ofDay = ofDay
  }

  get asking(): boolean {
    return this.#asking
  }

  get failures(): number {
    return this.#failures
  }

  /** Open after five failures in a row, until the pause is over; then one question decides. */
  circuit(steadyMs: number): Circuit {
    if (this.#failures < failuresToOpen) return "closed"
    return steadyMs < this.#pausedUntilMs ? "open" : "probing"
  }

  /** How long it is left alone, whatever there is to be shown. */
  waitsMs(mostADay: number, steadyMs: number, wallMs: number): number {
    const left = Math.max(0, mostADay - this.ofDay(wallMs))
    const dayEndsMs = dayMs - (((wallMs % dayMs) + dayMs) % dayMs)
    const shared = left === 0 ? dayEndsMs : this.#lastMs + dayEndsMs / left - steadyMs
    // After a failure it is asked again as soon as the pause allows, as long as questions are left.
    const spaced = this.#failures > 0 && left > 0 ? 0 : shared
    return Math.max(0, this.#pausedUntilMs - steadyMs, spaced)
  }

  /** Questions of the day so far. */
  ofDay(wallMs: number): number {
    const day = Math.floor(wallMs / dayMs)
    if (day !== this.#day) [this.#day, this.#ofDay] = [day, 0]
    return this.#ofDay
  }

  asked(steadyMs: number, wallMs: number): void {
    this.#ofDay = this.ofDay(wallMs) + 1
    this.#lastMs = steadyMs
    this.#asking = true
  }

  answered(isGood: boolean, steadyMs: number): void {
    this.#asking = false
    this.#failures = isGood ? 0 : this.#failures + 1
    this.#pausedUntilMs = isGood ? 0 : steadyMs + pauseAfter(this.#failures)
  }
}

/** After so many failures in a row. */
export function pauseAfter(failures: number): number {
  if (failures < failuresToOpen) return firstPauseMs * 2 ** (failures - 1)
  return Math.min(longestOpenMs, firstOpenMs * 2 ** Math.min(failures - failuresToOpen, 16))
}
