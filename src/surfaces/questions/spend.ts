/** What was spent, and what models were used for: one report, by two weights. */
import { spendKeys, spendReport, type SpendKey, type SpendReport, type SpendSums } from "../../views/spend.ts"
import { spendCsv, spendText, type SpendLook } from "../render/spend-text.ts"
import { instant, whole, words, wrong, zone, type Parameter } from "./parameter.ts"
import { bodyOf, type Answer, type Asked, type Question } from "./question.ts"

const parameters: readonly Parameter[] = [
  words({ name: "by", as: "keys", words: `${spendKeys.join(", ")}; several with commas (default: model)`, default: ["model"] }, parseKeys),
  instant("since", "from this time on: 30m, 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: 24h)"),
  instant("until", "up to this time, in the same words (default: now)"),
  zone,
  whole({ name: "limit", words: "most rows; the total has all of them (default 1,000)", most: 100_000, default: 1_000 }),
]

type Values = {
  readonly by: readonly SpendKey[]
  readonly since?: number
  readonly until?: number
  readonly tz: string
  readonly limit: number
}

export const spendQuestion: Question = {
  path: "spend",
  route: "spend",
  schema: "spend.schema.json",
  summary: "What was spent, by model, agent, day, ...",
  help: "Cost is what the tokens come to by the price of their time, and what the host says where a model has no price. What was imported counts, too.",
  parameters,
  formats: ["csv"],
  ask: (asked, values) => report(asked, values as Values, "spend"),
}

export const usageQuestion: Question = {
  ...spendQuestion,
  path: "usage",
  route: "usage",
  summary: "What models were used for: calls, tokens of each class, the share that came from a cache, how long answers took",
  help: "Tokens in four classes that do not overlap, whatever a provider counts: input (not cached), cached (read from a cache), written (to a cache), output.",
  ask: (asked, values) => report(asked, values as Values, "usage"),
}

function report(asked: Asked, { by, since, until, tz, limit }: Values, look: SpendLook): Answer {
  const [fromMs, toMs] = [since ?? asked.nowMs - 86_400_000, until ?? asked.nowMs + 1]
  if (toMs <= fromMs) throw wrong("--until must be after --since.")
  const found = spendReport(asked.access(), { by, fromMs, toMs, zone: tz, limit, order: look === "spend" ? "cost" : "tokens" })
  return { body: { ...bodyOf(asked), ...written(found) }, text: (terminal) => spendText(found, look, terminal), csv: () => spendCsv(found) }
}

function written({ rows, total, ...rest }: SpendReport) {
  const named = rows.map(({ keys, ...sums }) => ({ keys, ...sumsJson(sums) }))
  return { ...rest, rows: named, total: sumsJson(total) }
}

/** Amounts as decimal strings of nano-dollars, as everywhere. */
export function sumsJson({ cost, reported, computed, cache_read: cacheRead, cache_write: cacheWrite, ...sums }: SpendSums) {
  const { calls, failed, input, output, tokens, unpriced, drifted, averageLatencyMs } = sums
  const nanos = { costNanos: String(cost), reportedNanos: String(reported), computedNanos: String(computed) }
  return { calls, failed, input, output, cacheRead, cacheWrite, tokens, ...nanos, unpriced, drifted, averageLatencyMs }
}

function parseKeys(text: string, { named }: { readonly named: string }): readonly SpendKey[] {
  const keys = text.split(",").map((key) => key.trim())
  const unknown = keys.find((key) => !spendKeys.includes(key as SpendKey))
  if (unknown !== undefined) throw wrong(`${named} takes ${spendKeys.join(", ")}, not "${unknown}".`)
  return [...new Set(keys)] as SpendKey[]
}
