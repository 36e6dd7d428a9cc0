/** Peers that break the protocol, on purpose or not: each loses its own connection at most, and nobody else notices. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { after, before, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import { WriterServer } from "../../src/surfaces/socket/server.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig, type Started } from "./rig.ts"

const sender = "00112233445566aa"
const hello = (changes: object = {}) =>
  `${JSON.stringify({ hello: { protocol: 1, version: "0", code: "x", role: "plugin", lane: "observe", sender, ...changes } })}\n`
const observed = (n: unknown, changes: object = {}) => `${JSON.stringify({ n, h: "after_tool_call", t: 1, p: { tool: "read", call: "raw" }, ...changes })}\n`
const deep = `{"n":1,"h":"after_tool_call","t":1,"cutFromBytes":1,"p":{"tool":"read","result":${"[".repeat(200_000)}${"]".repeat(200_000)}}}\n`

type Abuse = { readonly say: string | Buffer; readonly answers?: RegExp; readonly stays?: true }

/** What is said, what comes back, and whether the connection is kept. */
const abuses: Readonly<Record<string, Abuse>> = {
  "bytes without a meaning": { say: Buffer.from([0, 255, 10, 13, 10, 200, 10]), answers: /could not be read/ },
  "no JSON": { say: "GET / HTTP/1.1\r\nhost: x\r\n\r\n", answers: /could not be read/ },
  "JSON that is no greeting": { say: '[1, 2]\n"x"\nnull\n', answers: /protocol/ },
  "work before the greeting": { say: observed(1), answers: /protocol/ },
  "another protocol number": { say: hello({ protocol: 2 }), answers: /"writer.protocol".*speaks protocol 1; this program speaks 2/ },
  "a protocol number that is a text": { say: hello({ protocol: "1" }), answers: /writer.protocol/ },
  "no such lane": { say: hello({ lane: "back door" }), answers: /could not be read/ },
  "a sender that is no number": { say: hello({ sender: "../../etc" }), answers: /could not be read/ },
  "settings of the wrong shape": { say: hello({ config: { guard: { tools: 7, deny: [null] }, userId: {} } }), answers: /welcome/, stays: true },
  "a line of 20 MB": { say: Buffer.concat([Buffer.from(hello()), Buffer.alloc(20 * 1024 * 1024, "x")]), answers: /welcome/ },
  "an event without its number": { say: hello() + observed(undefined), answers: /without its number/ },
  "an event with a negative number": { say: hello() + observed(-1), answers: /without its number/ },
  "an event of a hook nobody knows": { say: hello({ sender: "0".repeat(16) }) + observed(1, { h: "no_such_hook" }), answers: /"ack":1/, stays: true },
  "an event without fields": { say: hello({ sender: "1".repeat(16) }) + observed(1, { p: null, t: "noon", h: 7 }), answers: /"ack":1/, stays: true },
  "numbers out of order": { say: hello({ sender: "2".repeat(16) }) + observed(5) + observed(3) + observed(9) + observed(9), answers: /"ack":9/, stays: true },
  "a gap that is none": { say: `${hello({ sender: "3".repeat(16) })}{"n":1,"gap":null}\n` },
  "a gap of the wrong shape": { say: `${hello({ sender: "4".repeat(16) })}{"n":1,"gap":{"byType":[["x"]],"reason":{},"fromMs":"x"}}\n` },
  "a very deep event": { say: hello({ sender: "5".repeat(16) }) + deep },
  "a very deep gate": {
    say: hello({ sender: "6".repeat(16), lane: "gate" }) + deep.replace('{"n":1', '{"gate":1,"n":1').replace("after_tool_call", "before_tool_call"),
  },
  "a gate of another hook": {
    say: `${hello({ sender: "7".repeat(16), lane: "gate" })}{"gate":1,"n":1,"h":"session_end","t":1,"p":{}}\n`,
    answers: /"verdict":"deny"/,
    stays: true,
  },
  "an order nobody knows": { say: `${hello({ lane: "control" })}{"ask":1,"do":"format the disk"}\n`, answers: /"ask":1,"fault"/, stays: true },
}

type Peer = { readonly socket: Socket; readonly heard: () => string; readonly gone: () => boolean }

function dial(path: string): Peer {
  const socket = connect(path)
  let heard = ""
  let gone = false
  socket.setEncoding("utf8").on("data", (text: string) => (heard += text))
  socket.on("error", () => {}) // being cut off is what it asks for
  socket.once("close", () => (gone = true))
  return { socket, heard: () => heard, gone: () => gone }
}

describe("abuse of the protocol", () => {
  let rig: Rig
  let writer: Started
  let client: LedgerClient
  before(async () => {
    rig = makeRig(undefined)
    writer = await rig.writer()
    client = rig.client()
  })
  after(() => rig.end())

  /** A client that behaves is answered, by the same process, on the connection it has. */
  const othersAreServed = async (call: string) => {
    const answer = await gateCall(client, call)
    assert.ok(!(answer instanceof Fault), `others suffer: ${String(answer)}`)
    assert.equal(writer.child.exitCode, null)
    assert.equal((await rig.status()).pid, writer.pid)
    assert.equal(writer.printed().split("\n").length, 2, "nothing was printed but that it is ready")
  }

  for (const [name, abuse] of Object.entries(abuses)) {
    test(`${name}: only its own connection suffers`, async () => {
      const peer = dial(rig.link().socketPath)
      peer.socket.write(abuse.say)
      if (abuse.stays) await until(() => abuse.answers?.test(peer.heard()) ?? false, `it is answered, not ${peer.heard()}`)
      else if (abuse.answers) await until(peer.gone, "it is cut off")
      else await Promise.race([until(peer.gone, "it is cut off or answered"), until(() => /ack|gate/.test(peer.heard()), "it is cut off or answered")])
      if (abuse.answers) assert.match(peer.heard(), abuse.answers)
      assert.equal(peer.gone(), abuse.stays === undefined && abuse.answers !== undefined ? true : peer.gone())
      peer.socket.destroy()
      await othersAreServed(name)
    })
  }

  test("somebody who goes on talking after being cut off is not listened to", async () => {
    const peer = dial(rig.link().socketPath)
    peer.socket.write(`${hello({ sender: "8".repeat(16) })}no JSON\n${observed(1, { p: { tool: "read", call: "after-the-end" } })}`)
    await until(peer.gone, "it is cut off")
    await othersAreServed("after the end")
    assert.deepEqual(
      rig.entries("tool.returned").filter(({ facts }) => facts["call"] === "after-the-end"),
      [],
    )
  })

  test(
    "somebody who asks and never reads the answers is cut off, and takes no memory along",
    { skip: process.platform !== "linux" && "needs /proc" },
    async () => {
      const peer = dial(rig.link().socketPath)
      peer.socket.write(hello({ lane: "control" }))
      await until(() => peer.heard() !== "", "it is welcome")
      peer.socket.pause()
      const before = memoryBytes(writer.pid)
      const questions = Array.from({ length: 2_000 }, (_, n) => `{"ask":${n},"do":"status"}\n`).join("")
      for (let i = 0; i < 60 && !peer.gone(); i++) {
        peer.socket.write(questions)
        await sleep(10)
      }
      peer.socket.resume()
      await until(peer.gone, "it is cut off")
      const grownBytes = memoryBytes(writer.pid) - before
      assert.ok(grownBytes < 60e6, `the writer grew by ${Math.round(grownBytes / 1e6)} MB`)
      await othersAreServed("never reads")
    },
  )

  test("everything is still sound", () => {
    const { verdict, problems } = rig.verify()
    assert.deepEqual([verdict, problems], ["valid", []])
    assert.equal(rig.entries("writer.started").length, 1)
    const repeats = rig.entries("tool.returned").filter(({ facts }) => facts["call"] === "raw")
    assert.equal(repeats.length, 2, "of 5, 3, 9, 9 the numbers 5 and 9 are new")
  })
})

for (const [name, words] of [
  ["says nothing", ""],
  ["never ends its first line", '{"hello"'],
] as const) {
  test(`a peer that ${name} is cut off after a while`, async (t) => {
    const rig = makeRig(t)
    const path = join(rig.root, "patience.sock")
    const refuse = () => assert.fail("it never greeted")
    const core = {
      welcome: refuse,
      joined: refuse,
      observe: refuse,
      gate: refuse,
      control: refuse,
      held: refuse,
      goodbye: refuse,
      left: refuse,
      saturated: () => false,
    }
    const server = new WriterServer([{ path, mode: 0o600, isShared: false }], core, { helloWithinMs: 150 })
    await server.listen()
    t.after(() => server.close())
    const peer = dial(path)
    if (words) peer.socket.write(words)
    await until(peer.gone, "it is cut off")
    assert.equal(server.clients, 0)
  })
}

test("by the socket of a group nobody ends the writer or erases, whatever he says he is; by the writer's own it is asked", async (t) => {
  const rig = makeRig(t)
  const asked: string[] = []
  const none = () => {}
  const core = {
    welcome: () => ({ protocol: 1, version: "0", code: "x", pid: 1, mark: 0 }),
    ...{ joined: none, observe: none, gate: none, held: none, goodbye: none, left: none, saturated: () => false },
    control: (action: string) => asked.push(action),
  }
  const [own, shared] = [join(rig.root, "own.sock"), join(rig.root, "shared.sock")]
  const server = new WriterServer(
    [
      { path: own, mode: 0o600, isShared: false },
      { path: shared, mode: 0o660, isShared: true },
    ],
    core,
  )
  await server.listen()
  t.after(() => server.close())
  for (const [path, changes] of [
    [shared, { role: "cli" }],
    [shared, { role: "plugin", version: "999.0.0", code: "y" }],
    [own, { role: "cli" }],
  ] as const) {
    for (const action of ["stop", "hand-over", "erase", "status"]) {
      const peer = dial(path)
      peer.socket.write(`${hello({ lane: "control", ...changes })}{"ask":1,"do":"${action}"}\n`)
      await until(() => /"ask":1/.test(peer.heard()), "it is answered")
      const isRefused = path === shared && action !== "status"
      assert.match(
        peer.heard(),
        isRefused ? /"code":"writer\.not-for-group","message":"Refused: [^"]+\.","remedy":"[^"]+\."/ : /"result":/,
        `${action} by ${path}`,
      )
      peer.socket.destroy()
    }
  }
  assert.deepEqual(asked, ["status", "status", "stop", "hand-over", "erase", "status"])
})

function memoryBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1])
  return pages * 4096
}
