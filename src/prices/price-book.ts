/**
 * Which price a model has: the operator's, else that of the host's configuration, else that of the library. A book is a value: the same parts give the
 * same prices and the same digest anywhere, and the digest covers everything that decides.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import type { Json, JsonObject } from "../base/json.ts"
import { compact } from "../base/json.ts"
import { sha256 } from "../format/sha256.ts"
import { modelName, type HostModel } from "./host-prices.ts"
import { libraryIdentity, libraryPrice, type LibraryPrice } from "./library.ts"
import type { Override } from "./overrides.ts"
import { tokenClasses, type Bounds, type Price, type Rates, type Tier } from "./price.ts"
import { libraryProviders } from "./providers.ts"

/** Of the rules that are code: how a price is found, missing rates filled in, a cost rounded. A change of theirs changes the number. */
const bookFormat = 1

export type LibraryIdentity = { readonly package: string; readonly version: string; readonly digest: string }

export type PriceBook = {
  readonly overrides: readonly Override[]
  readonly host: ReadonlyMap<string, HostModel>
  readonly library: LibraryIdentity
  /** Canonical JSON of all that decides. */
  readonly json: string
  /** SHA-256 of `json`, hexadecimal. */
  readonly digest: string
}

/** A model without a price: not free, unknown. */
export type Unpriced = { readonly unpriced: string }

export type Priced = Price | Unpriced

export function priceBook(parts: { readonly overrides: readonly Override[]; readonly host: readonly HostModel[] }): PriceBook {
  const { overrides } = parts
  const host = new Map([...parts.host].sort((a, b) => (a.model < b.model ? -1 : 1)).map((one) => [one.model, one]))
  const json = canonicalJson({
    format: bookFormat,
    overrides: overrides.map(overrideJson),
    host: [...host.values()].map(hostJson),
    library: libraryIdentity,
    providers: libraryProviders,
  })
  return { overrides, host, library: libraryIdentity, json, digest: sha256(json).toString("hex") }
}

/**
 * The price in force at a time, or why there is none. Bounds come from the first source that states them, whichever has the price.
 * @param provider As the host names it.
 */
export function priceOf(book: PriceBook, provider: string, model: string, atMs: number): Priced {
  const name = modelName(provider, model)
  const override = book.overrides.find(({ matches }) => matches(name))
  const host = book.host.get(name)
  const library = libraryPriceOf(name, atMs)
  const bounds = boundsOf([override, host, "reason" in library ? undefined : library])
  if (override) {
    const { pattern, rates, free } = override
    return { model: name, source: "override", entry: pattern, rates, tiers: [], free, ...bounds }
  }
  if (host?.cost) return { model: name, source: "host", entry: host.model, ...host.cost, free: false, ...bounds }
  if ("reason" in library) return { unpriced: `${name} has no price: ${library.reason}` }
  return { ...priceFrom(name, library), ...bounds }
}

/** What the library says of a model, whatever the other sources say. */
export function priceOfLibrary(name: string, atMs: number): Priced {
  const library = libraryPriceOf(name, atMs)
  return "reason" in library ? { unpriced: `${name} has no price: ${library.reason}` } : priceFrom(name, library)
}

export function isUnpriced(priced: Priced): priced is Unpriced {
  return "unpriced" in priced
}

function libraryPriceOf(name: string, atMs: number): LibraryPrice | { readonly reason: string } {
  const slash = name.indexOf("/")
  return libraryPrice(name.slice(0, slash), name.slice(slash + 1), atMs)
}

function priceFrom(model: string, { entry, rates, tiers, contextTokens }: LibraryPrice): Price {
  return { model, source: "library", entry, rates, tiers, free: false, ...boundsOf([contextTokens === undefined ? {} : { contextTokens }]) }
}

function boundsOf(sources: readonly (Bounds | undefined)[]): Bounds {
  const contextTokens = sources.find((one) => one?.contextTokens !== undefined)?.contextTokens
  const maxOutputTokens = sources.find((one) => one?.maxOutputTokens !== undefined)?.maxOutputTokens
  return { ...(contextTokens === undefined ? {} : { contextTokens }), ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) }
}

export type RatesJson = { readonly [C in keyof Rates]: string }
export type TierJson = { readonly aboveTokens: string; readonly rates: RatesJson }

export function ratesJson(rates: Rates): RatesJson {
  return Object.fromEntries(tokenClasses.map((name) => [name, rates[name].toString()])) as RatesJson
}

export function tiersJson(tiers: readonly Tier[]): readonly TierJson[] {
  return tiers.map(({ aboveTokens, rates }) => ({ aboveTokens: aboveTokens.toString(), rates: ratesJson(rates) }))
}

function overrideJson({ pattern, rates, free, contextTokens, maxOutputTokens }: Override): JsonObject {
  return compact({ pattern, rates: ratesJson(rates), free, contextTokens, maxOutputTokens })
}

function hostJson({ model, cost, contextTokens, maxOutputTokens }: HostModel): Json {
  return compact({ model, rates: cost && ratesJson(cost.rates), tiers: cost && tiersJson(cost.tiers), contextTokens, maxOutputTokens })
}
