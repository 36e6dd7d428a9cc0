/** Who may call which tool: rule by rule. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { routerTools } from "../../../src/policy/orchestrator/router-tools.ts"
import { front, sessions } from "./sessions.ts"

const enforced = { enforceMainDelegation: true }
const direct = ["exec", "read", "write", "process", "message", "web_fetch", "mcp__files__read", "cron", "gateway"]
const orchestrator = "child-of-o"

describe("a front session", () => {
  test("is refused every direct tool where delegation is enforced, however often it tries", () => {
    const { tool, spawn, ofType } = sessions(enforced)
    for (const name of direct) for (let n = 0; n < 5; n++) assert.deepEqual(tool(name), { do: "refuse", why: "direct" }, name)
    spawn(front, "o")
    assert.deepEqual(tool("exec"), { do: "refuse", why: "direct", orchestrator }, "and names the orchestrator it has")
    assert.equal(ofType("orchestrator.refused").length, direct.length * 5 + 1)
    assert.equal(ofType("orchestrator.passed").length, 0)
  })

  test("has the tools that hand work on, and those around others", () => {
    const { tool } = sessions(enforced)
    for (const name of routerTools.filter((one) => one !== "sessions_spawn")) assert.deepEqual(tool(name), { do: "pass" }, name)
    for (const name of ["tool_search", "tool_describe", "tool_call", "tool_search_code"]) assert.deepEqual(tool(name), { do: "pass" }, name)
    assert.deepEqual(tool("exec", { kind: "code_mode_exec" }), { do: "pass" })
    assert.deepEqual(tool("exec", { kind: "something else" }), { do: "refuse", why: "direct" })
  })

  test("may do anything where it is not enforced, but for a second orchestrator", () => {
    const { tool, spawn } = sessions()
    for (const name of direct) assert.deepEqual(tool(name), { do: "pass" }, name)
    assert.deepEqual(spawn(front, "o"), { do: "spawn", role: "orchestrator" })
    assert.deepEqual(tool("sessions_spawn"), { do: "refuse", why: "bound", orchestrator })
  })

  test("starts one at a time, and another one where that came to nothing or nothing was heard of it", () => {
    const { tool, started, wait, ofType } = sessions()
    assert.deepEqual(tool("sessions_spawn", { call: "a" }), { do: "spawn", role: "orchestrator" })
    assert.deepEqual(tool("sessions_spawn", { call: "b" }), { do: "refuse", why: "starting" })
    assert.deepEqual(tool("sessions_spawn", { call: "c", session: "front-2" }), { do: "spawn", role: "orchestrator" }, "others have their own")
    started("a", { accepted: false })
    assert.deepEqual(tool("sessions_spawn", { call: "d" }), { do: "spawn", role: "orchestrator" })
    wait(120_000)
    assert.deepEqual(tool("sessions_spawn", { call: "e" }), { do: "spawn", role: "orchestrator" })
    assert.deepEqual(
      ofType("orchestrator.failed").map(({ why }) => why),
      ["refused"],
    )
  })

  test("asked again about the same start has the same answer, and is on record once", () => {
    const { tool, ofType } = sessions()
    for (let n = 0; n < 3; n++) assert.deepEqual(tool("sessions_spawn", { call: "a" }), { do: "spawn", role: "orchestrator" })
    assert.equal(ofType("orchestrator.requested").length, 1)
  })

  test("means its orchestrator where it names nobody, and nobody while it has none", () => {
    const { tool, spawn, ofType } = sessions()
    const named = ["sessions_send", "sessions_history", "session_status"]
    for (const name of named) assert.deepEqual(tool(name), { do: "pass" }, name)
    spawn(front, "o")
    for (const name of named) assert.deepEqual(tool(name), { do: "address", to: orchestrator }, name)
    for (const name of named) assert.deepEqual(tool(name, { target: "another" }), { do: "pass" }, name)
    assert.deepEqual(tool("sessions_send", { target: orchestrator }), { do: "address", to: orchestrator })
    assert.deepEqual(
      ofType("orchestrator.filled").map(({ tool: name, filled, kept }) => [name, filled, kept]),
      [
        ["sessions_send", ["sessionKey"], true],
        ["sessions_history", ["sessionKey"], undefined],
        ["session_status", ["sessionKey"], undefined],
        ["sessions_send", undefined, true],
      ],
    )
  })
})

describe("an orchestrator", () => {
  test("is refused a direct tool twice in a run and let go on from then on, whatever is enforced", () => {
    for (const settings of [{}, enforced]) {
      const { tool, spawn, ofType } = sessions(settings)
      spawn(front, "o")
      const tries = (name: string, run: string) => [1, 2, 3, 4].map(() => tool(name, { session: orchestrator, run }))
      const course = [
        { do: "refuse", why: "direct", attempt: 1 },
        { do: "refuse", why: "direct", attempt: 2 },
        { do: "warn", attempt: 3 },
        { do: "warn", attempt: 4 },
      ]
      for (const [name, run] of [
        ["exec", "run-1"],
        ["read", "run-1"],
        ["exec", "run-2"],
      ] as const)
        assert.deepEqual(tries(name, run), course, `${name} in ${run}`)
      assert.deepEqual([ofType("orchestrator.refused").length, ofType("orchestrator.passed").length], [6, 6])
    }
  })

  test("asked again about one call has the same answer, which counts once", () => {
    const { tool, spawn } = sessions()
    spawn(front, "o")
    const asked = (call: string) => tool("exec", { session: orchestrator, call })
    assert.deepEqual(
      [asked("a"), asked("a"), asked("b"), asked("b"), asked("c"), asked("c")].map(({ do: what }) => what),
      [...["refuse", "refuse", "refuse", "refuse"], ...["warn", "warn"]],
    )
  })

  test("starts as many workers as it likes, and speaks to its session where it names nobody", () => {
    const { tool, spawn, state } = sessions()
    spawn(front, "o")
    for (const call of ["w1", "w2", "w3"]) assert.deepEqual(spawn(orchestrator, call), { do: "spawn", role: "worker" })
    assert.deepEqual(
      [...state.workers.values()].map(({ child, spawner, status }) => [child, spawner, status]),
      [
        ["child-of-w1", orchestrator, "running"],
        ["child-of-w2", orchestrator, "running"],
        ["child-of-w3", orchestrator, "running"],
      ],
    )
    assert.deepEqual(tool("sessions_send", { session: orchestrator }), { do: "address", to: front })
    assert.deepEqual(tool("sessions_send", { session: orchestrator, target: "another" }), { do: "pass" })
  })
})

test("workers and everybody else may use any tool, and start workers of their own", () => {
  const { tool, spawn, state } = sessions(enforced)
  spawn(front, "o")
  spawn(orchestrator, "w")
  for (const session of ["child-of-w", "a job's"]) {
    for (const name of direct) assert.deepEqual(tool(name, { session }), { do: "pass" }, name)
    assert.deepEqual(tool("sessions_send", { session }), { do: "pass" })
    assert.deepEqual(spawn(session, `of-${session}`), { do: "spawn", role: "worker" })
  }
  assert.deepEqual([...state.bindings.keys()], [front])
})
