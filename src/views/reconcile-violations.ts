/** What a recount found wrong, each with its entry; beyond a number they are counted only, so that a broken ledger of any size fits. */
export const checks = {
  malformed: "Every movement has two sides and known units, so that it sums to zero in each",
  "no-open-hold": "Whatever is settled, released, expired or consumed has its open hold and attempt",
  "closed-twice": "No hold is closed twice",
  "placed-twice": "No hold is placed while it is open",
  "settled-elsewhere": "A settlement takes from the accounts of its hold",
  "over-unmarked": "A settlement above its hold says so",
  "expired-early": "No hold expires before its time",
  "consumed-for-nothing": "What began is not given back for want of a word",
  "left-open": "No hold stays open past its time",
  "more-than-there-was": "No account that was allotted a unit holds or hands on more than it has",
  overdrawn: "No account that was allotted a unit consumes more than that",
  "above-quota": "No period of an allowance hands out more than its quota",
  "drawn-too-much": "No hold draws more from an extension than was asked for, and nothing is spent from one that nobody granted",
  "corrects-nothing": "A correction corrects what is known",
  "gives-back-too-much": "A correction gives back at most what was spent",
  "usage-twice": "No report of usage is counted twice",
  "budget-differs": "Budgets have spent and hold what the recount says",
  "balance-differs": "The live state's accounts are those of the recount",
  "hold-differs": "The live state's open holds are those of the recount",
} as const

export type Check = keyof typeof checks

export type Violation = { readonly check: Check; readonly sequence: number | null; readonly subject: string; readonly problem: string }

export class Violations {
  readonly listed: Violation[] = []
  readonly counts = new Map<Check, number>()
  total = 0
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(check: Check, sequence: number | null, subject: string, problem: string): void {
    this.total++
    this.counts.set(check, (this.counts.get(check) ?? 0) + 1)
    if (this.listed.length < this.#most) this.listed.push({ check, sequence, subject, problem })
  }
}
