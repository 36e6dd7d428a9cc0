/** Witnesses in the background: the newest checkpoint to each, one question at a time, growing pauses, and an entry when one of them contradicts. */
import assert from "node:assert/strict"
import { describe, test, type TestContext } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import type { Restored } from "../../src/format/facts/ledger.ts"
import { parseWitness } from "../../src/format/witness.ts"
import type { Post } from "../../src/operations/ask-witness.ts"
import { Witnessing, type WitnessingOptions } from "../../src/operations/witnessing.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { until } from "../writer/rig.ts"
import { makeLog } from "../witness-log.ts"

const log = makeLog()
const key = new WitnessKey("example.org/w", Buffer.alloc(32, 3))
const setting = `${key.verifierKey} http://127.0.0.1:1`
const id = key.verifierKey.split("+").slice(0, 2).join("+")
const sizeType = "text/x.tlog.size"
type Reply = Awaited<ReturnType<Post>>
const cosigned = (body: string): Reply => {
  const text = `${body.slice(body.indexOf("\n\n") + 2).split("\n\n")[0]}\n`
  return { status: 200, contentType: "text/plain", body: key.cosign(text, 7) }
}
const sizeIn = (body: string) => Number(body.slice(body.indexOf("\n\n") + 2).split("\n")[1])

function makeWitnessing(
  t: TestContext,
  answer: (body: string) => Reply | Promise<Reply>,
  options: Partial<WitnessingOptions> & { readonly seen?: number } = {},
) {
  const asked: { readonly old: string; readonly size: number }[] = []
  const kept: number[] = []
  const recorded: NewEvent[] = []
  const failures: unknown[] = []
  let underWay = 0
  const witnessing = new Witnessing({
    nowMs: () => Date.now(),
    post: async (_, body) => {
      assert.equal(++underWay, 1, "it is asked twice at once")
      asked.push({ old: body.split("\n")[0] ?? "", size: sizeIn(body) })
      try {
        return await answer(body)
      } finally {
        underWay--
      }
    },
    kept: {
      head: () => undefined,
      consistency: log.proof,
      seenSizes: () => new Map(options.seen === undefined ? [] : [[id, options.seen]]),
      keepCosignature: ({ witness, size, line }) => {
        assert.deepEqual([witness, line.startsWith(`— ${key.name} `)], [id, true])
        kept.push(size)
      },
    },
    fixed: [],
    record: (event) => void recorded.push(event),
    failed: (error) => void failures.push(error),
    firstPauseMs: 1,
    ...options,
  })
  t.after(() => witnessing.close())
  const offer = (size: number) => witnessing.offer({ size, note: log.note(size) })
  return { witnessing, asked, kept, recorded, failures, offer, state: () => witnessing.status()[0] }
}

describe("witnessing", () => {
  test("offers each checkpoint from the size that was seen last, and keeps what it gets", async (t) => {
    const { witnessing, asked, kept, offer, state } = makeWitnessing(t, cosigned)
    offer(5)
    assert.deepEqual(asked, [], "nobody is named yet")
    witnessing.useSettings([setting])
    await until(() => kept.length === 1, "the first is cosigned")
    offer(5)
    offer(9)
    await until(() => kept.length === 2, "the second is cosigned")
    offer(9)
    assert.deepEqual(asked, [
      { old: "old 0", size: 5 },
      { old: "old 5", size: 9 },
    ])
    assert.deepEqual([state()?.state, state()?.seenSize, state()?.toldSize, state()?.problem, state()?.nextMs], ["agrees", 9, null, null, null])
  })

  test("asks again at the start what it has seen already: it may have seen more since", async (t) => {
    const { witnessing, asked, offer } = makeWitnessing(t, cosigned, { seen: 9 })
    offer(9)
    witnessing.useSettings([setting])
    await until(() => !witnessing.asking, "it has answered")
    assert.deepEqual(asked, [{ old: "old 9", size: 9 }])
  })

  test("while one question is under way only the newest of the others waits", async (t) => {
    const waiting: (() => void)[] = []
    const { witnessing, asked, kept, offer } = makeWitnessing(t, async (body) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return cosigned(body)
    })
    witnessing.useSettings([setting])
    for (const size of [3, 4, 5, 6]) offer(size)
    assert.ok(witnessing.asking)
    waiting.shift()?.()
    await until(() => waiting.length === 1, "the next is asked")
    waiting.shift()?.()
    await until(() => kept.length === 2, "both are kept")
    assert.deepEqual(
      asked.map(({ size }) => size),
      [3, 6],
    )
    assert.equal(witnessing.asking, false)
  })

  test("pauses double up to five minutes", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const { witnessing, asked, offer, state } = makeWitnessing(t, () => Promise.reject(new Error("no")), { nowMs: () => 0, firstPauseMs: 2_000 })
    offer(5)
    witnessing.useSettings([setting])
    const pausesMs: number[] = []
    for (let round = 1; round <= 10; round++) {
      while (witnessing.asking) await new Promise((resolve) => setImmediate(resolve))
      pausesMs.push(state()?.nextMs ?? 0)
      assert.equal(asked.length, round)
      t.mock.timers.tick(state()?.nextMs ?? 0)
    }
    assert.deepEqual(pausesMs, [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000])
  })

  test("one that does not answer is asked again, and nobody is told but status", async (t) => {
    const before: (string | null | undefined)[] = []
    const { witnessing, recorded, kept, offer, state } = makeWitnessing(t, (body) => {
      before.push(state()?.state, state()?.problem)
      if (before.length < 10) throw new Error("connect ECONNREFUSED")
      return cosigned(body)
    })
    offer(5)
    witnessing.useSettings([setting])
    await until(() => kept.length === 1, "it answers in the end")
    const failed = ["could not be asked", "connect ECONNREFUSED"]
    assert.deepEqual(before, ["not asked yet", null, ...failed, ...failed, ...failed, ...failed])
    assert.deepEqual([recorded.length, state()?.state, state()?.problem, state()?.nextMs], [0, "agrees", null, null])
  })

  test("during a pause it is left alone, whatever is offered", async (t) => {
    const { witnessing, asked, offer } = makeWitnessing(t, () => ({ status: 500, contentType: "text/plain", body: "" }), { firstPauseMs: 1_000_000 })
    offer(5)
    witnessing.useSettings([setting])
    await until(() => !witnessing.asking, "it has answered")
    for (let size = 6; size < 20; size++) offer(size)
    assert.equal(asked.length, 1)
  })

  for (const [finding, reply, words] of [
    ["ahead", { status: 409, contentType: sizeType, body: "40\n" }, "is ahead"],
    ["other history", { status: 422, contentType: "text/plain", body: "" }, "saw another history"],
  ] as const) {
    test(`one that contradicts (${finding}) is recorded once, and asked on`, async (t) => {
      const told: Restored[] = []
      const { witnessing, asked, recorded, kept, offer, state } = makeWitnessing(t, () => reply, { seen: 5, restored: (found) => told.push(found) })
      offer(9)
      witnessing.useSettings([setting])
      await until(() => asked.length > 3, "it is asked again")
      assert.deepEqual(kept, [])
      assert.deepEqual([state()?.state, state()?.toldSize], [words, finding === "ahead" ? 40 : 5])
      assert.deepEqual(
        recorded.map(({ type, facts }) => [type, facts]),
        [["witness.disagreed", { witness: id, finding, seenSize: finding === "ahead" ? 40 : 5, size: 9 }]],
      )
      assert.deepEqual([...new Set(told.map(({ evidence }) => evidence))], [`witness:${id}:${finding === "ahead" ? 40 : 5}`], "one evidence by one name")
    })
  }

  test("settings that name others let go of it, and name it again", async (t) => {
    const { witnessing, asked, offer } = makeWitnessing(t, cosigned)
    witnessing.useSettings([setting, setting, "nonsense", key.verifierKey])
    assert.equal(witnessing.status().length, 1, "named twice is one; without a URL it cannot be asked")
    witnessing.useSettings([])
    offer(5)
    assert.deepEqual([witnessing.status(), asked], [[], []])
  })

  test("those the writer was started with stay whatever the settings say", async (t) => {
    const { witnessing, kept } = makeWitnessing(t, cosigned, {
      fixed: [parseWitness(setting)],
      kept: {
        head: () => ({ size: 5, note: log.note(5) }),
        consistency: log.proof,
        seenSizes: () => new Map(),
        keepCosignature: ({ size }) => void kept.push(size),
      },
    })
    witnessing.start()
    witnessing.useSettings([])
    await until(() => kept.length === 1, "it was asked about what was there at the start")
    assert.equal(witnessing.status().length, 1)
  })

  test("what cannot be kept is the writer's failure; what comes after the end is dropped", async (t) => {
    const full = new Error("disk full")
    const { witnessing, failures, offer } = makeWitnessing(t, cosigned, {
      kept: {
        head: () => undefined,
        consistency: log.proof,
        seenSizes: () => new Map(),
        keepCosignature: () => {
          throw full
        },
      },
    })
    witnessing.useSettings([setting])
    offer(5)
    await until(() => failures.length === 1, "it is told")
    assert.deepEqual(failures, [full])
    const late = makeWitnessing(t, async (body) => {
      late.witnessing.close()
      return cosigned(body)
    })
    late.witnessing.useSettings([setting])
    late.offer(5)
    await until(() => !late.witnessing.asking, "the answer is there")
    assert.deepEqual([late.kept, late.recorded], [[], []])
  })
})
