/** From when on something is odd, as an operator may set it. */
import { Fault } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import { nanosFromUsd } from "../../base/money.ts"

export type AnomalyThresholds = {
  /** So many denials within so long. */
  readonly denialThreshold: number
  readonly denialWindowMs: number
  /** An hour that costs more than so many times a usual one, and at least so much. */
  readonly spendFactor: number
  readonly spendLeastNanos: bigint
}

export const usualThresholds: AnomalyThresholds = { denialThreshold: 5, denialWindowMs: 300_000, spendFactor: 5, spendLeastNanos: 1_000_000_000n }

/** What an operator writes: `{"denialThreshold": 10, "denialWindowSec": 60, "spendFactor": 3, "spendLeastUsd": 5}`. */
const bounds = {
  denialThreshold: { most: 1_000_000 },
  denialWindowSec: { most: 86_400 },
  spendFactor: { most: 1_000 },
} as const

/** @throws {Fault} `config.invalid` */
export function parseThresholds(written: unknown): AnomalyThresholds {
  const refuse = (problem: string): never => {
    throw new Fault("config.invalid", { setting: "anomalies", problem })
  }
  if (written === undefined || written === null) return usualThresholds
  if (typeof written !== "object" || Array.isArray(written)) return refuse('it must be an object such as {"denialThreshold": 10}')
  const names = [...Object.keys(bounds), "spendLeastUsd"]
  const unknown = Object.keys(written).find((name) => !names.includes(name))
  if (unknown !== undefined) return refuse(`it has no ${unknown}; it has ${names.join(", ")}`)
  const told = objectOf(written)
  const number = (name: keyof typeof bounds, usual: number): number => {
    const value = told[name] ?? usual
    const { most } = bounds[name]
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1 || value > most)
      return refuse(`${name} must be a whole number from 1 to ${most.toLocaleString("en")}`)
    return value
  }
  const { denialThreshold, denialWindowMs, spendFactor, spendLeastNanos } = usualThresholds
  return {
    denialThreshold: number("denialThreshold", denialThreshold),
    denialWindowMs: number("denialWindowSec", denialWindowMs / 1_000) * 1_000,
    spendFactor: number("spendFactor", spendFactor),
    spendLeastNanos:
      told["spendLeastUsd"] === undefined ? spendLeastNanos : (nanosFromUsd(told["spendLeastUsd"]) ?? refuse("spendLeastUsd must be a number of dollars")),
  }
}

/** Of settings as they came over the socket; what cannot be read is as usual. */
export function thresholdsOf(told: unknown): AnomalyThresholds {
  try {
    return parseThresholds(told)
  } catch {
    return usualThresholds
  }
}
