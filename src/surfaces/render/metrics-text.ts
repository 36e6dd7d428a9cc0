/**
 * Metrics as Prometheus reads them: its text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), or OpenMetrics 1.0
 * (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md) where that is asked for.
 */
import type { Labels, Metric } from "../../views/metric.ts"

export const metricsPrefix = "sovereign_ledger_"

export type Exposition = "prometheus" | "openmetrics"

export const contentTypes: { readonly [E in Exposition]: string } = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
}

/** Names of models are other people's. */
const mostLabelLetters = 120

/** Metrics without a sample are left out. */
export function metricsText(metrics: readonly Metric[], exposition: Exposition): string {
  const lines = metrics.filter(({ samples }) => samples.length > 0).flatMap((metric) => linesOf(metric, exposition))
  return `${[...lines, ...(exposition === "openmetrics" ? ["# EOF"] : [])].join("\n")}\n`
}

function linesOf({ name, kind, help, samples }: Metric, exposition: Exposition): readonly string[] {
  const family = metricsPrefix + name
  const series = kind === "counter" ? `${family}_total` : family
  // In OpenMetrics the family of a counter has no `_total`; before, it is named as its series are.
  const head = exposition === "openmetrics" ? family : series
  const told = [`# HELP ${head} ${escaped(help, exposition === "openmetrics")}`, `# TYPE ${head} ${kind}`]
  return [...told, ...samples.map(({ labels, value }) => `${series}${labelsText(labels)} ${numberText(value)}`)]
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(cut(value), true)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

/** Never in the middle of a character. */
function cut(text: string): string {
  return text.length <= mostLabelLetters ? text : `${text.slice(0, mostLabelLetters - 1).replace(/[\uD800-\uDBFF]$/, "")}…`
}

function escaped(text: string, quotes: boolean): string {
  const plain = text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
  return quotes ? plain.replaceAll('"', '\\"') : plain
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf"
  return value === -Infinity ? "-Inf" : String(value)
}

/** What a scraper asks for: OpenMetrics where it likes that at least as well. */
export function expositionFor(accept: string | undefined): Exposition {
  const wants = (accept ?? "").split(",").map((part) => {
    const [type = "", ...parameters] = part.split(";").map((word) => word.trim().toLowerCase())
    const quality = parameters.find((word) => word.startsWith("q="))
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
  })
  const best = (...types: readonly string[]) => Math.max(0, ...wants.filter(({ type }) => types.includes(type)).map(({ quality }) => quality))
  const open = best("application/openmetrics-text")
  return open > 0 && open >= best("text/plain", "text/*") ? "openmetrics" : "prometheus"
}
