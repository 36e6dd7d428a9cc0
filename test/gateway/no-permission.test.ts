/** Without the host's permission to see conversations: tool calls and usage are recorded, and status says what is missing and how to grant it. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { guardSettings } from "./ledger-fixture.ts"
import { eventually, ofType, type LedgerCommandLine, type LedgerEvent } from "./ledger.ts"
import { suiteLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const sessionKey = "agent:main:no-permission"
const command = "openclaw config set plugins.entries.sovereign-ledger.hooks.allowConversationAccess true --strict-json"

describe("without permission to see conversations", () => {
  let ledger: LedgerCommandLine
  let events: readonly LedgerEvent[]

  before(async () => {
    const fixture = await suiteLedger("no-permission", { guard: guardSettings }, { allowConversationAccess: false })
    ledger = fixture.ledger
    assert.equal((await runTurn(fixture.client, 'TOOL exec {"command":"echo seen"}\nTOOL process {"action":"list"}\nSAY done', { sessionKey })).status, "ok")
    events = await eventually(
      "three model calls",
      () => ledger.events(),
      (seen) => ofType(seen, "usage.reported").length === 3 && ofType(seen, "capture.gap").length > 0,
    )
  })

  it("records tool calls with their verdicts, and the usage of each model call", () => {
    assert.deepEqual(
      ofType(events, "tool.invoked").map(({ facts }) => [facts["tool"], facts["verdict"]]),
      [
        ["exec", "allow"],
        ["process", "deny"],
      ],
    )
    assert.deepEqual([ofType(events, "tool.returned").length, ofType(events, "tool.denied").length, ofType(events, "model.called").length], [1, 1, 3])
    assert.ok(ofType(events, "usage.reported").every(({ facts }) => Number(facts["inputTokens"]) > 0 && Number(facts["reportedNanos"]) > 0))
    assert.deepEqual([...ofType(events, "run.started"), ...ofType(events, "prompt.submitted"), ...ofType(events, "model.responded")], [])
  })

  it("counts the hooks that the host would have called with it", () => {
    const [gap, ...more] = ofType(events, "capture.gap").map(({ facts }) => facts)
    assert.deepEqual([gap?.["reason"], more], ["the host gives no access to conversations", []])
    assert.deepEqual(gap?.["byType"], { before_agent_run: 1, llm_input: 1, llm_output: 1, agent_end: 1 })
  })

  it("says in status what is missing, and the command that grants it", async () => {
    assert.equal((await ledger.json("status"))["conversationAccess"], "not seen")
    const { stdout } = await ledger.run(["status"])
    assert.ok(stdout.includes(command), stdout)
  })
})
