/** A digest for each kind of web hook: what stands in the report, as lines for people; and for a program the report itself, its `projection`. */
import { objectOf, stringOf, type JsonObject } from "../../../base/json.ts"
import type { WebhookKind } from "../receiver.ts"
import { discordShape } from "./discord.ts"
import type { AlertText, Raised } from "./lines.ts"
import { slackShape } from "./slack.ts"

const mostListed = 5

export function digestBody(kind: WebhookKind, raised: Raised, projection: JsonObject, ledger: string): object {
  const text = digestText(raised, projection, ledger)
  if (kind === "slack") return slackShape(text)
  if (kind === "discord") return discordShape(text)
  const { blocks } = slackShape(text)
  const { alert, digest } = raised
  return {
    ...{ schemaVersion: 1, type: "digest", id: alert, ledger, period: digest?.period ?? null, label: digest?.label ?? null },
    ...{ text: [text.title, ...text.lines].join("\n"), blocks, projection },
  }
}

function digestText({ alert, digest }: Raised, report: JsonObject, ledger: string): AlertText {
  const { activity, modelSpend, outbound, cron, anomalies, period, topTools } = report
  const count = (of: unknown, name: string) => Number(objectOf(of)[name] ?? 0).toLocaleString("en")
  const listed = (of: unknown, name: string) => {
    const list = objectOf(of)[name]
    return Array.isArray(list) ? list.map(objectOf) : []
  }
  const models = listed(modelSpend, "byModel").map(({ model, costNanos }) => `${String(model)} ${usd(costNanos)}`)
  const tools = listed(topTools, "tools").map(({ tool, invoked }) => `${String(tool)} ${String(invoked)}`)
  const fresh = listed(anomalies, "firstSeenTools").map(({ tool }) => String(tool))
  const twice = listed(anomalies, "duplicates").length
  const failed = count(outbound, "failed")
  return {
    severity: "info",
    title: `${digest?.period === "weekly" ? "Weekly" : "Daily"} report ${digest?.label ?? ""}`,
    lines: [
      `${count(activity, "total")} events`,
      `Models: ${count(modelSpend, "calls")} calls, ${usd(objectOf(modelSpend)["costNanos"])}${some(models)}`,
      `Messages: ${count(outbound, "sent")} sent${failed === "0" ? "" : `, ${failed} failed`}`,
      `Jobs: ${count(cron, "executed")} executed, ${count(cron, "failed")} failed`,
      ...(tools.length === 0 ? [] : [`Tools${some(tools)}`]),
      ...(twice === 0 ? [] : [`Sent more than once: ${twice}`]),
      ...(fresh.length === 0 ? [] : [`Tools seen for the first time${some(fresh)}`]),
    ],
    footer: `${ledger}, ${stringOf(objectOf(period)["tz"]) ?? "UTC"}, digest ${alert}`,
  }
}

function some(names: readonly string[]): string {
  const more = names.length - mostListed
  return names.length === 0 ? "" : `: ${names.slice(0, mostListed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`
}

function usd(nanos: unknown): string {
  return `$${(Number(nanos ?? 0) / 1e9).toFixed(2)}`
}
