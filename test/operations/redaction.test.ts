/** Redaction on the way into the journal: what the corpus hides is found in nothing that a key can open, and what settings hide stands as checkable hashes. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { objectOf, type Json } from "../../src/base/json.ts"
import { redact } from "../../src/capture/redact.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { CommitQueue } from "../../src/operations/commit-queue.ts"
import { Intake } from "../../src/operations/intake.ts"
import type { ClientConfig, Peer } from "../../src/operations/client-config.ts"
import { spendingOf } from "../../src/operations/spend/spending.ts"
import { showEvent } from "../../src/views/event-list.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { fieldsHiding, hiddenFields } from "../../src/views/redaction.ts"
import { startMs, temporaryDirectory, temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { filled, ordinary, pieceLeft, secretOf, secrets, textsOf } from "../vectors/redaction/corpus.ts"

type Call = { readonly h: string; readonly p: { readonly [key: string]: Json }; readonly cutFromBytes?: number }

/** Records calls as a gateway with these settings would, and opens the ledger to look. */
function record(t: Ending, calls: readonly Call[], hashed: ClientConfig["hashed"] = { promptText: false, toolArgs: false }) {
  const ledger = temporaryLedger(t)
  const opened = ledger.open()
  const { journal } = opened
  const queue = new CommitQueue({
    append: (entries, marks) => journal.append(entries, startMs, marks),
    idle: () => {},
    failed: (error) => assert.fail(String(error)),
  })
  const nowMs = () => startMs
  const spending = spendingOf(opened, { nowMs, gatewayPids: () => new Set(), doorsChanged: () => {} })
  const intake = new Intake({ ledger: opened, queue, spending, nowMs })
  const peer: Peer = { role: "plugin", lane: "observe", sender: "00112233445566aa", config: { guard: { tools: [], deny: [] }, userId: null, hashed } }
  intake.join(peer)
  calls.forEach((call, i) => intake.observe(peer, { n: i + 1, t: startMs, ...call }, () => {}))
  queue.drain()
  queue.stop()
  return ledger.read()
}

const firstOfOurs = 2 // after the journal's beginning and the settings
/** Entries of the calls, in order, without those of what the scanner finds in them. */
function recordedCalls(access: LedgerAccess): readonly number[] {
  const entries = [...access.reader.entries(firstOfOurs, access.reader.size() - 1)]
  return entries.filter(({ header }) => header.type !== "finding.recorded").map(({ sequence }) => sequence)
}

const toolCall = (params: Json): Call => ({ h: "before_tool_call", p: { tool: "exec", call: "c1", run: "r1", session: "agent:main:x", params } })

describe("secrets", () => {
  test("of the corpus are in no facts, ids or contents, and are counted", (t) => {
    const access = record(
      t,
      secrets.flatMap((line): Call[] => [toolCall(filled(line)), { h: "after_tool_call", p: { tool: "exec", call: "c1", result: filled(line) } }]),
    )
    const calls = recordedCalls(access)
    assert.equal(calls.length, secrets.length * 2)
    const left = secrets.flatMap((line, i) =>
      [0, 1].flatMap((end) => {
        const sequence = calls[i * 2 + end] ?? 0
        const event = showEvent(access, String(sequence))
        assert.ok(Number(event.facts["redacted"]) > 0, line.kind)
        // What the scanner found in it comes after it, and shows a piece of it.
        const found = Array.from({ length: (calls[i * 2 + end + 1] ?? access.reader.size()) - sequence - 1 }, (_, n) =>
          showEvent(access, String(sequence + 1 + n)),
        )
        return pieceLeft(line, textsOf([event, ...found].map(({ facts, content }) => [facts, content])).join("\n")) ?? []
      }),
    )
    assert.deepEqual(left, [])
    assert.ok(access.reader.size() - firstOfOurs - calls.length > 20, "the scanner finds some of them")
  })

  test("in place of ids and names are pseudonyms in the facts and marks in the content", (t) => {
    const keys = secrets.filter(({ kind }) => ["openai", "github", "anthropic", "slack", "stripe"].includes(kind)).map(secretOf)
    assert.ok(keys.length >= 20, `${keys.length} keys`)
    const access = record(
      t,
      keys.flatMap((key): Call[] => [
        { h: "before_tool_call", p: { tool: key, call: key, run: key, agent: key, params: {} } },
        { h: "model_call_ended", p: { call: `${key}:model:1`, provider: key, model: key, outcome: key.slice(0, 40), error: key.slice(0, 40) } },
      ]),
    )
    for (let at = 0; at < keys.length * 2; at++) {
      const { facts, content } = showEvent(access, String(firstOfOurs + at))
      const key = keys[Math.floor(at / 2)] ?? ""
      assert.ok(!JSON.stringify([facts, content]).includes(key.slice(0, 24)), `${key} in ${JSON.stringify([facts, content])}`)
    }
  })

  test("are taken out of what is hashed when a payload is cut, and lengths are those of the texts as they were", (t) => {
    const key = secretOf(secrets[0] ?? assert.fail())
    const access = record(t, [
      { h: "llm_input", p: { run: "r1", prompt: `the key is ${key}` } },
      { ...toolCall({ text: `the key is ${key}` }), cutFromBytes: 500_000 },
      { ...toolCall(redact({ text: `the key is ${key}` }).value), cutFromBytes: 500_000 },
    ])
    const [prompt, cut, same] = recordedCalls(access).map((sequence) => showEvent(access, String(sequence)))
    assert.equal(prompt?.facts["promptLength"], 11 + key.length)
    const hashOf = (event: typeof cut) => objectOf(event?.content)["keptSha256"]
    assert.match(String(hashOf(cut)), /^[0-9a-f]{64}$/)
    assert.equal(hashOf(cut), hashOf(same))
  })

  test("leave ordinary contents as they are", (t) => {
    const access = record(
      t,
      ordinary.map(({ value }) => toolCall(value)),
    )
    const calls = recordedCalls(access)
    const touched = ordinary.filter((_, i) => factsOf(access.reader.entry(calls[i] ?? 0) ?? assert.fail())["redacted"] !== undefined)
    assert.ok(touched.length <= ordinary.length / 100, `${touched.length} of ${ordinary.length}`)
  })
})

describe("what settings hide", () => {
  const prompt = "wire 100 to jane"
  const params = { command: "pay jane", amount: 100, note: { b: 1, a: "é" } }
  const calls: readonly Call[] = [
    { h: "llm_input", p: { run: "r1", session: "agent:main:a", prompt } },
    { h: "llm_output", p: { run: "r1", session: "agent:main:a", answer: [prompt] } },
    { h: "message_received", p: { channel: "telegram", session: "agent:main:b", sender: "42", text: prompt } },
    { ...toolCall(params), p: { ...toolCall(params).p, session: "agent:main:a" } },
  ]

  test("nothing by default", (t) => {
    const access = record(t, calls)
    assert.deepEqual((showEvent(access, String(firstOfOurs)).content as { prompt: string }).prompt, prompt)
    assert.throws(
      () => hiddenFields(access, String(firstOfOurs)),
      (error) => error instanceof Fault && error.code === "redaction.nothing-hidden",
    )
  })

  test("stands as a hash, by the setting of its kind, with its length kept", (t) => {
    const prompts = record(t, calls, { promptText: true, toolArgs: false })
    const tools = record(t, calls, { promptText: false, toolArgs: true })
    const hidden = (access: typeof prompts) => calls.map((_, at) => !JSON.stringify(showEvent(access, String(firstOfOurs + at)).content).includes("jane"))
    assert.deepEqual(hidden(prompts), [true, true, true, false])
    assert.deepEqual(hidden(tools), [false, false, false, true])
    assert.equal(showEvent(prompts, String(firstOfOurs)).facts["promptLength"], prompt.length)
  })

  test("is checked by whoever has the text, here and with openssl alone, under a salt of that conversation only", (t) => {
    const access = record(t, calls, { promptText: true, toolArgs: true })
    const [first, answered, message, tool] = calls.map((_, at) => hiddenFields(access, String(firstOfOurs + at)))
    assert.ok(first && answered && message && tool)
    assert.deepEqual(fieldsHiding(first, [prompt]), ["prompt"])
    assert.deepEqual(fieldsHiding(answered, [[prompt]]), ["answer"])
    assert.deepEqual(fieldsHiding(tool, [{ note: { a: "é", b: 1 }, amount: 100, command: "pay jane" }]), ["params"])
    assert.deepEqual(fieldsHiding(first, [`${prompt} `, [prompt], "", null]), [])
    assert.equal(first.salt, answered.salt)
    assert.notEqual(first.salt, message.salt)
    const file = join(temporaryDirectory(t), "prompt.json")
    writeFileSync(file, JSON.stringify(prompt))
    const said = execFileSync("openssl", ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${first.salt}`, file], { encoding: "utf8" })
    assert.equal(said.trim().split("= ")[1], first.fields[0]?.hash)
  })

  test("is hashed without its secrets", (t) => {
    const key = secretOf(secrets[0] ?? assert.fail())
    const access = record(t, [{ h: "llm_input", p: { run: "r1", prompt: `use ${key}` } }], { promptText: true, toolArgs: false })
    const hidden = hiddenFields(access, String(firstOfOurs))
    assert.deepEqual(fieldsHiding(hidden, [redact(`use ${key}`).value]), ["prompt"])
    assert.deepEqual(fieldsHiding(hidden, [`use ${key}`]), [])
  })
})
