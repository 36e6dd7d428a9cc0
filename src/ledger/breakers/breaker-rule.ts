/** When breakers trip: the defaults, what is written in settings, and whether one rule is looser than another. */
import { Fault } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import type { BreakerRule } from "../../format/facts/ledger.ts"
import { parseAmounts } from "../amounts.ts"
import { isZone } from "../periods.ts"

export const usualBreakers: BreakerRule = {
  mode: "auto",
  identicalCalls: 4,
  similarCalls: 30,
  silentNanos: "2000000000",
  silentCalls: 200,
  unattendedNanos: "2000000000",
  unattendedCalls: 200,
  zone: "UTC",
}

const modes = ["auto", "warn", "block", "off"] as const
const counts = ["identicalCalls", "similarCalls", "silentCalls", "unattendedCalls"] as const
const sums = { silentSpend: "silentNanos", unattendedSpend: "unattendedNanos" } as const
/** The first call and the one after it are no loop yet. */
const leastRepeats = 3
const mostCalls = 1_000_000

/** Settings as they are written; what is left out is as usual. @throws {Fault} `cli.usage` naming what is wrong. */
export function parseBreakers(written: unknown): BreakerRule {
  const fields = objectOf(written)
  const rule: { -readonly [K in keyof BreakerRule]: BreakerRule[K] } = { ...usualBreakers }
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (name === "mode") rule.mode = modes.find((mode) => mode === value) ?? no(`the mode is ${modes.join(", ")}`)
    else if (name === "zone") rule.zone = typeof value === "string" && isZone(value) ? value : no("the zone is none that is known")
    else if (isCount(name)) rule[name] = callsOf(name, value)
    else if (isSum(name)) rule[sums[name]] = nanosOf(name, value)
    else no(`there is no ${JSON.stringify(name.slice(0, 40))}`)
  }
  return rule
}

function callsOf(name: (typeof counts)[number], value: unknown): number {
  const least = name === "identicalCalls" || name === "similarCalls" ? leastRepeats : 1
  if (value === 0) return 0
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > mostCalls)
    return no(`${name} is 0, which is never, or a whole number from ${least} to ${mostCalls}`)
  return value
}

/** `2usd`; 0 is never. */
function nanosOf(name: string, value: unknown): string {
  if (value === 0 || value === "0") return "0"
  const nanos = typeof value === "string" ? parseAmounts([value]).moneyNanos : undefined
  return nanos === undefined ? no(`${name} is an amount of money such as 2usd, or 0, which is never`) : nanos.toString()
}

/** Anything that trips later, or cuts less. */
export function isLooserBreakers(before: BreakerRule, after: BreakerRule): boolean {
  const later = (old: bigint, next: bigint) => old !== 0n && (next === 0n || next > old)
  const ranks = { off: 0, warn: 1, auto: 2, block: 3 }
  return (
    ranks[after.mode] < ranks[before.mode] ||
    counts.some((name) => later(BigInt(before[name]), BigInt(after[name]))) ||
    Object.values(sums).some((name) => later(BigInt(before[name]), BigInt(after[name]))) ||
    after.zone !== before.zone
  )
}

function isCount(name: string): name is (typeof counts)[number] {
  return (counts as readonly string[]).includes(name)
}

function isSum(name: string): name is keyof typeof sums {
  return Object.hasOwn(sums, name)
}

function no(problem: string): never {
  throw new Fault("cli.usage", { problem: `In the breakers, ${problem}.`, command: "sovereign-ledger" })
}
