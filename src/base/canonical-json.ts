/**
 * JSON with one spelling for one value: RFC 8785 (JCS). What is hashed or signed as JSON is hashed or signed as this text.
 *
 * Lone surrogates, which the RFC refuses, are made U+FFFD first; numbers JSON cannot write are `null`, as everywhere in JSON.
 */
import type { Json } from "./json.ts"

export function canonicalJson(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value.toWellFormed())
  // The engine writes numbers as the RFC asks, minus zero as 0 included.
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`
  return `{${members(value).join(",")}}`
}

/** Sorted by UTF-16 units, which is how JavaScript compares texts. */
function members(fields: { readonly [key: string]: Json }): readonly string[] {
  const names = Object.keys(fields).sort()
  if (names.every((name) => name.isWellFormed())) return names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name] ?? null)}`)
  const byName = new Map<string, Json>()
  for (const key of names) byName.set(key.toWellFormed(), fields[key] ?? null)
  return [...byName.keys()].sort().map((name) => `${JSON.stringify(name)}:${canonicalJson(byName.get(name) ?? null)}`)
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value)
}
