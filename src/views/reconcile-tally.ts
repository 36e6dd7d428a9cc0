/** A tally as balances that are carried on write it. */
import { objectOf } from "../base/json.ts"
import { emptyTally, type Tally } from "../ledger/amounts.ts"
import { units } from "../ledger/units.ts"

/** It may be more than one movement ever is, and less than nothing. */
export function tallyIn(value: unknown): Tally {
  const tally = emptyTally()
  const told = objectOf(value)
  for (const unit of units) {
    const text = told[unit]
    if (typeof text === "string" && /^-?\d{1,40}$/.test(text)) tally[unit] = BigInt(text)
  }
  return tally
}
