/** What a call cost, class by class, exactly: a count of tokens times nano-dollars per million of them is a whole number of 10^-15 dollars. */
import { product, sumOf } from "../../base/decimal.ts"
import type { ExportedCall } from "./calls.ts"

/** Decimals of a dollar that hold any such product. */
export const costScale = 15
/** Decimals of a dollar of a nano-dollar. */
export const nanoScale = 9

export const meters = ["input", "cache_read", "cache_write", "cache_write_1h", "output"] as const
export type Meter = (typeof meters)[number]

export function tokensOf(call: ExportedCall, meter: Meter): number {
  switch (meter) {
    case "input":
      return call.input
    case "cache_read":
      return call.cacheRead
    case "cache_write":
      return Math.max(call.cacheWrite - call.cacheWrite1h, 0)
    case "cache_write_1h":
      return call.cacheWrite1h
    case "output":
      return call.output
  }
}

/** 10^-15 dollars of one class; undefined where the call has no rates. */
export function classCost(call: ExportedCall, meter: Meter): number | bigint | undefined {
  return call.rates && product(tokensOf(call, meter), call.rates[meter])
}

/** Of both times that caches are written for. */
export function cacheWriteCost(call: ExportedCall): number | bigint | undefined {
  const [short, long] = [classCost(call, "cache_write"), classCost(call, "cache_write_1h")]
  return short === undefined || long === undefined ? undefined : sumOf(short, long)
}

/** Nano-dollars as reports add them up; null where the call has no price and the host told none. */
export function costOf({ computed, reported }: ExportedCall): number | null {
  return computed ?? (reported === 0 ? null : reported)
}

export function totalTokens({ input, output, cacheRead, cacheWrite }: ExportedCall): number {
  return input + output + cacheRead + cacheWrite
}
