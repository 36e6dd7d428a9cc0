/** What the answers of witnesses come to: honest ones, as a real witness gives them, and all others. */
import assert from "node:assert/strict"
import { describe, test, type TestContext } from "node:test"
import { parseWitness } from "../../src/format/witness.ts"
import { askWitness, type Post, type WitnessWord } from "../../src/operations/ask-witness.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { answerOffer } from "../../src/witness/answer-offer.ts"
import { unseenLog, WatchedLogs } from "../../src/witness/watched-logs.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { makeLog, type WatchableLog } from "../witness-log.ts"

const log = makeLog()
const key = new WitnessKey("example.org/w", Buffer.alloc(32, 3))
const url = "http://127.0.0.1:1"
const never = new AbortController().signal
const sizeType = "text/x.tlog.size"

function ask(post: Post, size: number, oldSize: number, side: WatchableLog = log): Promise<WitnessWord> {
  const witness = parseWitness(`${key.verifierKey} ${url}`)
  return askWitness({ witness, head: () => ({ size, note: side.note(size) }), oldSize, proof: side.proof, post, signal: never })
}

/** A witness without a network before it. */
function realWitness(t: TestContext): Post & { readonly asked: string[] } {
  const logs = new WatchedLogs(temporaryDirectory(t))
  logs.prepare()
  logs.write({ ...unseenLog(log.origin), keyTexts: [log.key] })
  const asked: string[] = []
  const post: Post = async (to, body) => {
    assert.equal(to, `${url}/add-checkpoint`)
    asked.push(body.split("\n")[0] ?? "")
    const answer = await answerOffer({ logs, key, nowS: () => 7 }, Buffer.from(body))
    if (answer.status === 200) return { status: 200, contentType: "text/plain", body: answer.line }
    const told = answer.knownSize === undefined ? { contentType: "text/plain", body: answer.why } : { contentType: sizeType, body: `${answer.knownSize}\n` }
    return { status: answer.status, ...told }
  }
  return Object.assign(post, { asked })
}

describe("an honest witness", () => {
  test("cosigns, and corrects who does not know its size", async (t) => {
    const post = realWitness(t)
    for (const [size, oldSize] of [
      [5, 0],
      [9, 5],
      [12, 0],
      [20, 3],
      [20, 20],
    ] as const) {
      const word = await ask(post, size, oldSize)
      assert.deepEqual([word.state, word.state === "agrees" && word.timeS], ["agrees", 7])
    }
    assert.deepEqual(post.asked, ["old 0", "old 5", "old 0", "old 9", "old 3", "old 12", "old 20"])
  })

  test("tells a roll-back and a fork", async (t) => {
    const post = realWitness(t)
    await ask(post, 20, 0)
    assert.deepEqual(await ask(post, 12, 0), { state: "is ahead", size: 12, seenSize: 20 })
    assert.deepEqual(await ask(post, 12, 12), { state: "is ahead", size: 12, seenSize: 20 })
    assert.deepEqual(await ask(post, 25, 0, log.forkAt(5)), { state: "saw another history", size: 25, seenSize: 20 })
    assert.deepEqual(await ask(post, 20, 0, log.forkAt(5)), { state: "saw another history", size: 20, seenSize: 20 })
    assert.deepEqual(await ask(post, 20, 20, log.forkAt(5)), { state: "saw another history", size: 20, seenSize: 20 })
    assert.equal((await ask(post, 25, 0)).state, "agrees")
  })

  test("that was shown a newer checkpoint by somebody else meanwhile is not ahead", async (t) => {
    const post = realWitness(t)
    await ask(post, 12, 0)
    const heads = [9, 12, 20].map((size) => ({ size, note: log.note(size) }))
    const witness = parseWitness(`${key.verifierKey} ${url}`)
    const head = () => heads.shift() ?? assert.fail("it was looked at again")
    const word = await askWitness({ witness, head, oldSize: 5, proof: log.proof, post, signal: never })
    assert.deepEqual([word.state, "size" in word && word.size, post.asked.slice(1)], ["agrees", 12, ["old 5", "old 12"]])
    assert.equal(heads.length, 1)
  })

  test("that does not watch this log, or not under this key", async (t) => {
    const post = realWitness(t)
    assert.deepEqual(await ask(post, 5, 0, makeLog("another.example/log")), { state: "does not know this ledger" })
    assert.deepEqual(await ask(post, 5, 0, makeLog(log.origin, 9)), { state: "does not trust its key" })
  })
})

describe("any other answer", () => {
  const good = key.cosign(`${log.note(9).split("\n\n")[0]}\n`, 7)
  const says =
    (status: number, body: string, contentType = "text/plain"): Post =>
    () =>
      Promise.resolve({ status, contentType, body })
  const other = new WitnessKey(key.name, Buffer.alloc(32, 4))
  const rows: Readonly<Record<string, readonly [Post, WitnessWord["state"], RegExp?]>> = {
    "a cosignature among other lines": [says(200, `— example.org/x AAAAAAA=\n${good}more\n`), "agrees"],
    "nothing at all": [says(200, ""), "answers wrongly", /no good cosignature/],
    "a page": [says(200, "<html>"), "answers wrongly", /no good cosignature/],
    "a cosignature by another key": [says(200, other.cosign(`${log.note(9).split("\n\n")[0]}\n`, 7)), "answers wrongly"],
    "a cosignature on another checkpoint": [says(200, key.cosign(`${log.note(8).split("\n\n")[0]}\n`, 7)), "answers wrongly"],
    "the log's own line": [says(200, log.note(9).split("\n").slice(4).join("\n")), "answers wrongly"],
    "a good cosignature under another status": [says(201, good), "answers wrongly", /status 201/],
    "a redirect": [says(302, ""), "answers wrongly", /status 302/],
    "that the request is bad": [says(400, "x"), "answers wrongly", /status 400/],
    "an error": [says(500, "x"), "answers wrongly", /status 500/],
    "that it is busy": [says(503, "x"), "answers wrongly", /status 503/],
    "the size it was given": [says(409, "5\n", sizeType), "answers wrongly", /status 409/],
    "a size that is none": [says(409, "05\n", sizeType), "answers wrongly", /status 409/],
    "a size in a page": [says(409, "7\n", "text/html"), "answers wrongly", /status 409/],
    "a size of 2^53": [says(409, "9007199254740992\n", sizeType), "answers wrongly", /status 409/],
    "a larger size than ours": [says(409, "10\n", sizeType), "is ahead"],
    "that the proof is wrong": [says(422, "x"), "saw another history"],
  }
  for (const [what, [post, state, problem]] of Object.entries(rows)) {
    test(`${what}: ${state}`, async () => {
      const word = await ask(post, 9, 5)
      assert.equal(word.state, state)
      if (problem) assert.match("problem" in word ? word.problem : "", problem)
    })
  }

  test("that a proof is wrong where none is needed: answers wrongly", async () => assert.equal((await ask(says(422, ""), 9, 0)).state, "answers wrongly"))

  test("another size every time: it is not asked for ever", async () => {
    let size = 0
    const word = await ask(() => Promise.resolve({ status: 409, contentType: sizeType, body: `${++size % 9}\n` }), 9, 0)
    assert.deepEqual(word, { state: "answers wrongly", problem: "it tells another size every time" })
    assert.ok(size < 10)
  })

  test("no answer, and no proof to ask with: could not be asked", async () => {
    const word = await ask(() => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:1")), 9, 5)
    assert.deepEqual(word, { state: "could not be asked", problem: "connect ECONNREFUSED 127.0.0.1:1" })
    const witness = parseWitness(`${key.verifierKey} ${url}`)
    const proof = () => {
      throw new Error("tile 0/0 is missing")
    }
    const unproven = await askWitness({ witness, head: () => ({ size: 9, note: log.note(9) }), oldSize: 5, proof, post: says(200, good), signal: never })
    assert.deepEqual(unproven, { state: "could not be asked", problem: "tile 0/0 is missing" })
  })
})
