/** Numbers, amounts and times as people of this place read them; and texts of others as the plain texts they are. */
const whole = new Intl.NumberFormat()
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 })
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 })
const cents = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 2 })
const fine = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumSignificantDigits: 3 })
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" })

export const nanosPerDollar = 1e9

/** Nano-dollars, as a text of digits or a number. Less than a cent is not nothing. */
export function money(nanos: string | number): string {
  const dollars = Number(nanos) / nanosPerDollar
  return dollars !== 0 && Math.abs(dollars) < 0.1 ? fine.format(dollars) : cents.format(dollars)
}

export const count = (value: number | string): string => whole.format(Number(value))
export const compact = (value: number | string): string => short.format(Number(value))
export const percent = (value: number): string => share.format(value)

const unitWords: Readonly<Record<string, string>> = { readBytes: "bytes read", writtenBytes: "bytes written", seconds: "s", tokens: "tokens", calls: "calls" }

/** So much of so much: cents do where the whole is dollars. */
export function portion(unit: string, part: number, whole: number): string {
  return unit === "moneyNanos" && whole >= nanosPerDollar ? cents.format(part / nanosPerDollar) : amount(unit, part)
}

/** An amount of a budget's unit. */
export function amount(unit: string, value: string | number): string {
  return unit === "moneyNanos" ? money(value) : `${compact(value)} ${unitWords[unit] ?? unit}`
}

export function moment(at: string | number): string {
  return date.format(new Date(at))
}

/** The hour alone for today, with the day before that. */
export function brief(at: string | number): string {
  const then = new Date(at)
  return then.toDateString() === new Date().toDateString() ? clock.format(then) : `${day.format(then)}, ${clock.format(then)}`
}

const spans = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const

export function since(at: string | number, nowMs = Date.now()): string {
  const ms = new Date(at).getTime() - nowMs
  const [unit, size] = spans.find(([, size]) => Math.abs(ms) >= size) ?? ["second", 1_000]
  return ago.format(Math.round(ms / size), unit)
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${whole.format(Math.round(ms))} ms`
  if (ms < 60_000) return `${whole.format(Math.round(ms / 100) / 10)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`
}

/** Marks that cannot be seen, or that turn the direction of what stands beside them, are shown as what they are. */
export function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufff9-\ufffb]/gu, (mark) =>
    mark === "\n" || mark === "\t" || mark === "\u200d" ? mark : `\\u{${mark.codePointAt(0)?.toString(16) ?? ""}}`,
  )
}
