/** A real gateway's own history: import finds in its stores what live capture heard, knows it for the same, and comes to what the model counted. */
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { eventually, ledgerOf, ofType, type LedgerCommandLine, type LedgerEvent } from "./ledger.ts"
import type { ModelRequest } from "./model-server.ts"
import { sharedLedger, type SharedLedger } from "./shared-ledger.ts"
import { resetSession, runTurn } from "./turn.ts"
import { usageOfRequest } from "./usage.ts"

/** What both live capture and an import tell of a session. */
const imports = new Set(["message.written", "tool.invoked", "tool.returned"])

function named(events: readonly LedgerEvent[]): readonly string[] {
  return events.map(({ id }) => id.replace(/~[\w-]{19}/g, "~")).sort()
}

const sessionKey = "agent:main:history"
const marker = "history-of-this-session"

describe("the history of a real gateway", () => {
  let fixture: SharedLedger
  let elsewhere: LedgerCommandLine
  let counted: readonly ModelRequest[]
  let expected: { calls: number; input: number; output: number; cacheRead: number; nanos: number }

  before(async () => {
    fixture = await sharedLedger()
    const { client, model, ledger } = fixture
    for (const script of [`SAY ${marker}`, `TOOL exec {"command":"echo ${marker} ${"long ".repeat(400)}"}\nSAY ${marker} done`, `NOUSAGE\nSAY ${marker}`]) {
      assert.equal((await runTurn(client, script, { sessionKey })).status, "ok")
    }
    await resetSession(client, sessionKey)
    assert.equal((await runTurn(client, `SAY ${marker} after a reset`, { sessionKey })).status, "ok")
    counted = model.requests.filter(({ userText, usage }) => userText.includes(marker) && usage !== undefined)
    const told = counted.map(usageOfRequest)
    const sum = (of: (usage: (typeof told)[number]) => number) => told.reduce((total, usage) => total + of(usage), 0)
    expected = {
      calls: told.length,
      input: sum(({ input }) => input),
      output: sum(({ output }) => output),
      cacheRead: sum(({ cached }) => cached),
      nanos: sum(({ nanos }) => Number(nanos)),
    }
    const responses = new Set(told.map(({ response }) => response))
    const heard = (events: Awaited<ReturnType<typeof ledger.events>>) =>
      ofType(events, "usage.reported").filter(({ facts }) => responses.has(String(facts["response"])))
    await eventually(
      "each call's usage",
      () => ledger.events(),
      (events) => heard(events).length === told.length,
    )
    const dataDirectory = join(fixture.home.directory, "history", "sovereign-ledger")
    mkdirSync(dirname(dataDirectory))
    elsewhere = ledgerOf(fixture.home, { cliPath: fixture.cliPath, dataDirectory })
    await elsewhere.json("key", "create")
  })

  async function spentIn(ledger: LedgerCommandLine): Promise<JsonObject> {
    const { rows } = await ledger.json("spend", "--by", "session", "--since", "1h")
    const row = (rows as JsonObject[]).find(({ keys }) => (keys as JsonObject)["session"] === sessionKey)
    const { calls, input, output, cacheRead, reportedNanos } = row ?? {}
    return { calls, input, output, cacheRead, nanos: Number(reportedNanos) } as JsonObject
  }

  it("comes to what the model counted, by live capture alone", async () => {
    assert.deepEqual(await spentIn(fixture.ledger), expected)
  })

  it("is known already to the ledger that listened: import doubles nothing", async () => {
    const imported = await fixture.ledger.json("import", fixture.home.stateDirectory, "--usage-only")
    assert.ok(Number(imported["known"]) >= expected.calls, JSON.stringify(imported))
    assert.deepEqual(await spentIn(fixture.ledger), expected)
  })

  it("comes to the same in a ledger that was not there", async () => {
    const dry = await elsewhere.json("import", fixture.home.stateDirectory, "--usage-only", "--dry-run")
    const imported = await elsewhere.json("import", fixture.home.stateDirectory, "--usage-only")
    assert.equal(dry["dryRun"], true)
    assert.ok(Number(imported["recorded"]) >= expected.calls, JSON.stringify(imported))
    assert.deepEqual(await spentIn(elsewhere), expected)
    const again = await elsewhere.json("import", fixture.home.stateDirectory, "--usage-only")
    assert.equal(again["recorded"], 0)
    assert.equal((await elsewhere.json("verify"))["verdict"], "valid")
  })

  it("is imported whole, as the events that were heard; what was heard is not recorded again", async () => {
    const { ledger, home } = fixture
    const ofSession = (events: Awaited<ReturnType<typeof ledger.events>>) =>
      events.filter(({ sessionId, type }) => sessionId === sessionKey && imports.has(type))
    const before = ofSession(await ledger.events())
    await ledger.json("import", home.stateDirectory)
    assert.deepEqual(named(ofSession(await ledger.events())), named(before))
    const whole = await elsewhere.json("import", home.stateDirectory)
    assert.ok(Number((whole["events"] as JsonObject)["recorded"]) > 0)
    const imported = ofSession(await elsewhere.events())
    assert.ok(imported.every(({ facts, type }) => facts["imported"] === true || type === "usage.imported"))
    assert.deepEqual(named(imported), named(before.filter(({ facts }) => facts["role"] !== "custom")))
    assert.deepEqual(await spentIn(elsewhere), expected)
    const again = await elsewhere.json("import", home.stateDirectory)
    assert.deepEqual([again["recorded"], (again["events"] as JsonObject)["recorded"]], [0, 0])
    assert.equal((await elsewhere.json("verify"))["verdict"], "valid")
  })

  it("is looked at without a ledger", async () => {
    const seen = await fixture.ledger.json("look", fixture.home.stateDirectory)
    const total = seen["total"] as JsonObject
    assert.ok(Number(total["calls"]) >= expected.calls)
    const sessions = seen["sessions"] as JsonObject[]
    assert.equal(sessions.find(({ name }) => name === sessionKey)?.["calls"], expected.calls)
  })
})
