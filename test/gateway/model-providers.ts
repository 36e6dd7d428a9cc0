/** The scripted model as providers with ids of their own: the host treats `openai` and `anthropic` by code of theirs, and any other id by none. */
import type { JsonObject } from "./home.ts"
import type { ModelServer } from "./model-server.ts"
import type { WireApi } from "./model-wire.ts"

export type ModelProvider = { readonly id: string; readonly api: WireApi; readonly model: string }

export const modelProviders: readonly ModelProvider[] = [
  { id: "openai", api: "openai-responses", model: "gpt-5.4" },
  { id: "anthropic", api: "anthropic-messages", model: "claude-sonnet-4-6" },
  { id: "custom", api: "openai-completions", model: "house-1" },
]

/** Dollars a million tokens, the same for all: a price of a provider's own catalog would show as another sum. */
const cost = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }

/** The part of the host's configuration that adds them. */
export function providersConfig(server: ModelServer, providers: readonly ModelProvider[] = modelProviders): JsonObject {
  const rows = providers.map(({ id, api, model }) => {
    const models = [{ id: model, name: model, reasoning: false, input: ["text"], cost, contextWindow: 200_000, maxTokens: 8192 }]
    return [id, { baseUrl: server.providerUrl(id, api), apiKey: `${id}-key`, api, models }] as const
  })
  return { models: { providers: Object.fromEntries(rows) } }
}

/** Models of other prices: a cheap one, one that fails, and a dear one to fall back to, and one by subscription, each of a provider of its own name. Dollars a million tokens. */
export const pricedProviders = [
  { id: "cheap", model: "small-1", cost: { input: 0.3, output: 1.5, cacheRead: 0.03, cacheWrite: 0.375 } },
  { id: "frail", model: "frail-1", cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } },
  { id: "metered", model: "metered-1", cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } },
  { id: "dear", model: "dear-1", cost: { input: 30, output: 150, cacheRead: 3, cacheWrite: 37.5 } },
] as const

export function pricedConfig(server: ModelServer, ids: readonly string[]): JsonObject {
  const rows = pricedProviders
    .filter(({ id }) => ids.includes(id))
    .map(({ id, model, cost }) => {
      const models = [{ id: model, name: model, reasoning: false, input: ["text"], cost, contextWindow: 200_000, maxTokens: 8192 }]
      return [id, { baseUrl: server.providerUrl(id, "openai-completions"), apiKey: `${id}-key`, api: "openai-completions", models }] as const
    })
  return { models: { providers: Object.fromEntries(rows) } }
}

/** A model whose price stands nowhere: the host fills in zeros. Or, later, one that costs so much for a million tokens of any kind. */
export function giftConfig({ baseUrl }: ModelServer, usd = 0): JsonObject {
  const cost = { input: usd, output: usd, cacheRead: usd, cacheWrite: usd }
  const model = { id: "nobody-priced-it", name: "Unpriced", reasoning: false, input: ["text"], cost, contextWindow: 200_000, maxTokens: 8192 }
  return { models: { providers: { gift: { baseUrl, apiKey: "gift-key", api: "openai-completions", models: [model] } } } }
}

/** A model that the host itself has no price of, not even one of nothing. */
export function darkConfig({ baseUrl }: ModelServer): JsonObject {
  const model = { id: "without-price", name: "Without a price", reasoning: false, input: ["text"], contextWindow: 200_000, maxTokens: 8192 }
  return { models: { providers: { dark: { baseUrl, apiKey: "dark-key", api: "openai-completions", models: [model] } } } }
}
