/** A period of a calendar as people write it: `2026-11`, `2026-W48`, `2026-11-25`, `2026-11-25T14`. Which instants it is depends on the zone of a rule. */
import type { Period } from "../format/facts/ledger.ts"
import { boundsAt, dayStart, localText, type Bounds } from "../ledger/periods.ts"

export type PeriodLabel = { readonly text: string; readonly per: "hour" | "day" | "week" | "month"; readonly day: string; readonly hour: number }

export const labelExamples = "2026-11, 2026-W48, 2026-11-25 or 2026-11-25T14"

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const shape = /^(\d{4})-(?:W(\d\d)|(\d\d)(?:-(\d\d)(?:T(\d\d))?)?)$/

/** Undefined when it is none. */
export function parseLabel(text: string): PeriodLabel | undefined {
  const [, year = "", week, month = "", day, hour] = shape.exec(text) ?? []
  if (year === "" || Number(year) < 1970) return undefined
  if (week !== undefined) return weekLabel(text, Number(year), Number(week))
  const per = hour !== undefined ? "hour" : day !== undefined ? "day" : "month"
  const first = `${year}-${month}-${day ?? "01"}`
  const isThere = dayStart("UTC", first) !== undefined && Number(hour ?? 0) < 24
  return isThere ? { text, per, day: first, hour: Number(hour ?? 0) } : undefined
}

/** The week of ISO 8601: the first one has the year's first Thursday. */
function weekLabel(text: string, year: number, week: number): PeriodLabel | undefined {
  const fourth = Date.UTC(year, 0, 4)
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMs + (week - 1) * 7 * dayMs
  const isThere = week >= 1 && new Date(monday + 3 * dayMs).getUTCFullYear() === year
  return isThere ? { text, per: "week", day: new Date(monday).toISOString().slice(0, 10), hour: 0 } : undefined
}

/** The bounds of the period by the clocks of a rule; undefined when the rule counts by another one, or the zone knows no such hour. */
export function labelBounds({ per, day, hour }: PeriodLabel, period: Period): Bounds | undefined {
  if (period.per !== per) return undefined
  const start = dayStart(period.zone, day)
  if (start === undefined) return undefined
  if (per !== "hour") return boundsAt(period, start)
  const written = `${day} ${String(hour).padStart(2, "0")}`
  // Where clocks are set within the day the hour is one earlier or later; one that comes twice is its first pass.
  return [-1, 0, 1].map((more) => boundsAt(period, start + (hour + more) * hourMs)).find(({ startMs }) => localText(period.zone, startMs).startsWith(written))
}
