/** Work follows the size of a text, whatever stands in it. Counted, not timed; what finds secrets is counted where it is tested. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { startWorkCounter, type WorkCounter } from "../../capture/scan-work.ts"

/** Four times the text takes four times the work; were it quadratic, sixteen times. */
const mostGrowth = 6
const length = 25_000
/** Gone through a few times, in a few passes. */
const mostPerCharacter = 400

const parts = [
  ...["<", "< ", "<a ", "<think", "<think>", "</think>", "<think>a</think>", "<think></think>\n\n", "<tool_call>", "</tool_call>", "<tool_call>x</tool_call>"],
  ...[
    "`",
    "``",
    "` ",
    "`a``b",
    "\n```\n",
    "\n~~~\n",
    "```<think>",
    "`<think>`",
    "<think>`",
    "\n",
    " ",
    "<|",
    "<|a|>",
    "|>",
    "<final>",
    "NO_REPLY ",
    "NO_REPLY`",
  ],
  ...["[TOOL_CALL]", "[/TOOL_CALL]", "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>", "<<<", "<th<think></think>ink>", "a", "a:a:", "<a:", `<think ${"x".repeat(90)}`],
]

describe("stripping is linear", () => {
  let counter: WorkCounter | undefined
  before(() => (counter = startWorkCounter("stripping")))
  after(() => counter?.stop())

  for (const part of parts)
    test(JSON.stringify(part.slice(0, 40)), async () => {
      assert.ok(counter)
      const [small, large] = [await counter.count(part, length), await counter.count(part, 4 * length)]
      const floor = length / 4
      for (const kind of ["blocks", "characters"] as const) {
        assert.ok(large[kind] <= mostGrowth * Math.max(small[kind], floor), `${kind}: ${small[kind]} and then ${large[kind]}`)
        assert.ok(large[kind] <= mostPerCharacter * 4 * length, `${kind}: ${large[kind]}`)
      }
    })
})
