/** What the predictor takes a model call to come to at most. */
import { rates, type ModelName } from "./calls.ts"
import type { Amounts } from "./counters.ts"

/** Of models with a price, which tells them; and what is assumed of any other. */
const priced = { context: 1_000_000, answer: 100_000 }
const unknown = { context: 1_048_576, answer: 131_072 }
const unseenTokens = 131_072
const longestCallMs = 600_000

/** The most a call may come to: all that is sent written to a cache, and all that may be answered. */
export function boundOf(model: ModelName, p: Readonly<Record<string, unknown>>): Amounts {
  const known = p["knownBytes"] as number | undefined
  const { context, answer } = model === "unpriced" ? unknown : priced
  const input = known === undefined ? context : Math.min(context, known + (p["whole"] === true ? 0 : unseenTokens))
  const output = Math.min((p["maxTokens"] as number | undefined) ?? answer, context)
  const used = { tokens: input + output, wallMs: longestCallMs, bytesRead: 0, bytesWritten: 0, calls: 1 }
  // What nobody priced is not free: its money stays unstated.
  if (model === "unpriced") return used
  const { input: each, output: written } = rates[model]
  return { ...used, moneyNanos: input * each * 1.25 + output * written }
}
