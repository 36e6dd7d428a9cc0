/** Which texts may stand in facts as they are. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { name, reference, word } from "../../src/capture/references.ts"

const context = { pseudonym: () => "~" }

const stays = [
  "86b26dea-2f65-4345-b16d-40a67d1c3d37",
  "86b26dea-2f65-4345-b16d-40a67d1c3d37:model:1",
  "382e1bf3-0d77-48d3-8a96-2cd8de392c89:compaction:cmp-3:model:12",
  "tool_search_code:call_4_0:sessions_spawn:1",
  "toolu_01A09q90qw90lq917835lq9",
  "chatcmpl-mock-5",
  "101",
  "call_20",
]

const replaced = [
  "agent:main:in1",
  "agent:main:whatsapp:direct:4242",
  "announce:v1:agent:main:subagent:86f7aa0f-87ad-4c0d-9e5a-7e35c7c72e1c:1",
  "telegram:direct:jane",
  "slack#channel#general",
  "15550109999",
  "+15550109999",
  "1-555-010-9999",
  "1.555.010.9999",
  "1_555_010_9999",
  "true_15550109999@c.us",
  "jane@example.com",
  "order for jane",
  "/home/user/notes.txt",
  "x".repeat(97),
  "Zoë",
  "a\nb",
]

const names = ["exec", "probemcp__mcp_hello", "mock-1", "anthropic/claude-sonnet-4-20250514", "@cf/meta/llama-3", "claude-3@20240229", "gpt-4o:free"]
const noNames = [
  "+15550109999",
  "1-555-010-9999",
  "jane@example.com",
  "/home/user/m.gguf",
  "C:/Users/jane/m.gguf",
  "../m.gguf",
  "file:///m",
  "call Jane",
  "agent:main:jane",
  "x".repeat(129),
]

describe("references", () => {
  for (const text of stays) test(`id stays: ${text}`, () => assert.equal(reference(text, context), text))
  for (const text of replaced) test(`id is replaced: ${JSON.stringify(text).slice(0, 60)}`, () => assert.equal(reference(text, context), "~"))
  for (const text of names) test(`name stays: ${text}`, () => assert.equal(name(text, context), text))
  for (const text of noNames) test(`name is replaced: ${text.slice(0, 60)}`, () => assert.equal(name(text, context), "~"))

  test("what contains an id that is replaced is replaced", () => {
    for (const text of replaced) assert.equal(reference(`${text}:model:1`, context), "~", text)
  })

  test("words", () => {
    for (const text of ["toolUse", "user", "subagent-complete", "openai-completions"]) assert.equal(word(text), text)
    for (const value of ["two words", "a1234567", "", "x".repeat(60), 7, null, undefined, {}]) assert.equal(word(value), undefined)
  })
})
