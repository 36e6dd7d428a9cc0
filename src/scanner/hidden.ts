/** Texts inside of texts: encoded so that nobody reads them. Each place is looked at once. */

import { isHexUnit } from "./units.ts"

/** Longer ones are decoded up to here. */
const longest = 32_768
const leastBlob = 20
const probeBytes = 72

const sixBits = Uint8Array.from({ length: 128 }, (_, unit) => {
  const place = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(String.fromCharCode(unit))
  return place >= 0 ? place : unit === 45 ? 62 : unit === 95 ? 63 : 64
})

/** Whether a run of letters begins as encoded text would: most names in code do not. */
export function mayBeEncoded(units: Uint16Array, from: number): boolean {
  const at = (place: number) => sixBits[(units[from + place] ?? 0) & 127] ?? 64
  const bits = (at(0) << 18) | (at(1) << 12) | (at(2) << 6) | at(3)
  const [first, second, third] = [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255]
  const fourth = ((at(4) << 2) | (at(5) >> 4)) & 255
  if (second === 0 && fourth === 0) return true
  if (first >= 0xc3 && first < 0xf4 && second >= 0x80 && second < 0xc0) return true
  if (isTyped(first) && isTyped(second) && isTyped(third) && isTyped(fourth)) return true
  for (let place = 0; place < 8; place++) if (!isHexUnit(units[from + place] ?? 0)) return false
  return true
}

function isTyped(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13
}

/** What a run of letters stands for in base64 or in hexadecimal digits; undefined where that is no text. */
export function decodedBlob(text: string, from: number, to: number): string | undefined {
  if (to - from < leastBlob) return undefined
  const blob = text.slice(from, Math.min(to, from + longest))
  const isHex = blob.length % 2 === 0 && /^[0-9a-fA-F]{20}/.test(blob) && /^[0-9a-fA-F]+$/.test(blob)
  return readable(blob, "base64") ?? (isHex ? readable(blob, "hex") : undefined)
}

function readable(blob: string, encoding: "base64" | "hex"): string | undefined {
  const probe = Buffer.from(blob.slice(0, encoding === "hex" ? probeBytes * 2 : (probeBytes / 3) * 4), encoding)
  const isWide = probe.length >= 8 && probe[1] === 0 && probe[3] === 0 && probe[5] === 0
  if (!isWide && !isText(probe)) return undefined
  const decoded = Buffer.from(blob, encoding).toString(isWide ? "utf16le" : "utf8")
  return decoded.length >= 8 ? decoded : undefined
}

/** Nearly all of it what people type, and valid UTF-8 but for a letter that the end cuts. */
function isText(bytes: Buffer): boolean {
  if (bytes.length < 8) return false
  let odd = 0
  for (const byte of bytes) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) odd++
  if (odd > 0) return false
  const wrong = bytes.toString("utf8").indexOf("\ufffd")
  return wrong < 0 || (bytes.length >= probeBytes && wrong > bytes.length / 3)
}

export function isBlobUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 47 && unit <= 57) || unit === 43 || unit === 45 || unit === 95
}

/** The text with its escapes read: `\x63`, `\143`, `\u0063`, `%63`. */
export function unescaped(text: string): string {
  return text
    .slice(0, longest)
    .replace(
      /\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\([0-3][0-7]{2})|%([0-9a-fA-F]{2})/g,
      (_, hex?: string, wide?: string, octal?: string, percent?: string) =>
        String.fromCharCode(octal === undefined ? Number.parseInt(hex ?? wide ?? percent ?? "", 16) : Number.parseInt(octal, 8)),
    )
}

const leastCodes = 6
const mostCodes = 4_096
const nearCode = 48

/** The text that a list of numbers stands for, which begins near behind a place; and where the list ends. */
export function codedText(text: string, from: number): { readonly coded: string; readonly end: number } | undefined {
  let at = from
  while (at < from + nearCode && !(isDigit(text.charCodeAt(at)) && /[[(,{\s]/.test(text.charAt(at - 1)))) at++
  let coded = ""
  let count = 0
  while (count < mostCodes && isDigit(text.charCodeAt(at))) {
    let value = 0
    const isHex = text.charCodeAt(at) === 48 && (text.charCodeAt(at + 1) | 32) === 120
    const digits = isHex ? text.slice(at + 2, at + 6) : text.slice(at, at + 4)
    value = Number.parseInt(digits, isHex ? 16 : 10)
    at += isHex ? 2 : 0
    while (isHexUnit(text.charCodeAt(at))) at++
    if (!(value >= 9 && value < 256)) break
    coded += String.fromCharCode(value)
    count++
    while (/[,\s]/.test(text.charAt(at))) at++
  }
  return count >= leastCodes ? { coded, end: at } : undefined
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}
