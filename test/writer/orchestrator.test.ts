/** Delegation in a real writer: what was bound, tried and given out again stays so through kills and restarts, and its commands say what stands. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { describe, test, type TestContext } from "node:test"
import type { GateAnswer } from "../../src/surfaces/socket/protocol.ts"
import { listEvents, showEvent } from "../../src/views/event-list.ts"
import { lineOf } from "./load.ts"
import { makeRig, type Rig } from "./rig.ts"

const front = "agent:main:main"
const orchestrator = "agent:helper:subagent:00000000-0000-4000-8000-000000000001"
const worker = (n: number) => `agent:main:subagent:00000000-0000-4000-8000-00000000001${n}`
const flags = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

type Options = { readonly written?: unknown; readonly texts?: object; readonly hashed?: boolean }

function gateway(t: TestContext, { written = { enabled: true, enforceMainDelegation: true }, texts = {}, hashed = false }: Options = {}) {
  const rig = makeRig(t)
  const orchestrated = written === undefined ? {} : { orchestrator: { written, texts } }
  const config = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: hashed }, ...orchestrated }
  const client = rig.client({}, () => rig.link({ config }))
  const ask = async (line: string): Promise<GateAnswer> => {
    const answer = await client.gate(line)
    if (answer instanceof Error) throw answer
    return answer
  }
  const tells = (event: object, session: string) => ask(lineOf("orchestration", event, { sessionKey: session }))
  let calls = 0
  const tool = (name: string, params: object = {}, { session = front, run = "run-1", call = `call-${calls++}` } = {}) =>
    ask(lineOf("before_tool_call", { toolName: name, toolCallId: call, params }, { sessionKey: session, runId: run }))
  const result = (call: string, child: string, childRun: string, session = front) =>
    ask(
      lineOf(
        "orchestration",
        { tells: "result", tool: "sessions_spawn", call, params: {}, result: { details: { status: "accepted", childSessionKey: child, runId: childRun } } },
        { sessionKey: session, runId: "run-1" },
      ),
    )
  return {
    rig,
    client,
    ask,
    tells,
    tool,
    result,
    spawns: async (call: string, child: string, { task = "Do it", session = front, label = undefined as string | undefined } = {}) => {
      const answer = await tool("sessions_spawn", { task, ...(label === undefined ? {} : { label }) }, { session, call })
      await result(call, child, `run-of-${child}`, session)
      return answer
    },
    ended: (child: string, outcome: string, run = `run-of-${child}`) =>
      ask(lineOf("orchestration", { tells: "ended", child, outcome }, { sessionKey: front, runId: run })),
    killed: () => {
      for (const pid of rig.writerPids()) process.kill(pid, "SIGKILL")
    },
    run: (...words: readonly string[]) => rig.run([...words, ...flags(rig)]),
    contents: (type: string) =>
      JSON.stringify(rig.reading((access) => listEvents(access, { type }, 10, 0).events.map(({ sequence }) => showEvent(access, String(sequence)).content))),
  }
}

describe("delegation", () => {
  test("goes on after the writer was killed, and without what follows from the journal: one orchestrator, two refusals, and so many retries", async (t) => {
    const { rig, client, tool, spawns, ended, killed } = gateway(t)
    const { fill } = await spawns("o", orchestrator)
    assert.match(fill?.before ?? "", /^You are the orchestrator of the session agent:main:main\./)
    assert.match(String(fill?.set["label"]), /^thread-orchestrator-/)
    killed()
    const second = await tool("sessions_spawn", { task: "again" })
    assert.deepEqual([second.verdict, second.words?.includes(orchestrator)], ["deny", true])
    const direct = (name = "exec", run = "run-o") => tool(name, { command: "ls" }, { session: orchestrator, run })
    assert.match((await direct()).words ?? "", /attempt 1 .*"label":"worker-exec"/)
    killed()
    assert.match((await direct()).words ?? "", /attempt 2 /)
    killed()
    for (const suffix of ["", "-wal", "-shm"]) rmSync(rig.files.views + suffix, { force: true })
    const third = await direct()
    assert.deepEqual([third.verdict, third.warning?.includes("attempt 3")], ["allow", true])
    const failing = { task: "count the\nsheep", session: orchestrator, label: "sheep" }
    const attempts: (string | undefined)[] = []
    for (let n = 0; n < 4; n++) {
      await spawns(`w${n}`, worker(n), failing)
      killed()
      const { retry } = await ended(worker(n), "error")
      attempts.push(retry?.message.match(/attempt: (.*)/)?.[1])
      if (n === 0) {
        assert.deepEqual([retry?.session, retry?.message.includes("task: count the\\nsheep\nlabel: sheep\n")], [orchestrator, true])
        killed()
        assert.equal((await ended(worker(0), "error")).retry, undefined, "once for each run")
      }
    }
    assert.deepEqual(attempts, ["1/2", "2/2", undefined, undefined])
    assert.deepEqual(
      [rig.entries("orchestrator.retried").length, rig.entries("orchestrator.exhausted").length, rig.entries("orchestrator.bound").length],
      [2, 2, 1],
    )
    await client.close()
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })

  test("of two starts that race one is let go, whatever the order of the answers", async (t) => {
    const { tool } = gateway(t)
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => tool("sessions_spawn", { task: `${n}` })))
    assert.equal(answers.filter(({ verdict }) => verdict === "allow").length, 1)
  })

  test("touches nothing while it is off", async (t) => {
    for (const written of [undefined, { enforceMainDelegation: true }, { enabled: false }, false]) {
      const { rig, tool, tells, spawns, client } = gateway(t, { written: written ?? { enabled: false } })
      const { verdict, fill } = await spawns("o", orchestrator)
      assert.deepEqual([verdict, fill, (await tool("exec")).verdict, (await tool("sessions_spawn")).verdict], ["allow", undefined, "allow", "allow"])
      assert.equal((await tells({ tells: "prompt" }, front)).prompt, undefined)
      assert.equal(
        rig.reading((access) => listEvents(access, { category: "agent" }, 100, 0).events.length),
        0,
      )
      await client.close()
    }
  })

  test("an orchestrator's calls are paid by the session it works for, also when the gateway does not know it any more", async (t) => {
    const { rig, ask, spawns, killed, run, client } = gateway(t)
    assert.equal((await run("budget", "set", "daily", "--limit", "100 calls", "--per", "day")).status, 0)
    await spawns("o", orchestrator)
    await spawns("w", worker(1), { session: orchestrator })
    killed()
    for (const [session, agent, id] of [
      [orchestrator, "helper", "a"],
      [worker(1), "main", "b"],
    ] as const)
      await ask(
        lineOf(
          "before_agent_run",
          { prompt: "go", messages: [] },
          { sessionKey: session, agentId: agent, runId: `run-${id}`, modelProviderId: "x", modelId: "y" },
        ),
      )
    const held = rig.entries("hold.placed").filter(({ facts }) => facts["door"] !== "tool")
    const paid = held.map(({ facts }) => [
      (facts["spend"] as { readonly agent?: string }).agent,
      (facts["movements"] as readonly { readonly credit: string }[])[0]?.credit,
    ])
    assert.deepEqual(paid.slice(-2), [
      ["helper", "agent:main"],
      ["main", "agent:main"],
    ])
    await client.close()
  })

  test("puts a prompt before those of front sessions, with an operator's words and how the workers are", async (t) => {
    const { tells, spawns, ended } = gateway(t, { texts: { prompt: "Our own words, {maxRetries} at most.", contract: "Work for {requester}." } })
    const before = (await tells({ tells: "prompt" }, front)).prompt ?? ""
    assert.match(before, /Our own words, 2 at most\.\nThere is no orchestrator yet/)
    const { fill } = await spawns("o", orchestrator)
    assert.equal(fill?.before, "Work for agent:main:main.\n\nThe task:\n")
    for (let n = 0; n < 9; n++) await spawns(`w${n}`, worker(n), { session: orchestrator, task: `part ${n}` })
    await ended(worker(0), "ok")
    const prompt = (await tells({ tells: "prompt" }, front)).prompt ?? ""
    assert.ok(prompt.includes(orchestrator))
    assert.match(prompt, new RegExp(`- ok ${worker(0)} no-label: part 0\n- running ${worker(8)} no-label: part 8`))
  })

  test("its commands: status, log and prompt", async (t) => {
    const { rig, run, spawns, ended, tool, tells, client } = gateway(t)
    await spawns("o", orchestrator)
    await spawns("w", worker(1), { session: orchestrator, label: "sheep" })
    const { retry } = await ended(worker(1), "timeout")
    const untold = await run("orchestrator", "status")
    assert.equal(untold.status, 0, untold.stderr)
    assert.match(
      untold.stdout,
      /Delegation +on: front sessions do no work themselves\nRetries +up to 2 a task, after error, timeout\nLast day +1 bound, 1 worker, 0 refused[^]*1 given out again[^]*of 1 retry nobody said/,
    )
    assert.match(
      untold.stdout,
      new RegExp(`Bound now\n  ${front}\n    ${orchestrator}  1 worker; last heard of 20[^\n]*\n    \\$0\\.00, with its workers \\$0\\.00, from agent:main\n`),
    )
    assert.match(untold.stdout, new RegExp(`  timeout  ${worker(1)}  \\$0\\.00  sheep: Do it`))
    await tells({ tells: "told", retry: retry?.id, success: true }, orchestrator)
    await tool("exec")
    const log = await run("orchestrator", "log", "--last", "3")
    assert.match(log.stdout, /retried {2}[^]*timeout, attempt 1\n[^]*told {2}[^]*sent\n[^]*refused {2}agent:main:main {2}exec, direct\n$/)
    const { bindings, day } = JSON.parse((await run("orchestrator", "status", "--json")).stdout) as { bindings: readonly object[]; day: { untold: number } }
    assert.deepEqual([bindings.length, day.untold], [1, 0])
    assert.match((await run("orchestrator", "prompt", "contract")).stdout, /^You are the orchestrator of the session \{requester\}\.\n/)
    assert.equal((await run("orchestrator", "prompt", "nothing")).status, 2)
    await client.close()
    await rig.stopWriter()
  })
})

test("what was handed on goes with the session it was handed on from", async (t) => {
  const { rig, run, spawns, ended, tool, contents } = gateway(t)
  await spawns("o", orchestrator)
  await spawns("w", worker(1), { session: orchestrator, task: "my password is hunter2hunter2" })
  await spawns("v", worker(2), { session: orchestrator, task: "water the garden" })
  assert.match((await ended(worker(2), "error")).retry?.message ?? "", /task: water the garden/)
  const erased = await run("erase", "--session", orchestrator, "--yes")
  assert.equal(erased.status, 0, erased.stderr)
  assert.match((await ended(worker(1), "error")).retry?.message ?? "", /task: \(not kept; it stands in your history\)/)
  assert.equal((await tool("sessions_spawn")).words?.includes(orchestrator), true, "the front session's own words are still there")
  assert.equal((await run("erase", "--session", front, "--yes")).status, 0)
  assert.match((await tool("sessions_spawn")).words ?? "", /which session it is cannot be told/)
  await rig.stopWriter()
  assert.doesNotMatch(contents("orchestrator.joined"), /garden|hunter2/)
  assert.match((await run("orchestrator", "status")).stdout, /Bound now\n {2}~/)
})

test("where arguments are to stand as hashes, what was handed on does", async (t) => {
  const { rig, spawns, ended, contents, killed } = gateway(t, { hashed: true })
  await spawns("o", orchestrator)
  await spawns("w", worker(1), { session: orchestrator, task: "water the garden" })
  assert.doesNotMatch(contents("orchestrator.joined"), /garden/)
  assert.match(contents("orchestrator.joined"), /"hash"/)
  killed()
  assert.match((await ended(worker(1), "error")).retry?.message ?? "", /task: \(not kept; it stands in your history\)/)
  await rig.stopWriter()
})
