/**
 * Periods of budgets: hour, day, week (from Monday), month, a rolling span, or the whole life of a budget.
 *
 * Periods of a calendar follow the wall clocks of an IANA time zone: a day goes from midnight to midnight, which is 23 or 25 hours when clocks are set.
 * A midnight that clocks pass twice begins with the first pass; one they leap over begins at the leap. Hours are 60 minutes, cut where clocks are set
 * within one. Periods of a zone follow each other without a gap.
 */
import { assert } from "../base/fault.ts"
import type { Period } from "../format/facts/ledger.ts"

/** From `startMs` up to but not including `endMs`; a period without an end stays. */
export type Bounds = { readonly startMs: number; readonly endMs?: number }

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The period an instant falls in. Rolling spans and lifetimes begin where they are asked for and do not end. */
export function boundsAt(period: Period, atMs: number): Bounds {
  if (period.per === "rolling" || period.per === "lifetime") return { startMs: atMs }
  if (period.per === "hour") return hourAt(period.zone, atMs)
  const { year, month, day } = localDate(period.zone, atMs)
  const back = period.per === "week" ? (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7 : 0
  const from = period.per === "month" ? 1 : day - back
  const next = period.per === "month" ? [month + 1, 1] : [month, from + (period.per === "week" ? 7 : 1)]
  return { startMs: midnight(period.zone, Date.UTC(year, month, from)), endMs: midnight(period.zone, Date.UTC(year, next[0] ?? 0, next[1])) }
}

export function isZone(name: string): boolean {
  if (formats.has(name)) return true
  try {
    return /^[A-Za-z]/.test(new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone)
  } catch {
    return false // that is how the engine says it does not know a zone
  }
}

/** `2026-11-25 09:00` as clocks of the zone show it. */
export function localText(zone: string, atMs: number): string {
  return new Date(atMs + offsetAt(zone, atMs)).toISOString().slice(0, 16).replace("T", " ")
}

/** When a day of the calendar begins there, `2026-11-25`; undefined when there is no such day. */
export function dayStart(zone: string, day: string): number | undefined {
  const localMs = Date.parse(`${day}T00:00:00.000Z`)
  return Number.isNaN(localMs) || new Date(localMs).toISOString().slice(0, 10) !== day ? undefined : midnight(zone, localMs)
}

function localDate(zone: string, atMs: number): { readonly year: number; readonly month: number; readonly day: number } {
  const local = new Date(atMs + offsetAt(zone, atMs))
  return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() }
}

/** The first instant whose local time is that midnight or later, given as if it were one of UTC. */
function midnight(zone: string, localMs: number): number {
  const before = localMs - offsetAt(zone, localMs - dayMs)
  const after = localMs - offsetAt(zone, localMs + dayMs)
  const earlier = Math.min(before, after)
  const later = Math.max(before, after)
  if (earlier + offsetAt(zone, earlier) === localMs) return earlier
  if (later + offsetAt(zone, later) === localMs) return later
  return changeBetween(zone, earlier - 1, later)
}

function hourAt(zone: string, atMs: number): Bounds {
  const offset = offsetAt(zone, atMs)
  const startMs = Math.floor((atMs + offset) / hourMs) * hourMs - offset
  const endMs = startMs + hourMs
  return {
    startMs: offsetAt(zone, startMs) === offset ? startMs : changeBetween(zone, startMs, atMs),
    endMs: offsetAt(zone, endMs - 1) === offset ? endMs : changeBetween(zone, atMs, endMs - 1),
  }
}

/** The first instant after `fromMs` with the offset of `toMs`, which differ. */
function changeBetween(zone: string, fromMs: number, toMs: number): number {
  const offset = offsetAt(zone, toMs)
  let low = fromMs
  let high = toMs
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === offset) high = middle
    else low = middle
  }
  return high
}

/** Making a format costs more than everything done with it. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** By zone and minute. Bounds of periods ask for the same few instants again and again, and each asking costs a formatted date. */
const offsets = new Map<string, Map<number, number>>()
const minuteMs = 60_000
/** Since then clocks have been set at whole minutes everywhere; Liberia's were 44:30 behind before. */
const wholeMinutesFromMs = Date.UTC(1973, 0)
const minutesKept = 4_096

/** How far the zone's clocks are ahead of UTC, in whole seconds as milliseconds. */
function offsetAt(zone: string, atMs: number): number {
  if (atMs < wholeMinutesFromMs) return formattedOffset(zone, atMs)
  let known = offsets.get(zone)
  if (!known) offsets.set(zone, (known = new Map()))
  const minute = Math.floor(atMs / minuteMs)
  let offset = known.get(minute)
  if (offset === undefined) {
    if (known.size === minutesKept) known.clear()
    known.set(minute, (offset = formattedOffset(zone, atMs)))
  }
  return offset
}

function formattedOffset(zone: string, atMs: number): number {
  let format = formats.get(zone)
  if (!format) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", calendar: "gregory", ...fields })
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes) => {
    const value = parts.get(type)
    assert(value !== undefined, `a date has a ${type}`)
    return value
  }
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"))
  return local - Math.floor(atMs / 1_000) * 1_000
}
