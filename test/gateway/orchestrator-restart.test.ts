/**
 * Delegation goes on when its gateway stops or dies: who is bound stays bound, and a worker that died with it is given out again, once. A gateway of its own takes a minute, so the
 * automatic runs leave it out; that a writer goes on is in each of them (test/writer/orchestrator.test.ts).
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { builtPlugin } from "./built-plugin.ts"
import { connectGateway, type GatewayClient } from "./gateway-client.ts"
import { startGateway, type Gateway } from "./gateway.ts"
import { eventually, ledgerOf, ofType, type LedgerCommandLine } from "./ledger.ts"
import { requirePlugin } from "./plugin.ts"
import { startFixture, type GatewayFixture } from "./shared-gateway.ts"
import { runTurn } from "./turn.ts"

const skip = process.env["CI"] === "true" && "a gateway of its own: by hand"
const line = (id: string, args: object = {}) => `TOOL tool_call ${JSON.stringify({ id, args })}`

describe("delegation and a gateway that starts again", { skip }, () => {
  let fixture: GatewayFixture
  let ledger: LedgerCommandLine
  let [gateway, client]: [Gateway | undefined, GatewayClient | undefined] = [undefined, undefined]
  const events = async (type: string) => ofType(await ledger.events({ category: "agent" }), type)
  const more = (type: string, than: number) =>
    eventually(
      type,
      () => events(type),
      (found) => found.length > than,
      90_000,
    )
  const turn = (...lines: readonly string[]) => runTurn(client ?? fixture.client, lines.join("\n"), { sessionKey: "agent:main:front" })
  const startsAgain = async () => {
    gateway = await startGateway(fixture.home)
    client = await connectGateway(fixture.home)
    await requirePlugin(client)
  }

  before(async () => {
    const { tarballPath, cliPath } = await builtPlugin()
    const config = { orchestrator: { enabled: true, enforceMainDelegation: true } }
    fixture = await startFixture({ tarballPath, plugin: { config }, prepare: (home) => ledgerOf(home, { cliPath }).json("key", "create") })
    ledger = ledgerOf(fixture.home, { cliPath })
  })

  after(async () => {
    client?.close()
    await gateway?.stop()
    await fixture.stop()
  })

  it("keeps the orchestrator when it stops", async () => {
    await turn(line("sessions_spawn", { task: "SAY first" }), "SAY handed on")
    await more("orchestrator.ended", 0)
    fixture.client.close()
    await fixture.gateway.stop()
    await startsAgain()
    await turn(line("sessions_spawn", { task: "SAY second" }), line("sessions_send", { message: "SAY heard after the stop", timeoutSeconds: 30 }), "SAY sent")
    assert.deepEqual(
      [
        (await events("orchestrator.bound")).length,
        (await events("orchestrator.unbound")).length,
        ofType(await events("orchestrator.refused"), "orchestrator.refused", { why: "bound" }).length,
      ],
      [1, 0, 1],
    )
    assert.ok(fixture.model.requests.some(({ answer }) => answer.kind === "text" && answer.text === "heard after the stop"))
  })

  it("gives out again, once, what died with it", async () => {
    const worker = line("sessions_spawn", { task: "SLOW 20000\nSAY too slow", label: "slow" })
    await turn(line("sessions_send", { message: `${worker}\nSAY given out`, timeoutSeconds: 30 }), "SAY sent")
    await more("orchestrator.joined", 0)
    const [first] = await events("orchestrator.joined")
    client?.close()
    await gateway?.kill()
    await startsAgain()
    await more("orchestrator.told", 0)
    const retried = await events("orchestrator.retried")
    assert.deepEqual(
      retried.map(({ facts }) => [facts["childRun"], facts["outcome"], facts["attempt"]]),
      [[first?.facts["childRun"], "error", 1]],
    )
    assert.deepEqual(
      (await events("orchestrator.told")).map(({ facts }) => facts["success"]),
      [true],
    )
    assert.equal((await more("orchestrator.joined", 1)).length, 2)
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})
