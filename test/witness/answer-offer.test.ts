/** A witness's memory: what it cosigned is on disk first, of two histories it never cosigns both, and a state that cannot be believed stops it. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseSignedCheckpoint, parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { tryLock } from "../../src/vault/lock.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { cosignatureChecker } from "../../src/verify/cosignature.ts"
import { answerOffer, type Cosigned } from "../../src/witness/answer-offer.ts"
import { unseenLog, WatchedLogs } from "../../src/witness/watched-logs.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { published } from "../vectors/c2sp/witness.ts"
import { makeLog, type WatchableLog } from "../witness-log.ts"

const nowS = 1_795_000_000
const log = makeLog()
const fork = log.forkAt(5)

function makeWitness(t: TestContext, ...known: readonly Pick<WatchableLog, "origin" | "key">[]) {
  const logs = new WatchedLogs(temporaryDirectory(t))
  logs.prepare()
  for (const { origin, key } of known) logs.write({ ...unseenLog(origin), keyTexts: [key] })
  const key = new WitnessKey("example.org/w", Buffer.alloc(32, 3))
  const check = cosignatureChecker(parseVerifierKey(key.verifierKey, "witness"))
  const ask = async (body: string | Buffer) => answerOffer({ logs, key, nowS: () => nowS }, Buffer.from(body))
  return {
    logs,
    ask,
    status: async (body: string) => (await ask(body)).status,
    isGood: ({ line }: Cosigned, note: string) => check(line.trimEnd(), parseSignedCheckpoint(note)?.text ?? "").ok,
    file: () => join(logs.directory, "logs", readdirSync(join(logs.directory, "logs")).find((name) => /^\w+\.json$/.test(name)) ?? ""),
  }
}

describe("a witness that is asked", () => {
  test("cosigns what grows, tells its size to who does not know it, and cosigns the same again", async (t) => {
    const witness = makeWitness(t, log)
    for (const [old, size] of [
      [0, 5],
      [5, 5],
      [5, 9],
      [9, 40],
    ] as const) {
      const answer = await witness.ask(log.offer(old, size))
      assert.ok(answer.status === 200 && witness.isGood(answer, log.note(size)), `${old} to ${size}`)
      const { size: kept, root, note, cosignedS } = witness.logs.read(log.origin) ?? assert.fail("it is forgotten")
      assert.deepEqual([kept, root, note, cosignedS], [size, log.rootOf(size), log.note(size), nowS])
    }
    const conflict = await witness.ask(log.offer(5, 9))
    assert.deepEqual([conflict.status, "knownSize" in conflict && conflict.knownSize], [409, 40])
  })

  test("refuses a fork, a roll-back and another tree of the same size, and keeps what contradicts, each with what it contradicts", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 9))
    assert.equal(await witness.status(fork.offer(9, 12)), 422)
    assert.equal(await witness.status(fork.offer(9, 9)), 409)
    assert.equal(await witness.status(log.offer(0, 5)), 409)
    assert.equal(await witness.status(log.offer(5, 5)), 409)
    assert.equal(await witness.status("old 9\n\n" + log.note(5)), 400)
    assert.equal(witness.logs.read(log.origin)?.size, 9)
    const kept = witness.logs.contradictions(log.origin)
    assert.deepEqual(
      kept.map(({ atS, proven, cosigned, request }) => [atS, proven, cosigned, request]),
      [
        [nowS, true, log.note(9), fork.offer(9, 9)],
        [nowS, false, log.note(9), fork.offer(9, 12)],
      ],
    )
    assert.match(kept[0]?.why ?? "", /cosigned another tree of the same size/)
    assert.match(kept[1]?.why ?? "", /does not lead from the tree of size 9/)
    assert.equal(await witness.status(log.offer(9, 12)), 200, "the true one goes on")
    assert.equal(witness.logs.contradictions(log.origin).length, 2, "and what was kept stays")
  })

  test("a wrong proof for a true checkpoint is no evidence once that checkpoint is cosigned, and hides none", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 9))
    const withWrongProof = (old: number, size: number) => `old ${old}\n${log.rootOf(3).toString("base64")}\n\n${log.note(size)}`
    assert.equal(await witness.status(withWrongProof(9, 12)), 422)
    assert.equal(witness.logs.contradictions(log.origin).length, 1)
    assert.equal(await witness.status(log.offer(9, 12)), 200)
    assert.deepEqual(witness.logs.contradictions(log.origin), [])

    for (let size = 13; size <= 40; size++) assert.equal(await witness.status(withWrongProof(12, size)), 422)
    assert.equal(witness.logs.contradictions(log.origin).length, 16, "a stranger with many checkpoints does not fill the disk")
    for (const again of [1, 2]) assert.equal(await witness.status(fork.offer(12, 12)), 409, `${again}`)
    const proven = witness.logs.contradictions(log.origin).filter((one) => one.proven)
    assert.deepEqual(
      proven.map(({ cosigned, request }) => [cosigned, request]),
      [[log.note(12), fork.offer(12, 12)]],
    )
  })

  test("keeps nothing of who has no key of the log", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 9))
    const stranger = makeLog(log.origin, 7)
    const before = readFileSync(witness.file(), "utf8")
    for (const [body, status] of [
      [stranger.forkAt(3).offer(9, 12), 403],
      [makeLog("another.example/log").offer(0, 3), 404],
      [log.offer(9, 12).slice(0, -1), 400],
      ["", 400],
    ] as const) {
      assert.equal(await witness.status(body), status)
    }
    assert.equal(readFileSync(witness.file(), "utf8"), before)
    assert.equal(readdirSync(join(witness.logs.directory, "logs")).length, 1)
  })

  test("keeps logs apart, also those whose names are made to look like paths", async (t) => {
    const names = ["../../etc/passwd", "a/../b", "x".repeat(5_000), "logs", "ä\u202e", log.origin]
    const many = names.map((name, index) => makeLog(name, index + 1))
    const witness = makeWitness(t, ...many)
    for (const one of many) assert.equal(await witness.status(one.offer(0, 4)), 200, one.origin.slice(0, 40))
    assert.deepEqual(new Set(witness.logs.list().map(({ origin }) => origin)), new Set(names))
    assert.deepEqual(readdirSync(witness.logs.directory).sort(), ["logs", "witness.lock.sqlite"])
  })

  test("answers the published race: one of the two is taken, whichever comes first", async (t) => {
    const { race } = published
    const known = { origin: race.logKey.origin, key: verifierKeyText(race.logKey.origin, Buffer.from(race.logKey.publicKeyHex, "hex")) }
    for (const order of [
      [race.toThree, race.toFive],
      [race.toFive, race.toThree],
    ]) {
      const witness = makeWitness(t, known)
      assert.equal(await witness.status(race.first), 200)
      assert.deepEqual(await Promise.all(order.map(witness.status)), [200, 409])
    }
  })
})

describe("many requests at once", () => {
  test("of two histories exactly one goes on, over and over", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 5))
    const answers = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const side = i % 2 === 0 ? log : fork
        return { side, answer: await witness.ask(side.offer(5, 6 + (i % 7))) }
      }),
    )
    const winners = answers.filter(({ answer }) => answer.status === 200)
    assert.equal(winners.length, 1)
    assert.ok(answers.every(({ answer }) => answer.status === 200 || answer.status === 409))
    const [{ side } = { side: log }] = winners
    const size = witness.logs.read(log.origin)?.size ?? 0
    assert.deepEqual(witness.logs.read(log.origin)?.root, side.rootOf(size))
    assert.equal(await witness.status((side === log ? fork : log).offer(size, size + 1)), 422)
  })

  test("while another process holds the lock nothing is cosigned, and it is said that it is busy", async (t) => {
    const witness = makeWitness(t, log)
    const held = tryLock(join(witness.logs.directory, "witness.lock.sqlite"))
    const changes: string[] = []
    const impatient = new WatchedLogs(witness.logs.directory, { lockWithinMs: 30 })
    await assert.rejects(
      impatient.locked(() => changes.push("made")),
      (error) => error instanceof Fault && error.code === "witness.busy",
    )
    const answer = witness.ask(log.offer(0, 5))
    assert.equal(witness.logs.read(log.origin)?.size, 0)
    held?.release()
    assert.equal((await answer).status, 200)
    assert.deepEqual(changes, [])
  })
})

describe("a state that cannot be believed", () => {
  const damages: Readonly<Record<string, (text: string) => string>> = {
    "is empty": () => "",
    "is no JSON": () => "nonsense",
    "is another kind of JSON": () => "[]",
    "is cut": (text) => text.slice(0, 100),
    "has no origin": (text) => text.replace('"origin"', '"x"'),
    "is the file of another log": (text) => text.replaceAll("example.com/log", "example.com/lag"),
    "has a size that is none": (text) => text.replace('"size":9', '"size":-1'),
    "has a root that is none": (text) => text.replace(/"root":"./, '"root":"'),
    "has no keys": (text) => text.replace(/"keys":\[[^\]]*\]/, '"keys":[]'),
    "has a key that is none": (text) => text.replace(/"keys":\["/, '"keys":["x'),
  }
  for (const [what, damage] of Object.entries(damages)) {
    test(`one that ${what} is refused with a sentence, and never taken for a new log`, async (t) => {
      const witness = makeWitness(t, log)
      await witness.ask(log.offer(0, 9))
      const file = witness.file()
      writeFileSync(file, damage(readFileSync(file, "utf8")))
      for (const body of [log.offer(9, 12), log.offer(0, 12), fork.offer(0, 12)]) {
        await assert.rejects(witness.ask(body), (error) => error instanceof Fault && error.code === "store.damaged" && error.message.includes(file))
      }
    })
  }

  test("one of a newer version is refused as such", async (t) => {
    const witness = makeWitness(t, log)
    writeFileSync(witness.file(), readFileSync(witness.file(), "utf8").replace('"format":1', '"format":2'))
    await assert.rejects(witness.ask(log.offer(0, 9)), { code: "store.newer-format" })
  })

  test("one that is gone makes the log unknown, not new", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 9))
    rmSync(witness.file())
    assert.equal(await witness.status(fork.offer(0, 12)), 404)
  })

  test("what a killed process left half-written is swept, and nothing else", async (t) => {
    const witness = makeWitness(t, log)
    await witness.ask(log.offer(0, 9))
    await witness.ask(fork.offer(9, 12))
    const halves = [witness.file(), witness.logs.contradictions(log.origin)[0]?.file].map((file) => `${file}.4711.tmp`)
    for (const half of halves) writeFileSync(half, "{")
    assert.equal(witness.logs.list().length, 1)
    witness.logs.sweep()
    assert.deepEqual(
      halves.map((half) => existsSync(half)),
      [false, false],
    )
    assert.equal(witness.logs.contradictions(log.origin).length, 1)
  })
})
