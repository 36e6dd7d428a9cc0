/** Tokens and cost of model calls: as the record has them, and as the scripted model counted them at the prices in the host's configuration. */
import type { JsonObject } from "./home.ts"
import type { ModelRequest } from "./model-server.ts"

export type Usage = { readonly response: string; readonly input: number; readonly output: number; readonly cached: number; readonly nanos: string }

export function usageFacts(facts: JsonObject): Usage {
  const count = (name: string) => Number(facts[name])
  return {
    response: String(facts["response"]),
    input: count("inputTokens"),
    output: count("outputTokens"),
    cached: count("cacheReadTokens"),
    nanos: String(facts["reportedNanos"]),
  }
}

export function usageOfRequest({ index, usage }: ModelRequest): Usage {
  const { promptTokens, cachedTokens, outputTokens } = usage ?? { promptTokens: 0, cachedTokens: 0, outputTokens: 0 }
  const input = promptTokens - cachedTokens
  return {
    response: `chatcmpl-mock-${index}`,
    input,
    output: outputTokens,
    cached: cachedTokens,
    nanos: String(input * 3000 + outputTokens * 15_000 + cachedTokens * 300),
  }
}

export function byResponse(a: Usage, b: Usage): number {
  return a.response.localeCompare(b.response)
}
