/** The list of event types, and the sentence each entry is described with. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { JsonObject } from "../../src/base/json.ts"
import { describe as sentenceOf } from "../../src/format/describe.ts"
import { categoryOf, eventTypeNamed, eventTypes, type EventType } from "../../src/format/event.ts"

const types = Object.keys(eventTypes) as EventType[]
const factNames = [
  "tool",
  "model",
  "provider",
  "count",
  "reason",
  "durationMs",
  "inputTokens",
  "outputTokens",
  "reportedNanos",
  "verdict",
  "rule",
  "guarded",
  "length",
  "success",
  "format",
  "byType",
]

describe("event types", () => {
  test("names and aliases lead to one type each", () => {
    const names = types.flatMap((type) => [type, eventTypes[type].alias])
    for (const type of types) {
      assert.equal(eventTypeNamed(type), type)
      assert.equal(eventTypeNamed(eventTypes[type].alias), type)
    }
    const owners = new Map<string, EventType>()
    for (const type of types) {
      for (const name of new Set([type, eventTypes[type].alias])) {
        assert.ok(!owners.has(name), `${name} is a name of two types`)
        owners.set(name, type)
      }
    }
    assert.ok(names.length > 40)
    assert.equal(eventTypeNamed("constructor"), undefined)
    assert.equal(eventTypeNamed("moon.landed"), undefined)
  })

  test("every type has a category, also those of a newer version", () => {
    for (const type of types) assert.equal(categoryOf(type), eventTypes[type].category)
    assert.equal(categoryOf("moon.landed"), "moon")
  })
})

describe("the sentence of an entry", () => {
  for (const type of types) {
    test(`${type}: without any facts, and with any`, () => {
      assert.match(sentenceOf(type, {}), /\S/)
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...factNames), fc.jsonValue({ maxDepth: 1 })), (facts) => {
          assert.match(sentenceOf(type, facts as JsonObject), /\S/)
        }),
        { numRuns: 60 },
      )
    })
  }

  test("says what happened", () => {
    assert.equal(sentenceOf("tool.invoked", { tool: "exec", guarded: true, verdict: "allow" }), "exec asked for: recorded first, then allowed")
    assert.match(sentenceOf("tool.invoked", { tool: "exec", verdict: "deny", rule: "guard.deny exec" }), /denied by guard\.deny exec/)
    assert.equal(sentenceOf("capture.gap", { count: 3, reason: "queue full" }), "3 events not recorded: queue full")
    assert.match(
      sentenceOf("usage.reported", { provider: "p", model: "m", inputTokens: 5, outputTokens: 2, reportedNanos: "1500000" }),
      /p\/m: 5 input \+ 2 output tokens, \$0\.0015/,
    )
  })

  test("a type of a newer version", () => assert.match(sentenceOf("moon.landed", {}), /newer version/))
})
