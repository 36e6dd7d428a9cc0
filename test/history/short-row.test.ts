/** A row without its content is the row: of any line that is JSON, in any order of keys, whatever stands in the content. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { shortRow, usageMark } from "../../src/history/jsonl/short-row.ts"
import { transcriptName } from "../../src/history/transcript-name.ts"

const nasty = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', "\\", "]", "[", "}", "{", ",", ":", "a", "\n", "é"), maxLength: 20 }),
  fc.constantFrom('],"usage":{"input":1}', '"content":[', 'usage"', '"usage":', "]}}", '\\"usage\\"'),
)
const usage = fc.record({ input: fc.nat(9), output: fc.nat(9) })
const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text: nasty }),
  fc.record({
    type: fc.constant("toolCall"),
    arguments: fc.dictionary(fc.oneof(nasty, fc.constantFrom("usage", "content", "model")), fc.oneof(nasty, usage, fc.constant([])), { maxKeys: 3 }),
  }),
)
const members = fc.tuple(
  fc.constant(["role", "assistant"] as const),
  fc.tuple(fc.constant("content"), fc.array(block, { maxLength: 3 })),
  fc.tuple(fc.constant("provider"), fc.constantFrom("p", "q")),
  fc.tuple(fc.constant("model"), fc.constantFrom("m", "n")),
  fc.tuple(fc.constant("usage"), usage),
  fc.constant(["stopReason", "stop"] as const),
  fc.constant(["timestamp", 5] as const),
  fc.tuple(fc.constant("tags"), fc.array(nasty, { maxLength: 2 })),
)
const shuffled = <T>(of: fc.Arbitrary<T[]>) => of.chain((list) => fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }))
const line = shuffled(members.map((all) => [...all] as (readonly [string, unknown])[])).chain((message) =>
  fc
    .tuple(
      shuffled(
        fc.constant([
          ["id", "i"],
          ["message", Object.fromEntries(message)],
          ["timestamp", "t"],
          ["extra", [1]],
        ] as (readonly [string, unknown])[]),
      ),
      fc.constantFrom(0, 1),
    )
    .map(([row, spaces]) => JSON.stringify(Object.fromEntries(row), undefined, spaces).replaceAll("\n", " ")),
)

describe("a row without its content", () => {
  test("is what the whole line says", () => {
    let found = 0
    fc.assert(
      fc.property(line, nasty, (text, before) => {
        const lead = `${JSON.stringify(before)}\n`
        const bytes = Buffer.from(`${lead}${text}\n{"usage":1}`)
        const start = Buffer.byteLength(lead)
        const short = shortRow(bytes, start, start + Buffer.byteLength(text), bytes.indexOf(usageMark, start))
        if (short === undefined) return
        found++
        const { message, ...row } = JSON.parse(text) as { readonly message: Record<string, unknown> }
        assert.deepEqual({ ...short.message, content: null, tags: null }, { ...message, content: null, tags: null })
        assert.deepEqual({ ...short.row, message: null }, { ...row, message: null })
      }),
      { numRuns: 3_000 },
    )
    assert.ok(found > 500, `${found} lines were read the short way`)
  })
})

describe("a line without content among a million of its kind", () => {
  test("is looked at alone, not with all that stands behind and before it", () => {
    const bytes = Buffer.from('{"usage":1}\n'.repeat(3))
    let searched = 0
    bytes.indexOf = bytes.lastIndexOf = () => (searched++, -1)
    assert.equal(shortRow(bytes, 12, 23, 14), undefined)
    assert.equal(searched, 0)
  })
})

describe("names of transcripts", () => {
  const id = "f72a0c01-0aee-45f6-93e2-9405fe4757dd"
  const names: readonly (readonly [name: string, packed: boolean, isCopy: boolean])[] = [
    [`${id}.jsonl`, false, false],
    [`${id}.jsonl.zst`, true, false],
    [`${id}.jsonl.reset.2026-06-01T10-00-00.000Z`, false, false],
    [`${id}.jsonl.deleted.2026-06-01T10-00-00Z.0123456789abcdef0123456789abcdef.zst`, true, false],
    [`${id}.jsonl.bak.2026-06-01T10-00-00Z`, false, true],
    [`${id}.checkpoint.01234567-0123-4123-8123-0123456789ab.jsonl`, false, true],
    [`${id}.jsonl.migrated.2`, false, true],
    [`${id}.jsonl.pre-doctor-branch-repair-2026-06-01T10-00-00-123Z.bak`, false, true],
  ]
  for (const [name, packed, isCopy] of names) test(name, () => assert.deepEqual(transcriptName(name), { sessionId: id, packed, isCopy }))
  for (const name of ["sessions.json", `${id}.trajectory.jsonl`, `${id}.jsonl.tmp`, "notes.txt"])
    test(`not ${name}`, () => assert.equal(transcriptName(name), undefined))
})
