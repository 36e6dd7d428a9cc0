/** What a witness answers: the published requests, then every reason to refuse in its order. One line a case: known size, old size, size, answer. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseAddCheckpoint, type OfferedCheckpoint } from "../../src/format/add-checkpoint.ts"
import { parseVerifierKey, signatureText, verifierKeyText } from "../../src/format/checkpoint.ts"
import { emptyRoot } from "../../src/format/merkle.ts"
import { refusalOf, type WatchedLog } from "../../src/verify/offered-checkpoint.ts"
import { published } from "../vectors/c2sp/witness.ts"
import { makeLog, type WatchableLog } from "../witness-log.ts"

const offerOf = (text: string): OfferedCheckpoint => parseAddCheckpoint(Buffer.from(text)) ?? assert.fail("it is not well formed")
const log = makeLog()
const knows = (size: number, of: WatchableLog = log): WatchedLog => ({ keys: [parseVerifierKey(log.key)], size, root: of.rootOf(size) })
const statusOf = (text: string, known: WatchedLog | undefined) => refusalOf(offerOf(text), known)?.status ?? 200

describe("published requests", () => {
  const { race } = published
  const keys = [parseVerifierKey(verifierKeyText(race.logKey.origin, Buffer.from(race.logKey.publicKeyHex, "hex")))]
  const { root } = offerOf(race.first).checkpoint

  test("the first is taken, and each of the two that follow, but not one after the other", () => {
    assert.equal(statusOf(race.first, { keys, size: 0, root: emptyRoot }), 200)
    assert.equal(statusOf(race.toThree, { keys, size: 1, root }), 200)
    assert.equal(statusOf(race.toFive, { keys, size: 1, root }), 200)
    const afterFive = { keys, size: 5, root: Buffer.from(race.rootOfFiveHex, "hex") }
    assert.deepEqual(refusalOf(offerOf(race.toThree), afterFive)?.knownSize, 5)
    assert.equal(statusOf(race.toThree, afterFive), 409)
  })
})

/** filippo.io/torchwood, internal/witness, TestZeroSize, and more of its kind; `root` and `proof` stand where they are not the honest ones. */
type Case = {
  readonly known: number
  readonly old: number
  readonly size: number
  readonly root?: Buffer
  readonly proof?: readonly Buffer[]
  readonly answer: number
}
const junk = Buffer.alloc(32, 7)
const cases: Readonly<Record<string, Case>> = {
  "the empty tree": { known: 0, old: 0, size: 0, answer: 200 },
  "an empty tree with another root": { known: 0, old: 0, size: 0, root: junk, answer: 422 },
  "an empty tree with a root of zeros": { known: 0, old: 0, size: 0, root: Buffer.alloc(32), answer: 422 },
  "an empty tree with a proof": { known: 0, old: 0, size: 0, proof: [junk], answer: 422 },
  "the first tree": { known: 0, old: 0, size: 1, answer: 200 },
  "the first tree with a proof": { known: 0, old: 0, size: 1, proof: [junk], answer: 422 },
  "an old size that is too small": { known: 1, old: 0, size: 1, answer: 409 },
  "an old size larger than the tree": { known: 1, old: 1, size: 0, answer: 400 },
  "a tree that grew": { known: 5, old: 5, size: 9, answer: 200 },
  "the same tree again": { known: 5, old: 5, size: 5, answer: 200 },
  "the same tree with a proof": { known: 5, old: 5, size: 5, proof: [junk], answer: 422 },
  "another tree of the same size": { known: 5, old: 5, size: 5, root: junk, answer: 409 },
  "a proof with a hash too few": { known: 5, old: 5, size: 9, proof: log.proof(5, 9).slice(1), answer: 422 },
  "a proof with a hash too many": { known: 5, old: 5, size: 9, proof: [...log.proof(5, 9), junk], answer: 422 },
  "a proof of another size": { known: 5, old: 5, size: 9, proof: log.proof(4, 9), answer: 422 },
  "no proof": { known: 5, old: 5, size: 9, proof: [], answer: 422 },
  "a tree that lost entries": { known: 9, old: 5, size: 5, answer: 409 },
  "a tree that lost entries, offered with the known size": { known: 9, old: 9, size: 5, answer: 400 },
}

describe("an offer, by sizes", () => {
  for (const [what, { known, old, size, root, proof, answer }] of Object.entries(cases)) {
    test(`${what}: ${answer}`, () => {
      const offer = {
        oldSize: old,
        proof: proof ?? log.proof(Math.min(old, size), size),
        checkpoint: offerOf(`old ${old}\n\n${log.signed(size, root ?? log.rootOf(size))}`).checkpoint,
      }
      const refusal = refusalOf(offer, knows(known))
      assert.equal(refusal?.status ?? 200, answer, refusal?.why)
      assert.equal(refusal?.knownSize, answer === 409 && old !== known ? known : undefined)
      assert.equal(refusal?.contradicts, answer === 422 ? "perhaps" : answer === 409 && old === known ? "proven" : undefined)
    })
  }

  test("every pair of sizes up to 20 that grew is taken; the same proof from any other root is not", () => {
    for (let size = 1; size <= 20; size++) {
      for (let old = 1; old < size; old++) {
        assert.equal(statusOf(log.offer(old, size), knows(old)), 200, `${old} to ${size}`)
        assert.equal(statusOf(log.offer(old, size), knows(old, log.forkAt(old - 1))), 422, `${old} to ${size} from a fork`)
        assert.equal(statusOf(log.forkAt(old - 1).offer(old, size), knows(old)), 422, `a fork of ${old} to ${size}`)
      }
    }
  })
})

describe("an offer, by who signed it", () => {
  const body = log.offer(0, 3)
  const stranger = makeLog(log.origin, 9)

  test("a log that is not known, before anything is said about its signature: 404", () => assert.equal(statusOf(stranger.offer(0, 3), undefined), 404))
  test("the same origin under another key: 403, whatever the sizes are", () => {
    assert.equal(statusOf(stranger.offer(0, 3), knows(0)), 403)
    assert.equal(statusOf(stranger.offer(0, 3).replace("old 0", "old 7"), knows(0)), 403)
  })
  test("another key's line beside the log's is passed over", () => {
    const line = stranger.note(3).split("\n").at(-2) ?? ""
    assert.equal(statusOf(`${body}${line}\n`, knows(0)), 200)
    assert.equal(statusOf(body.replace("— ", `${line}\n— `), knows(0)), 200)
  })
  test("a wrong line of the log's key beside a good one: 403", () => {
    const { name, publicKey } = parseVerifierKey(log.key)
    assert.equal(statusOf(body + signatureText(name, publicKey, Buffer.alloc(64, 1)), knows(0)), 403)
    assert.equal(statusOf(body + signatureText(name, publicKey, Buffer.alloc(3, 1)), knows(0)), 403)
  })
  test("extension lines are signed too", () => {
    assert.equal(statusOf(body.replace(/(\n3\n[^\n]+\n)/, "$1more\n"), knows(0)), 403)
  })
  test("either of two keys is enough", () => {
    const keys = [stranger.key, log.key].map((key) => parseVerifierKey(key))
    assert.equal(statusOf(body, { keys, size: 0, root: emptyRoot }), 200)
    assert.equal(statusOf(stranger.offer(0, 3), { keys, size: 0, root: emptyRoot }), 200)
  })
})
