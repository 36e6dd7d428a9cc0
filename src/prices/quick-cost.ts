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

/** Rates in the order of `tokenClasses`, nano-dollars per million tokens. One list for each tier of a price: the same rates are the same object. */
export type RateList = readonly number[]

export type QuickPrice = {
  /** Nano-dollars of a call. */
  readonly cost: QuickCost
  /** The rates a call has, which its prompt decides. */
  readonly ratesOf: (tokens: CountedTokens) => RateList
}

type QuickRates = { readonly [C in keyof Rates]: number } & { readonly list: RateList }

const million = 1_000_000
const made = new WeakMap<Pick<Price, "rates" | "tiers">, QuickPrice>()

export function quickPrice(price: Pick<Price, "rates" | "tiers">): QuickPrice {
  let quick = made.get(price)
  if (quick === undefined) made.set(price, (quick = quickAt(price)))
  return quick
}

/** Answers the nano-dollars of calls at a price. */
export function quickCost(price: Pick<Price, "rates" | "tiers">): QuickCost {
  return quickPrice(price).cost
}

function quickAt(price: Pick<Price, "rates" | "tiers">): QuickPrice {
  const rates = quickRates(price.rates)
  const tiers = price.tiers.map((tier) => ({ aboveTokens: Number(tier.aboveTokens), rates: quickRates(tier.rates) })).reverse()
  const ratesAt = (prompt: number) => (tiers.length === 0 ? rates : (tiers.find(({ aboveTokens }) => prompt > aboveTokens)?.rates ?? rates))
  const cost: QuickCost = (tokens) => {
    const { input, output, cacheRead, cacheWrite, cacheWrite1h } = tokens
    const written = cacheWrite > cacheWrite1h ? cacheWrite - cacheWrite1h : 0
    const at = ratesAt(input + cacheRead + written + cacheWrite1h)
    const sum = input * at.input + cacheRead * at.cacheRead + written * at.cacheWrite + cacheWrite1h * at.cacheWrite1h + output * at.output
    if (!(sum <= Number.MAX_SAFE_INTEGER)) return exactly(price, tokens)
    const whole = Math.floor(sum / million)
    return sum > whole * million ? whole + 1 : whole
  }
  const ratesOf = ({ input, cacheRead, cacheWrite, cacheWrite1h }: CountedTokens) => ratesAt(input + cacheRead + Math.max(cacheWrite, cacheWrite1h)).list
  return { cost, ratesOf }
}

function quickRates(rates: Rates): QuickRates {
  const list = tokenClasses.map((name) => Number(rates[name]))
  return { ...(Object.fromEntries(tokenClasses.map((name, index) => [name, list[index]])) as { [C in keyof Rates]: number }), list }
}

function exactly(price: Pick<Price, "rates" | "tiers">, { input, output, cacheRead, cacheWrite, cacheWrite1h }: CountedTokens): number {
  const [inputTokens, outputTokens, cacheReadTokens] = [BigInt(input), BigInt(output), BigInt(cacheRead)]
  return Number(costOf(price, { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens: BigInt(cacheWrite), cacheWrite1hTokens: BigInt(cacheWrite1h) }))
}
