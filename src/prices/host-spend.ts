/** What of the host's configuration decides what a call to a model may cost. No key or address of a provider leaves it. */
import { objectOf } from "../base/json.ts"

const modelFields = ["id", "cost", "contextWindow", "contextTokens", "maxTokens"] as const

export type HostSpend = {
  readonly providers: Readonly<Record<string, unknown>>
  /** Prompts may be cached for an hour, which costs more than for five minutes. */
  readonly longCaches: boolean
}

export function hostSpend(config: unknown, environment: Readonly<Record<string, string | undefined>>): HostSpend {
  const longCaches = environment["OPENCLAW_CACHE_RETENTION"] === "long" || asksForLongCaches(objectOf(config)["agents"])
  return { providers: pricedProviders(config), longCaches }
}

/** `cacheRetention` stands in the `params` of the defaults, of a model and of an agent (openclaw docs, reference/prompt-caching). */
function asksForLongCaches(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  return objectOf(value)["cacheRetention"] === "long" || Object.values(value).some(asksForLongCaches)
}

/** `models.providers` with nothing but models, their costs and their bounds. */
function pricedProviders(config: unknown): Readonly<Record<string, unknown>> {
  const providers = objectOf(objectOf(objectOf(config)["models"])["providers"])
  return Object.fromEntries(
    Object.entries(providers).map(([id, settings]) => {
      const models: unknown = objectOf(settings)["models"]
      const kept = (Array.isArray(models) ? models : []).map((model: unknown) =>
        Object.fromEntries(modelFields.flatMap((field) => (objectOf(model)[field] === undefined ? [] : [[field, objectOf(model)[field]]]))),
      )
      return [id, { models: kept }]
    }),
  )
}
