/** The witness over HTTP: answers to the letter of the protocol, and whatever else is sent gets a status, a sentence, and no more. */
import assert from "node:assert/strict"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { Agent } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseAddCheckpoint } from "../../src/format/add-checkpoint.ts"
import { isLoopback } from "../../src/surfaces/http/address.ts"
import { WitnessServer } from "../../src/surfaces/http/witness-server.ts"
import { tryLock } from "../../src/vault/lock.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { unseenLog, WatchedLogs } from "../../src/witness/watched-logs.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { makeLog } from "../witness-log.ts"
import { offerTo, post, type Answer } from "./served.ts"

const log = makeLog()
const words = "text/plain; charset=utf-8"

describe("a witness over HTTP", () => {
  const directory = temporaryDirectory({ after })
  const logs = new WatchedLogs(directory, { lockWithinMs: 100 })
  const said: string[] = []
  const key = new WitnessKey("example.org/w", Buffer.alloc(32, 3))
  const server = new WitnessServer({ logs, key, nowS: () => 1_795_000_000 }, { say: (line) => void said.push(line), requestWithinMs: 400 })
  let url = ""
  before(async () => {
    logs.prepare()
    logs.write({ ...unseenLog(log.origin), keyTexts: [log.key] })
    const { host, port } = await server.listen({ host: "127.0.0.1", port: 0 })
    url = `http://${host}:${port}`
  })
  after(() => server.close())

  const answers = (answer: Answer | undefined, status: number, type: string, body: string | RegExp) => {
    assert.deepEqual([answer?.status, answer?.type], [status, type], answer?.body)
    if (typeof body === "string") assert.equal(answer?.body, body)
    else assert.match(answer?.body ?? "", body)
  }

  test("one exchange after another, to the byte", async () => {
    answers(await offerTo(url, log.offer(0, 5)), 200, words, key.cosign(log.note(5).split("\n\n")[0] + "\n", 1_795_000_000))
    answers(await offerTo(url, log.offer(0, 9)), 409, "text/x.tlog.size", "5\n")
    answers(await offerTo(url, log.offer(5, 9)), 200, words, /^— example\.org\/w [A-Za-z0-9+/]{102}==\n$/)
    answers(await offerTo(url, log.forkAt(5).offer(9, 9)), 409, words, /another tree of the same size\n$/)
    answers(await offerTo(url, log.forkAt(5).offer(9, 12)), 422, words, /proof does not lead from the tree of size 9/)
    answers(await offerTo(url, makeLog(log.origin, 8).offer(0, 5)), 403, words, /not signed by a key/)
    answers(await offerTo(url, makeLog("other").offer(0, 5)), 404, words, /does not know the log/)
    answers(await offerTo(url, "old 9\n\n" + log.note(5)), 400, words, /larger than the checkpoint/)
    answers(await offerTo(url, "nonsense"), 400, words, /^the request is not/)
    assert.deepEqual(said.splice(0).length, 2, "the operator is told of contradictions, and of nothing else")
  })

  test("many exchanges over one connection", async () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1")
    let heard = ""
    socket.setEncoding("utf8").on("data", (text: string) => (heard += text))
    const body = log.offer(9, 9)
    const head = `POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
    socket.write((head + body).repeat(3))
    await new Promise<void>((resolve) => socket.on("data", () => (heard.match(/HTTP\/1\.1 200/g)?.length === 3 ? resolve() : undefined)))
    socket.destroy()
  })

  test("another path, another method, a browser", async () => {
    const body = log.offer(9, 9)
    answers(await post(`${url}/`, body), 404, words, /only \/add-checkpoint/)
    answers(await post(`${url}/add-checkpoint/../../etc/passwd`, body), 404, words, /only/)
    answers(await post(`${url}/add-checkpoint?x`, body), 404, words, /only/)
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) answers(await post(`${url}/add-checkpoint`, "", {}, method), 405, words, "POST it\n")
    answers(await post(`${url}/add-checkpoint`, body, { Origin: "https://attacker.example" }), 403, words, /browsers/)
    answers(await post(`${url}/add-checkpoint`, body, { "Sec-Fetch-Site": "none" }), 403, words, /browsers/)
  })

  test("a body that is too long is not read to its end", async () => {
    const long = "x".repeat(200_000)
    answers(await offerTo(url, long), 413, words, /at most 131072 bytes/)
    const told = await post(`${url}/add-checkpoint`, long, { "Transfer-Encoding": "chunked" })
    if (told) answers(told, 413, words, /at most/) // the connection may break while it still sends
  })

  test("a thousand malformed bodies: each gets a status of the protocol, nothing is cosigned, nothing is said to be a bug", async () => {
    said.splice(0)
    const file = join(directory, "logs", readdirSync(join(directory, "logs")).find((name) => name.endsWith(".json")) ?? "")
    const before = readFileSync(file, "utf8")
    const good = Buffer.from(log.offer(9, 12))
    let state = 7
    const below = (most: number) => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % most
    const mutated = (): Buffer => {
      const at = below(good.length)
      const length = below(40)
      const noise = Buffer.from(Array.from({ length }, () => below(256)))
      switch (below(5)) {
        case 0:
          return Buffer.concat([good.subarray(0, at), noise, good.subarray(at)])
        case 1:
          return Buffer.concat([good.subarray(0, at), good.subarray(at + 1 + length)])
        case 2:
          return good.subarray(0, at)
        case 3:
          return Buffer.concat([good, good.subarray(at), noise])
        default: {
          const changed = Buffer.from(good)
          changed.write("AQgwz059+/= \n"[below(12)] ?? "", at)
          return changed
        }
      }
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const statuses = new Map<number, number>()
    for (let round = 0; round < 250; round++) {
      const bodies = Array.from({ length: 4 }, mutated).filter(
        (body) => !body.equals(good) && parseAddCheckpoint(body)?.checkpoint.text !== log.note(12).split("\n\n")[0] + "\n",
      )
      const asked = (body: Buffer) => post(`${url}/add-checkpoint`, body, {}, "POST", agent)
      // A connection that was kept may be closed at its end while the next request leaves: that one never arrived, and is sent again.
      for (const answer of await Promise.all(bodies.map(async (body) => (await asked(body)) ?? (await asked(body))))) {
        assert.ok(answer && [400, 403, 404, 409, 422].includes(answer.status), JSON.stringify(answer))
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      }
    }
    agent.destroy()
    assert.ok((statuses.get(400) ?? 0) > 100 && (statuses.get(403) ?? 0) > 10, JSON.stringify([...statuses]))
    assert.equal(readFileSync(file, "utf8"), before)
    assert.deepEqual(
      said.filter((line) => line.includes("bug")),
      [],
    )
    assert.equal((await offerTo(url, log.offer(9, 9)))?.status, 200, "and it serves on")
  })

  for (const [what, bytes] of [
    ["says nothing", ""],
    ["never ends its head", "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n"],
    ["never ends its body", "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold 9"],
    ["speaks no HTTP", "\u0000\u0001nonsense\r\n\r\n"],
    ["sends a head of 20 kB", `POST /add-checkpoint HTTP/1.1\r\nX: ${"y".repeat(20_000)}\r\n\r\n`],
  ] as const) {
    test(`a peer that ${what} is cut off, and the others are served`, async () => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1")
      let heard = ""
      socket.setEncoding("utf8").on("data", (text: string) => (heard += text))
      socket.on("error", () => {})
      const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()))
      if (bytes) socket.write(bytes)
      assert.equal((await offerTo(url, log.offer(9, 9)))?.status, 200)
      await gone
      assert.doesNotMatch(heard, /\n\s+at |node:|Error/)
    })
  }

  test("a state that cannot be read: 500 and a sentence, and the operator is told which file", async () => {
    const broken = makeLog("broken.example/log", 5)
    logs.write({ ...unseenLog(broken.origin), keyTexts: [broken.key] })
    for (const name of readdirSync(join(directory, "logs")).filter((one) => one.endsWith(".json"))) {
      const path = join(directory, "logs", name)
      if (readFileSync(path, "utf8").includes(broken.origin)) writeFileSync(path, "nonsense")
    }
    said.splice(0)
    const answer = await offerTo(url, broken.offer(0, 3))
    answers(answer, 500, words, "the witness could not do it; nothing was cosigned\n")
    assert.match(said.join("\n"), /\.json is damaged: it is not JSON/)
    assert.ok(!answer?.body.includes(directory))
  })

  test("a lock that does not come free: 503", async () => {
    const held = tryLock(join(directory, "witness.lock.sqlite"))
    const answer = await offerTo(url, log.offer(9, 10))
    held?.release()
    answers(answer, 503, words, /nothing was cosigned/)
    assert.equal((await offerTo(url, log.offer(9, 10)))?.status, 200)
  })
})

test("an address that is taken is refused with a sentence", async (t) => {
  const logs = new WatchedLogs(temporaryDirectory(t))
  logs.prepare()
  const witness = { logs, key: new WitnessKey("w", Buffer.alloc(32, 1)), nowS: () => 0 }
  const first = new WitnessServer(witness, { say: () => {} })
  t.after(() => first.close())
  const { host, port } = await first.listen({ host: "127.0.0.1", port: 0 })
  await assert.rejects(
    new WitnessServer(witness, { say: () => {} }).listen({ host, port }),
    (error) => error instanceof Fault && error.code === "witness.cannot-listen",
  )
})

test("what counts as this machine alone", () => {
  for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost"]) assert.ok(isLoopback(host), host)
  for (const host of ["0.0.0.0", "::", "10.0.0.2", "127.0.0.1.example.org", "example.org", "1270.0.0.1", "::ffff:10.0.0.2"]) assert.ok(!isLoopback(host), host)
})
