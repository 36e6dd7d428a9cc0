/** Delegation on a real gateway: a session that people talk to hands its work on, its orchestrator has it done, and what fails is given out again. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
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
})
