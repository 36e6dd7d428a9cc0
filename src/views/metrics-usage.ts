/** Tokens, cost and calls of models, by provider, model, agent and kind of run. */
import type { Series } from "../projections/usage-series.ts"
import type { SumColumn } from "../projections/usage-schema.ts"
import { counter, type Labels, type Metric, type Sample } from "./metric.ts"

const nanosPerDollar = 1_000_000_000
const msPerSecond = 1_000

/** Classes of tokens, which do not overlap. */
const tokenClasses: Readonly<Record<string, SumColumn>> = { input: "input", output: "output", cache_read: "cache_read", cache_write: "cache_write" }

export function usageMetrics(series: readonly Series[]): readonly Metric[] {
  const shown = series.filter(({ listed, names }) => listed || isOther(names))
  const samples = (column: SumColumn, scale = 1) => shown.map(({ names, sums }) => ({ labels: labelsOf(names), value: sums[column] / scale }))
  const total = (column: SumColumn, scale = 1): Sample[] => [{ labels: {}, value: series.reduce((sum, { sums }) => sum + sums[column], 0) / scale }]
  return [
    counter("model_calls", "Model calls on record, each once.", samples("calls")),
    counter("model_call_failures", "Model calls that ended with an error or were stopped.", samples("failed").filter(isNotNothing)),
    counter(
      "model_tokens",
      "Tokens of model calls, in four classes that do not overlap.",
      shown.flatMap(({ names, sums }) =>
        Object.entries(tokenClasses).map(([name, column]) => ({ labels: { ...labelsOf(names), class: name }, value: sums[column] })),
      ),
    ),
    counter(
      "model_cost_dollars",
      "What model calls cost in US dollars: by price, or as the host told it where there is none.",
      samples("cost", nanosPerDollar),
    ),
    counter("unpriced_model_calls", "Model calls whose cost is not known: no price, and nothing told.", total("unpriced")),
    counter("drifted_model_calls", "Model calls whose told cost differs from the one by price.", total("drifted")),
    counter("model_latency_seconds", "Time from the beginning of answers to their end, added up.", total("latency_ms", msPerSecond)),
  ]
}

function labelsOf({ provider, model, agent, kind }: Series["names"]): Labels {
  return isOther({ provider, model, agent, kind }) ? { provider, model: provider, agent: provider, kind: provider } : { provider, model, agent, kind }
}

function isOther({ provider, model, agent }: Series["names"]): boolean {
  return provider === "other" && model === "" && agent === ""
}

function isNotNothing({ value }: Sample): boolean {
  return value > 0
}
