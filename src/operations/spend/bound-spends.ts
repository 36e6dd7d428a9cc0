/**
 * Calls that were posted in full for want of a word, by run: a report that comes after all corrects them. Those of an earlier writer are found in the
 * ledger's state, so that a report after a restart is not counted beside what was posted.
 */
import type { JsonObject } from "../../base/json.ts"
import type { AccountName, MovementJson, Spend } from "../../format/facts/ledger.ts"
import { amountsOf, type Amounts } from "../../ledger/amounts.ts"
import type { Hold, LedgerState } from "../../ledger/state.ts"

export type BoundSpend = {
  readonly hold: string
  readonly run: string | undefined
  readonly spent: AccountName
  readonly account: AccountName
  readonly posted: Amounts
  readonly price: JsonObject | undefined
  readonly spentAtMs: number
  /** `provider/model` */
  readonly model: string | undefined
  /** What it was for, where that is known. */
  readonly spend: Spend | undefined
  /** How long the call took, where that was told. */
  readonly tookMs: number | undefined
}

const remembered = 1_024
const modelSide = "spent:model/"

export class BoundSpends {
  readonly #byRun = new Map<string, readonly BoundSpend[]>()

  constructor(state: LedgerState) {
    const corrected = new Set([...state.posted.mentioning('"corrects":')].map(([, { corrects }]) => corrects))
    for (const [hold, closed] of state.closed.mentioning('"grade":"bound"')) {
      if (closed.outcome !== "settled" || corrected.has(hold)) continue
      const { grade, usage, basis, movements, atMs } = closed.facts
      const [movement] = movements
      if (grade !== "bound" || usage !== undefined || basis?.door !== "model" || !movement) continue
      const { run, price, placedAtMs = Math.min(basis.askedAtMs ?? atMs, atMs) } = basis // an older version says only the gateway's time
      this.add({ ...sidesOf(movement), hold, run, price, model: modelOf(movement.debit), spentAtMs: placedAtMs, spend: undefined, tookMs: undefined })
    }
  }

  add(bound: BoundSpend | undefined): void {
    if (bound?.run === undefined) return
    this.#byRun.set(bound.run, [...(this.#byRun.get(bound.run) ?? []), bound])
    const [oldest] = this.#byRun.keys()
    if (this.#byRun.size > remembered && oldest !== undefined) this.#byRun.delete(oldest)
  }

  /** The one a report is of, which is corrected once. */
  take(run: string | undefined, model: string | undefined): BoundSpend | undefined {
    if (run === undefined) return undefined
    const all = this.#byRun.get(run) ?? []
    const found = all.find((bound) => bound.model === model) ?? all[0]
    const rest = all.filter((bound) => bound !== found)
    if (rest.length > 0) this.#byRun.set(run, rest)
    else this.#byRun.delete(run)
    return found
  }
}

/** Undefined for what is no model call. */
export function boundOf(hold: Hold, tookMs: number | undefined): BoundSpend | undefined {
  const [movement] = hold.movements
  if (hold.basis?.door !== "model" || !movement) return undefined
  const { run, price } = hold.basis
  const what = { spentAtMs: hold.placedAtMs, spend: hold.spend, tookMs }
  return { hold: hold.id, run, spent: movement.debit, account: movement.credit, posted: hold.total, price, model: hold.spend.model, ...what }
}

/** Also of a model that had no price. */
function modelOf(spent: AccountName): string | undefined {
  return spent.startsWith(modelSide) ? spent.slice(modelSide.length) : undefined
}

function sidesOf({ debit, credit, amounts }: MovementJson) {
  return { spent: debit, account: credit, posted: amountsOf(amounts) }
}
