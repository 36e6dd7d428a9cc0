/** Breakers without any budget, in a gateway whose settings say that they cut: heartbeats that burn are stopped and said so, while users go on. */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { builtPlugin } from "./built-plugin.ts"
import { heartbeatJob, runJob } from "./jobs.ts"
import { eventually, ledgerOf, ofType } from "./ledger.ts"
import { guardSettings, type LedgerFixture } from "./ledger-fixture.ts"
import { startFixture } from "./shared-gateway.ts"
import { runTurn } from "./turn.ts"

let fixture: LedgerFixture

const events = (type: string) => fixture.ledger.events({ type })
const requests = () => fixture.model.requests.length

const skip = process.env["CI"] === "true" && "a gateway of its own, whose heartbeats take their time: npm test -- --only unattended"

describe("breakers that cut without a budget", { skip }, () => {
  before(async () => {
    const { tarballPath, cliPath } = await builtPlugin()
    const own = await startFixture({
      tarballPath,
      plugin: { config: { guard: guardSettings, breakers: { mode: "block", unattendedCalls: 2 } } },
      // With a cadence the job is enabled; a day later this gateway is gone.
      config: { agents: { defaults: { heartbeat: { every: "24h", target: "none", prompt: "SAY NO_REPLY" } } } },
      prepare: (home) => ledgerOf(home, { cliPath }).json("key", "create"),
    })
    fixture = { ...own, cliPath, ledger: ledgerOf(own.home, { cliPath }) }
  })
  after(() => fixture.stop())

  it("stop a loop at its fourth call", async () => {
    const calls = Array.from({ length: 30 }, () => 'TOOL exec {"command":"echo unlimited"}')
    const { text } = await runTurn(fixture.client, [...calls, "SAY done"].join("\n"), { sessionKey: "agent:main:unlimited" })
    const told = ofType(await events("breaker.tripped"), "breaker.tripped").map(({ facts }) => [facts["breaker"], facts["counted"], facts["mode"]])
    assert.deepEqual(told, [["identical-calls", "4", "block"]], text)
    assert.match(text, /exec was called 4 times with the same arguments/)
    assert.equal(requests(), 4)
  })

  it("stop heartbeats that burn for the rest of the day, and say so, while users go on", async () => {
    const [job, asked] = [await heartbeatJob(fixture.client), requests()]
    for (let n = 0; n < 2; n++) assert.equal(await runJob(fixture.client, job), "ok")
    const [tripped] = await eventually(
      "a trip",
      async () => ofType(await events("breaker.tripped"), "breaker.tripped", { cut: "heartbeat:main" }),
      (all) => all.length > 0,
    )
    const { breaker, counted, threshold, mode } = tripped?.facts ?? {}
    assert.deepEqual([breaker, counted, threshold, mode, requests() - asked], ["unattended-spend", "2", "2", "block", 2])
    await runJob(fixture.client, job)
    assert.equal(requests() - asked, 2, "no request leaves for it any more")
    assert.ok(ofType(await events("spend.refused"), "spend.refused", { why: "breaker", cut: "heartbeat:main" }).length > 0)
    assert.equal((await runTurn(fixture.client, "SAY users go on")).text, "users go on")
    assert.match((await fixture.ledger.run(["breaker", "list"])).stdout, /heartbeats of main spent 2 model calls today without telling anybody anything/)
    assert.match((await fixture.ledger.run(["status"])).stdout, /cut off, heartbeat:main/)
  })

  it("let them go on when an operator resets the breaker", async () => {
    const { exitCode, stderr } = await fixture.ledger.run(["breaker", "reset", "heartbeat:main"])
    assert.equal(exitCode, 0, stderr)
    const [asked, job] = [requests(), await heartbeatJob(fixture.client)]
    // The host skips a beat for reasons of its own, as work that its session is busy with, and bounds how often one asks.
    const beat = () =>
      runJob(fixture.client, job).then(
        (ended) => `${ended} ${requests() - asked}`,
        (error: unknown) => String(error),
      )
    await eventually("a heartbeat", beat, (told) => told === "ok 1", 90_000)
  })
})
