/** The hook that gives a run its model: when the ledger is asked, what becomes of its answer, and who is told over which way. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { ctx, doorRig, type Fields } from "./door-rig.ts"

const asked: Fields = { ...ctx, trigger: "user", channel: "telegram" }
const event = { prompt: "hello" }
const cheaper = { model: { provider: "mock", model: "small" }, words: "Sovereign Ledger: the budget daily is used to 84 %." }
const override = { providerOverride: "mock", modelOverride: "small" }

function choiceRig() {
  const rig = doorRig({ hard: true, downgrades: true })
  rig.state.more = cheaper
  const sent: unknown[] = []
  const message = (more: object = {}) =>
    void rig.fire(
      "reply_dispatch",
      { sessionKey: ctx.sessionKey, originatingChannel: "telegram", ...more },
      { dispatcher: { sendFinalReply: (payload: unknown) => void sent.push(payload) } },
    )
  return { ...rig, sent, message, chooses: (of: Fields = asked) => Promise.resolve(rig.fire("before_model_resolve", event, of)) }
}

describe("the model of a run", () => {
  test("is asked for only where the writer says that a step may be in force", async () => {
    const { state, ledger, asked: questions, observed, chooses } = choiceRig()
    state.doors = { hard: true }
    assert.equal(await chooses(), undefined)
    state.doors = undefined
    assert.equal(await chooses(), undefined)
    assert.deepEqual([questions.length, observed.map(({ hook }) => hook)], [0, ["before_model_resolve", "before_model_resolve"]])
    Object.assign(ledger, { downgrades: true }) // in the settings, before the writer was reached
    assert.deepEqual(await chooses(), override)
  })

  test("is the ledger's, for whom it is asked, and the host's own where it has none", async () => {
    const { state, asked: questions, observed, chooses } = choiceRig()
    assert.deepEqual(await chooses(), override)
    const { run, provider, model, channel, tells, promptLength } = questions[0] ?? {}
    assert.deepEqual([run, provider, model, channel, tells, promptLength], ["r1", "mock", "big", "telegram", false, 5])
    state.more = {}
    assert.equal(await chooses(), undefined)
    assert.equal(observed.length, 0, "the writer records what it is asked")
  })

  test("stays the host's when there is no writer, or one that takes its time", async (t) => {
    const { ledger, state, observed, chooses } = choiceRig()
    Object.assign(ledger.client, { gate: () => Promise.resolve(new Fault("writer.unreachable", { directory: "here", problem: "no" })) })
    assert.equal(await chooses(), undefined)
    assert.equal(observed.length, 1, "it is told of when there is one again")
    t.mock.timers.enable({ apis: ["setTimeout"] })
    Object.assign(ledger.client, { gate: () => new Promise(() => {}) })
    const late = chooses()
    t.mock.timers.tick(3_000)
    assert.equal(await late, undefined)
    Object.assign(ledger.client, { gate: () => Promise.reject(new RangeError("no")) })
    assert.equal(await chooses(), undefined)
    assert.ok(state.doors)
  })
})

describe("whoever waits for the answer", () => {
  test("is told beside it, over the way of the message that it answers", async () => {
    const { sent, message, asked: questions, chooses } = choiceRig()
    message()
    await chooses()
    assert.deepEqual(sent, [{ text: cheaper.words, isStatusNotice: true }])
    assert.equal(questions[0]?.["tells"], true)
  })

  for (const [name, more, of] of [
    ["by a heartbeat in their session", {}, { ...asked, trigger: "heartbeat" }],
    ["by a run that a program begins", {}, { ...asked, channel: undefined }],
    ["by the run of another message", { runId: "r0" }, asked],
  ] as const)
    test(`is told nothing ${name}`, async () => {
      const { sent, message, asked: questions, chooses } = choiceRig()
      message(more)
      assert.deepEqual(await chooses(of), override)
      assert.deepEqual([sent, questions[0]?.["tells"]], [[], false])
    })

  test("is spared the host's word that the other model is not available, for runs that were given theirs", async () => {
    const { state, fire, observed, chooses } = choiceRig()
    const notice = (runId: string | undefined, isFallbackNotice = true) =>
      fire("reply_payload_sending", { runId, payload: { text: "fallback", isFallbackNotice } })
    await chooses()
    await chooses({ ...asked, runId: undefined })
    assert.deepEqual([notice("r1"), notice("r1", false), notice("r2"), notice(undefined)], [{ cancel: true }, undefined, undefined, undefined])
    assert.equal(observed.length, 4)
    state.more = {}
    await chooses() // the host falls back from it
    assert.equal(notice("r1"), undefined)
  })

  test("is spared the host's word that its own model is back, and not that another fallback is over", async () => {
    const { fire, chooses } = choiceRig()
    await chooses()
    const over = (was: string, sessionKey: string | undefined = ctx.sessionKey) => {
      const text = `Model Fallback cleared: mock/big (was ${was})`
      return fire("reply_payload_sending", { runId: "r9", sessionKey, payload: { text, isFallbackNotice: true } })
    }
    assert.deepEqual([over("mock/small"), over("mock/other"), over("mock/small", "agent:main:other")], [{ cancel: true }, undefined, undefined])
  })
})
