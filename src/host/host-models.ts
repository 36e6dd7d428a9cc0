/** What the host's configuration says of models: which is used when nobody names one, and what each costs and takes. No key or address of a provider leaves it. */
import { objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"

export type ModelName = { readonly provider?: string | undefined; readonly model?: string | undefined }

const remembered = 1_024

/** The latest of each session. */
export class LatestModels {
  readonly #models = new Map<string, ModelName>()

  get(session: string): ModelName | undefined {
    return this.#models.get(session)
  }

  set(session: string, model: ModelName): void {
    this.#models.delete(session)
    this.#models.set(session, model)
    const [oldest] = this.#models.keys()
    if (this.#models.size > remembered && oldest !== undefined) this.#models.delete(oldest)
  }
}

/** The configuration this process runs on at present; copies of the module may have been registered with an older one. */
export function hostConfig(api: HostApi): unknown {
  try {
    return api.runtime?.config?.current?.() ?? api.config
  } catch {
    // A copy on its way out may not be allowed to ask any more.
    return api.config
  }
}

/** `provider/model`; the model's own name may have more slashes. */
export function modelNamed(value: unknown): ModelName | undefined {
  const name = stringOf(value) ?? stringOf(objectOf(value)["primary"])
  const slash = name?.indexOf("/") ?? -1
  return name === undefined || slash <= 0 ? undefined : { provider: name.slice(0, slash), model: name.slice(slash + 1) }
}

export function primaryOf(config: unknown): ModelName | undefined {
  return modelNamed(objectOf(objectOf(objectOf(config)["agents"])["defaults"])["model"])
}

const modelFields = ["id", "cost", "contextWindow", "contextTokens", "maxTokens"] as const

/** What of the host's configuration decides what a call to a model may cost. */
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
