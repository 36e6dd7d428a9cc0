/** The client in the gateway, against real writers and against none: bounds, gaps, flushing, refusals. It never throws. */
import assert from "node:assert/strict"
import { rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { assertOnce, gateCall, lineOf, observeCall } from "../writer/load.ts"
import { onePiece } from "../writer/one-piece.ts"
import { makeRig, until, type Rig } from "../writer/rig.ts"

/** A way to the writer that leads nowhere until it is mended. */
function brokenLink(rig: Rig) {
  const state = { broken: true }
  return { state, link: () => Promise.resolve(state.broken ? rig.link({ program: undefined }) : rig.link()) }
}

describe("the client in the gateway", { concurrency: 3 }, () => {
  test("what does not fit into the queue is counted, by reason and hook, and the rest is not lost", async (t) => {
    const rig = makeRig(t)
    const { state, link } = brokenLink(rig)
    const client = rig.client({ queueBytes: 50_000 }, link)
    const startedMs = Date.now()
    for (let i = 0; i < 500; i++) {
      observeCall(client, `bound-${i}`)
      client.observe("session_end", Date.now(), lineOf("session_end", { sessionId: `s${i}`, messageCount: i }))
    }
    assert.equal(client.fault, undefined, "a writer that is away is no reason to stop collecting")
    state.broken = false
    await client.flush(10_000)
    const [gap, ...more] = rig
      .entries("capture.gap")
      .map(({ facts }) => facts as { reason: string; count: number; byType: Record<string, number>; fromMs: number; toMs: number })
    assert.ok(gap)
    assert.deepEqual([more, gap.reason], [[], "the queue was full"])
    const kept = { tool: rig.entries("tool.returned").length, session: rig.entries("session.ended").length }
    assert.ok(kept.tool > 50, "the queue was used")
    assert.deepEqual(gap.byType, { after_tool_call: 500 - kept.tool, session_end: 500 - kept.session })
    assert.equal(gap.count, 1_000 - kept.tool - kept.session)
    assert.ok(startedMs <= gap.fromMs && gap.fromMs <= gap.toMs && gap.toMs <= Date.now())
    const calls = rig.entries("tool.returned").map(({ facts }) => facts["call"])
    assert.deepEqual(
      calls,
      calls.map((_, i) => `bound-${i}`),
      "the first ones are kept, in order",
    )
  })

  test("settings that change while it connects are told at once", async (t) => {
    const rig = makeRig(t)
    const link = rig.link()
    const told: string[] = []
    let userId = "one"
    const client = rig.client({}, () => {
      told.push(userId)
      return Promise.resolve({ ...link, config: { ...(link.config ?? assert.fail()), userId } })
    })
    observeCall(client, "settings-1")
    await until(() => told.length === 1, "it connects")
    userId = "two"
    client.relink()
    await client.flush(10_000)
    assert.deepEqual(told, ["one", "two"])
    assert.equal(rig.entries("tool.returned").length, 1)
  })

  test("what the doors are told right behind the welcome holds, and not what the welcome said", async (t) => {
    const rig = makeRig(t)
    await rig.writer()
    const way = await onePiece(join(rig.root, "way.sock"), socketPath(rig.directory))
    t.after(() => way.close())
    const held = way.holdNext(() => askWriter(rig.link({ program: undefined }), "order", 10_000, { order: { do: "freeze", target: "all", reason: "a drill" } }))
    const client = rig.client({}, () => Promise.resolve(rig.link({ socketPath: way.path, program: undefined })))
    observeCall(client, "one")
    await held
    await client.flush(10_000)
    assert.deepEqual(client.doors, { hard: true, frozen: "a drill" })
  })

  test("a writer that is away for a while costs nothing within the bound", async (t) => {
    const rig = makeRig(t)
    const { state, link } = brokenLink(rig)
    const client = rig.client({}, link)
    const observed = Array.from({ length: 5_000 }, (_, i) => `away-${i}`)
    for (const call of observed) observeCall(client, call)
    const gate = gateCall(client, "gate-while-away")
    await sleep(250)
    state.broken = false
    assert.ok(!((await gate) instanceof Fault), "a gate waits for a writer that comes back in time")
    await client.flush(10_000)
    assertOnce(rig.entries(), [{ observed, answered: ["gate-while-away"] }])
    assert.deepEqual(rig.entries("capture.gap"), [])
  })

  test("a writer that stays away is said loudly, once, and once more when it is back", async (t) => {
    const rig = makeRig(t)
    const { state, link } = brokenLink(rig)
    const client = rig.client({}, link)
    observeCall(client, "one")
    await until(() => rig.logged.length > 0, "it is said")
    const refused = await gateCall(client, "refused")
    assert.ok(refused instanceof Fault && refused.code === "writer.unreachable")
    assert.equal(rig.logged.length, 1)
    assert.match(rig.logged[0] ?? "", /^NOT RECORDING\. The writer of \S+ could not be reached: .+\. sovereign-ledger status/)
    state.broken = false
    await until(() => rig.logged.length > 1, "it is back", 20_000)
    assert.match(rig.logged[1] ?? "", /^Recording is on again/)
    await client.flush(5_000)
    assert.equal(rig.entries("tool.returned").length, 1, "it was kept all the while")
  })

  test("without a key nothing is recorded: said once, gates refused at once however often, events counted; a key mends it", async (t) => {
    const rig = makeRig(t, { bare: true })
    const client = rig.client({ retryOffMs: 200 })
    for (let i = 0; i < 4; i++) {
      const startedMs = performance.now()
      const answer = await gateCall(client, `gate-${i}`)
      assert.ok(answer instanceof Fault && answer.code === "key.absent", String(answer))
      assert.ok(performance.now() - startedMs < 5_000, "who asks again at once is answered too")
    }
    for (let i = 0; i < 300; i++) observeCall(client, `off-${i}`)
    await sleep(500)
    assert.equal(rig.logged.length, 1, rig.logged.join("\n"))
    assert.match(rig.logged[0] ?? "", /^NOT RECORDING\. No master key was found .* Create one: sovereign-ledger key create/)
    const created = await rig.run(["key", "create", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
    assert.equal(created.status, 0, created.stderr)
    await until(() => client.fault === undefined, "it records by itself")
    await client.flush(5_000)
    const [gap] = rig.entries("capture.gap")
    assert.deepEqual([gap?.facts["reason"], gap?.facts["byType"]], ["recording was off: key.absent", { after_tool_call: 300 }])
  })

  test("while nothing can be recorded gates make one attempt a second; those in between are refused with its fault", async (t) => {
    const rig = makeRig(t)
    let nowMs = 1_000_000
    let attempts = 0
    let broken = true
    const link = () => {
      attempts++
      return broken ? Promise.reject(new Fault("key.absent", { looked: `attempt ${attempts}` })) : Promise.resolve(rig.link())
    }
    const client = rig.client({ nowMs: () => nowMs }, link)
    const refusedFor = async (count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, (_, i) => gateCall(client, `refused-${i}`)))
      assert.ok(answers.every((answer) => answer instanceof Fault))
      return [...new Set(answers.map((answer) => /attempt \d+/.exec(answer.message)?.[0]))]
    }
    assert.deepEqual(await refusedFor(20), ["attempt 1"])
    for (let i = 0; i < 20; i++) assert.deepEqual(await refusedFor(1), ["attempt 1"])
    nowMs += 999
    assert.deepEqual([await refusedFor(20), attempts], [["attempt 1"], 1])
    nowMs += 1
    assert.deepEqual([await refusedFor(20), attempts], [["attempt 2"], 2])
    nowMs -= 60_000
    assert.deepEqual([await refusedFor(1), attempts], [["attempt 3"], 3], "a clock that is put back does not close the door")
    broken = false
    assert.deepEqual([await refusedFor(1), attempts], [["attempt 3"], 3])
    nowMs += 1_000
    assert.ok(!((await gateCall(client, "mended")) instanceof Fault))
    nowMs -= 500
    await rig.stopWriter()
    assert.ok(!((await gateCall(client, "later")) instanceof Fault), "a fault that is over is not told again")
    assert.deepEqual(
      rig.entries("tool.invoked").map(({ facts }) => facts["call"]),
      ["mended", "later"],
    )
  })

  test("flush: at once when there is nothing, after its time when there is no writer, and when all of it is on disk", async (t) => {
    const rig = makeRig(t)
    const { state, link } = brokenLink(rig)
    const client = rig.client({}, link)
    const timed = async (work: Promise<void>) => {
      const startedMs = performance.now()
      await work
      return performance.now() - startedMs
    }
    assert.ok((await timed(client.flush(5_000))) < 100)
    observeCall(client, "one")
    const waitedMs = await timed(client.flush(300))
    assert.ok(waitedMs >= 290 && waitedMs < 2_000, `${waitedMs} ms`)
    state.broken = false
    await Promise.all([client.flush(10_000), client.flush(10_000)])
    assert.equal(rig.entries("tool.returned").length, 1)
  })

  test("close lets go: waiting gates are refused, later ones too, nothing more is taken", async (t) => {
    const rig = makeRig(t)
    const { link } = brokenLink(rig)
    const client = rig.client({}, link)
    const waiting = gateCall(client, "waiting")
    client.close()
    client.close()
    observeCall(client, "after")
    client.lost("after", "after_tool_call", 1)
    const startedMs = performance.now()
    for (const answer of [await waiting, await gateCall(client, "after")]) {
      assert.ok(answer instanceof Fault)
      assert.match(answer.message, /the plugin is closing/)
    }
    assert.ok(performance.now() - startedMs < 500)
  })

  test("a writer that welcomes and never answers: gates are refused when their time is up", async (t) => {
    const rig = makeRig(t)
    const path = join(rig.directory, "writer.sock")
    const welcome = { protocol: 1, version: "0.0.0-source", code: "source", pid: process.pid, mark: 0 }
    const sockets: { destroy: () => void }[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on("error", () => {}) // the client hangs up as it likes
      socket.once("data", () => socket.write(`${JSON.stringify({ welcome })}\n`))
    }).listen(path)
    t.after(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    const client = rig.client({ gateWithinMs: 300 })
    const startedMs = performance.now()
    const answers = await Promise.all([gateCall(client, "one"), gateCall(client, "two")])
    assert.ok(performance.now() - startedMs < 3_000)
    for (const answer of answers) assert.match(answer instanceof Fault ? answer.message : "", /no answer within 300 ms/)
    for (const nonsense of ["\n\n{}\n", '{"gate":1,"verdict":"allow"}\n{"ack":99999}\n', "no JSON\n"]) {
      for (const socket of sockets as { write?: (text: string) => void; destroy: () => void }[]) socket.write?.(nonsense)
      await turn()
    }
    assert.ok((await gateCall(client, "three")) instanceof Fault)
  })

  for (const [name, link] of [
    ["throws", () => Promise.reject(new TypeError("no such thing"))],
    [
      "throws before it is a promise",
      () => {
        throw new RangeError("at once")
      },
    ],
    ["rejects with a text", () => Promise.reject("a text")],
    ["is nothing", () => Promise.resolve(undefined)],
  ] as const) {
    test(`a link that ${name}: a refusal, and nothing is thrown into the host`, async (t) => {
      const rig = makeRig(t)
      const log = () => {
        throw new Error("the host's logger is broken")
      }
      const client = rig.client({ log, gateWithinMs: 2_000 }, link as unknown as () => Promise<never>)
      observeCall(client, "one")
      assert.ok((await gateCall(client, "two")) instanceof Fault)
      await client.flush(50)
    })
  }

  test("a program that is no writer: a refusal, and nothing is thrown into the host", async (t) => {
    const rig = makeRig(t)
    const { program } = rig.link()
    assert.ok(program)
    const file = join(rig.root, "impostor.mjs")
    for (const code of ['console.log("ready when you are")', "process.exit(3)", 'process.stdout.write("half a line")']) {
      writeFileSync(file, code)
      const client = rig.client({ gateWithinMs: 3_000 }, () => Promise.resolve(rig.link({ program: { ...program, file: () => Promise.resolve(file) } })))
      const answer = await gateCall(client, "one")
      assert.ok(answer instanceof Fault && answer.code === "writer.unreachable", String(answer))
      rmSync(file)
    }
  })
})
