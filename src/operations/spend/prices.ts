/** The prices in force, as the doors ask for them: of models from a price book, of tools from the operator's list. */
import type { Amounts } from "../../ledger/amounts.ts"
import type { Price } from "../../prices/price.ts"
import { isUnpriced, priceBook, priceOf, type PriceBook } from "../../prices/price-book.ts"
import { toolCosts, type ToolPrice } from "../../prices/tool-prices.ts"

/** Of a year and a dozen models. */
const mostKept = 5_000

export class Prices {
  readonly book: PriceBook
  /** A prompt may be written to a cache for an hour, which costs more than for five minutes. */
  readonly longCaches: boolean
  readonly #tools: readonly ToolPrice[]
  /** Finding one in the library takes a while; a price changes by the day. What is imported goes back and forth between days. */
  readonly #found = new Map<string, Price | undefined>()

  constructor(book: PriceBook = priceBook({ overrides: [], host: [] }), tools: readonly ToolPrice[] = [], longCaches = false) {
    this.book = book
    this.longCaches = longCaches
    this.#tools = tools
  }

  /** Undefined when nobody priced it. */
  priceOf(provider: string | undefined, model: string | undefined, atMs: number): Price | undefined {
    if (provider === undefined || model === undefined) return undefined
    const name = `${Math.floor(atMs / 86_400_000)} ${provider}/${model}`
    if (this.#found.size > mostKept) this.#found.clear()
    if (!this.#found.has(name)) {
      const priced = priceOf(this.book, provider, model, atMs)
      this.#found.set(name, isUnpriced(priced) ? undefined : priced)
    }
    return this.#found.get(name)
  }

  /** Models of the gateway's own configuration: those it can be asked to use. */
  known(): readonly { readonly provider: string; readonly model: string }[] {
    return [...this.book.host.keys()].map((name) => {
      const slash = name.indexOf("/")
      return { provider: name.slice(0, slash), model: name.slice(slash + 1) }
    })
  }

  /** What one call of a tool is held at. */
  ofTool(tool: string): Amounts {
    return toolCosts(this.#tools, tool)
  }
}
