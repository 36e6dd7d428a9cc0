/**
 * Finds the secrets of a text in one pass. Two letters decide whether any finder may begin at a place, a separator whether a name stands
 * before it, a count of short words whether they may be a recovery phrase; nearly everything is passed by for the price of a table's look-up.
 */
import { endsLikeMark, markStart } from "../cut-marks.ts"
import { addressSecret, botSecret, driverSecret } from "./addresses.ts"
import { assigned } from "./assignment.ts"
import { beginsWord, isAlnum, isBlobUnit, isWordUnit, matchAt, scannedOf, type Finder, type Scanned, type Span } from "./finder.ts"
import { phraseWords } from "./phrase-words.ts"
import { isPlaceholder } from "./plausible.ts"
import { spokenFinders } from "./spoken-finders.ts"
import { tokenRows, type TokenRow } from "./token-rows.ts"

const shortest = 8
const none: readonly Span[] = []

const lower = 1
const starter = 2
const separator = 4
/** Stands between the words of a phrase, numbered or listed. */
const gap = 8

const finders: readonly Finder[] = [...spokenFinders, ...tokenRows.map(finderOf)]
const pairs: readonly (readonly Finder[] | undefined)[] = pairTable()
const roles = roleTable()
/** Small letters with which nothing begins: two of three units of a text are passed by with one look. */
const quiet = Uint8Array.from(pairs, (begun, pair) => (begun === undefined && ((roles[pair >> 7] ?? 0) & lower) !== 0 ? 1 : 0))

/** What is secret in a text, in order, without overlaps. */
export function secretsIn(text: string): readonly Span[] {
  return text.length < shortest ? none : spansIn(text, unitsOf(text))
}

let units = new Uint16Array(64 * 1024)
let unitBytes = Buffer.from(units.buffer)

/** The text's units, valid until the next call: read from a list of numbers they take less than read from the text. */
function unitsOf(text: string): Uint16Array {
  if (units.length <= text.length) {
    units = new Uint16Array(text.length * 2)
    unitBytes = Buffer.from(units.buffer)
  }
  unitBytes.write(text, "utf16le")
  units[text.length] = 0
  return units
}

function spansIn(text: string, units: Uint16Array): readonly Span[] {
  const end = text.endsWith("]") && endsLikeMark(text) ? text.lastIndexOf(markStart) : text.length
  let scanned: Scanned | undefined
  let spans: Span[] | undefined
  let wordStart = 0
  let words = 0
  let quietTo = 0
  for (let i = 0; i < end; i++) {
    const unit = units[i] ?? 0
    const pair = (unit << 7) | ((units[i + 1] ?? 0) & 127)
    if (unit < 128 && quiet[pair] === 1) continue
    const role = unit < 128 ? (roles[unit] ?? 0) : unit === 0xff1a ? separator : 0
    if ((role & lower) === 0) {
      const length = i - wordStart
      if (length > 0) words = length >= 3 && length <= 8 ? words + 1 : 0
      if ((role & gap) === 0 && !isNumbering(text, i, unit)) words = 0
      wordStart = i + 1
      if (words >= phraseLength && length > 0) {
        const phrase = phraseEndingAt(text, i, end)
        if (typeof phrase === "number") words = phrase
        else {
          ;(spans ??= []).push(phrase)
          quietTo = phrase.end
          words = 0
        }
      }
    }
    if ((role & starter) !== 0) {
      const candidates = pairs[pair]
      if (candidates !== undefined) {
        scanned ??= scannedOf(text, end)
        for (const finder of candidates) {
          const span = begins(finder, text, i) ? finder.find(scanned, i) : undefined
          if (span === undefined) continue
          ;(spans ??= []).push(span)
          if (span.start <= i && span.end > i + 1) {
            i = span.end - 1
            wordStart = span.end
            words = 0
            break
          }
        }
      }
    } else if ((role & separator) !== 0 && i >= quietTo) {
      scanned ??= scannedOf(text, end)
      const span = separated(scanned, i, unit)
      if (span !== undefined) {
        ;(spans ??= []).push(span)
        quietTo = span.end
      }
    }
  }
  if (words >= phraseLength - 1 && end - wordStart >= 3) spans = withLastPhrase(text, end, spans)
  if (end < text.length) spans = withCutToken(text, end, spans)
  return spans === undefined ? none : merged(spans)
}

function separated(scanned: Scanned, at: number, unit: number): Span | undefined {
  const { text } = scanned
  if (unit === 64) return driverSecret(scanned, at)
  if (unit === 58) {
    const next = text.charCodeAt(at + 1)
    if (next === 58) return undefined
    if (next === 47 && text.charCodeAt(at + 2) === 47) return addressSecret(scanned, at)
    const before = text.charCodeAt(at - 1)
    const bot = before >= 48 && before <= 57 ? botSecret(scanned, at) : undefined
    if (bot !== undefined) return bot
  }
  return assigned(scanned, at)
}

/** Beginnings that no word holds by chance; a secret also follows a flag or a word at once (`-pghp_…`). What is no letter begins anywhere. */
const unmistakable = /^(?:[A-Za-z0-9_]{3,}_|glpat-|xox[a-z]-|[^A-Za-z0-9].*)$/

function begins(finder: Finder, text: string, at: number): boolean {
  const start = finder.starts.find((start) => text.startsWith(start, at))
  return start !== undefined && (unmistakable.test(start) || beginsWord(text, at, isAlnum))
}

function finderOf({ kind, starts, pattern, accepts, strict, exact }: TokenRow): Finder {
  const inBlobs = starts.every((start) => /^[A-Za-z0-9+/]+$/.test(start))
  const find = ({ text, end }: Scanned, at: number): Span | undefined => {
    if (strict !== undefined && !beginsWord(text, at, strict === "base64" ? isBlobUnit : isWordUnit)) return undefined
    if (inBlobs && isInsideBlob(text, at)) return undefined
    const match = matchAt(pattern, text, at)
    if (match === undefined) return undefined
    const matched = at + match[0].length
    const secret = match[1] ?? match[0]
    if (match[1] !== undefined && isPlaceholder(secret)) return undefined
    if (accepts !== undefined && !accepts(secret)) return undefined
    let stop = matched
    if (exact !== true) while (stop < end && isWordUnit(text.charCodeAt(stop))) stop++
    return { start: matched - secret.length, end: Math.min(stop, end), kind }
  }
  return { starts, find }
}

const blobLetters = 72

/** A picture in base64 holds any letters there are, sooner or later: whether a place lies that far inside one. */
function isInsideBlob(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  if (before !== 47 && before !== 43) return false
  let left = at
  while (left > 0 && at - left < blobLetters && isBlobUnit(text.charCodeAt(left - 1))) left--
  return at - left >= blobLetters && /\d/.test(text.slice(left, at)) && /[a-z][A-Z]|[A-Z][a-z]{0,3}[A-Z]/.test(text.slice(left, at))
}

/** `1.` and `2)`. */
function isNumbering(text: string, at: number, unit: number): boolean {
  const before = text.charCodeAt(at - 1)
  return (unit === 46 || unit === 41) && before >= 48 && before <= 57
}

const phraseLength = 12
/** The longest has 24 words; a few in front of it may be of the list by chance. */
const longestPhrase = 27
const phraseWord = /[a-z]+/g
const phraseGap = /^[\s,\d.)]{1,8}([a-z]{3,8})(?![a-z])/
const quotedGap = /^["'\\,\s]{1,12}([a-z]{3,8})(?![a-z])/

/** The recovery phrase whose twelfth word ends at `at`, with the words that follow; else how many words after the last strange one. */
function phraseEndingAt(text: string, at: number, end: number): Span | number {
  const starts = lastWords(text, at)
  for (let k = starts.length - 1; k >= 0; k--) {
    const [start = 0, word = ""] = starts[k] ?? []
    if (!phraseWords.has(word)) return starts.length - 1 - k
    if (k > 0) continue
    const listed = "\"'\\".includes(text.charAt(start + word.length))
    return { start, end: phraseEnd(text, at, end, listed ? quotedGap : phraseGap), kind: "recovery-phrase" }
  }
  return 0
}

function lastWords(text: string, at: number): readonly (readonly [number, string])[] {
  let from = at
  for (let found = 0; from > 0 && found < phraseLength; found++) {
    while (from > 0 && !isLower(text.charCodeAt(from - 1))) from--
    while (from > 0 && isLower(text.charCodeAt(from - 1))) from--
  }
  return [...text.slice(from, at).matchAll(phraseWord)].map((match) => [from + match.index, match[0]] as const)
}

function phraseEnd(text: string, from: number, end: number, gap: RegExp): number {
  let stop = from
  for (let count = phraseLength; count < longestPhrase; count++) {
    const next = gap.exec(text.slice(stop, Math.min(end, stop + 32)))
    if (next === null || !phraseWords.has(next[1] ?? "")) break
    stop += next[0].length
  }
  return stop
}

/** The loop ends with the text; the last word has nothing behind it. */
function withLastPhrase(text: string, end: number, spans: Span[] | undefined): Span[] | undefined {
  const phrase = phraseEndingAt(text, end, end)
  return typeof phrase === "number" ? spans : [...(spans ?? []), phrase]
}

/** A token whose end was cut away with the rest of the text is told by its beginning alone. */
function withCutToken(text: string, end: number, spans: Span[] | undefined): Span[] | undefined {
  let from = end
  while (from > 0 && end - from < 300 && (isWordUnit(text.charCodeAt(from - 1)) || text.charCodeAt(from - 1) === 46)) from--
  for (let i = from; i < end - 3; i++) {
    const cut = tokenRows.find((row) => row.starts.some((start) => start.length >= 4 && text.startsWith(start, i)))
    if (cut !== undefined && beginsWord(text, i, isWordUnit)) return [...(spans ?? []), { start: i, end, kind: cut.kind }]
  }
  return spans
}

const named = new Set(["password", "secret", "token", "api-key", "authorization", "credential", "cookie", "bearer-token", "url-password", "signature"])

/** In order; what overlaps is one, and called by what says most. */
function merged(spans: readonly Span[]): readonly Span[] {
  const kept: Span[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last === undefined || span.start >= last.end) kept.push(span)
    else kept[kept.length - 1] = { start: last.start, end: Math.max(last.end, span.end), kind: named.has(last.kind) ? span.kind : last.kind }
  }
  return kept
}

function isLower(unit: number): boolean {
  return unit >= 97 && unit <= 122
}

function pairTable(): (readonly Finder[] | undefined)[] {
  const table: Finder[][] = Array.from({ length: 128 * 128 })
  for (const finder of finders) {
    for (const pair of new Set(finder.starts.map((start) => (start.charCodeAt(0) << 7) | start.charCodeAt(1)))) (table[pair] ??= []).push(finder)
  }
  return table
}

function roleTable(): Uint8Array {
  const table = new Uint8Array(128)
  for (let unit = 97; unit <= 122; unit++) table[unit] = lower
  for (const letter of " \t\r\n,\"'[]0123456789\\") table[letter.charCodeAt(0)] = gap
  for (const letter of ":=>@") table[letter.charCodeAt(0)] = (table[letter.charCodeAt(0)] ?? 0) | separator
  for (const finder of finders) for (const start of finder.starts) table[start.charCodeAt(0)] = (table[start.charCodeAt(0)] ?? 0) | starter
  return table
}
