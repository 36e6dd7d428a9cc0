/** Prices as a gateway's settings and its host's configuration state them, and the entries that say which are in force. */
import { objectOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { comparison, suspiciousHostPrices, type PriceFinding } from "../../prices/comparison.ts"
import { hostModelsOf } from "../../prices/host-prices.ts"
import { parseOverrides } from "../../prices/overrides.ts"
import { priceBook } from "../../prices/price-book.ts"
import { parseToolPrices } from "../../prices/tool-prices.ts"
import { Prices } from "./prices.ts"

/** As they stand in the settings; of the host's configuration `models.providers` with models, costs and bounds, and nothing else of it. */
export type SpendSettings = {
  readonly prices: readonly unknown[]
  readonly toolPrices: readonly unknown[]
  readonly providers: Readonly<Record<string, unknown>>
  readonly budgets: readonly unknown[]
  readonly allowances?: readonly unknown[]
  /** Whether an owner is asked for more. */
  readonly ask?: unknown
  /** When breakers trip. A client that does not say leaves it as it is. */
  readonly breakers?: unknown
  /** Which models runs use while a budget runs low. A client that does not say leaves it as it is. */
  readonly downgrades?: unknown
  /** Prompts may be cached for an hour. */
  readonly longCaches?: boolean
}

/** Settings as anybody may have put them; what is wrong inside is told when they are used. */
/** Of a client that does not say, they stay as they are. */
const ifSaid = ["breakers", "ask", "downgrades"] as const

export function parseSpendSettings(value: unknown): SpendSettings {
  const fields = objectOf(value)
  const list = (name: string) => (Array.isArray(fields[name]) ? (fields[name] as readonly unknown[]) : [])
  const longCaches = fields["longCaches"] === true
  const lists = { prices: list("prices"), toolPrices: list("toolPrices"), budgets: list("budgets"), allowances: list("allowances") }
  const said = Object.fromEntries(ifSaid.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])))
  return { ...lists, providers: objectOf(fields["providers"]), longCaches, ...said }
}

/** Of settings that somebody states to be told by, and that set nothing. */
export function pricesAlone(value: unknown): SpendSettings {
  return { ...parseSpendSettings(value), budgets: [], allowances: [], breakers: undefined, downgrades: undefined }
}

export type LoadedPrices = { readonly prices: Prices; readonly loaded: (nowMs: number, before: Prices | undefined) => readonly NewEvent[] }

/** @throws {Fault} naming what is wrong with them. */
export function parsePrices({ prices, toolPrices, providers, longCaches }: SpendSettings): LoadedPrices {
  const overrides = parseOverrides(prices)
  const host = hostModelsOf(providers)
  const book = priceBook({ overrides, host })
  const { package: name, version } = book.library
  const facts = { digest: book.digest, overrides: overrides.length, hostModels: host.filter(({ cost }) => cost).length, library: `${name} ${version}` }
  const inForce = new Prices(book, parseToolPrices(toolPrices), longCaches)
  const loaded = (nowMs: number, before: Prices | undefined): readonly NewEvent[] => [
    {
      type: "prices.loaded",
      id: `prices.loaded:${book.digest}`,
      facts,
      content: { overrides: overrides.map(({ pattern }) => pattern), models: [...book.host.keys()] },
    },
    ...[...suspiciousHostPrices(book, nowMs), ...fallen(before, inForce, nowMs)].map((found) => doubt(found, book.digest)),
  ]
  return { prices: inForce, loaded }
}

/** Models whose price is less than half of what it was a moment ago. */
function fallen(before: Prices | undefined, after: Prices, nowMs: number): readonly PriceFinding[] {
  return after.known().flatMap(({ provider, model }) => {
    const [was, is] = [before?.priceOf(provider, model, nowMs), after.priceOf(provider, model, nowMs)]
    return was && is ? comparison(was, is) : []
  })
}

function doubt({ finding, model, rate, aboveTokens, expected, found }: PriceFinding, digest: string): NewEvent {
  const facts = { finding, model, rate, aboveTokens: `${aboveTokens}`, expected: `${expected}`, found: `${found}` }
  return { type: "prices.doubted", id: `prices.doubted:${digest}/${model}/${rate}`, facts }
}
