/**
 * The cost of a call in numbers instead of bigints, for those who price calls by the hundred thousand: the same as `costOf` to the nano-dollar. Products
 * and their sum are whole numbers, exact as long as they are safe; where they are not, `costOf` is asked.
 */
import { costOf, tokenClasses, type Price, type Rates } from "./price.ts"

export type CountedTokens = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Of `cacheWrite`. */
  readonly cacheWrite1h: number
}

export type QuickCost = (tokens: CountedTokens) => number

type QuickRates = { readonly [C in keyof Rates]: number }

const million = 1_000_000
const made = new WeakMap<Pick<Price, "rates" | "tiers">, QuickCost>()

/** Answers the nano-dollars of calls at a price. */
export function quickCost(price: Pick<Price, "rates" | "tiers">): QuickCost {
  let cost = made.get(price)
  if (cost === undefined) made.set(price, (cost = costAt(price)))
  return cost
}

function costAt(price: Pick<Price, "rates" | "tiers">): QuickCost {
  const rates = quickRates(price.rates)
  const tiers = price.tiers.map((tier) => ({ aboveTokens: Number(tier.aboveTokens), rates: quickRates(tier.rates) })).reverse()
  return (tokens) => {
    const { input, output, cacheRead, cacheWrite, cacheWrite1h } = tokens
    const written = cacheWrite > cacheWrite1h ? cacheWrite - cacheWrite1h : 0
    const prompt = input + cacheRead + written + cacheWrite1h
    const at = tiers.length === 0 ? rates : (tiers.find(({ aboveTokens }) => prompt > aboveTokens)?.rates ?? rates)
    const sum = input * at.input + cacheRead * at.cacheRead + written * at.cacheWrite + cacheWrite1h * at.cacheWrite1h + output * at.output
    if (!(sum <= Number.MAX_SAFE_INTEGER)) return exactly(price, tokens)
    const whole = Math.floor(sum / million)
    return sum > whole * million ? whole + 1 : whole
  }
}

function quickRates(rates: Rates): QuickRates {
  return Object.fromEntries(tokenClasses.map((name) => [name, Number(rates[name])])) as QuickRates
}

function exactly(price: Pick<Price, "rates" | "tiers">, { input, output, cacheRead, cacheWrite, cacheWrite1h }: CountedTokens): number {
  const [inputTokens, outputTokens, cacheReadTokens] = [BigInt(input), BigInt(output), BigInt(cacheRead)]
  return Number(costOf(price, { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens: BigInt(cacheWrite), cacheWrite1hTokens: BigInt(cacheWrite1h) }))
}
