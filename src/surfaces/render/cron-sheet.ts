/** A job's executions as a sheet, and as CSV. */
import { csvCell } from "../../views/export.ts"
import type { CronReport, CronRow } from "../../views/reports/cron-report.ts"
import { shortUsd } from "./bars.ts"
import { durationWords, timeWords } from "./report-words.ts"
import type { Sheet } from "./sheet.ts"

export function cronSheet({ job, total, truncated, rows, settings }: CronReport): Sheet {
  const failed = rows.filter(({ status }) => status === "failed").length
  const nanos = rows.reduce((sum, { costNanos }) => sum + Number(costNanos), 0)
  return {
    kind: "Job report",
    heading: job.name ?? job.asked,
    quiet: [job.schedule ?? "not among the host's jobs", ...(job.enabled === false ? ["off"] : []), ...(job.id === null ? [] : [job.id])],
    totals: [
      ["executions", total.toLocaleString("en")],
      ["shown", `${rows.length}, ${failed} failed`],
      ["their cost", shortUsd(nanos)],
    ],
    sections: [
      {
        title: "Executions, newest first",
        head: ["started", "took", "status", "tools", "calls", "cost", "sent", "session", "error"],
        rows: rows.map((row) => [
          timeWords(row.started),
          durationWords(row.durationMs),
          row.status,
          row.toolCalls === null ? "-" : String(row.toolCalls),
          String(row.modelCalls),
          shortUsd(Number(row.costNanos)),
          row.messagesSent === null ? "-" : String(row.messagesSent),
          row.session ?? "-",
          row.error ?? "",
        ]),
        texts: [0, 2, 7, 8],
        empty: "No execution of it is on record.",
        remark: truncated ? `${settings.last} of ${total.toLocaleString("en")}; --last shows more.` : undefined,
      },
    ],
  }
}

const columns = [
  "job",
  "run",
  "session",
  "agent",
  "sequence",
  "started",
  "ended",
  "durationMs",
  "status",
  "error",
  "toolCalls",
  "modelCalls",
  "messagesSent",
  "costNanos",
] as const satisfies readonly (keyof CronRow)[]

export function cronCsv({ rows }: CronReport): string {
  return `${[columns.join(","), ...rows.map((row) => columns.map((column) => csvCell(row[column])).join(","))].join("\r\n")}\r\n`
}
