/** What the parts of the scanner share: a text being read, and what was found in it. */

/** A part of a text that is to be replaced. */
export type Span = {
  readonly start: number
  readonly end: number
  readonly kind: string
}

/** One text on its way through the scanner. What finders learnt of places ahead is kept here, so that nothing is looked at again and again. */
export type Scanned = {
  readonly text: string
  /** Where the text ends: before the mark of what was cut away, when there is one. */
  readonly end: number
  /** Start and end of the last run of a value without quotes, and of one that only white space ends. */
  readonly bare: { from: number; to: number }
  readonly open: { from: number; to: number }
  /** The next end of a PEM block; -1 when none is left. */
  pemEnd: number
  /** Up to where the surroundings of cloud words have been searched. */
  cloudTo: number
}

export type Finder = {
  readonly starts: readonly string[]
  /** The secret that begins at this place, or that this place announces. */
  readonly find: (scanned: Scanned, at: number) => Span | undefined
}

export function scannedOf(text: string, end: number): Scanned {
  return { text, end, bare: { from: 0, to: 0 }, open: { from: 0, to: 0 }, pemEnd: 0, cloudTo: 0 }
}

/** Runs a sticky pattern at a place. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

export function isAlnum(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90)
}

/** Letters, digits, `-` and `_`. */
export function isWordUnit(unit: number): boolean {
  return isAlnum(unit) || unit === 45 || unit === 95
}

/** Letters of base64. */
export function isBlobUnit(unit: number): boolean {
  return isAlnum(unit) || unit === 43 || unit === 47
}

/** The end of a terminal's colour code; \p{Cc} is its escape character. */
const colour = /\p{Cc}\[[\d;]{0,12}m$/u

/**
 * Whether a word may begin here: no letter or digit stands before it, save the tail of an escape (`\n`, `\u0022`, `%3D`) or of a terminal's colour.
 */
export function beginsWord(text: string, at: number, isPart: (unit: number) => boolean): boolean {
  const before = text.charCodeAt(at - 1)
  if (at === 0 || !isPart(before)) return true
  const two = text.charCodeAt(at - 2)
  if (two === 92) return true
  if (text.charCodeAt(at - 3) === 37 && isHex(before) && isHex(two)) return true
  if (before === 109) return colour.test(text.slice(Math.max(0, at - 16), at))
  return text.charCodeAt(at - 6) === 92 && text.charCodeAt(at - 5) === 117
}

function isHex(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 70) || (unit >= 97 && unit <= 102)
}
