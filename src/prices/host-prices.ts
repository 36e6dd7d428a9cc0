/**
 * The prices in the host's configuration: `models.providers.<id>.models[]` with `cost` in dollars per million tokens.
 * A rate of 0 is what the host fills in for a model nobody priced, so 0 or no rate of input or output is no price; 0 for a cache is a missing rate.
 */
import { countOf, numberOf, objectOf, stringOf } from "../base/json.ts"
import { completeRates, type Bounds, type Rates, type Tier } from "./price.ts"
import { readRate } from "./usd-rate.ts"

export type HostModel = Bounds & {
  /** `provider/model` */
  readonly model: string
  /** Absent where the host only states bounds. */
  readonly cost?: { readonly rates: Rates; readonly tiers: readonly Tier[] }
}

/** `provider/model` with the provider as the host writes its ids. */
export function modelName(provider: string, model: string): string {
  return `${provider.trim().toLowerCase()}/${model.trim()}`
}

/** @param providers The host's `models.providers`, as it stands in its configuration. The first entry of a model counts. */
export function hostModelsOf(providers: unknown): readonly HostModel[] {
  const models = new Map<string, HostModel>()
  for (const [provider, settings] of Object.entries(objectOf(providers))) {
    const entries = objectOf(settings)["models"]
    for (const entry of Array.isArray(entries) ? entries.map(objectOf) : []) {
      const id = stringOf(entry["id"])
      if (id === undefined) continue
      const model = modelName(provider, id)
      if (!models.has(model)) models.set(model, hostModelOf(model, entry))
    }
  }
  return [...models.values()].sort((a, b) => (a.model < b.model ? -1 : 1))
}

function hostModelOf(model: string, entry: Readonly<Record<string, unknown>>): HostModel {
  // contextTokens is what the host limits itself to, contextWindow what the model could take.
  const contextTokens = bound(entry["contextTokens"]) ?? bound(entry["contextWindow"])
  const maxOutputTokens = bound(entry["maxTokens"])
  const cost = costOfHost(objectOf(entry["cost"]))
  return {
    model,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(cost === undefined ? {} : { cost }),
  }
}

/** With tiers the host's flat rates do not count: below the first tier its rates hold, above the end of the last one the last one's. */
function costOfHost(cost: Readonly<Record<string, unknown>>): HostModel["cost"] {
  const written = cost["tieredPricing"]
  const starts = (Array.isArray(written) ? written.map(objectOf) : [])
    .flatMap((tier) => {
      const range: unknown = tier["range"]
      const start = Array.isArray(range) ? numberOf(range[0]) : undefined
      return start === undefined ? [] : [{ start: Math.ceil(start), rates: ratesOf(tier) }]
    })
    .sort((a, b) => a.start - b.start)
  const [first, ...later] = starts
  if (!first) {
    const rates = ratesOf(cost)
    return rates && { rates, tiers: [] }
  }
  // A tier without a price leaves the model without one.
  const tiers = later.flatMap(({ start, rates }) => (rates ? [{ aboveTokens: BigInt(start) - 1n, rates }] : []))
  return first.rates && tiers.length === later.length ? { rates: first.rates, tiers } : undefined
}

function ratesOf(cost: Readonly<Record<string, unknown>>): Rates | undefined {
  const [input, output] = [positive(cost["input"]), positive(cost["output"])]
  if (input === undefined || output === undefined) return undefined
  return completeRates({ input, output, cacheRead: positive(cost["cacheRead"]), cacheWrite: positive(cost["cacheWrite"]) })
}

function positive(written: unknown): bigint | undefined {
  if (typeof written !== "number") return undefined
  const reading = readRate(written)
  return "rate" in reading && reading.rate > 0n ? reading.rate : undefined
}

function bound(written: unknown): number | undefined {
  const tokens = countOf(written)
  return tokens === 0 ? undefined : tokens
}
