/** The labelled corpus, read; its secrets stand apart from their lines, so that no scanner of repositories takes this one's for real. */
import { readFileSync } from "node:fs"
import type { Json } from "../../../src/base/json.ts"
import type { Line } from "./generate.ts"

export type { Line }

/** What must not be left of a secret: so many letters of it in a row. */
const leastLeft = { short: 6, long: 10 }

const lines = readFileSync(new URL("corpus.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line)
export const secrets = lines.filter((line) => line.label === "secret")
export const ordinary = lines.filter((line) => line.label === "ordinary")

export function secretOf(line: Line): string {
  return (line.secrets?.[0] ?? []).join("")
}

/** The line's value with its secrets in their places. */
export function filled(line: Line): Json {
  return (line.secrets ?? []).reduce<Json>((value, parts, i) => replaced(value, `§${i}§`, parts.join("")), line.value)
}

/** A piece of the line's secret that stands in `shown`, and not in the line around it. */
export function pieceLeft(line: Line, shown: string): string | undefined {
  const secret = secretOf(line)
  const around = textsOf(line.value).join("\n")
  const length = Math.min(secret.length, secret.length < 16 ? leastLeft.short : leastLeft.long)
  for (let i = 0; i + length <= secret.length; i++) {
    const piece = secret.slice(i, i + length)
    if (shown.includes(piece) && !around.includes(piece)) return piece
  }
  return undefined
}

export function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsOf(part as Json)])
}

function replaced(value: Json, mark: string, secret: string): Json {
  if (typeof value === "string") return value.replaceAll(mark, () => secret)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => replaced(item, mark, secret))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part as Json, mark, secret)]))
}
