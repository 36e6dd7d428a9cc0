/** What is taken out of texts before they leave: reasoning, internal marks and secrets, and nothing of what is talked about in code. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { redactText } from "../../../src/capture/redact.ts"
import { strip, type StripRule } from "../../../src/policy/outbound/strip.ts"

const none: StripRule = { reasoning: false, secrets: false, internalMarkers: false }
const all: StripRule = { reasoning: true, secrets: true, internalMarkers: true }
const stripped = (text: string, rule: Partial<StripRule> = all) => strip(text, { ...none, ...rule }, redactText)
const left = (text: string, rule: Partial<StripRule> = all) => stripped(text, rule).text

describe("reasoning", () => {
  const rule = { reasoning: true }
  const cases: readonly (readonly [string, string])[] = [
    ["<think>she must not know</think>At six.", "At six."],
    ["<thinking>\nlong\n</thinking>\n\nAt six.", "At six."],
    ["At <reasoning>when?</reasoning>six.", "At six."],
    ["<THINK effort=high>a</Think >At six.", "At six."],
    ["<antthinking>a</antthinking>At <thought>b</thought>six.", "At six."],
    ["At six.\n<think>and what if", "At six."],
    ["the template began it</think>At six.", "At six."],
    ["<think>a<think>b</think>c</think>At six.", "At six."],
    ["<think>a<think>b</think>At six.", "At six."],
    ["<think>a</reasoning>At six.", "At six."],
    ["<think>`</think>` in reasoning ends it", "` in reasoning ends it"],
    ["<think>nothing else</think>", ""],
    ["<think>", ""],
    ["One.\n\n<think>a</think>\n\nTwo.", "One.\n\nTwo."],
    ["<th<think>a</think>ink>b</think>At six.", "At six."],
  ]
  for (const [text, rest] of cases) test(JSON.stringify(text), () => assert.equal(left(text, rule), rest))

  test("what is talked about in code stays, and so do other tags", () => {
    for (const text of [
      "Put it in `<think>` and `</think>`.",
      "```xml\n<think>an example</think>\n```\nlike this",
      "~~~\n</think>\n~~~",
      "a < b and b > c",
      "<thinker>not it</thinker>",
      "  spaces stay where nothing is taken out  ",
    ])
      assert.equal(left(text, rule), text)
    assert.equal(left("``` is no code here <think>a</think> b", rule), "``` is no code here  b")
  })
})

describe("internal marks", () => {
  const rule = { internalMarkers: true }
  const cases: readonly (readonly [string, string])[] = [
    ["NO_REPLY", ""],
    ["At six.\nHEARTBEAT_OK", "At six."],
    ["**NO_REPLY** ANNOUNCE_SKIP REPLY_SKIP", "****"],
    ['At six.<tool_call>{"name":"exec"}</tool_call>', "At six."],
    ['<function_calls><invoke name="exec"><parameter name="x">ls</parameter></invoke></function_calls>At six.', "At six."],
    ['<invoke name="exec">x</invoke>At six.', "At six."],
    ["[TOOL_CALL]{}[/TOOL_CALL]At six.", "At six."],
    ["At six.<tool_result>cut off", "At six."],
    ["At six.</tool_call>", "At six."],
    ["<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nnot for her\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>\nAt six.", "At six."],
    ["<relevant-memories>she is 60</relevant-memories>At six.", "At six."],
    ["<final>At six.</final><|im_end|>", "At six."],
    ["<｜end▁of▁sentence｜>At six.", "At six."],
  ]
  for (const [text, rest] of cases) test(JSON.stringify(text), () => assert.equal(left(text, rule), rest))

  test("what is talked about in code, and words they are a part of, stay", () => {
    for (const text of ["Say `NO_REPLY` to be silent.", "NO_REPLY_ADDRESS", "```\n<tool_call>{}</tool_call>\n```", "a <b>bold</b> word", "<|not closed"])
      assert.equal(left(text, rule), text)
  })
})

describe("secrets", () => {
  const rule = { secrets: true }
  test("of the kinds that the record keeps out, anywhere, code included", () => {
    const secrets = [
      ["sk-", "ant-api03-", "aB3xK9".repeat(8)],
      ["AK", "IAIOSFODNN7EXAMPLF"],
      ["gh", "p_", "a1B2c3D4e5".repeat(4).slice(0, 36)],
      ["xo", "xb-123456789012-123456789012-aBcDeF123456aBcDeF123456"],
      ["eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"],
      ["-----BEGIN RSA PRIVATE", " KEY-----\n", "MIIEpAIBAAKCAQEA7".repeat(6), "\n-----END RSA PRIVATE KEY-----"],
      ["Bear", "er mF_9.B5f-4.1JqMaZbX7pQ2"],
    ].map((parts) => parts.join(""))
    for (const secret of secrets) {
      const { text, found } = stripped(`use \`${secret}\` there`, rule)
      const core =
        secret
          .replace(/^Bearer /, "")
          .split("\n")
          .at(-2) ?? secret.replace(/^Bearer /, "")
      assert.ok(!text.includes(core), `${secret.slice(0, 12)}: ${text}`)
      assert.ok(Object.keys(found).length > 0 && Object.values(found).every((times) => times >= 1))
      assert.ok(!JSON.stringify(found).includes(core))
    }
  })
})

test("nothing is taken out that is not asked for", () => {
  const text = "<think>a</think> NO_REPLY ghp_" + "a1B2c3D4e5".repeat(4).slice(0, 36)
  assert.deepEqual(stripped(text, {}), { text, found: {} })
  assert.match(left(text, { reasoning: true }), /^NO_REPLY ghp_/)
})

test("what was taken out is counted by kind", () => {
  const { found } = stripped("<think>a</think><think>b</think>x NO_REPLY ghp_" + "a1B2c3D4e5".repeat(4).slice(0, 36))
  assert.deepEqual(found, { reasoning: 2, "internal-marker": 1, "github-token": 1 })
})
