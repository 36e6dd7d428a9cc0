/** What a job did each time it ran. */
import { cronReport } from "../../views/reports/cron-report.ts"
import { sheetPage } from "../page/sheet-page.ts"
import { cronCsv, cronSheet } from "../render/cron-sheet.ts"
import { sheetText } from "../render/sheet.ts"
import { jobsOfHost } from "./host-jobs.ts"
import { whole } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

export const cronReportQuestion: Question = {
  path: "report cron",
  route: "report/cron/:job",
  schema: "cron-report.schema.json",
  summary: "What a job did each time it ran: when, how long, how it ended, tools, calls, messages",
  argument: { name: "<job>", words: "its id or its name, as the host has them" },
  parameters: [whole({ name: "last", words: "how many executions, the newest first (default 20)", most: 1_000, default: 20 })],
  formats: ["html", "csv"],
  help: `Calls and their cost are those of the run that began for the execution; of history that was imported, those of the job in that time. An execution whose
end was never told is incomplete.

Examples:
  sovereign-ledger report cron nightly-summary
  sovereign-ledger report cron 6521e38e-6992-443f-b917-efde4a6f6465 --last 100 --csv > nightly.csv`,
  ask: (asked, values, job) => {
    const report = cronReport(asked.access(), { job, last: values["last"] as number, nowMs: asked.nowMs, configured: jobsOfHost(asked.place) })
    return {
      body: { ...bodyOf(asked), ...report },
      text: (look) => sheetText(cronSheet(report), look),
      html: () => sheetPage(cronSheet(report)),
      csv: () => cronCsv(report),
    }
  },
}
