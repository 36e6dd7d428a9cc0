/**
 * The rates that come with the product: those of `@pydantic/genai-prices`, made into `library-rates.json` by `scripts/generate.ts`.
 * Models are found as that package finds them: the first that matches, then the same with a date spelt `-2026-01-31`, then its fallback providers.
 * The rows are texts, a model each; a provider's are parsed when they are first asked for.
 */
import rates from "./library-rates.json" with { type: "json" }
import { completeRates, type Rates, type StatedRates, type Tier } from "./price.ts"
import { libraryProviders } from "./providers.ts"

/** A text is the whole name, a list any of them. Case does not matter, save to a regular expression. */
export type Match =
  | string
  | readonly Match[]
  | { readonly and: readonly Match[] }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }

/** input, cache read, cache write, cache write for an hour, output; nano-dollars per million tokens, null where there is none. */
export type RateRow = readonly [number, number | null, number | null, number | null, number]

export type RatePeriod = {
  /** Its first day, UTC. */
  readonly from?: string
  /** Seconds of the day, UTC, from which and until which it holds. */
  readonly daily?: readonly [number, number]
  readonly base: RateRow
  readonly tiers?: readonly { readonly above: number; readonly rates: RateRow }[]
}

export type LibraryModel = {
  readonly id: string
  readonly match: Match
  readonly context?: number
  /** The last that holds counts, the first where none does; or why there is no price by the token. */
  readonly prices: readonly RatePeriod[] | string
}

export type LibraryPrice = { readonly entry: string; readonly rates: Rates; readonly tiers: readonly Tier[]; readonly contextTokens?: number }

/** Rows and fallbacks by the library's provider ids. */
const libraryRates: {
  readonly package: string
  readonly version: string
  readonly digest: string
  readonly fallbacks: Readonly<Record<string, readonly string[]>>
  readonly rows: Readonly<Record<string, readonly string[]>>
} = rates

/** What identifies the rates: package, version, and the SHA-256 of the rows. */
export const libraryIdentity = { package: libraryRates.package, version: libraryRates.version, digest: libraryRates.digest }

const parsed = new Map<string, readonly LibraryModel[]>()

/** The price of a model at a time, or why there is none. @param provider An id of the host's. */
export function libraryPrice(provider: string, model: string, atMs: number): LibraryPrice | { readonly reason: string } {
  const id = Object.hasOwn(libraryProviders, provider) ? libraryProviders[provider] : undefined
  if (id === undefined) return { reason: `no rates are known for the provider ${provider}` }
  const found = findModel(id, model.trim().toLowerCase())
  if (!found) return { reason: `${libraryIdentity.package} ${libraryIdentity.version} has no rates for it` }
  const { prices, context } = found.model
  if (typeof prices === "string") return { reason: prices }
  const period = prices.findLast((one) => holds(one, atMs)) ?? prices[0]
  if (!period) return { reason: "it has no rates by the token" }
  return {
    entry: `${found.provider}/${found.model.id}`,
    rates: ratesOf(period.base),
    tiers: (period.tiers ?? []).map(({ above, rates }) => ({ aboveTokens: BigInt(above), rates: ratesOf(rates) })),
    ...(context === undefined ? {} : { contextTokens: context }),
  }
}

type Found = { readonly provider: string; readonly model: LibraryModel }

function findModel(provider: string, name: string): Found | undefined {
  const dashed = withDashedDates(name)
  return findNamed(provider, name) ?? (dashed === name ? undefined : findNamed(provider, dashed))
}

function findNamed(provider: string, name: string): Found | undefined {
  for (const id of [provider, ...(libraryRates.fallbacks[provider] ?? [])]) {
    const model = modelsOf(id).find(({ match }) => matches(match, name))
    if (model) return { provider: id, model }
  }
  return undefined
}

function modelsOf(provider: string): readonly LibraryModel[] {
  let models = parsed.get(provider)
  if (!models) {
    models = (libraryRates.rows[provider] ?? []).map((row) => JSON.parse(row) as LibraryModel)
    parsed.set(provider, models)
  }
  return models
}

function matches(match: Match, name: string): boolean {
  if (typeof match === "string") return name === match.toLowerCase()
  if (isList(match)) return match.some((one) => matches(one, name))
  if ("and" in match) return match.and.every((one) => matches(one, name))
  if ("starts_with" in match) return name.startsWith(match.starts_with.toLowerCase())
  if ("ends_with" in match) return name.endsWith(match.ends_with.toLowerCase())
  if ("contains" in match) return name.includes(match.contains.toLowerCase())
  return new RegExp(match.regex).test(name)
}

function isList(match: Match): match is readonly Match[] {
  return Array.isArray(match)
}

/** `claude-x-20260131` as `claude-x-2026-01-31`; what is no date of the calendar stays. */
function withDashedDates(name: string): string {
  return name.replace(/-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, (whole, year: string, month: string, day: string) =>
    Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate() ? `-${year}-${month}-${day}` : whole,
  )
}

const dayMs = 86_400_000

function holds({ from, daily }: RatePeriod, atMs: number): boolean {
  if (from !== undefined && atMs < Date.parse(from)) return false
  if (!daily) return true
  const ofDayMs = ((atMs % dayMs) + dayMs) % dayMs
  const [startMs, endMs] = [daily[0] * 1_000, daily[1] * 1_000]
  return endMs < startMs ? ofDayMs >= startMs || ofDayMs < endMs : ofDayMs >= startMs && ofDayMs < endMs
}

function ratesOf([input, cacheRead, cacheWrite, cacheWrite1h, output]: RateRow): Rates {
  const optional = (rate: number | null): bigint | undefined => (rate === null ? undefined : BigInt(rate))
  const stated: StatedRates = {
    input: BigInt(input),
    output: BigInt(output),
    cacheRead: optional(cacheRead),
    cacheWrite: optional(cacheWrite),
    cacheWrite1h: optional(cacheWrite1h),
  }
  return completeRates(stated)
}
