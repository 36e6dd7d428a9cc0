/** Permits in the gateway: one for one call of one run to one model, asked for once, given back when it will not be used, and not used when it is too old. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { setImmediate } from "node:timers/promises"
import { Permits, type Granted, type NextCall } from "../../src/host/permits.ts"

import { FakeClocks } from "../fake-clocks.ts"

const big = { provider: "mock", model: "big" }
const small = { provider: "mock", model: "small" }
const minute = 60_000

function rig() {
  const asked: NextCall[] = []
  const answers: ((granted: Granted) => void)[] = []
  const clocks = new FakeClocks(0)
  const permits = new Permits(clocks.read())
  const ask = (next: NextCall) => {
    asked.push(next)
    return new Promise<Granted>((resolve) => void answers.push(resolve))
  }
  const permit = (hold: string, model = big) => ({ permit: { hold, attempt: 1, ...model } })
  return { permits, ask, asked, answers, permit, clocks, pass: (ms: number) => clocks.pass(ms) }
}

describe("a permit", () => {
  test("is asked for once by many doors, and used up by one call", async () => {
    const { permits, ask, asked, answers, permit } = rig()
    const doors = [permits.next("r1", big, ask), permits.next("r1", undefined, ask)]
    assert.equal(permits.use("r1", big), undefined, "not before it is there")
    answers[0]?.(permit("h1"))
    assert.deepEqual(await Promise.all(doors), [permit("h1"), permit("h1")])
    assert.equal(asked.length, 1)
    assert.deepEqual([permits.use("r1", big), permits.use("r1", big)], [permit("h1"), undefined])
    assert.deepEqual([permits.ended("r1", 10, 5), permits.ended("r1", 10, 5)], [permit("h1").permit, undefined])
    void permits.next("r1", undefined, ask)
    assert.deepEqual(asked[1], { model: big, knownBytes: 15, leftOver: undefined })
  })

  test("is enough for a call of at most its size, to its model, while it is fresh", async () => {
    const { permits, ask, answers, pass } = rig()
    const asked = permits.next("r1", big, ask)
    answers[0]?.({ permit: { hold: "h1", attempt: 1, ...big, inputTokens: 100, outputTokens: 10 } })
    await asked
    const covers = (bytes: number | undefined, maxTokens: number | undefined, model = big) => permits.covers("r1", model, { bytes, maxTokens })
    const [enough, ...less] = [covers(100, 10), covers(101, 10), covers(100, 11), covers(undefined, 10), covers(100, undefined), covers(1, 1, small)]
    assert.deepEqual([enough, less.includes(true)], [true, false])
    pass(15 * minute + 1)
    assert.equal(covers(1, 1), false)
  })

  for (const [name, ages] of [
    ["was slept through", (clocks: FakeClocks) => clocks.sleep(25 * minute)],
    ["passed in a container whose uptime began anew", (clocks: FakeClocks) => (clocks.pass(25 * minute), (clocks.uptimeMs = 0))],
    ["passed under a clock that was set back", (clocks: FakeClocks) => (clocks.pass(25 * minute), clocks.set(-25 * minute))],
  ] as const)
    test(`ages by time that ${name}`, async () => {
      const { permits, ask, answers, permit, clocks } = rig()
      const asked = permits.next("r1", big, ask)
      answers[0]?.(permit("h1"))
      await asked
      ages(clocks)
      assert.equal(permits.use("r1", big), undefined)
    })

  test("does not age by a clock that is set forward", async () => {
    const { permits, ask, answers, permit, clocks } = rig()
    const asked = permits.next("r1", big, ask)
    answers[0]?.(permit("h1"))
    await asked
    clocks.set(365 * 24 * 60 * minute)
    assert.deepEqual(permits.use("r1", big), permit("h1"))
  })

  test("is of its run and its model only", async () => {
    const { permits, ask, answers, permit } = rig()
    const asked = permits.next("r1", big, ask)
    answers[0]?.(permit("h1"))
    await asked
    assert.equal(permits.use("r2", big), undefined)
    assert.equal(permits.use("r1", small), undefined)
    assert.equal(permits.use("r1", big), undefined, "a call to another model has taken its place")
  })

  test("for another model is exchanged, and so is one that has waited for long; too old a one is not used", async () => {
    const { permits, ask, asked, answers, permit, pass } = rig()
    const grant = async (model: typeof big | undefined, hold: string) => {
      const waiting = permits.next("r1", model, ask)
      await setImmediate() // what it takes the place of is waited for first
      answers.at(-1)?.(permit(hold, model))
      return waiting
    }
    await grant(big, "h1")
    await grant(small, "h2")
    assert.deepEqual(asked[1]?.leftOver, permit("h1").permit)
    pass(15 * minute)
    await grant(small, "h3")
    assert.equal(asked.length, 2, "not yet")
    pass(1)
    await grant(small, "h3")
    assert.deepEqual([asked.length, asked[2]?.leftOver], [3, permit("h2", small).permit])
    pass(24 * minute + 1)
    assert.equal(permits.use("r1", small), undefined, "the writer has let go of it")
  })

  test("of an attempt that is over is not the next one's: it is given back with the next question, which waits for it", async () => {
    const { permits, ask, asked, answers, permit } = rig()
    const first = permits.next("r1", big, ask)
    const second = permits.anew("r1", big, ask)
    const third = permits.anew("r1", big, ask)
    assert.equal(asked.length, 1)
    answers[0]?.(permit("h1"))
    await first
    assert.equal(permits.use("r1", big), undefined)
    await setImmediate()
    assert.deepEqual([asked.length, asked[1]?.leftOver], [2, permit("h1").permit])
    answers[1]?.(permit("h2"))
    await second
    await setImmediate()
    assert.deepEqual(asked[2]?.leftOver, permit("h2").permit)
    answers[2]?.(permit("h3"))
    await third
    assert.deepEqual(permits.use("r1", big), permit("h3"))
    void permits.anew("r1", big, ask)
    assert.equal(asked[3]?.leftOver, undefined, "one that was used is not given back")
  })

  test("that was refused is a refusal for the call, in its words, until another attempt begins", async () => {
    const { permits, ask, answers } = rig()
    const asked = permits.next("r1", big, ask)
    answers[0]?.({ words: "no" })
    await asked
    assert.deepEqual([permits.use("r1", big), permits.use("r1", big)], [{ words: "no" }, { words: "no" }])
    void permits.anew("r1", big, ask)
    assert.equal(permits.use("r1", big), undefined)
  })

  test("of a run that goes on is kept while a thousand others come and go", async () => {
    const { permits, ask, answers, permit } = rig()
    const asked = permits.next("long", big, ask)
    answers[0]?.(permit("h1"))
    await asked
    for (let n = 0; n < 3_000; n++) {
      permits.knows(`r${n}`, 1)
      if (n % 500 === 0) permits.adds("long", 1)
    }
    assert.deepEqual(permits.use("long", big), permit("h1"))
  })
})

describe("what is known of the next request", () => {
  test("is the last one with its answer and what tools gave since, and at least what the run began with", () => {
    const { permits } = rig()
    permits.knows("r1", 100)
    permits.knows("r1", 40)
    assert.equal(permits.adds("r1", 7), 107)
    permits.ended("r1", 200, 20)
    assert.equal(permits.adds("r1", 3), 223)
  })
})
