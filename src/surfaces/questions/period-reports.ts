/** What happened in a day, and in a week. */
import { assert } from "../../base/fault.ts"
import { dayOf, dayStretch, weekOf, weekStretch, type Stretch } from "../../ledger/calendar.ts"
import { periodReport } from "../../views/reports/period-report.ts"
import { sheetPage } from "../page/sheet-page.ts"
import { periodSheet } from "../render/period-sheet.ts"
import { sheetText } from "../render/sheet.ts"
import { jobsOfHost } from "./host-jobs.ts"
import { whole, words, wrong, zone, type Parameter } from "./parameter.ts"
import { bodyOf, type Answer, type Asked, type Question } from "./question.ts"

const shared: readonly Parameter[] = [
  zone,
  whole({ name: "dupWindowSec", words: "the same words to the same recipient within so many seconds are duplicates (default 60)", most: 3_600, default: 60 }),
  whole({ name: "lookbackDays", words: "a tool is new when it was not used in so many days before (default 30)", most: 365, default: 30 }),
  whole({ name: "topTools", words: "most tools listed (default 10)", most: 1_000, default: 10 }),
]

type Values = { readonly tz: string; readonly dupWindowSec: number; readonly lookbackDays: number; readonly topTools: number }

const sameHelp = `Every event stands in the day it happened in, whenever it was recorded: history that was imported counts, too. The report ends with where the ledger
stands, to be compared with what sovereign-ledger verify says.`

export const dailyReport: Question = {
  path: "report daily",
  route: "report",
  schema: "period-report.schema.json",
  chosenBy: { name: "period", value: "daily", isDefault: true },
  summary: "A day at a glance: activity, jobs, tools, money, messages, what is odd",
  help: `${sameHelp}

Examples:
  sovereign-ledger report daily
  sovereign-ledger report daily --date 2026-11-30 --tz Europe/Berlin
  sovereign-ledger report daily --html > today.html`,
  parameters: [
    words({ name: "date", as: "day", words: "which day, as 2026-11-30 (default: today)" }, (text, { named, zone: tz }) => {
      const stretch = dayStretch(tz, text)
      if (!stretch) throw wrong(`${named} takes a day of the calendar such as 2026-11-30, not "${text}".`)
      return stretch
    }),
    ...shared,
  ],
  formats: ["html"],
  ask: (asked, values) => answered(asked, (values["date"] as Stretch | undefined) ?? today(asked, values as Values), values as Values),
}

export const weeklyReport: Question = {
  path: "report weekly",
  route: "report",
  schema: "period-report.schema.json",
  chosenBy: { name: "period", value: "weekly" },
  summary: "A week at a glance, from Monday on: the same as report daily",
  help: `${sameHelp}

Examples:
  sovereign-ledger report weekly
  sovereign-ledger report weekly --week 2026-W48 --tz local --json | jq .modelSpend`,
  parameters: [
    words({ name: "week", as: "week", words: "which ISO week, as 2026-W49 (default: this one)" }, (text, { named, zone: tz }) => {
      const stretch = weekStretch(tz, text)
      if (!stretch) throw wrong(`${named} takes an ISO week such as 2026-W49, not "${text}".`)
      return stretch
    }),
    ...shared,
  ],
  formats: ["html"],
  ask: (asked, values) => answered(asked, (values["week"] as Stretch | undefined) ?? thisWeek(asked, values as Values), values as Values),
}

function today({ nowMs }: Asked, { tz }: Values): Stretch {
  return found(dayStretch(tz, dayOf(tz, nowMs)))
}

function thisWeek({ nowMs }: Asked, { tz }: Values): Stretch {
  return found(weekStretch(tz, weekOf(tz, nowMs)))
}

/** The calendar has the day that it is. */
function found(stretch: Stretch | undefined): Stretch {
  assert(stretch, "today is a day, and of a week")
  return stretch
}

function answered(asked: Asked, stretch: Stretch, { dupWindowSec, lookbackDays, topTools }: Values): Answer {
  const configured = jobsOfHost(asked.place)
  const report = periodReport(asked.access(), { stretch, dupWindowSec, lookbackDays, topTools, configured })
  return {
    body: { ...bodyOf(asked), ...report },
    text: (look) => sheetText(periodSheet(report), look),
    html: () => sheetPage(periodSheet(report)),
  }
}
