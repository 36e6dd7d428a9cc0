/** A moment as RFC 3339 writes it, in UTC with milliseconds: what `Date.toISOString` gives. */

/** Moments come in the order in which things happened: the second before the milliseconds is kept. */
let second = Number.NaN
let written = ""

/** @param ms since 1970, a whole number. @throws {RangeError} when there is no such day. */
export function isoTime(ms: number): string {
  const of = Math.floor(ms / 1_000)
  if (of !== second || !Number.isInteger(ms)) {
    written = new Date(ms).toISOString().slice(0, -4)
    second = of
  }
  const rest = ms - of * 1_000
  return `${written}${rest < 10 ? "00" : rest < 100 ? "0" : ""}${Math.floor(rest)}Z`
}
