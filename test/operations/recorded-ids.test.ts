/** The id of a call as the host has it leads to the id under which the mappers record it, whatever is in it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { beforeToolCall } from "../../src/capture/hooks/tool-call.ts"
import { canBeRecorded } from "../../src/format/plain-part.ts"
import { formsOfId } from "../../src/operations/recorded-ids.ts"
import { spellingWords } from "../../src/verify/map-proof.ts"
import { anyCharacter } from "../any-character.ts"
import { context } from "../capture/vectors.ts"

const recordedId = (run: string, call: string): string => {
  const picked = { ...beforeToolCall.pick({ runId: run, toolCallId: call, toolName: "exec", params: {} }, { runId: run, toolCallId: call }, undefined) }
  const [event] = beforeToolCall.map({ hook: "before_tool_call", atMs: 1, picked }, context)
  return event?.id ?? assert.fail("no event")
}

describe("the id of a call", () => {
  test("leads to that of its entry, and only such a one is said to be possible", () => {
    const part = fc.oneof(
      fc.string({ minLength: 1, unit: fc.constantFrom(..."abc_.:#-0189/|~ é") }),
      fc.string({ minLength: 1, unit: anyCharacter }),
      fc.constantFrom(
        "8f14e45f-ceea-467f-a8f0-1f2e3d4c5b6a",
        "call_abc|fc_123",
        "call_1234567",
        "x".repeat(97),
        "agent:main:direct:7",
        "sk-ant-api03-abcdefghijklmnopqrstuv",
      ),
    )
    fc.assert(
      fc.property(part, part, (run, call) => {
        const id = recordedId(run, call)
        const forms = formsOfId(`tool.invoked:${run}/${call}`, context)
        assert.ok(forms.includes(id), `${run} ${call}: ${id} is not among ${forms.join(" ")}`)
        assert.ok(forms.length <= 33)
        assert.ok(canBeRecorded(id))
        if (!run.includes("/")) assert.equal(forms[1] ?? forms[0], id, "the likeliest")
      }),
      { numRuns: 2_000 },
    )
  })

  test("that no entry can have is told to who checks a proof of it", () => {
    for (const id of [
      "tool.returned:run-1/call_abc|fc_123",
      "tool.returned:run-1/c1 ",
      "tool.invoked:run-1/call_1234567",
      "tool.invoked:a/b/c",
      `tool.invoked:r/${"x".repeat(97)}`,
    ]) {
      assert.match(spellingWords({ proves: "not-recorded", id }), /NOTHING of whether the call was recorded/, id)
      assert.equal(spellingWords({ proves: "recorded", id }), "")
    }
    for (const id of ["tool.returned:run-1/call_7", `tool.returned:-/~${"A".repeat(19)}`, "gateway.started:18789/1795000000000"])
      assert.equal(spellingWords({ proves: "not-recorded", id }), "", id)
  })

  test("of another event than a call is taken as it is written", () => {
    for (const id of ["gateway.started:18789/1795000000000", "map.committed:100", "x", "tool.invoked:7"]) assert.deepEqual(formsOfId(id, context), [id])
  })
})
