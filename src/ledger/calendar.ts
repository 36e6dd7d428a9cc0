/** Days and ISO weeks of a zone as stretches of time, from midnight to midnight by its clocks: 23 or 25 hours where they are set. */
import { boundsAt, dayStart, localText } from "./periods.ts"

export type Stretch = { readonly kind: "daily" | "weekly"; readonly label: string; readonly fromMs: number; readonly toMs: number; readonly zone: string }

export function dayOf(zone: string, atMs: number): string {
  return localText(zone, atMs).slice(0, 10)
}

/** Undefined where there is no such day. */
export function dayStretch(zone: string, day: string): Stretch | undefined {
  const fromMs = dayStart(zone, day)
  if (fromMs === undefined || dayOf(zone, fromMs) !== day) return undefined // clocks may leap over a whole day
  return { kind: "daily", label: day, fromMs, toMs: boundsAt({ per: "day", zone }, fromMs).endMs ?? fromMs, zone }
}

/** `2026-W49`, by ISO 8601: weeks begin on Monday, and the first of a year has its first Thursday. */
export function weekOf(zone: string, atMs: number): string {
  const [year, month, day] = dayOf(zone, atMs).split("-").map(Number)
  const thursday = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1))
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 604_800_000)
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, "0")}`
}

/** Undefined where there is no such week. */
export function weekStretch(zone: string, week: string): Stretch | undefined {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? []
  if (year === undefined) return undefined
  const fourth = new Date(Date.UTC(Number(year), 0, 4)) // always in the first week
  fourth.setUTCFullYear(Number(year))
  const monday = fourth.getTime() - ((fourth.getUTCDay() || 7) - 1 - (Number(number) - 1) * 7) * 86_400_000
  const day = new Date(monday).toISOString().slice(0, 10)
  const fromMs = dayStart(zone, day)
  if (fromMs === undefined || weekOf("UTC", monday) !== week) return undefined
  return { kind: "weekly", label: week, fromMs, toMs: boundsAt({ per: "week", zone }, fromMs).endMs ?? fromMs, zone }
}
