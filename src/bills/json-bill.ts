/**
 * Answers of the providers' own APIs that were saved: pages of buckets with results
 * (https://platform.openai.com/docs/api-reference/usage, https://platform.claude.com/docs/en/api/admin/cost_report,
 * https://platform.claude.com/docs/en/api/admin/usage_report), and OpenRouter's list of days (https://openrouter.ai/docs/api/api-reference/analytics/get-user-activity).
 */
import { numberOf, objectOf, stringOf } from "../base/json.ts"
import { amountOf } from "./amounts.ts"
import type { BillOptions, Fields, ReadLine } from "./bill.ts"
import { activity, bucket, identityOf } from "./formats.ts"

type Read = { readonly format: string; readonly providers: readonly string[]; readonly lines: readonly ReadLine[]; readonly isCut: boolean }
type Shape = {
  readonly format: string
  readonly providers: readonly string[]
  readonly read: (result: Readonly<Record<string, unknown>>) => Omit<Extract<ReadLine, { amount: unknown }>, "fromMs" | "toMs"> | undefined
}

/** Undefined when it is none of them. One page, or several in a list. */
export function jsonBill(value: unknown, options: BillOptions): Read | undefined {
  const pages = (Array.isArray(value) ? value : [value]).map(objectOf)
  const rows = pages.flatMap(({ data }) => (Array.isArray(data) ? data.map(objectOf) : []))
  const last = pages.at(-1) ?? {}
  const isCut = last["has_more"] === true
  if (rows.length > 0 && rows.every((row) => typeof row["date"] === "string" && typeof row["usage"] === "number"))
    return { format: "OpenRouter activity", providers: ["openrouter"], isCut, lines: rows.map((row) => ofOpenRouter(row, options)) }
  const results = rows.flatMap(({ results: list }) => (Array.isArray(list) ? list.map(objectOf) : []))
  const shape = shapes.find(({ knows }) => results.length > 0 && results.every(knows))
  return shape && { format: shape.format, providers: shape.providers, isCut, lines: rows.flatMap((row) => ofBucket(row, shape)) }
}

function ofOpenRouter(row: Readonly<Record<string, unknown>>, { dayOf }: BillOptions): ReadLine {
  const fields: Fields = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "object" ? "" : String(value)]))
  return activity(fields, dayOf, stringOf(row["model"]) ?? stringOf(row["model_permaslug"]) ?? "", false)
}

function ofBucket(row: Readonly<Record<string, unknown>>, shape: Shape): readonly ReadLine[] {
  const text = (...names: readonly string[]) => names.map((name) => row[name]).find((value) => typeof value === "string" || typeof value === "number")
  const window = bucket({ start_time: String(text("start_time", "starting_at")), end_time: String(text("end_time", "ending_at")) })
  if (!window) return [{ problem: "the times of a bucket cannot be read" }]
  const list = row["results"]
  if (!Array.isArray(list) || list.length === 0) return [{ empty: window }]
  return list.map((one: unknown): ReadLine => {
    const read = shape.read(objectOf(one))
    return read ? { ...window, ...read } : { problem: "a result cannot be read" }
  })
}

const identity = (window: Readonly<Record<string, unknown>>) =>
  identityOf(Object.fromEntries(Object.entries(window).map(([name, value]) => [name, JSON.stringify(value ?? null)])))
const count = (value: unknown) => Math.max(0, numberOf(value) ?? 0)

const shapes: readonly (Shape & { readonly knows: (result: Readonly<Record<string, unknown>>) => boolean })[] = [
  {
    format: "OpenAI costs",
    providers: ["openai", "openai-codex"],
    knows: ({ amount }) => numberOf(objectOf(amount)["value"]) !== undefined || stringOf(objectOf(amount)["value"]) !== undefined,
    read: (result) => {
      const { value, currency } = objectOf(result["amount"])
      const amount = amountOf(String(value))
      const item = stringOf(result["line_item"])
      const model = item === undefined ? null : (item.split(",")[0] ?? item).trim()
      return amount && { model, amount, currency: (stringOf(currency) ?? "USD").toUpperCase(), calls: null, tokens: null, identity: identity(result) }
    },
  },
  {
    format: "OpenAI usage",
    providers: ["openai", "openai-codex"],
    knows: ({ input_tokens: input, output_tokens: output, uncached_input_tokens: other }) =>
      other === undefined && numberOf(input) !== undefined && numberOf(output) !== undefined,
    read: (result) => {
      const cacheRead = count(result["input_cached_tokens"])
      const tokens = { input: Math.max(0, count(result["input_tokens"]) - cacheRead), cacheRead, cacheWrite: 0, output: count(result["output_tokens"]) }
      const calls = numberOf(result["num_model_requests"]) ?? null
      return { model: stringOf(result["model"]) ?? null, amount: null, currency: "USD", calls, tokens, identity: identity(result) }
    },
  },
  {
    // In cents, as a decimal string.
    format: "Anthropic cost",
    providers: ["anthropic"],
    knows: ({ amount, currency }) => typeof amount === "string" && typeof currency === "string",
    read: (result) => {
      const amount = amountOf(stringOf(result["amount"]) ?? "", { places: 7 })
      const currency = (stringOf(result["currency"]) ?? "USD").toUpperCase()
      return (
        amount && {
          model: stringOf(result["model"]) ?? stringOf(result["description"]) ?? null,
          amount,
          currency,
          calls: null,
          tokens: null,
          identity: identity(result),
        }
      )
    },
  },
  {
    format: "Anthropic usage",
    providers: ["anthropic"],
    knows: ({ uncached_input_tokens: input }) => numberOf(input) !== undefined,
    read: (result) => {
      const { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } = objectOf(result["cache_creation"])
      const cacheWrite = count(short) + count(long) + count(result["cache_creation_5m_input_tokens"]) + count(result["cache_creation_1h_input_tokens"])
      const tokens = {
        input: count(result["uncached_input_tokens"]),
        cacheRead: count(result["cache_read_input_tokens"]),
        cacheWrite,
        output: count(result["output_tokens"]),
      }
      return { model: stringOf(result["model"]) ?? null, amount: null, currency: "USD", calls: null, tokens, identity: identity(result) }
    },
  },
]
