/** The key chain: nobody who lacks a key gets a hand-over into it, and a checkpoint is good under the key in force at its size alone. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { exactVerifierKey, handOverNote, type HandOver } from "../../src/format/hand-over.ts"
import { chainOfNotes, KeyChain, trustedChain } from "../../src/verify/key-chain.ts"
import type { Signer } from "../../src/vault/signer.ts"
import { origin, signedHandOver, signerOfSeed, someRoot } from "../hand-over-fixture.ts"

const [one, two, three, thief] = [1, 2, 3, 4].map((seed) => signerOfSeed(seed)) as [Signer, Signer, Signer, Signer]
const toTwo = signedHandOver(one, two, { size: 10 })
const toThree = signedHandOver(two, three, { size: 20 })

function chainFrom(first: Signer, ...handOvers: readonly HandOver[]): KeyChain {
  const key = exactVerifierKey(first.verifierKey)
  assert.ok(key)
  const chain = new KeyChain(first.verifierKey, key)
  for (const handOver of handOvers) assert.equal(chain.follow(handOver), undefined)
  return chain
}

const whole = chainFrom(one, toTwo, toThree)

describe("the key chain", () => {
  test("leads from the first key to the last one, and says which signs at a size", () => {
    assert.deepEqual([whole.keys, whole.last, whole.origin], [[one, two, three].map((signer) => signer.verifierKey), three.verifierKey, origin])
    const inForce = [0, 1, 10, 11, 20, 21, Number.MAX_SAFE_INTEGER].map((size) => whole.keys.indexOf(whole.keyAt(size)))
    assert.deepEqual(inForce, [0, 0, 0, 1, 1, 2, 2])
    assert.deepEqual(whole.notes, [toTwo, toThree].map(handOverNote))
  })

  test("two hand-overs in a row, of entries one after the other", () => {
    const chain = chainFrom(one, toTwo, signedHandOver(two, three, { size: 11 }))
    assert.deepEqual(
      [10, 11, 12].map((size) => chain.keyAt(size)),
      [one, two, three].map((signer) => signer.verifierKey),
    )
  })

  const refused: readonly (readonly [what: string, first: Signer, before: readonly HandOver[], handOver: HandOver, why: RegExp])[] = [
    ["signed by the old key alone", one, [], signedHandOver(one, two, {}, { next: thief }), /takes over has not signed/],
    ["signed by the new key alone", one, [], signedHandOver(one, thief, {}, { previous: thief }), /hands over has not signed/],
    ["signed by neither", one, [], signedHandOver(one, two, {}, { previous: thief, next: thief }), /has not signed/],
    [
      "with the two signatures exchanged",
      one,
      [],
      { ...toTwo, previousSignature: toTwo.nextSignature, nextSignature: toTwo.previousSignature },
      /has not signed/,
    ],
    [
      "with a thief's key before the one that takes over",
      thief,
      [],
      { ...signedHandOver(thief, two), nextSignature: toTwo.nextSignature },
      /takes over has not signed/,
    ],
    [
      "with a thief's key behind the one that hands over",
      one,
      [],
      { ...signedHandOver(one, thief), previousSignature: toTwo.previousSignature },
      /hands over has not signed/,
    ],
    ["by a key that does not sign", one, [], toThree, /by \S+, while \S+ signs/],
    ["by a key that has handed over", one, [toTwo], signedHandOver(one, three, { size: 15 }), /by \S+, while \S+ signs/],
    ["of another ledger", one, [], signedHandOver(signerOfSeed(1, "sovereign-ledger/f"), signerOfSeed(2, "sovereign-ledger/f")), /of another ledger/],
    ["that was made before", one, [toTwo], toTwo, /by \S+, while \S+ signs/],
    ["to itself", one, [], signedHandOver(one, one), /which has signed before/],
    ["back to a key that signed before", one, [toTwo], signedHandOver(two, one, { size: 15 }), /which has signed before/],
    ["of the same entry as the one before", one, [toTwo], signedHandOver(two, three, { size: 10 }), /does not come after/],
    ["of an entry before the one before", one, [toTwo], signedHandOver(two, three, { size: 9 }), /does not come after/],
    ["with another size than was signed", one, [], { ...toTwo, size: 11 }, /has not signed/],
    ["with another root than was signed", one, [], { ...toTwo, root: Buffer.alloc(32) }, /has not signed/],
  ]
  for (const [what, first, before, handOver, why] of refused) {
    test(`takes no hand-over ${what}`, () => {
      const chain = chainFrom(first, ...before)
      const keys = chain.keys
      assert.match(chain.follow(handOver) ?? "", why)
      assert.deepEqual(chain.keys, keys)
    })
  }

  test("of two statements whose places were exchanged takes neither", () => {
    assert.match(chainOfNotes([toThree, toTwo].map(handOverNote), "")?.fault?.why ?? "", /hand-over 2 is not good: it is a hand-over by/)
    const swapped = [
      { ...toTwo, size: 20 },
      { ...toThree, size: 10 },
    ]
    assert.match(chainOfNotes(swapped.map(handOverNote), "")?.fault?.why ?? "", /has not signed/)
  })

  test("of a note that is none ends there; without any key there is no chain", () => {
    const read = chainOfNotes([handOverNote(toTwo), "nonsense"], "")
    assert.deepEqual([read?.chain.last, /not a well-formed/.test(read?.fault?.why ?? "")], [two.verifierKey, true])
    assert.equal(chainOfNotes([], "no key"), undefined)
    assert.equal(chainOfNotes(["nonsense"], "no key"), undefined)
    assert.equal(chainOfNotes([], one.verifierKey)?.chain.last, one.verifierKey)
  })
})

describe("checkpoints under a key chain", () => {
  const at = (signer: Signer, size: number, before?: Signer) => whole.check(signer.note({ origin, size, root: someRoot }, before))
  const why = (check: ReturnType<typeof at>) => (check.ok ? "good" : check.why)

  test("are good under the key in force at their size", () => {
    for (const [signer, sizes] of [
      [one, [0, 1, 10]],
      [two, [11, 20]],
      [three, [21, 500]],
    ] as const) {
      for (const size of sizes) assert.equal(why(at(signer, size)), "good", `${size}`)
    }
    assert.equal(why(at(two, 11, one)), "good")
  })

  test("under a key that has handed over are not, and it is told where", () => {
    assert.equal(why(at(one, 11)), `it is signed by ${one.verifierKey}, which handed over at entry #10 and signs nothing larger than 10`)
    assert.match(why(at(one, 500)), /handed over at entry #10/)
    assert.match(why(at(two, 21)), /handed over at entry #20 and signs nothing larger than 20/)
  })

  test("under a key that has not taken over yet are not, and it is told where it does", () => {
    assert.equal(why(at(two, 10)), `it is signed by ${two.verifierKey}, which took over at entry #10 and signs nothing smaller than 11`)
    assert.match(why(at(three, 5)), /took over at entry #20 and signs nothing smaller than 21/)
  })

  test("by a stranger, of another log, or of nothing", () => {
    assert.equal(why(at(thief, 11)), "it is not signed by the pinned key")
    assert.match(why(whole.check(one.note({ origin: "sovereign-ledger/ffff", size: 1, root: someRoot }))), /another log/)
    assert.match(why(whole.check("nonsense")), /not a well-formed/)
    const good = two.note({ origin, size: 11, root: someRoot })
    assert.equal(why(whole.check(good.replace("\n11\n", "\n12\n"))), "its signature is wrong")
  })
})

describe("whom a reader may trust", () => {
  const keyOf = (signer: Signer) => exactVerifierKey(signer.verifierKey)
  const chain = (...handOvers: readonly HandOver[]) => chainFrom(one, ...handOvers)
  const notes = (...handOvers: readonly HandOver[]) => handOvers.map(handOverNote)

  test("any key of the chain, the first, the last and those between", () => {
    for (const signer of [one, two, three]) assert.equal(trustedChain(whole, { key: keyOf(signer) }), whole)
    assert.match(String(trustedChain(whole, { key: keyOf(thief) })), /signed by another key/)
    assert.equal(trustedChain(whole, { key: undefined }), whole)
  })

  test("a key that came later, when its hand-over was told", () => {
    const judged = trustedChain(chain(), { key: keyOf(three), handOvers: notes(toTwo, toThree) })
    assert.ok(judged instanceof KeyChain)
    assert.deepEqual([judged.keyAt(10), judged.keyAt(11)], [one.verifierKey, two.verifierKey])
    assert.match(String(trustedChain(chain(), { key: keyOf(three) })), /signed by another key/)
  })

  test("a key that came later, when only its own hand-over was told", () => {
    const judged = trustedChain(chain(toTwo), { key: keyOf(three), handOvers: notes(toThree) })
    assert.ok(judged instanceof KeyChain)
    assert.deepEqual([judged.keys, judged.keyAt(21)], [whole.keys, three.verifierKey])
  })

  test("a file that knows of more hand-overs than were told", () => {
    assert.equal(trustedChain(whole, { key: keyOf(two), handOvers: notes(toTwo) }), whole)
  })

  test("not a chain that forks from the one that was told: a stolen key may hand over to whom it likes", () => {
    const forked = chain(signedHandOver(one, thief, { size: 7 }))
    for (const signer of [one, two]) assert.match(String(trustedChain(forked, { key: keyOf(signer), handOvers: notes(toTwo) })), /other hand-overs/)
    assert.equal(trustedChain(forked, { key: keyOf(one) }), forked, "who was told nothing cannot know")
  })

  test("what was told counts for nothing when it is not good, or has not the reader's key", () => {
    assert.equal(trustedChain(whole, { key: keyOf(two), handOvers: ["nonsense"] }), whole)
    assert.match(String(trustedChain(chain(), { key: keyOf(three), handOvers: notes(toThree) })), /signed by another key/)
    const other = signedHandOver(thief, signerOfSeed(5))
    assert.equal(trustedChain(whole, { key: keyOf(two), handOvers: notes(other) }), whole)
  })
})
