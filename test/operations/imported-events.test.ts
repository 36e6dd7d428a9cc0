/** Events cross from a reader to the writer as bytes, whole or not at all, and nothing unmarked goes in by that way. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { EventPack, eventParts, unpacked } from "../../src/history/events/packed-events.ts"
import { eventsBehind, importedEntry } from "../../src/operations/import/event-entry.ts"
import { Prices } from "../../src/operations/spend/prices.ts"
import type { ScopeStore } from "../../src/vault/scopes.ts"

const text = fc.string({ unit: fc.constantFrom("a", '"', "\\", "é", "\n", "\u{1f680}", "\ud800"), maxLength: 8 })
const event = fc
  .record({
    type: fc.constantFrom("message.written", "tool.invoked", "session.started"),
    id: text,
    facts: fc.dictionary(fc.constantFrom("agent", "via", "length"), fc.oneof(text, fc.nat()), { maxKeys: 3, noNullPrototype: true }),
    session: fc.option(text, { nil: undefined }),
    sender: fc.option(text, { nil: undefined }),
    content: fc.option(fc.dictionary(fc.constantFrom("said", "names"), text, { noNullPrototype: true }), { nil: undefined }),
  })
  .map(({ session, sender, ...rest }) => ({ ...rest, scope: { ...(session === undefined ? {} : { session }), ...(sender === undefined ? {} : { sender }) } }))

function packed(events: readonly unknown[]): Buffer {
  const pack = new EventPack()
  for (const one of events) pack.add(one as NewEvent)
  return Buffer.from(pack.bytes)
}

const sample = { type: "message.written", id: "message.written:x", facts: { agent: "main" }, content: { said: "hello" } }

describe("events as bytes", () => {
  test("say what they said, and that they are imported", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), (events) => {
        assert.deepEqual(
          eventsBehind(packed(events)),
          events.map(({ type, id, scope, facts, content }) => ({
            type,
            id,
            facts: { imported: true, ...facts },
            scope,
            ...(content === undefined ? {} : { content }),
          })),
        )
      }),
      { numRuns: 500 },
    )
  })

  test("cut anywhere they are refused, all of them", () => {
    const bytes = packed([sample, sample])
    const [first] = eventParts(bytes) ?? []
    for (let length = 1; length < bytes.length; length++) {
      if (length === first?.length) continue
      assert.throws(() => eventsBehind(bytes.subarray(0, length)), Fault, `${length} bytes`)
    }
  })

  const refused: readonly (readonly [what: string, bytes: () => unknown])[] = [
    ["what is no bytes", () => "text"],
    ["a type that no import makes", () => packed([{ ...sample, type: "budget.changed" }])],
    ["facts that do not say that they are imported", () => swapped('"imported":true', '"imported":null')],
    ["facts of another id", () => swapped('{"id":"message.written:x","imp', '{"id":"message.written:y","imp')],
    ["a content that is no JSON", () => swapped('"hello"', "hello  ")],
    ["facts that say it twice", () => raw('{"id":"x","imported":true,"imported":false}')],
    ["facts that are a list", () => raw("[1]")],
    ["a content that is no object", () => swapped('{"said":"hello"}', '["said","hello"]')],
    ["a head that is no list of four", () => swapped("null,null]", '{"a":null]')],
  ]
  for (const [what, bytes] of refused) test(`${what}: refused`, () => assert.throws(() => eventsBehind(bytes()), Fault))

  test("an event whose head says more than it is, is none", () => {
    const part = packed([sample])
    part.writeUInt32BE(0xffff_fff0, 0)
    assert.equal(eventParts(part), undefined)
    part.writeUInt32BE(5, 0)
    assert.equal(unpacked(part), undefined)
  })
})

describe("an entry of them", () => {
  const made = (facts: string, content?: string, type = "usage.reported") => {
    const scopes = { resolve: () => ({ id: Buffer.alloc(16), name: "", session: "", sender: "" }) } as unknown as ScopeStore
    return eventsBehind(raw(facts, content, type)).map((event) => importedEntry(event, new Prices(), scopes, 1))
  }
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`

  test("has texts that were written anew", () => {
    const [entry] = made('{"imported":true,"id":"x","agent":"a", "agent":"b"}', '{"said" :"y"}', "message.written")
    assert.deepEqual([entry?.factsText, entry?.contentText, entry?.isBulk], ['{"id":"x","imported":true,"agent":"b"}', '{"said":"y"}', true])
  })

  for (const [what, facts, content] of [
    ["a count that is none", '{"id":"x","imported":true,"inputTokens":1.5}', undefined],
    ["a count that is an object", '{"id":"x","imported":true,"inputTokens":5,"outputTokens":{}}', undefined],
    ["a count beyond numbers", '{"id":"x","imported":true,"provider":"anthropic","model":"claude-haiku-4-5","inputTokens":1e400}', undefined],
    ["facts nested too deep", `{"id":"x","imported":true,"agent":${deep}}`, undefined],
    ["a content nested too deep", '{"id":"x","imported":true}', `{"a":${deep}}`],
  ] as const)
    test(`is not made of ${what}`, () => assert.throws(() => made(facts, content), Fault))
})

/** One event of these texts, whatever they are. */
function raw(facts: string, content?: string, type = "message.written"): Buffer {
  const parts = [JSON.stringify([type, "x", null, null]), facts, content ?? ""].map((text) => Buffer.from(text))
  const sizes = Buffer.alloc(12)
  parts.forEach(({ length }, index) => sizes.writeUInt32BE(index === 2 && content === undefined ? 0xffff_ffff : length, index * 4))
  return Buffer.concat([sizes, ...parts])
}

/** The bytes of the sample with one text in place of another as long. */
function swapped(from: string, to: string): Buffer {
  const bytes = packed([sample])
  const at = bytes.lastIndexOf(from)
  assert.ok(at > 0 && Buffer.byteLength(from) === Buffer.byteLength(to), from)
  bytes.write(to, at)
  return bytes
}
