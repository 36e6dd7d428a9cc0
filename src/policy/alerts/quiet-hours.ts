/** Hours of the day in which only what is critical is told, by the wall clocks of a time zone: where clocks are set, they are longer or shorter by that. */

/** From one minute of the day up to but not including another, over midnight where the second is the smaller one. */
export type QuietHours = { readonly fromMinute: number; readonly toMinute: number; readonly zone: string }

const formats = new Map<string, Intl.DateTimeFormat>()

export function isQuiet({ fromMinute, toMinute, zone }: QuietHours, atMs: number): boolean {
  const minute = minuteOf(zone, atMs)
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute
}

/** `22:30`, as minutes of the day; undefined when it is no time. */
export function minutesOf(text: unknown): number | undefined {
  const [, hours, minutes] = (typeof text === "string" ? /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) : null) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

export function isTimeZone(name: unknown): name is string {
  if (typeof name !== "string" || name === "") return false
  try {
    // Offsets such as +01:00 are taken by the engine, too, and follow no clock that is set.
    return /^[A-Za-z]/.test(formatOf(name).resolvedOptions().timeZone)
  } catch {
    return false
  }
}

function minuteOf(zone: string, atMs: number): number {
  const parts = formatOf(zone).formatToParts(atMs)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return of("hour") * 60 + of("minute")
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" })
  formats.set(zone, format)
  return format
}
