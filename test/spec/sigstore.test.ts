/** Sigstore's own client agrees with us on trees, inclusion proofs and signed notes. A tenth of `npm run soak -- proofs`. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { bentProofs } from "./bent-proofs.ts"
import { goodProofs } from "./proof-cases.ts"
import { sigstoreAgreesOnBits, sigstoreAgreesOnProofs, sigstoreAgreesOnTrees } from "./sigstore.ts"

const count = 1_000
const seed = Math.floor(Math.random() * 2 ** 31)

describe("the client of Sigstore's log", () => {
  const { keys, proofs, notes } = goodProofs({ after }, { handOvers: 0 })
  const [key = ""] = keys

  test(`accepts the true paths of ${count} random trees, and no changed one`, () => {
    assert.ok(sigstoreAgreesOnTrees(count, seed) > 4 * count)
  })

  test("accepts every inclusion proof of a real ledger", () => {
    assert.equal(sigstoreAgreesOnProofs(proofs, key), proofs.filter((text) => text.includes('"inclusion"')).length)
  })

  test(`finds in ${count} bent proofs what we find`, () => {
    const accepted = sigstoreAgreesOnProofs(
      bentProofs(proofs, keys, count, seed).map(({ text }) => text),
      key,
    )
    assert.ok(accepted < count / 4, `${accepted}`)
  })

  test("finds every bit of a note that is another one, as we do", () => {
    for (const note of notes.slice(0, 2)) assert.ok(sigstoreAgreesOnBits(note, key) > 1_000)
  })
})
