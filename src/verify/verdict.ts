/** What a verification found: one of four verdicts, the exact range, and every problem with the entries it touches. */

import type { AnchorSeen } from "./anchor-tally.ts"

export type Verdict = "valid" | "valid with erasures" | "unverifiable" | "invalid"

export const verdictExit: { readonly [V in Verdict]: 0 | 1 | 2 } = {
  valid: 0,
  "valid with erasures": 0,
  unverifiable: 2,
  invalid: 1,
}

export type Problem = {
  /** First and last sequence it touches, inclusive. */
  readonly from: number
  readonly to: number
  readonly what: string
}

/** Collects problems and joins neighbours that say the same, so that a million bad entries are one line. */
export class Problems {
  readonly #list: { from: number; to: number; what: string }[] = []
  readonly #most: number
  #left = 0

  constructor(most = 100) {
    this.#most = most
  }

  note(from: number, to: number, what: string): void {
    const last = this.#list.at(-1)
    if (last && last.what === what && from <= last.to + 1) {
      last.to = Math.max(last.to, to)
    } else if (this.#list.length < this.#most) {
      this.#list.push({ from, to, what })
    } else {
      this.#left++
    }
  }

  get none(): boolean {
    return this.#list.length === 0
  }

  /** Problems beyond the most that are kept. */
  get left(): number {
    return this.#left
  }

  list(): readonly Problem[] {
    return this.#list
  }
}

/** What a witness has seen of a ledger, as far as its cosignatures stand there. */
export type WitnessSeen = {
  readonly witness: string
  readonly cosignatures: number
  /** The largest size it cosigned; 0 for none. */
  readonly upTo: number
  /** When it cosigned that, by its clock. */
  readonly at: string | null
  /** Its key is pinned, and every one of its cosignatures was checked. */
  readonly checked: boolean
}

export type VerifyReport = {
  readonly verdict: Verdict
  /** The entries that were walked: sequences `from` to `to`, inclusive; `to` is -1 when there are none. */
  readonly from: number
  readonly to: number
  readonly entries: number
  readonly contentsOpened: number
  readonly contentsErased: number
  /** Entries before `journal.closed` that are gone, and contents that are gone by it; 0 in what is no store. */
  readonly entriesRemoved: number
  readonly contentsRemoved: number
  readonly checkpoints: number
  /** Entries that the largest of these checkpoints covers: 0 when there is none. */
  readonly covered: number
  readonly root: string
  readonly signedBy: string | null
  readonly witnesses: readonly WitnessSeen[]
  /** Who has anchored it. */
  readonly anchors: readonly AnchorSeen[]
  readonly problems: readonly Problem[]
  readonly problemsNotListed: number
  /** Of a whole store: entries that say that contents were erased, of which keys are there all the same. */
  readonly erasuresUndone?: readonly number[]
  /** Of an export: contents that its entries commit to and that are not in it, erased or not exported; and the first entries that say that contents were erased. */
  readonly contentsNotShown?: number
  readonly erasures?: readonly number[]
  /** Sentences on what could not be checked, and why. */
  readonly notes: readonly string[]
}
