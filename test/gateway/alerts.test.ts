/** Alerts on a real gateway: a refusal of spending is told by a web hook and in the operator's chat, through the outbound gate, which that chat is no way around. */
import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { after, before, describe, it } from "node:test"
import { startReceiver, type Receiver } from "../alerts/receivers.ts"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { secretText, secretVariable, suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const operator = "961"

describe("alerts of a gateway", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  let own: Receiver
  let slack: Receiver
  const told = () => fixture.telegram.sent.filter(({ chatId }) => chatId === operator).map(({ text }) => text)
  const entries = async (type: string) => ofType(await ledger.events({ category: "system" }), type)

  before(async () => {
    own = await startReceiver()
    slack = await startReceiver({ kind: "slack" })
    const webhooks = [
      { url: own.url, allowPrivate: true, name: "own", minSeverity: "info", secret: { source: "env", provider: "default", id: secretVariable } },
      { url: slack.url, allowPrivate: true, name: "slack", kind: "slack", minSeverity: "info" },
    ]
    fixture = await suiteLedger("alerts", {
      alerts: { webhooks, operatorChat: { channel: "telegram", to: operator, minSeverity: "info" } },
      gate: { channel: "telegram", protectedTo: [operator], allowedFrom: [operator] },
      budgets: [{ name: "tiny", limit: ["0.01usd"], per: "lifetime" }],
    })
    ledger = fixture.ledger
    await ledger.run(["clock"]) // as good as any: a writer is there when it answers
  })
  after(async () => {
    await own.stop()
    await slack.stop()
  })

  it("tells of a refused spend by web hooks, signed with what a reference stands for, and in the operator's chat when it is armed", async () => {
    const { text } = await runTurn(fixture.client, "SAY the first makes the writer start", { sessionKey: "agent:main:alerts-0" })
    assert.match(text, /needs up to/)
    await eventually(
      "the web hook",
      () => own.taken.length,
      (count) => count > 0,
      40_000,
    )
    const [first] = own.taken
    assert.ok(first)
    assert.match(String(first.body["text"]), /^warning: spend\.refused: (run|model) refused: needs up to \$[\d.]+, \$[\d.]+ left of \$0\.01 \(budget tiny\)/)
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first.headers["sovereign-ledger-signature"])) ?? []
    assert.equal(hex, createHmac("sha256", secretText).update(`${seconds}.${first.text}`).digest("hex"))
    await eventually(
      "Slack",
      () => slack.taken.length,
      (count) => count > 0,
      40_000,
    )
    assert.deepEqual([...own.requests, ...slack.requests].map(({ problem }) => problem).filter(Boolean), [])
  })

  it("asks the gate about the operator's chat: unarmed nothing is said there, and the others hear of it", async () => {
    await eventually(
      "that it was given up",
      async () => ofType(await ledger.events({ category: "security" }), "alert.given-up").length,
      (count) => count > 0,
      60_000,
    )
    const [givenUp] = ofType(await ledger.events({ category: "security" }), "alert.given-up")
    assert.deepEqual([givenUp?.facts["receiver"], givenUp?.facts["why"]], ["chat", "it was kept from leaving"])
    assert.deepEqual(told(), [])
    await eventually(
      "the others",
      () => own.taken.filter(({ body }) => body["kind"] === "alert.given-up").length,
      (count) => count > 0,
      40_000,
    )
    // The gate's own refusal of that is told to the others, too, and not to the chat, for ever and ever.
    await eventually(
      "the refusal",
      () => own.taken.filter(({ body }) => body["kind"] === "outbound.refused").length,
      (count) => count > 0,
      40_000,
    )
    const raised = (await entries("alert.raised")).filter(({ facts }) => facts["kind"] === "outbound.refused" || facts["kind"] === "alert.given-up")
    assert.ok(raised.length >= 2 && raised.every(({ facts }) => !(facts["receivers"] as readonly string[]).includes("chat")))
  })

  it("is said there once it is armed", async () => {
    const armed = await ledger.run(["gate", "arm", `telegram:${operator}`, "--uses", "1", "--reason", "alerts may come"])
    assert.equal(armed.exitCode, 0, armed.stdout + armed.stderr)
    const test = await ledger.run(["alerts", "test", "--json"])
    assert.equal(test.exitCode, 0, test.stdout + test.stderr)
    const { outcomes } = JSON.parse(test.stdout) as { readonly outcomes: readonly { readonly receiver: string; readonly what: string }[] }
    assert.deepEqual(outcomes.map(({ receiver, what }) => [receiver, what]).toSorted(), [
      ["chat", "delivered"],
      ["own", "delivered"],
      ["slack", "delivered"],
    ])
    assert.equal(told().length, 1)
    assert.match(told()[0] ?? "", /a test: somebody ran/)
  })

  it("leaves a record that verifies, and says nothing of addresses", async () => {
    assert.equal((await ledger.verify()).verdict, "valid")
    const { stdout } = await ledger.run(["alerts", "status", "--json"])
    assert.ok(!stdout.includes("secret-path") && !stdout.includes(secretText))
  })
})
