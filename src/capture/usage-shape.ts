/**
 * The usage block of a model call, of whichever provider, as four classes of tokens that do not overlap: input that was not cached, input read from a
 * cache, input written to one, and output. Providers disagree on what contains what:
 *
 *   the host         input is without cached tokens
 *   Anthropic        input_tokens is without cache_read_input_tokens and cache_creation_input_tokens
 *   OpenAI           prompt_tokens and input_tokens contain the cached ones; completion_tokens contains the reasoning
 *   Google           promptTokenCount contains cachedContentTokenCount; thoughtsTokenCount is beside candidatesTokenCount
 *   Bedrock          inputTokens is without cacheReadInputTokens and cacheWriteInputTokens
 *
 * Numbers as text are read; what is no finite number, or negative, counts as nothing told.
 */
import { objectOf } from "../base/json.ts"

export type UsageCounts = {
  readonly input: number | undefined
  readonly output: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  /** Of `cacheWrite`, written for an hour. */
  readonly cacheWrite1h: number | undefined
  /** Contained in `output`. */
  readonly reasoning: number | undefined
  /** As told; the classes need not add up to it. */
  readonly total: number | undefined
}

/** A call of more tokens than this does not exist, and a sum of calls should stay a number. */
export const mostTokens = 1e9

type Block = Readonly<Record<string, unknown>>

const inputNames = ["input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens", "promptTokenCount", "inputTokenCount"]
const outputNames = ["output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens", "candidatesTokenCount", "outputTokenCount"]
const totalNames = ["total", "totalTokens", "total_tokens", "totalTokenCount"]
/** Read from a cache and told beside the input. */
const readBeside = ["cacheRead", "cache_read", "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount"]
/** Read from a cache and contained in the input. */
const readInside = ["cached_input_tokens", "cached", "cached_tokens", "cachedContentTokenCount"]
const writeBeside = [
  "cacheWrite",
  "cache_write",
  "cache_creation_input_tokens",
  "cacheCreationInputTokens",
  "cacheWriteInputTokens",
  "cacheWriteInputTokenCount",
]
const writeInside = ["cache_write_input_tokens"]
const reasoningNames = ["reasoningTokens", "reasoning_tokens"]
const promptDetails = ["input_tokens_details", "prompt_tokens_details"]
const answerDetails = ["output_tokens_details", "completion_tokens_details"]

export function usageCounts(value: unknown): UsageCounts {
  const block = objectOf(value)
  return hostCounts(block as HostBlock) ?? anyCounts(block)
}

type HostBlock = { readonly [K in "input" | "output" | "cacheRead" | "cacheWrite" | "cacheWrite1h" | "reasoningTokens" | "totalTokens"]?: unknown }

/** The host's own shape, which nearly every block has; undefined when it is another one. */
function hostCounts({ input, output, cacheRead, cacheWrite, cacheWrite1h, reasoningTokens, totalTokens }: HostBlock): UsageCounts | undefined {
  if (!isCount(input) || !isCount(output) || !isCount(cacheRead) || !isCount(cacheWrite) || !isCount(totalTokens)) return undefined
  const [longer, reasoning] = [isCount(cacheWrite1h) ? cacheWrite1h : undefined, isCount(reasoningTokens) ? reasoningTokens : undefined]
  return { input, output, cacheRead, cacheWrite, cacheWrite1h: longer, reasoning, total: totalTokens }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= mostTokens && Number.isInteger(value)
}

function anyCounts(block: Block): UsageCounts {
  const output = first(block, outputNames)
  const thoughts = count(block["thoughtsTokenCount"])
  const common = {
    output: thoughts === undefined ? output : (output ?? 0) + thoughts,
    cacheWrite1h: count(block["cacheWrite1h"]) ?? count(objectOf(block["cache_creation"])["ephemeral_1h_input_tokens"]),
    reasoning: thoughts ?? first(block, reasoningNames) ?? first(detailsOf(block, answerDetails), ["reasoning_tokens", "thinking_tokens"]),
    total: first(block, totalNames),
  }
  const [readApart, writtenApart] = [first(block, readBeside), first(block, writeBeside)]
  // The host's own shape: its input is without what was cached, whatever else of a provider's stands beside it.
  if (readApart !== undefined && writtenApart !== undefined && "input" in block) {
    return { input: count(block["input"]), cacheRead: readApart, cacheWrite: writtenApart, ...common }
  }
  const inPrompt = detailsOf(block, promptDetails)
  const readWithin = first(block, readInside) ?? first(inPrompt, ["cached_tokens"])
  const writtenWithin = first(block, writeInside) ?? first(inPrompt, ["cache_write_tokens", "cache_creation_input_tokens"])
  const contained = "input" in block ? 0 : (readWithin ?? 0) + (writtenWithin ?? 0)
  const told = first(block, inputNames)
  const besides = count(block["toolUsePromptTokenCount"]) ?? 0
  return {
    input: told === undefined ? undefined : Math.max(0, told - contained) + besides,
    cacheRead: readApart ?? readWithin,
    cacheWrite: writtenApart ?? writtenWithin,
    ...common,
  }
}

/** The tokens of all classes together. A part that is larger than its whole counts. */
export function allTokens({ input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 }: UsageCounts): number {
  return input + output + cacheRead + Math.max(cacheWrite, cacheWrite1h)
}

function first(block: Block, names: readonly string[]): number | undefined {
  for (const name of names) {
    const found = count(block[name])
    if (found !== undefined) return found
  }
  return undefined
}

function detailsOf(block: Block, names: readonly string[]): Block {
  for (const name of names) if (name in block) return objectOf(block[name])
  return {}
}

function count(value: unknown): number | undefined {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN
  return number >= 0 && number <= mostTokens ? Math.round(number) : undefined
}
