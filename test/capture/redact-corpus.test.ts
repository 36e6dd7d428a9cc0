/** The labelled corpus: every secret of it is taken out, and hardly an ordinary field is touched. A table is printed when that is not so. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { Json } from "../../src/base/json.ts"
import { redact } from "../../src/capture/redact.ts"
import { tokenRows } from "../../src/capture/redaction/token-rows.ts"
import { filled, ordinary, pieceLeft, secrets, textsOf, type Line } from "../vectors/redaction/corpus.ts"

const mostFalse = 0.01

describe("the corpus", () => {
  test("is as large as it has to be", () => {
    assert.ok(secrets.length >= 300, `${secrets.length} secrets`)
    assert.ok(ordinary.length >= 1500, `${ordinary.length} ordinary fields`)
  })

  test("no secret is left in clear", () => {
    const left = secrets.flatMap((line) => {
      const piece = pieceLeft(line, textsOf(redact(filled(line)).value).join("\n"))
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
