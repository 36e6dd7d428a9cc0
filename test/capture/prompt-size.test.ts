/** Prompts that are too large: counted exactly, at the cost of what is new, and never a reason for anything to fail. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { PromptSizes } from "../../src/capture/prompt-size.ts"
import { hashedContent } from "../../src/capture/redact-hashed.ts"
import { llmInput } from "../../src/capture/hooks/prompt.ts"

const session = "agent:main:main"
const message = (n: number, letters = 10) => ({ role: "user", timestamp: n, content: [{ type: "text", text: "x".repeat(letters) }] })
const sizeOf = (event: { prompt?: string; systemPrompt?: string; historyMessages?: readonly unknown[] }) =>
  (event.prompt?.length ?? 0) + (event.systemPrompt?.length ?? 0) + JSON.stringify(event.historyMessages ?? []).length

describe("large prompts", () => {
  test("are those strictly above the threshold, by prompt, system prompt and the JSON of the history", () => {
    const sizes = new PromptSizes()
    assert.equal(sizes.threshold, 100_000)
    const event = { prompt: "p".repeat(5_000), systemPrompt: "s".repeat(3_000), historyMessages: [message(1, 500), message(2, 700)] }
    sizes.threshold = sizeOf(event)
    assert.equal(sizes.large(session, event), undefined, "as many as the threshold are not too many")
    sizes.threshold = sizeOf(event) - 1
    const large = sizes.large(session, event)
    assert.deepEqual([large?.["history"], large?.["threshold"]], [JSON.stringify(event.historyMessages).length, sizeOf(event) - 1])
    assert.deepEqual([large?.["prompt"], large?.["system"]], ["p".repeat(2_000), "s".repeat(2_000)])
  })

  test("the history is counted exactly as it grows, is compacted, is edited, and of many sessions at once", () => {
    const sizes = new PromptSizes()
    sizes.threshold = 0
    const histories = new Map<string, unknown[]>()
    for (let turn = 0; turn < 300; turn++) {
      const name = `s${turn % 7}`
      const history = histories.get(name) ?? []
      histories.set(name, history)
      for (let n = 0; n <= turn % 3; n++) history.push(message(turn * 10 + n, (turn * 37) % 400))
      if (turn % 41 === 40) history.splice(0, history.length - 1)
      // Hosts copy messages.
      const event = { prompt: "p", historyMessages: structuredClone(history) }
      assert.equal(sizes.large(name, event)?.["history"], JSON.stringify(history).length, `turn ${turn}`)
    }
  })

  test("a turn costs what is new in it: what was counted is not looked at again", () => {
    const sizes = new PromptSizes()
    sizes.threshold = 0
    let looks = 0
    const counted = (n: number) => ({ ...message(n), toJSON: () => (looks++, { n }) })
    const history = Array.from({ length: 500 }, (_, n) => counted(n))
    sizes.large(session, { historyMessages: history })
    assert.equal(looks, 500)
    history.push(counted(500))
    sizes.large(session, { historyMessages: history })
    assert.equal(looks, 501)
  })

  test("whatever a host hands over, nothing fails", () => {
    const circle: Record<string, unknown> = { role: "user", content: "abc" }
    circle["self"] = circle
    const sizes = new PromptSizes()
    sizes.threshold = 0
    const thrower = new Proxy({}, { get: () => assert.fail("a getter that throws") })
    for (const historyMessages of [[circle], [1n, 2n], [undefined, null, () => 0], "no list", [Symbol("x")]])
      sizes.large(session, { historyMessages, prompt: "p" })
    assert.equal(sizes.large(session, { historyMessages: [thrower], prompt: "p" }), undefined)
    assert.equal(sizes.large(session, { prompt: 7, systemPrompt: {}, historyMessages: undefined })?.["history"], 2)
    assert.equal(String(sizes.large(session, { prompt: `${"x".repeat(1_999)}😀` })?.["prompt"]).isWellFormed(), true)
  })
})

describe("on record", () => {
  const mapped = (threshold: number | undefined, prompt = "p".repeat(60)) => {
    const memory = new CaptureMemory()
    if (threshold !== undefined) memory.promptSizes.threshold = threshold
    const event = { runId: "r1", provider: "anthropic", model: "claude", prompt, systemPrompt: "system", historyMessages: [message(1)] }
    const picked = llmInput.pick(event, { sessionKey: session }, memory)
    return llmInput.map(
      { hook: "llm_input", atMs: 1, picked: JSON.parse(JSON.stringify(picked)) as typeof picked },
      { pseudonym: (text) => text, judgeTool: () => assert.fail() },
    )
  }

  test("a large prompt is an event of its own beside the prompt's, with lengths as facts and texts as content", () => {
    assert.deepEqual(
      mapped(undefined).map(({ type }) => type),
      ["prompt.submitted"],
    )
    const [large, submitted] = mapped(10)
    assert.deepEqual([large?.type, submitted?.type], ["prompt.exceeded", "prompt.submitted"])
    const { promptLength, systemLength, historyLength, totalLength, historyMessages, threshold } = (large?.facts ?? {}) as Record<string, unknown>
    const history = JSON.stringify([message(1)]).length
    assert.deepEqual([promptLength, systemLength, historyLength, totalLength, historyMessages, threshold], [60, 6, history, 66 + history, 1, 10])
    assert.deepEqual([large?.content, large?.scope], [{ prompt: "p".repeat(60), systemPrompt: "system" }, { session }])
    assert.ok(!JSON.stringify(large?.facts).includes("ppp"), "no text among the facts")
  })

  test("with redactPromptText both texts are hashes", () => {
    const [large] = mapped(10)
    const hidden = large && hashedContent(large, { promptText: true, toolArgs: false }, (text) => `h${text.length}`)
    assert.deepEqual(hidden?.content, { prompt: { hash: "h62" }, systemPrompt: { hash: "h8" } })
  })
})
