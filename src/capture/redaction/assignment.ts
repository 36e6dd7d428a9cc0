/**
 * `NAME = value` in all the ways texts write it: environment files, JSON inside a text, YAML, headers, flags, query parameters, code, forms.
 * A separator has been met; the name stands before it, the value behind it.
 */
import { secretName, type SecretName } from "./field-name.ts"
import { isAlnum, matchAt, type Scanned, type Span } from "./finder.ts"
import { isBareSecret, type Place, isPlaceholder, isSecretText, looksRandom } from "./plausible.ts"
import { lineEnd, quoteAround, valueAt } from "./values.ts"

const mostName = 64
const mostSpace = 40
/** The second halves of names written with a space, as people write them. */
const secondHalves = new Set(["key", "keys", "phrase", "words", "code", "codes"])
const authScheme = /(?:Bearer|Basic|Token|Bot|ApiKey|Api-Key|GenieKey|Splunk|SSWS|Negotiate|PRIVATE-TOKEN|GoogleLogin|Key)(?:[ \t]{1,4}|%20)/iy
/** Schemes whose credentials are a list with quotes of its own. */
const listScheme = /(?:Digest|AWS4-HMAC-SHA256|OAuth|Hawk|Signature)[ \t]{1,4}/iy
const signatureParameters = /^(?:sig|signature|x-(?:amz|goog|oss|cos)-signature|hmac|key|code_verifier)$/i

/** The secret that the separator at `at` assigns. */
export function assigned(scanned: Scanned, at: number): Span | undefined {
  const { text } = scanned
  const nameEnd = endOfName(text, at)
  if (nameEnd <= 0) return undefined
  const nameStart = startOfName(text, nameEnd)
  if (nameStart === nameEnd) return undefined
  const written = text.slice(nameStart, nameEnd)
  const before = text.charCodeAt(nameStart - 1)
  const name = secretName(written) ?? wider(text, nameStart, written) ?? parameter(written, before) ?? labelled(text, nameStart, written)
  if (name === undefined || isChoice(text, nameStart)) return undefined
  if (text.charCodeAt(at) === 62) return before === 60 ? element(scanned, at + 1, name) : undefined
  const from = startOfValue(scanned, at)
  if (name.kind === "authorization" || name.kind === "cookie") {
    const header = headerValue(scanned, from, name)
    if (header !== undefined) return header
  }
  const first = text.charCodeAt(at + 1)
  // What a name is compared with is mostly a word of the program.
  if (text.charCodeAt(at) === 61 && first === 61) return judged(scanned, from, { ...name, sure: false }, "text")
  const tight = text.charCodeAt(at) === 61 && from === at + 1 && nameEnd === at
  if (tight && !/[a-z]/.test(written) && before !== 38 && before !== 63 && before !== 59) return judged(scanned, from, name, "env")
  return judged(scanned, from, name, opensLine(text, nameStart) ? "line" : "text")
}

/** The value at a place as a secret of that name; `line` when its name begins the line. */
export function judged(scanned: Scanned, from: number, name: SecretName, place: Place): Span | undefined {
  const { text } = scanned
  // Passwords hold any punctuation.
  const value = valueAt(scanned, from, place === "env" || place === "flag" || name.kind === "password")
  if (value === undefined) return undefined
  const written = text.slice(value.start, value.end)
  // The quote closed a text that ended with the name: "…?token=" + token
  if (value.quoted && /^(?:[\s+,;)\]}]|$)/.test(written)) return undefined
  // In prose and Markdown these stand around anything.
  const ticked = value.quoted && text.charCodeAt(value.end) === 96
  if (ticked) return !/\s/.test(written) && isBareSecret(written, name, "line") ? { start: value.start, end: value.end, kind: name.kind } : undefined
  if (value.quoted) return isSecretText(written, name) ? { start: value.start, end: value.end, kind: name.kind } : undefined
  const end = place === "env" ? value.end : value.end - closingMarks(written)
  const after = text.charCodeAt(value.end)
  // A call or an element of something: code.
  if (place !== "env" && (after === 40 || after === 91)) return undefined
  const exact = place === "line" && !(end === value.end && endsLine(text, end)) ? "text" : place
  return isBareSecret(text.slice(value.start, end), name, exact) ? { start: value.start, end, kind: name.kind } : undefined
}

/** How many marks at the end of a text belong to the sentence or the brackets around it. */
export function closingMarks(text: string): number {
  return /[.,!?:;)\]}|*]{1,6}$/.exec(text.slice(-6))?.[0].length ?? 0
}

function endOfName(text: string, at: number): number {
  let i = at - 1
  const least = Math.max(0, at - mostSpace)
  while (i >= least && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i--
  if (text.charCodeAt(i) === 63 || text.charCodeAt(i) === 33) i--
  if (text.charCodeAt(i) === 93 && isQuote(text.charCodeAt(i - 1))) i--
  if (isQuote(text.charCodeAt(i))) {
    i--
    for (let slashes = 0; slashes < 8 && text.charCodeAt(i) === 92; slashes++) i--
  } else if (text.charCodeAt(i) === 59 && text.startsWith("&quot", i - 5)) i -= 6
  // Markdown in front of a colon: **Password**: x
  while (i >= least && text.charCodeAt(i) === 42) i--
  return i + 1
}

/** `cond ? "token" : "none"`: nothing is assigned. */
function isChoice(text: string, nameStart: number): boolean {
  if (!isQuote(text.charCodeAt(nameStart - 1))) return false
  let i = nameStart - 2
  while (text.charCodeAt(i) === 32) i--
  return text.charCodeAt(i) === 63
}

function startOfName(text: string, end: number): number {
  let i = end
  const least = Math.max(0, end - mostName)
  while (i > least && isNameUnit(text.charCodeAt(i - 1))) i--
  // The letter of an escape is no part of the name: \nPASSWORD=
  if (i > 0 && i < end && text.charCodeAt(i - 1) === 92 && "nrt".includes(text.charAt(i))) return i + 1
  return i
}

function isNameUnit(unit: number): boolean {
  return isAlnum(unit) || unit === 95 || unit === 45 || unit === 46 || (unit > 127 && unit < 0xff00)
}

function isQuote(unit: number): boolean {
  return unit === 34 || unit === 39 || unit === 96
}

/** The name with the word before it: `Private key`. */
function wider(text: string, start: number, written: string): SecretName | undefined {
  if (!secondHalves.has(written.toLowerCase()) || text.charCodeAt(start - 1) !== 32) return undefined
  const wide = startOfName(text, start - 1)
  return wide === start - 1 ? undefined : secretName(text.slice(wide, start + written.length))
}

function parameter(written: string, before: number): SecretName | undefined {
  return (before === 63 || before === 38) && signatureParameters.test(written) ? { kind: "signature", sure: false, plural: false, numeric: false } : undefined
}

const label =
  /(?:name|key)(?:\\?["'])?(?:[ \t]{0,4}[:=][ \t]{0,4}|>)(?:\\?["'])?([\w.-]{1,64})(?:\\?["'])?(?:<\/(?:key|name)>)?,?(?:\s|\\n){0,24}[<"'\\{]{0,3}$/i

/** `name: DB_PASSWORD`, and on the next line `value: …`. */
function labelled(text: string, start: number, written: string): SecretName | undefined {
  if (written !== "value" && written !== "Value" && written !== "string") return undefined
  const name = label.exec(text.slice(Math.max(0, start - 128), start))?.[1]
  return name === undefined ? undefined : secretName(name)
}

/** `token%3D…`, `%22token%22%3A%22…`: an assignment inside an encoded address; `at` is the sign's percent. */
export function encodedAssigned({ text, end }: Scanned, at: number): Span | undefined {
  const start = startOfName(text, at)
  const name = start === at ? undefined : secretName(text.slice(start, at))
  const sign = name === undefined ? undefined : matchAt(encodedSign, text, at)
  if (name === undefined || sign === undefined) return undefined
  const from = at + sign[0].length
  const value = encodedValue.exec(text.slice(from, Math.min(end, from + mostEncoded)))?.[0] ?? ""
  return isBareSecret(value, name, "text") ? { start: from, end: from + value.length, kind: name.kind } : undefined
}

const mostEncoded = 1024
const encodedSign = /(?:%22)?%3[AD](?:%20)?(?:%22)?/iy
const encodedValue = /^(?:[\w.~+-]|%(?!2[26C]|7D)[0-9A-F]{2}){1,1024}/i

function startOfValue({ text, end }: Scanned, at: number): number {
  let i = at + 1
  for (let signs = 0; signs < 2 && (text.charCodeAt(i) === 61 || text.charCodeAt(i) === 62); signs++) i++
  const most = Math.min(end, i + mostSpace)
  while (i < most && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9 || text.charCodeAt(i) === 42)) i++
  return i
}

const lineStart = /(?:^|\n|\\n)[ \t]*(?:[-*>#+$]+[ \t]+|\d+\.[ \t]+|export +|set +|ENV +)?(?:["'*]*)(?:my |the |our |your |new )?$/i

function opensLine(text: string, nameStart: number): boolean {
  return lineStart.test(text.slice(Math.max(0, nameStart - 24), nameStart)) || nameStart === 0
}

function endsLine(text: string, end: number): boolean {
  const unit = text.charCodeAt(end)
  return Number.isNaN(unit) || unit === 10 || unit === 13 || (unit === 92 && text.charCodeAt(end + 1) === 110)
}

/** What stands between `<password>` and the next tag. */
function element({ text, end }: Scanned, from: number, name: SecretName): Span | undefined {
  const stop = text.slice(from, Math.min(end, from + 512)).search(/[<\r\n]/)
  if (stop <= 0 || text.charCodeAt(from + stop) !== 60) return undefined
  return isSecretText(text.slice(from, from + stop), name) ? { start: from, end: from + stop, kind: name.kind } : undefined
}

/** Headers whose value has spaces of its own. */
function headerValue(scanned: Scanned, from: number, name: SecretName): Span | undefined {
  const { text } = scanned
  let start = from
  let slashes = 0
  while (slashes < 8 && text.charCodeAt(start + slashes) === 92) slashes++
  const opened = isQuote(text.charCodeAt(start + slashes)) ? text.charAt(start + slashes) : ""
  if (opened !== "") start += slashes + 1
  const quote = opened === "" ? quoteAround(text, from) : opened
  if (name.kind === "cookie") {
    const pairs = text.slice(start, Math.min(scanned.end, start + 256))
    if (!/^[\w.-]{1,100}=[^\s=]/.test(pairs) || isPlaceholder(pairs.slice(pairs.indexOf("=") + 1))) return undefined
    return { start, end: lineEnd(scanned, start, quote), kind: name.kind }
  }
  if (matchAt(listScheme, text, start)) {
    const from = listScheme.lastIndex
    if (!text.slice(from, from + 128).includes("=")) return undefined
    return { start: from, end: lineEnd(scanned, from, opened === "" ? "" : quote), kind: name.kind }
  }
  if (!matchAt(authScheme, text, start)) return undefined
  const value = valueAt(scanned, authScheme.lastIndex, true)
  if (value === undefined || value.quoted) return undefined
  const end = Math.min(value.end, lineEnd(scanned, value.start, quote))
  const credentials = text.slice(value.start, end)
  if (isPlaceholder(credentials) || credentials.length < 6 || !/^[\w.~+/=-]/.test(credentials)) return undefined
  return looksRandom(credentials) || /[\d=+/]/.test(credentials) || credentials.length >= 20 ? { start: value.start, end, kind: name.kind } : undefined
}
