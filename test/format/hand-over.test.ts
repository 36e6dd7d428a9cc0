/** The bytes of a hand-over: one spelling as a note and as facts, and nothing else is taken for one. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import type { JsonObject } from "../../src/base/json.ts"
import { parseSignedCheckpoint } from "../../src/format/checkpoint.ts"
import { factsOfHandOver, handOverNote, handOverOfFacts, parseHandOver, statementText } from "../../src/format/hand-over.ts"
import { origin, signedHandOver, signerOfSeed } from "../hand-over-fixture.ts"

const [first, second] = [signerOfSeed(1), signerOfSeed(2)]
const handOver = signedHandOver(first, second, { size: 1_234 })
const note = handOverNote(handOver)
const facts = factsOfHandOver(handOver)

describe("a hand-over as a note", () => {
  test("is read as it was written", () => {
    assert.deepEqual(parseHandOver(note), handOver)
    assert.ok(note.startsWith(`${statementText(handOver)}\n— ${origin} `))
    assert.equal(note.split("\n").length, 10)
  })

  test("is no checkpoint, and a checkpoint is none", () => {
    assert.equal(parseSignedCheckpoint(note), undefined)
    assert.equal(parseHandOver(first.note({ origin, size: 3, root: handOver.root })), undefined)
    assert.equal(parseHandOver(second.note({ origin, size: 3, root: handOver.root }, first)), undefined)
  })

  test("with any character changed, left out or added is another hand-over, or none", () => {
    for (let at = 0; at < note.length; at++) {
      for (const changed of [note.slice(0, at) + note.slice(at + 1), `${note.slice(0, at)}A${note.slice(at)}`, `${note.slice(0, at)}\n${note.slice(at + 1)}`]) {
        const parsed = parseHandOver(changed)
        if (parsed) assert.equal(handOverNote(parsed), changed, `a second spelling, at ${at}`)
        assert.ok(changed === note || parsed === undefined || !sameAs(parsed, handOver), `taken for the same, at ${at}`)
      }
    }
  })

  test("of nonsense: nothing, and nothing throws", () => {
    const words = fc.array(fc.constantFrom(...note.split("\n"), "", "\u2028", "\ud800", "0", "-1", "1e3", "9007199254740992"), { maxLength: 12 })
    fc.assert(fc.property(words, (lines) => void parseHandOver(lines.join("\n"))))
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => parseHandOver(text) === undefined))
  })

  for (const [what, changes] of [
    ["of entry 0, which opens the journal", { size: 0 }],
    ["of a size that is none", { size: 1.5 }],
    ["of a negative size", { size: -1 }],
    ["of a size beyond all", { size: 2 ** 53 }],
    ["with a root cut short", { root: Buffer.alloc(31) }],
    ["with a key of another name", { nextKey: signerOfSeed(2, "sovereign-ledger/ffffffffffffffff").verifierKey }],
    ["with a key that is none", { nextKey: "key" }],
    ["with a signature cut short", { nextSignature: Buffer.alloc(63) }],
  ] as const) {
    test(`${what}: refused, as a note and as facts`, () => {
      const odd = { ...handOver, ...changes }
      assert.equal(handOverOfFacts(origin, factsOfHandOver(odd)), undefined)
      if (odd.nextKey !== "key") assert.equal(parseHandOver(handOverNote(odd)), undefined)
    })
  }
})

describe("a hand-over as facts", () => {
  test("is read as it was written, with what a newer version adds", () => {
    assert.deepEqual(handOverOfFacts(origin, { id: "signer.replaced:1234", ...facts, more: 1 }), handOver)
  })

  for (const name of Object.keys(facts)) {
    test(`without ${name}, or with something else there: refused`, () => {
      for (const value of [undefined, null, 7.5, "", "AA", ` ${String(facts[name as "root"])}`, `${String(facts[name as "root"])}=`, []]) {
        const { [name as "root"]: _, ...rest } = facts
        const odd = (value === undefined ? rest : { ...rest, [name]: value }) as JsonObject
        assert.equal(handOverOfFacts(origin, odd), undefined, `${name} = ${JSON.stringify(value)}`)
      }
    })
  }

  test("of nonsense: nothing, and nothing throws", () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom<unknown>(...Object.values(facts)))
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...Object.keys(facts)), value), (odd) => void handOverOfFacts(origin, odd as JsonObject)))
  })
})

function sameAs(one: typeof handOver, other: typeof handOver): boolean {
  return JSON.stringify(factsOfHandOver(one)) === JSON.stringify(factsOfHandOver(other)) && one.origin === other.origin
}
