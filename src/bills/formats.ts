/**
 * Exports as tables, one row a format: by which columns it is known, and how a line of it is read. Columns as in files that were exported, and as in:
 *
 *   OpenAI      costs and usage of the dashboard's export, whose columns are those of the API (https://platform.openai.com/docs/api-reference/usage)
 *   Anthropic   cost and usage of the Console's export (https://support.claude.com/en/articles/9534590), by UTC days, cost rounded to cents
 *   OpenRouter  activity by day and generation by generation (https://openrouter.ai/docs/guides/features/logs), by UTC days
 */
import { amountOf, countIn } from "./amounts.ts"
import type { BillOptions, BillTokens, Fields, ReadLine } from "./bill.ts"

export type TableFormat = {
  readonly format: string
  readonly providers: readonly string[]
  /** All of these columns are there. */
  readonly columns: readonly string[]
  readonly read: (fields: Fields, options: BillOptions) => ReadLine
}

const noTokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }

export const tableFormats: readonly TableFormat[] = [
  {
    format: "OpenAI costs",
    providers: ["openai", "openai-codex"],
    columns: ["start_time", "end_time", "amount_value", "amount_currency"],
    read: (fields) => {
      const window = bucket(fields)
      if (!window) return { problem: "its times cannot be read" }
      if (fields["amount_value"] === "") return { empty: window }
      const amount = amountOf(fields["amount_value"] ?? "")
      if (!amount) return { problem: `${fields["amount_value"]} is no amount` }
      // A line item is a model and what of it was used: "gpt-5-nano, input_tokens".
      const item = fields["line_item"] ?? ""
      const model = item === "" ? null : (item.split(",")[0] ?? item).trim()
      return { ...window, model, amount, currency: (fields["amount_currency"] ?? "").toUpperCase(), calls: null, tokens: null, identity: identityOf(fields) }
    },
  },
  {
    format: "OpenAI usage",
    providers: ["openai", "openai-codex"],
    columns: ["start_time", "end_time", "model", "input_tokens", "output_tokens"],
    read: (fields) => {
      const window = bucket(fields)
      if (!window) return { problem: "its times cannot be read" }
      if (fields["model"] === "" && fields["input_tokens"] === "") return { empty: window }
      const [input, output] = [countIn(fields["input_tokens"]), countIn(fields["output_tokens"])]
      if (input === undefined || output === undefined) return { problem: "its tokens cannot be read" }
      const cacheRead = countIn(fields["input_cached_tokens"]) ?? 0
      const tokens = { ...noTokens, input: Math.max(0, input - cacheRead), cacheRead, output }
      const calls = countIn(fields["num_model_requests"]) ?? null
      return { ...window, model: fields["model"] || null, amount: null, currency: "USD", calls, tokens, identity: identityOf(fields) }
    },
  },
  {
    format: "Anthropic cost",
    providers: ["anthropic"],
    columns: ["usage_date_utc", "model", "cost_usd"],
    read: (fields, { dayOf }) => {
      const window = dayOf(fields["usage_date_utc"] ?? "")
      const amount = amountOf(fields["cost_usd"] ?? "", { isRounded: true })
      if (!window || !amount) return { problem: window ? `${fields["cost_usd"]} is no amount` : `${fields["usage_date_utc"]} is no day` }
      return { ...window, model: fields["model"] || null, amount, currency: "USD", calls: null, tokens: null, identity: identityOf(fields) }
    },
  },
  {
    format: "Anthropic usage",
    providers: ["anthropic"],
    columns: ["usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens"],
    read: (fields, { dayOf }) => {
      const window = dayOf(fields["usage_date_utc"] ?? "")
      if (!window) return { problem: `${fields["usage_date_utc"]} is no day` }
      const count = (name: string) => countIn(fields[name]) ?? 0
      const cacheWrite = count("usage_input_tokens_cache_write_5m") + count("usage_input_tokens_cache_write_1h") + count("usage_input_tokens_cache_write")
      const tokens: BillTokens = {
        input: count("usage_input_tokens_no_cache"),
        cacheRead: count("usage_input_tokens_cache_read"),
        cacheWrite,
        output: count("usage_output_tokens"),
      }
      return { ...window, model: fields["model_version"] || null, amount: null, currency: "USD", calls: null, tokens, identity: identityOf(fields) }
    },
  },
  {
    format: "OpenRouter generations",
    providers: ["openrouter"],
    columns: ["generation_id", "created_at", "model_permaslug", "cost_total"],
    read: (fields, { dayAt }) => {
      const atMs = Date.parse(
        /(?:Z|[+-]\d\d:?\d\d)$/.test(fields["created_at"] ?? "") ? (fields["created_at"] ?? "") : `${(fields["created_at"] ?? "").replace(" ", "T")}Z`,
      )
      const amount = amountOf(fields["cost_total"] ?? "")
      if (Number.isNaN(atMs) || !amount) return { problem: Number.isNaN(atMs) ? `${fields["created_at"]} is no time` : `${fields["cost_total"]} is no amount` }
      const [prompt, cacheRead] = [countIn(fields["tokens_prompt"]) ?? 0, countIn(fields["tokens_cached"]) ?? 0]
      const tokens = { ...noTokens, input: Math.max(0, prompt - cacheRead), cacheRead, output: countIn(fields["tokens_completion"]) ?? 0 }
      const identity = fields["generation_id"] || identityOf(fields)
      return { ...dayAt(atMs), model: fields["model_permaslug"] || null, amount, currency: "USD", calls: 1, tokens, identity }
    },
  },
  {
    format: "OpenRouter activity",
    providers: ["openrouter"],
    columns: ["date", "slug", "usage", "requests"],
    read: (fields, { dayOf }) => activity(fields, dayOf, fields["slug"] ?? "", true),
  },
]

/** A day of one model: in the export `Slug`, over the API `model`. Reasoning tokens are among those of completions. */
export function activity(fields: Fields, dayOf: BillOptions["dayOf"], model: string, isRounded: boolean): ReadLine {
  const window = dayOf((fields["date"] ?? "").slice(0, 10))
  const amount = amountOf(fields["usage"] ?? "", { isRounded })
  if (!window || !amount) return { problem: window ? `${fields["usage"]} is no amount` : `${fields["date"]} is no day` }
  const tokens = { ...noTokens, input: countIn(fields["prompt_tokens"]) ?? 0, output: countIn(fields["completion_tokens"]) ?? 0 }
  return { ...window, model: model || null, amount, currency: "USD", calls: countIn(fields["requests"]) ?? null, tokens, identity: identityOf(fields) }
}

/** Seconds since 1970, as numbers or as texts of ISO 8601. */
export function bucket(fields: Fields): { readonly fromMs: number; readonly toMs: number } | undefined {
  const [fromMs, toMs] = [fields["start_time"], fields["end_time"]].map((text = "") =>
    /^\d{9,11}(?:\.0*)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text),
  )
  return fromMs === undefined || toMs === undefined || !(toMs > fromMs) ? undefined : { fromMs, toMs }
}

export function identityOf(fields: Fields): string {
  return JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
