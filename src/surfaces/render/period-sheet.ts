/** A daily or weekly report as a sheet. */
import type { PeriodReport } from "../../views/reports/period-report.ts"
import { usualThresholds } from "../../policy/anomalies/thresholds.ts"
import { anomalySections, oddCount } from "./anomaly-sections.ts"
import { shortCount, shortUsd } from "./bars.ts"
import { integritySection } from "./integrity-section.ts"
import type { Sheet, SheetSection } from "./sheet.ts"
import { countWords } from "./words.ts"

export function periodSheet(report: PeriodReport): Sheet {
  const { period, activity, cron, topTools, modelSpend, outbound, anomalies, settings } = report
  const odd = oddCount(anomalies)
  return {
    kind: period.kind === "daily" ? "Daily report" : "Weekly report",
    heading: period.label,
    quiet: [
      `${minutes(period.from)} to ${minutes(period.to)} UTC`,
      ...(period.tz === "UTC" ? [] : [`a ${period.kind === "daily" ? "day" : "week"} in ${period.tz}`]),
    ],
    totals: [
      ["events", activity.total.toLocaleString("en")],
      ["model calls", `${modelSpend.calls.toLocaleString("en")}, ${shortUsd(Number(modelSpend.costNanos))}`],
      ["messages sent", `${outbound.sent.toLocaleString("en")}${outbound.failed > 0 ? `, ${outbound.failed} failed` : ""}`],
      ["jobs", `${cron.executed.toLocaleString("en")} executed, ${cron.failed} failed`],
      ["anomalies", odd === 0 ? "none found" : String(odd)],
    ],
    sections: [
      {
        title: "Activity",
        head: ["category", "events"],
        rows: activity.byCategory.map(({ category, count }) => [category, count.toLocaleString("en")]),
        empty: "Nothing is on record of this time.",
      },
      {
        title: "Model spend",
        head: ["model", "calls", "tokens", "cost"],
        rows: modelSpend.byModel.map(({ model, calls, tokens, costNanos }) => [
          model,
          calls.toLocaleString("en"),
          shortCount(tokens),
          shortUsd(Number(costNanos)),
        ]),
        empty: "No model was called.",
        remark: spendRemark(report),
      },
      {
        title: "Top tools",
        head: ["tool", "calls", "failed", "denied"],
        rows: topTools.tools.map(({ tool, invoked, failed, denied }) => [tool, ...[invoked, failed, denied].map((count) => count.toLocaleString("en"))]),
        empty: "No tool was called.",
        remark: topTools.truncated ? `${topTools.tools.length} of ${countWords(topTools.total, "tool")}; --top-tools shows more.` : undefined,
      },
      {
        title: "Messages sent",
        head: ["channel", "sent", "failed"],
        rows: outbound.byChannel.map(({ channel, sent, failed }) => [channel, sent.toLocaleString("en"), failed.toLocaleString("en")]),
        empty: "No message left.",
      },
      ...cronSections(report),
      ...anomalySections(anomalies, { ...settings, thresholds: usualThresholds }),
      integritySection(report.integrity),
    ],
  }
}

function spendRemark({ modelSpend: { truncated, unpriced } }: PeriodReport): string | undefined {
  const words = [
    truncated ? "Not all models are listed; the total has all of them." : "",
    unpriced.length === 0 ? "" : `Without a price: ${unpriced.map(({ model }) => model).join(", ")}.`,
  ]
  return words.some(Boolean) ? words.filter(Boolean).join(" ") : undefined
}

function cronSections({ cron }: PeriodReport): readonly SheetSection[] {
  return [
    {
      title: "Jobs",
      head: ["what happened", "times"],
      rows: cron.byType.map(({ type, count }) => [type, count.toLocaleString("en")]),
      empty: "No job ran.",
    },
    {
      title: "Configured jobs",
      head: ["name", "schedule", "id"],
      rows: cron.configured.map(({ name, schedule, id, enabled }) => [enabled ? name : `${name} (off)`, schedule, id]),
      texts: [0, 1, 2],
      empty: cron.configuredFrom === null ? "The host's jobs could not be read." : "The host has no jobs.",
      remark: cron.configuredFrom === null ? undefined : `As they are now, by the host's ${cron.configuredFrom}.`,
    },
  ]
}

function minutes(iso: string): string {
  return iso.slice(0, 16).replace("T", " ")
}
