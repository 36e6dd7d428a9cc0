/** Where a value ends that begins at a place of a text: at the closing quote, however deeply it is escaped, or at the end of its run. */
import type { Scanned } from "./finder.ts"

export type FoundValue = {
  readonly start: number
  readonly end: number
  readonly quoted: boolean
}

const mostQuoted = 8192
const mostBare = 4096
const quotes = "\"'`"

/** Letters in front of a quote that say how a language reads the text. */
const quotePrefix = /[bBrRuUfF@$L]{1,2}(?=["'])/y

/** The value at a place; `open` where it may hold punctuation, and little but white space ends it. */
export function valueAt(scanned: Scanned, from: number, open: boolean): FoundValue | undefined {
  const { text, end } = scanned
  let at = from
  quotePrefix.lastIndex = at
  if (quotePrefix.test(text)) at = quotePrefix.lastIndex
  let slashes = 0
  while (slashes < 8 && text.charCodeAt(at + slashes) === 92) slashes++
  const quote = text.charAt(at + slashes)
  if (quote !== "" && quotes.includes(quote) && at + slashes < end) {
    const start = at + slashes + 1
    return { start, end: closing(scanned, start, quote, slashes), quoted: true }
  }
  if (text.startsWith("&quot;", at)) {
    const close = text.slice(at + 6, Math.min(end, at + 6 + 512)).indexOf("&quot;")
    return { start: at + 6, end: close < 0 ? Math.min(end, at + 518) : at + 6 + close, quoted: true }
  }
  const stop = bareEnd(scanned, at, open)
  return stop > at ? { start: at, end: stop, quoted: false } : undefined
}

/** Where the text between quotes ends; at the end of the line, or of what is looked at, when it is never closed. */
function closing({ text, end }: Scanned, start: number, quote: string, slashes: number): number {
  const limit = Math.min(end, start + mostQuoted)
  const unit = quote.charCodeAt(0)
  const period = 2 * (slashes + 1)
  let before = 0
  let line = -1
  for (let i = start; i < limit; i++) {
    const here = text.charCodeAt(i)
    if (here === 92) {
      before++
      continue
    }
    if (here === unit && (before % period === slashes || before < slashes)) return i - before + (slashes === 0 ? before : 0)
    if (here === 10 && line < 0) line = i
    before = 0
  }
  return line < 0 ? limit : line
}

/** Units that end a value without quotes: white space and what separates members, calls and elements. */
const bareStops = new Set([..." \t\r\n\"'`<>,;&|(){}[]\\"].map((letter) => letter.charCodeAt(0)))
const nextAssignment = /[&;][\w. -]{1,40}=/y

function bareEnd(scanned: Scanned, from: number, open: boolean): number {
  const run = open ? scanned.open : scanned.bare
  if (from >= run.from && from < run.to) return run.to
  const limit = Math.min(scanned.end, from + mostBare)
  let i = from
  while (i < limit && !(open ? endsOpen(scanned.text, i) : endsBare(scanned.text.charCodeAt(i)))) i++
  run.from = from
  run.to = i
  return i
}

function endsBare(unit: number): boolean {
  return bareStops.has(unit) || unit > 0x2fff
}

function endsOpen(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit <= 32 || unit === 34 || unit === 39 || unit === 96 || unit === 60) return true
  // A backslash before a letter is an escaped line break of a text inside a text.
  if (unit === 92) return "nrt\"'".includes(text.charAt(at + 1))
  if (unit !== 38 && unit !== 59) return false
  nextAssignment.lastIndex = at
  return nextAssignment.test(text)
}

/** Where the line ends, written as such or as an escape of it, or the quote that is open around it. */
export function lineEnd(scanned: Scanned, from: number, quote: string): number {
  const { text, end } = scanned
  const limit = Math.min(end, from + mostBare)
  for (let i = from; i < limit; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 10 || unit === 13 || (unit === 92 && "nr\"'".includes(text.charAt(i + 1)))) return i
    if (quote === "" ? false : text.charAt(i) === quote) return i
  }
  return limit
}

/** The quote that is open around a place, judged by what stands before it on its line: of a header inside a command, mostly. */
export function quoteAround(text: string, at: number): string {
  for (let i = at - 1; i >= 0 && i > at - 80; i--) {
    const unit = text.charCodeAt(i)
    if (unit === 10) return ""
    if (unit === 34 || unit === 39 || unit === 96) return text.charAt(i)
  }
  return ""
}
