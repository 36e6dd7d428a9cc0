/** The labelled corpus: every secret of it is taken out, and hardly an ordinary field is touched. A table is printed when that is not so. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import type { Json } from "../../src/base/json.ts"
import { redact } from "../../src/capture/redact.ts"
import { tokenRows } from "../../src/capture/redaction/token-rows.ts"
import type { Line } from "../vectors/redaction/generate.ts"

const mostFalse = 0.01
/** What must not be left of a secret: so many letters of it in a row. */
const leastLeft = { short: 6, long: 10 }

const lines = readFileSync(new URL("../vectors/redaction/corpus.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line)
const secrets = lines.filter((line) => line.label === "secret")
const ordinary = lines.filter((line) => line.label === "ordinary")

describe("the corpus", () => {
  test("is as large as it has to be", () => {
    assert.ok(secrets.length >= 300, `${secrets.length} secrets`)
    assert.ok(ordinary.length >= 1500, `${ordinary.length} ordinary fields`)
  })

  test("no secret is left in clear", () => {
    const left = secrets.flatMap((line) => {
      const piece = leftOf(line)
      return piece === undefined ? [] : [{ kind: line.kind, words: `${piece} of ${JSON.stringify(filled(line)).slice(0, 160)}` }]
    })
    assert.equal(left.length, 0, table(left, secrets))
  })

  test("at most one ordinary field in a hundred is touched", () => {
    const touched = ordinary.flatMap((line) => {
      const { value } = redact(line.value)
      return value === line.value ? [] : [{ kind: line.kind, words: `${JSON.stringify(line.value).slice(0, 100)} -> ${JSON.stringify(value).slice(0, 100)}` }]
    })
    assert.ok(touched.length <= ordinary.length * mostFalse, table(touched, ordinary))
  })

  test("redacted, every line stays as it is, and only the secret's place has changed", () => {
    for (const line of secrets) {
      const { value, found } = redact(filled(line))
      assert.equal(redact(value).value, value, line.kind)
      assert.ok(Object.keys(found).length > 0)
      assert.deepEqual(shapeOf(value), shapeOf(line.value), line.kind)
    }
  })

  test("every row of the list has its lines", () => {
    const texts = secrets.map((line) => textsOf(filled(line)).join("\n"))
    const idle = tokenRows.filter(({ pattern }) => !texts.some((text) => new RegExp(pattern.source, pattern.flags.replace("y", "")).test(text)))
    assert.deepEqual(
      idle.map(({ kind, pattern }) => `${kind} ${pattern.source}`),
      [],
    )
  })
})

function secretOf(line: Line): string {
  return (line.secrets?.[0] ?? []).join("")
}

function filled(line: Line): Json {
  return (line.secrets ?? []).reduce<Json>((value, parts, i) => replaced(value, `§${i}§`, parts.join("")), line.value)
}

function replaced(value: Json, mark: string, secret: string): Json {
  if (typeof value === "string") return value.replaceAll(mark, () => secret)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => replaced(item, mark, secret))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part as Json, mark, secret)]))
}

/** A piece of the secret that stands in what was redacted, and not in the line around it. */
function leftOf(line: Line): string | undefined {
  const secret = secretOf(line)
  const shown = textsOf(redact(filled(line)).value).join("\n")
  const around = textsOf(line.value).join("\n")
  const length = Math.min(secret.length, secret.length < 16 ? leastLeft.short : leastLeft.long)
  for (let i = 0; i + length <= secret.length; i++) {
    const piece = secret.slice(i, i + length)
    if (shown.includes(piece) && !around.includes(piece)) return piece
  }
  return undefined
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsOf(part as Json)])
}

/** Keys and types of a value, its texts left out. */
function shapeOf(value: Json): unknown {
  if (typeof value !== "object" || value === null) return typeof value
  return Object.entries(value).map(([key, part]) => [key, shapeOf(part as Json)])
}

function table(failed: readonly { readonly kind: string; readonly words: string }[], all: readonly Line[]): string {
  const kinds = [...new Set(failed.map(({ kind }) => kind))]
  const rows = kinds.map((kind) => `${kind}: ${failed.filter((one) => one.kind === kind).length} of ${all.filter((line) => line.kind === kind).length}`)
  return [`${failed.length} of ${all.length}`, ...rows, ...failed.slice(0, 20).map(({ kind, words }) => `  ${kind}: ${words}`)].join("\n")
}
