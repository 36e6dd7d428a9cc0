/** sovereign-ledger metrics */
import { contentTypes, expositionFor, metricsText, type Exposition } from "../../render/metrics-text.ts"
import { answerLines } from "../answer-lines.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { MetricsSource } from "../metrics-source.ts"

const mostLineBytes = 4_096

export const metricsCommand: CommandRow = {
  path: "metrics",
  summary: "Counters and gauges as Prometheus reads them",
  options: [
    { flags: "--openmetrics", words: "as OpenMetrics 1.0 instead of the text format 0.0.4" },
    { flags: "--answers", words: "answer each line of standard input, which is what a scraper accepts, with one line of JSON; for the gateway's own route" },
  ],
  help: `Tokens, cost and calls by provider, model, agent and kind; budgets; refusals and verdicts; gaps; how well the writer is. Counters go on over restarts and after
old entries are removed. No session, person or text is in it. To have it scraped: serve, or the gateway's /plugins/sovereign-ledger/metrics.

Exit status: 0 also when the ledger cannot be read: then sovereign_ledger_up is 0.

Examples:
  sovereign-ledger metrics
  sovereign-ledger metrics > /var/lib/node_exporter/textfile/sovereign-ledger.prom`,
  run: async (context, flags) => {
    const source = new MetricsSource(context)
    try {
      if (flags["answers"] === true) await answers(context, source)
      else await context.terminal.write(await text(context, source, flags["openmetrics"] === true ? "openmetrics" : "prometheus"))
    } finally {
      source.close()
    }
    return 0
  },
}

async function text({ terminal }: CommandContext, source: MetricsSource, exposition: Exposition): Promise<string> {
  return metricsText(await source.metrics(terminal.note), exposition)
}

function answers(context: CommandContext, source: MetricsSource): Promise<void> {
  return answerLines(context.terminal, mostLineBytes, async (accept) => {
    const exposition = expositionFor(accept)
    return { type: contentTypes[exposition], text: await text(context, source, exposition) }
  })
}
