/** Delegation on a real gateway: a session that people talk to hands its work on, its orchestrator has it done, and what fails is given out again. */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const call = (id: string, args: object = {}) => ({ name: "tool_call", args: { id, args } })
const line = (id: string, args: object = {}) => `TOOL tool_call ${JSON.stringify(call(id, args).args)}`
const exec = (word: string) => `TOOL exec ${JSON.stringify({ command: `echo ${word}` })}`

describe("delegation", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const events = async (type: string) => ofType(await ledger.events({ category: "agent" }), type)
  const turn = (session: string, ...lines: readonly string[]) => runTurn(fixture.client, lines.join("\n"), { sessionKey: `agent:main:${session}` })
  const more = (type: string, than: number) =>
    eventually(
      type,
      () => events(type),
      (found) => found.length > than,
      60_000,
    )

  after(async () => {
    if (process.env["ORCH_DUMP"]) {
      const { writeFileSync } = await import("node:fs")
      writeFileSync(
        process.env["ORCH_DUMP"],
        JSON.stringify({ events: await ledger.events(), requests: fixture.model.requests, log: fixture.gateway.readLog() }),
      )
    }
  })

  before(async () => {
    fixture = await suiteLedger("orchestrator", { orchestrator: { enabled: true, enforceMainDelegation: true } })
    ledger = fixture.ledger
  })

  it("refuses a front session every direct tool, and lets it hand the work on", async () => {
    const task = [exec("one"), exec("two"), exec("three"), "SAY orchestrated"].join("\n")
    await turn("front", exec("never"), exec("never"), exec("never"), line("sessions_spawn", { task }), line("sessions_spawn", { task }), "SAY handed on")
    const front = (await events("orchestrator.refused")).filter(({ facts }) => facts["role"] === "front")
    assert.deepEqual(
      front.map(({ facts }) => [facts["tool"], facts["why"]]),
      [
        ["exec", "direct"],
        ["exec", "direct"],
        ["exec", "direct"],
        ["sessions_spawn", "bound"],
      ],
    )
    assert.equal((await more("orchestrator.bound", 0)).length, 1)
    const passed = await more("orchestrator.passed", 0)
    assert.deepEqual(
      passed.map(({ facts }) => [facts["tool"], facts["attempt"]]),
      [["exec", 3]],
    )
    const refused = (await events("orchestrator.refused")).filter(({ facts }) => facts["role"] === "orchestrator")
    assert.deepEqual(
      refused.map(({ facts }) => facts["attempt"]),
      [1, 2],
    )
    const prompt = fixture.model.requests.find(({ userText }) => userText.includes("handed on"))
    assert.match(JSON.stringify(prompt?.messages), /<orchestrator-mode>/)
  })

  it("tells the orchestrator whose it is and what to do", () => {
    const asked = fixture.model.requests.find(
      ({ userText }) => userText.includes("echo one") && userText.includes("You are the orchestrator of the session agent:main:front."),
    )
    assert.ok(asked, "the contract stands before the task")
  })

  it("addresses what a front session sends without saying to whom, and what it looks at", async () => {
    const { text } = await turn(
      "front",
      line("sessions_send", { message: "SAY heard by the orchestrator", timeoutSeconds: 30 }),
      line("sessions_history"),
      "SAY sent",
    )
    assert.equal(text, "sent")
    const filled = await events("orchestrator.filled")
    assert.deepEqual(
      filled.map(({ facts }) => [facts["tool"], facts["filled"], facts["kept"] ?? false]),
      [
        ["sessions_send", ["sessionKey"], true],
        ["sessions_history", ["sessionKey"], false],
      ],
    )
    const answers = fixture.model.requests.filter(({ answer }) => answer.kind === "text" && answer.text === "heard by the orchestrator")
    assert.equal(answers.length, 1)
  })

  it("has failed work given out again twice, and no more", async () => {
    const worker = line("sessions_spawn", { task: "FAIL 404\nSAY never", label: "worker-a" })
    await turn("front", line("sessions_send", { message: `${worker}\nSAY given out`, timeoutSeconds: 30 }), "SAY sent")
    await more("orchestrator.exhausted", 0)
    const retried = await events("orchestrator.retried")
    assert.deepEqual(
      retried.map(({ facts }) => [facts["attempt"], facts["most"], facts["outcome"]]),
      [
        [1, 2, "error"],
        [2, 2, "error"],
      ],
    )
    assert.equal(new Set(retried.map(({ facts }) => facts["childRun"])).size, 2)
    assert.deepEqual(
      (await more("orchestrator.told", 1)).map(({ facts }) => facts["success"]),
      [true, true],
    )
    assert.equal((await events("orchestrator.joined")).length, 3)
    assert.equal((await events("orchestrator.bound")).length, 1)
    assert.equal((await events("orchestrator.unbound")).length, 0)
  })

  it("leaves a record that verifies", async () => {
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})
