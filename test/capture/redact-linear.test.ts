/** Cost follows the size of a text, whatever stands in it: for every pattern the texts that make it try, and fail, at every place. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { redactText } from "../../src/capture/redact.ts"
import { nouns } from "../../src/capture/redaction/name-words.ts"
import { spokenFinders } from "../../src/capture/redaction/spoken-finders.ts"
import { tokenRows } from "../../src/capture/redaction/token-rows.ts"

const largeUnits = 256 * 1024
/** A quarter of the text takes a quarter of the time; were it quadratic, a sixteenth. Machines are busy, so half-way between is the line. */
const mostRatio = 10
/** Below this, time says nothing. */
const leastMs = 150

const fillings = ["", "a", "A1b2_/", " ", "%3D", "a1".repeat(20)]
const separators = ["=", ": ", '="', "='", '=\\"', "=$", "=<", "=x&y;", ": Bearer ", ": Digest ", ": a=", "\n", "=`"]
const oddities = [
  ...["://", "a://b:", "http://a:b/", "x@tcp(", "1234567890:", "abandon ", "zoo, ", "abc ", "<password>", "eyJ.", "eyJa.eyJa.", "密码：", "\u0000", "…["],
  ...["-----BEGIN PRIVATE KEY-----", `-----BEGIN PRIVATE KEY-----${" ".repeat(300)}`, "-----END ", `aws ${"A".repeat(39)} `, "curl -u a:", "-u a:b "],
  ...["password for a b c ", "name: a_b value: ", "echo a | sudo -S ", "token%3D%41", "a=", "&quot;password&quot;:&quot;"],
]

describe("redaction is linear", () => {
  for (const { kind, starts } of [...tokenRows, ...spokenFinders.map(({ starts }) => ({ kind: starts[0] ?? "", starts }))]) {
    test(`${kind} ${starts[0]}`, () => {
      for (const filling of fillings) assertLinear((starts[0] ?? "") + filling)
    })
  }

  test("assignments", () => {
    for (const { words } of nouns) for (const separator of separators) assertLinear((words[0] ?? "") + separator)
  })

  test("addresses, blocks, phrases and sentences", () => {
    for (const oddity of oddities) for (const filling of ["", "x"]) assertLinear(oddity + filling)
  })
})

function assertLinear(part: string): void {
  const small = filled(part, largeUnits / 4)
  const large = filled(part, largeUnits)
  let largeMs = timeMs(large)
  if (largeMs < leastMs) return
  let smallMs = timeMs(small)
  for (let attempt = 0; attempt < 4 && largeMs > smallMs * mostRatio; attempt++) {
    largeMs = Math.min(largeMs, timeMs(large))
    smallMs = Math.max(smallMs, timeMs(small))
  }
  assert.ok(largeMs <= smallMs * mostRatio, `${JSON.stringify(part.slice(0, 60))}: ${smallMs.toFixed(0)} ms, four times as much ${largeMs.toFixed(0)} ms`)
}

function filled(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length)
}

function timeMs(text: string): number {
  const startedMs = performance.now()
  redactText(text)
  return performance.now() - startedMs
}
