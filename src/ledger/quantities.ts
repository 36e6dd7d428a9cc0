/** Small arithmetic of amounts that may be partly stated. */
import type { Amounts } from "./amounts.ts"
import { units, type Unit } from "./units.ts"

export function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** Whether there is anything of any unit. */
export function isAboveNothing(amounts: Amounts): boolean {
  return units.some((unit) => (amounts[unit] ?? 0n) > 0n)
}

/** An amount of each unit of which there is any. */
export function ofEach(amount: (unit: Unit) => bigint): Amounts {
  return Object.fromEntries(units.map((unit) => [unit, amount(unit)] as const).filter(([, found]) => found > 0n))
}
