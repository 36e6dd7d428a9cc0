/**
 * In which period of a budget an instant lies, by the text that clocks of a zone show and by nothing else: two instants are in one day when their dates read
 * the same. It shares no arithmetic with the ledger, which works with the bounds of periods.
 */
import type { Period } from "../../src/format/facts/ledger.ts"

type Calendar = Extract<Period, { readonly zone: string }>

const formats = new Map<string, Intl.DateTimeFormat>()
/** By period and zone, then by quarters of an hour since 1970. */
const known = new Map<string, Map<number, string>>()
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Of instants of one zone, a later period has the greater text. */
export function periodName(period: Calendar, atMs: number): string {
  const quarter = Math.floor(atMs / 900_000)
  const kind = `${period.per} ${period.zone}`
  let names = known.get(kind)
  if (!names) known.set(kind, (names = new Map()))
  let name = names.get(quarter)
  if (name === undefined) names.set(quarter, (name = named(period, quarter * 900_000)))
  return name
}

/** Whether a period comes at once after another: nothing lies between them. */
export function follows(period: Calendar, before: string, atMs: number): boolean {
  const name = periodName(period, atMs)
  for (let back = atMs; ; back -= period.per === "hour" ? 900_000 : 6 * hourMs) {
    const found = periodName(period, back)
    if (found !== name) return found === before
  }
}

/** The first instant of the next one. Clocks are set, and periods begin, at quarters of an hour. */
export function periodEnd(period: Calendar, atMs: number): number {
  const name = periodName(period, atMs)
  const quarterMs = 900_000
  let [low, high] = [Math.floor(atMs / quarterMs), Math.floor((atMs + 32 * dayMs) / quarterMs)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (periodName(period, middle * quarterMs) === name) low = middle
    else high = middle
  }
  return high * quarterMs
}

function named({ per, zone }: Calendar, atMs: number): string {
  const [date, time] = clock(zone, atMs)
  // An hour that comes twice is two, by how far the clock is from UTC.
  if (per === "hour") return `${new Date(atMs - (Date.parse(`${date}T${time}Z`) % hourMs)).toISOString()}`
  if (per === "day") return date
  if (per === "month") return date.slice(0, 7)
  const days = Date.parse(date) / dayMs
  return new Date((days - ((days + 3) % 7)) * dayMs).toISOString().slice(0, 10)
}

/** `["2026-03-29", "03:15:00"]` */
function clock(zone: string, atMs: number): readonly [date: string, time: string] {
  let format = formats.get(zone)
  if (!format) formats.set(zone, (format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })))
  const [date = "", time = ""] = format.format(atMs).split(" ")
  return [date, time]
}
