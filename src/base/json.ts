/** JSON as a type, and reading of values nobody vouched for. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** The value as an object one may read fields from; an empty one when it is something else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

/** A finite number, else undefined: hosts report NaN and strings where a count should be. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** A non-negative safe integer, else undefined. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined
}

const shortText = 1 << 20
const mostDepth = 1_000

/**
 * Whether a long text nests deeper than anything of ours: `JSON.parse` makes eighty bytes of each bracket, so a file of some megabytes would fill memory.
 * What is short cannot, and is not looked at.
 */
export function nestsTooDeep(text: string): boolean {
  if (text.length < shortText) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter === 0x22) at = endOfString(text, at)
    else if (letter === 0x5b || letter === 0x7b) depth++
    else if (letter === 0x5d || letter === 0x7d) depth--
    if (depth > mostDepth) return true
  }
  return false
}

/** Where the quote is that closes the one at `begin`. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
  return at
}

/** The one text of a value (RFC 8785): members by name, without space. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`
}

/** The object without its undefined fields: a missing value stays absent in what is stored. */
export function compact(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) kept[key] = value
  }
  return kept
}
