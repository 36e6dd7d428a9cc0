/** What becomes of what was started: who is bound, what is given out again, and when a session lets go. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { front, sessions } from "./sessions.ts"

const orchestrator = "child-of-o"

/** A front session with an orchestrator and one worker. */
function bound(settings: object = {}) {
  const all = sessions(settings)
  all.spawn(front, "o")
  all.spawn(orchestrator, "w")
  return all
}

describe("binding", () => {
  test("needs a result that was taken and names a session", () => {
    for (const [result, why] of [
      [{ accepted: false }, "refused"],
      [{ accepted: true, child: undefined }, "no-key"],
      [{ accepted: false, child: undefined }, "refused"],
    ] as const) {
      const { tool, started, state, ofType } = sessions()
      tool("sessions_spawn", { call: "o" })
      started("o", result)
      assert.deepEqual([state.bindings.size, state.pending.size, ofType("orchestrator.failed").map((facts) => facts.why)], [0, 0, [why]])
    }
  })

  test("is made of a start that nobody could be asked about, too", () => {
    const { started, state } = sessions()
    started("o")
    started("w", { session: orchestrator })
    started("x", { session: front })
    assert.deepEqual(
      [...state.bindings.values()].map(({ orchestrator: child }) => child),
      [orchestrator],
    )
    assert.deepEqual(
      [...state.workers.values()].map(({ spawner }) => spawner),
      [orchestrator, front],
      "a second one beside it is a worker, and binds nothing",
    )
  })

  test("of a result that comes twice is one", () => {
    const { started, ofType, spawn } = sessions()
    spawn(front, "o")
    started("o")
    assert.equal(ofType("orchestrator.bound").length, 1)
  })
})

describe("an orchestrator's end", () => {
  test("leaves it bound when it went well, or nobody knows", () => {
    for (const outcome of ["ok", "unknown"] as const) {
      const { ended, state, spawn } = bound()
      assert.equal(ended(orchestrator, outcome, { run: "r" }), undefined)
      assert.deepEqual([state.bindings.get(front)?.orchestrator, spawn(front, "again").do], [orchestrator, "refuse"])
    }
  })

  test("unbinds it otherwise, forgets its workers, and is never made good by a retry", () => {
    for (const outcome of ["error", "timeout", "killed", "reset", "deleted"] as const) {
      const { ended, state, spawn, ofType } = bound({ retryOutcomes: ["error", "timeout", "killed", "reset", "deleted"] })
      assert.equal(ended(orchestrator, outcome, { run: "r" }), undefined)
      assert.deepEqual([state.bindings.size, state.fronts.size, state.workers.size], [0, 0, 0])
      assert.deepEqual(
        ofType("orchestrator.unbound").map(({ why }) => why),
        [outcome],
      )
      assert.deepEqual(spawn(front, "again"), { do: "spawn", role: "orchestrator" })
    }
  })
})

describe("a session that people talk to", () => {
  test("lets go when it begins anew or is gone, and not when its gateway stops or it is made shorter", () => {
    for (const [reason, lets] of [
      ["new", true],
      ["reset", true],
      ["deleted", true],
      ["idle", true],
      ["daily", true],
      ["shutdown", false],
      ["restart", false],
      ["compaction", false],
      ["unknown", false],
      ["constructor", false],
    ] as const) {
      const { sessionEnded, state } = bound()
      sessionEnded(reason)
      assert.equal(state.bindings.size, lets ? 0 : 1, reason)
    }
  })

  test("lets go of one that was archived, once it is needed again", () => {
    const { ended, wait, tool, ofType } = bound({ archiveAfterMinutes: 60 })
    wait(3_600_000)
    assert.equal(tool("sessions_spawn").do, "refuse", "it runs still, for all that is known")
    ended(orchestrator, "ok", { run: "r" })
    wait(3_599_999)
    assert.equal(tool("sessions_spawn").do, "refuse")
    tool("sessions_send")
    wait(3_599_999)
    assert.equal(tool("sessions_spawn").do, "refuse", "it was spoken to")
    ended(orchestrator, "ok", { run: "r2" })
    wait(3_600_000)
    assert.deepEqual(tool("sessions_spawn"), { do: "spawn", role: "orchestrator" })
    assert.deepEqual(
      ofType("orchestrator.unbound").map(({ why }) => why),
      ["archived"],
    )
    const never = bound({ archiveAfterMinutes: 0 })
    never.ended(orchestrator, "ok", { run: "r" })
    never.wait(1e12)
    assert.equal(never.tool("sessions_spawn").do, "refuse")
  })

  test("lets go of one that a message did not reach, and of no other", () => {
    const { sendFailed, state } = bound()
    sendFailed("another")
    assert.equal(state.bindings.size, 1)
    sendFailed(orchestrator)
    assert.equal(state.bindings.size, 0)
  })
})

describe("a worker that failed", () => {
  const worker = "child-of-w"

  test("is given out again through who started it, for these outcomes and no others", () => {
    for (const [settings, again] of [
      [{}, ["error", "timeout"]],
      [{ retryOutcomes: ["killed", "nonsense"] }, ["killed"]],
      [{ retryOutcomes: ["nonsense"] }, ["error", "timeout"]],
      [{ retryOutcomes: ["error", "timeout", "killed", "reset", "deleted"] }, ["error", "timeout", "killed", "reset", "deleted"]],
      [{ autoRetryFailedSubagents: false }, []],
    ] as const)
      for (const outcome of ["ok", "error", "timeout", "killed", "reset", "deleted", "unknown"] as const) {
        const { ended, state } = bound(settings)
        const retry = ended(worker, outcome, { run: "run-of-w" })
        const isGivenOut = (again as readonly string[]).includes(outcome)
        assert.deepEqual(retry && [retry.session, retry.child, retry.attempt], isGivenOut ? [orchestrator, worker, 1] : undefined, outcome)
        assert.equal(state.workers.get(worker)?.status, outcome)
      }
  })

  test("counts once for each run, however many tell of it, and whatever they say", () => {
    const { ended, ofType } = bound()
    assert.equal(ended(worker, "unknown", { run: "run-of-w" }), undefined)
    assert.equal(ended(worker, "timeout", { run: "run-of-w" })?.attempt, 1)
    assert.equal(ended(worker, "timeout", { run: "run-of-w" }), undefined)
    assert.equal(ended(worker, "error", { run: "run-of-w" }), undefined)
    assert.equal(ended(worker, "error", { run: "another run in its session" }), undefined)
    assert.equal(ofType("orchestrator.retried").length, 1)
  })

  test("is given out again so many times, by task: a success changes nothing, and other tasks have their own count", () => {
    for (const most of [1, 2, 5]) {
      const { ended, spawn, ofType } = bound({ maxRetriesPerTask: most })
      const attempts: (number | undefined)[] = []
      for (let n = 0; n < most + 2; n++) {
        spawn(orchestrator, `a${n}`, "same")
        attempts.push(ended(`child-of-a${n}`, "error", { run: `run-of-a${n}` })?.attempt)
        spawn(orchestrator, `ok${n}`, "same")
        ended(`child-of-ok${n}`, "ok", { run: `run-of-ok${n}` })
      }
      assert.deepEqual(attempts, [...Array.from({ length: most }, (_, n) => n + 1), undefined, undefined])
      assert.deepEqual(
        ofType("orchestrator.exhausted").map((facts) => facts.attempts),
        [most, most],
      )
      assert.equal(ended(worker, "error", { run: "run-of-w" })?.attempt, 1, "another task")
    }
  })

  test("asked again after a lost answer is given out by the same word, until it was told", () => {
    const { ended, state } = bound()
    const first = ended(worker, "error", { run: "run-of-w", id: "word" })
    assert.deepEqual(ended(worker, "error", { run: "run-of-w", id: "word" }), first)
    assert.equal(ended(worker, "error", { run: "run-of-w", id: "another" }), undefined)
    state.told.set("run-of-w", { id: "word", session: orchestrator, atMs: 0, child: worker, outcome: "told" })
    assert.equal(ended(worker, "error", { run: "run-of-w", id: "word" }), undefined)
  })

  test("is not given out again where nobody is there to say so", () => {
    const { ended, ofType } = bound()
    assert.equal(ended(worker, "error", { run: "run-of-w", mayRetry: false }), undefined)
    assert.equal(ofType("orchestrator.exhausted").length, 1)
  })
})
