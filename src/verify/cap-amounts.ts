/** Amounts as facts tell them, for who counts them again: by unit, exact, and nothing that is not written as a ledger writes it. */
import { objectOf } from "../base/json.ts"
import type { AmountsJson } from "../format/facts/ledger.ts"

export const capUnits = ["moneyNanos", "tokens", "wallMs", "bytesRead", "bytesWritten", "calls"] as const
export type CapUnit = (typeof capUnits)[number]

/** A unit that is absent is none of. */
export type CapAmounts = Map<CapUnit, bigint>

const decimal = /^(?:0|[1-9]\d{0,18})$/
const known: ReadonlySet<string> = new Set(capUnits)

/** Undefined unless every member is a known unit with a decimal string. */
export function amountsIn(value: unknown): CapAmounts | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const fields = value as Readonly<Record<string, unknown>>
  const amounts: CapAmounts = new Map()
  for (const unit in fields) {
    const text = fields[unit]
    if (!known.has(unit) || typeof text !== "string" || !decimal.test(text)) return undefined
    amounts.set(unit as CapUnit, BigInt(text))
  }
  return amounts
}

export type CapMovement = { readonly debit: string; readonly credit: string; readonly amounts: CapAmounts }

/** Undefined when they are none. */
export function movementsIn(value: unknown): readonly CapMovement[] | undefined {
  if (!Array.isArray(value)) return undefined
  const movements: CapMovement[] = []
  for (const one of value) {
    const { debit, credit, amounts: told } = objectOf(one)
    const amounts = amountsIn(told)
    if (typeof debit !== "string" || typeof credit !== "string" || !amounts) return undefined
    movements.push({ debit, credit, amounts })
  }
  return movements
}

/** All of it. */
export function totalOf(movements: readonly CapMovement[]): CapAmounts {
  const [only] = movements
  if (only && movements.length === 1) return only.amounts
  const total: CapAmounts = new Map()
  for (const { amounts } of movements) addTo(total, amounts, 1n)
  return total
}

/** What it adds to consumption: into a `spent:` account, less out of one. */
export function consumedOf(movements: readonly CapMovement[]): CapAmounts {
  const consumed: CapAmounts = new Map()
  for (const { debit, credit, amounts } of movements) {
    const [into, from] = [debit.startsWith("spent:"), credit.startsWith("spent:")]
    if (into !== from) addTo(consumed, amounts, into ? 1n : -1n)
  }
  return consumed
}

export function addTo(sum: CapAmounts, amounts: CapAmounts, times: bigint): void {
  for (const [unit, amount] of amounts) sum.set(unit, (sum.get(unit) ?? 0n) + times * amount)
}

/** As `addTo`, and never below nothing: a correction gives back no more than was spent in this count. */
export function addFloored(sum: CapAmounts, amounts: CapAmounts): void {
  for (const [unit, amount] of amounts) {
    const next = (sum.get(unit) ?? 0n) + amount
    sum.set(unit, next > 0n ? next : 0n)
  }
}

/** In the order of units, without those of which there is nothing. */
export function amountsJsonOf(amounts: CapAmounts): AmountsJson {
  return Object.fromEntries(capUnits.flatMap((unit) => ((amounts.get(unit) ?? 0n) === 0n ? [] : [[unit, String(amounts.get(unit))]])))
}
