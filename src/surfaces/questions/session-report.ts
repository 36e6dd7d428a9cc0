/** One session from its beginning to its end. */
import { Fault } from "../../base/fault.ts"
import { mostSessionEvents, sessionReport } from "../../views/reports/session-report.ts"
import { sheetPage } from "../page/sheet-page.ts"
import { sessionCsv, sessionSheet } from "../render/session-sheet.ts"
import { sheetText } from "../render/sheet.ts"
import { switched, whole } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

export const sessionReportQuestion: Question = {
  path: "report session",
  route: "report/session/:id",
  schema: "session-report.schema.json",
  summary: "One session in order: prompts, model calls, tools, money, messages, and whether all of it leads to the signed root",
  argument: { name: "<session>", words: "its key, as agent:main:main" },
  takesEmpty: true,
  parameters: [
    switched({ name: "raw", words: "every event by itself; else an answer, its way out and its arrival are one line where the words are the same" }),
    whole({ name: "limit", words: `only the last so many events (default: all, up to ${mostSessionEvents.toLocaleString("en")})`, most: mostSessionEvents }),
    switched({ name: "includeMetadata", words: "with the facts of every event" }),
  ],
  formats: ["html", "csv"],
  help: `Of a session whose content was erased, its scope's id still names what is left: times, tools, figures.

Exit status: 1 when the name is an empty text.

Examples:
  sovereign-ledger report session agent:main:main --limit 200
  sovereign-ledger report session agent:main:telegram:direct:4242 --html > session.html
  sovereign-ledger report session agent:main:main --raw --include-metadata --json | jq .timeline`,
  ask: (asked, values, session) => {
    if (session === "") throw new Fault("report.no-session")
    const { raw, limit, includeMetadata } = values as { readonly raw: boolean; readonly limit?: number; readonly includeMetadata: boolean }
    const report = sessionReport(asked.access(), { session, raw, limit, includeMetadata })
    return {
      body: { ...bodyOf(asked), ...report },
      text: (look) => sheetText(sessionSheet(report), look),
      html: () => sheetPage(sessionSheet(report)),
      csv: () => sessionCsv(report),
    }
  },
}
