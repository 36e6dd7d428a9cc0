/**
 * What a unit of a text stands for when it is scanned: capitals, accents, full-width forms and letters that only look like Latin ones are read as the
 * letter a person sees; what nobody sees is not there. One table, made once, so that reading a unit is one look-up.
 */

/** What a unit is to the reader of words. */
export const unseen = 0
export const space = 1
export const lineEnd = 2
export const letter = 3
export const sign = 4
/** Quotes, backslashes and carets: they stand around words, and inside of them where somebody wants them unread. */
export const quote = 5
/** Of scripts that put no spaces between words. */
export const ideograph = 6
/** The first unit of a letter of a mathematical alphabet, such as a bold one; the second tells which. */
export const mathLead = 7

/** A letter of another script, and the Latin one it looks like. */
const lookAlikes: readonly (readonly [string, string])[] = [
  ["авеіјкмнорсѕтухԁһ", "abeijkmhopcstyxdh"],
  ["ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"],
  ["οαιυνρκτχγ", "oaivvpktxy"],
  ["łøđıħŧſ", "lodihts"],
]
const hidden: readonly (readonly [number, number])[] = [
  ...([
    [0x00ad, 0x00ad],
    [0x034f, 0x034f],
    [0x061c, 0x061c],
    [0x115f, 0x1160],
    [0x17b4, 0x17b5],
    [0x180b, 0x180e],
  ] as const),
  ...([
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x206f],
    [0xfe00, 0xfe0f],
    [0xfeff, 0xfeff],
    [0xdb40, 0xdb40],
  ] as const),
]
const composed: readonly (readonly [number, number])[] = [
  ...([
    [0x00a0, 0x024f],
    [0x1e00, 0x1eff],
    [0x2000, 0x200a],
    [0x2100, 0x218f],
    [0x2460, 0x24ff],
    [0xff01, 0xffef],
  ] as const),
]
const unspaced: readonly (readonly [number, number])[] = [
  [0x3040, 0x30ff],
  [0x3400, 0x9fff],
  [0xf900, 0xfaff],
]

/** By unit: the unit it is read as. */
export const readAs = Uint16Array.from({ length: 65_536 }, (_, unit) => unit)
/** By unit as it is read: what it is. */
export const kinds = new Uint8Array(65_536).fill(letter)

fillTables()

function fillTables(): void {
  for (let unit = 0; unit < 128; unit++) kinds[unit] = kindOfAscii(unit)
  for (let unit = 65; unit <= 90; unit++) readAs[unit] = unit + 32
  for (const [from, to] of composed) {
    for (let unit = from; unit <= to; unit++) {
      const seen = String.fromCharCode(unit).normalize("NFKD").toLowerCase().charCodeAt(0)
      if (seen < 128) readAs[unit] = seen
      else if (unit >= 0x2000 && unit <= 0x200a) readAs[unit] = 32
    }
  }
  for (const [letters, latin] of lookAlikes) {
    for (let i = 0; i < letters.length; i++) {
      for (const unit of [letters.charCodeAt(i), letters.charAt(i).toLowerCase().charCodeAt(0), letters.charAt(i).toUpperCase().charCodeAt(0)])
        if (unit >= 128) readAs[unit] = latin.charCodeAt(i)
    }
  }
  // Cyrillic capitals that have no look-alike are read small.
  for (let unit = 0x0400; unit <= 0x042f; unit++) if (readAs[unit] === unit) readAs[unit] = readAs[unit + (unit < 0x0410 ? 80 : 32)] ?? unit
  for (const [from, to] of hidden) kinds.fill(unseen, from, to + 1)
  for (const [from, to] of unspaced) kinds.fill(ideograph, from, to + 1)
  kinds[0xd835] = mathLead
  for (const unit of [0x2028, 0x2029]) kinds[unit] = lineEnd
  for (const unit of [0x2018, 0x2019, 0x201c, 0x201d, 0x00ab, 0x00bb]) kinds[unit] = quote
  kinds.fill(sign, 0x3000, 0x3020)
  for (const unit of [0x2013, 0x2014, 0x2026, 0x060c, 0x061b, 0x0964]) kinds[unit] = sign
}

function kindOfAscii(unit: number): number {
  const character = String.fromCharCode(unit)
  if (character === "\n" || character === "\r") return lineEnd
  if (unit <= 32 || unit === 127) return space
  if (/\w/.test(character)) return letter
  return /["'\\^]/.test(character) ? quote : sign
}

/** The letter that a mathematical alphabet shows: they stand in pairs of units, of which the second one tells the letter. */
export function mathLetter(second: number): number {
  const index = second - 0xdc00
  if (index < 0 || index >= 0x2a4) return 0
  const place = index % 52
  return 97 + (place < 26 ? place : place - 26)
}

export function isLineEscape(unit: number): boolean {
  return unit === 110 || unit === 114 || unit === 116
}

/** What follows the backslash of a written-out character. */
export function isEscaped(unit: number): boolean {
  return unit === 120 || unit === 117 || (unit >= 48 && unit <= 51)
}

export function isAsciiLetter(unit: number): boolean {
  return (unit | 32) >= 97 && (unit | 32) <= 122
}

export function isHexUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 102)
}
