/** `openclaw agent --local`: a whole agent in one process without a gateway is recorded too, to its last event, and the writer leaves by itself. */
import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { callsOf, createQuietHome, guardSettings, lastToolTexts, type QuietHome } from "./ledger-fixture.ts"
import { eventually, ledgerOf, ofType, writerPids, type LedgerCommandLine, type LedgerEvent } from "./ledger.ts"
import type { CommandResult } from "./openclaw-cli.ts"
import { pluginConfig } from "./plugin.ts"
import { agentLocal } from "./turn.ts"

const sessionKey = "agent:main:local"
const leavesWithinMs = 60_000
const passphrase = "a passphrase that only this suite knows"

describe("agent --local", () => {
  let quiet: QuietHome
  let first: CommandResult
  let events: readonly LedgerEvent[]
  let endedAtMs = 0

  before(async () => {
    quiet = await createQuietHome()
    const { home, ledger } = quiet
    await ledger.json("key", "create")
    const file = join(home.directory, "must-not-exist.txt")
    first = await agentLocal(home, `TOOL exec {"command":"echo local"}\nTOOL write {"path":"${file}","content":"x"}\nSAY local is done`, { sessionKey })
    endedAtMs = Date.now()
    // No waiting: what is not there when the process has ended never comes.
    events = (await ledger.events()).filter(({ sessionId }) => sessionId === sessionKey)
  })

  after(() => quiet?.remove())

  it("records everything of the turn, its last events included", async () => {
    assert.equal(first.exitCode, 0, first.stderr)
    const { model, ledger } = quiet
    const asked = callsOf(model.requests).map(({ id }) => id)
    const callsIn = (type: string) => ofType(events, type).map(({ facts }) => facts["call"])
    assert.deepEqual([callsIn("tool.invoked"), callsIn("tool.returned"), callsIn("tool.denied")], [asked, asked.slice(0, 1), asked.slice(1)])
    assert.deepEqual(
      ofType(events, "usage.reported").map(({ facts }) => facts["response"]),
      model.requests.map(({ index }) => `chatcmpl-mock-${index}`),
    )
    for (const type of ["run.started", "prompt.submitted", "run.ended", "model.responded"]) assert.equal(ofType(events, type).length, 1, type)
    assert.equal((await ledger.verify()).verdict, "valid")
  })

  it("keeps a denied tool from running", () => {
    assert.equal(existsSync(join(quiet.home.directory, "must-not-exist.txt")), false)
    assert.match(lastToolTexts(quiet.model.requests, "local is done").at(-1) ?? "", /Sovereign Ledger refused write/)
  })

  // Each further turn is a process of its own, which takes half a minute: the automatic runs try these doors and keys in a gateway.
  const skip = process.env["CI"] === "true" && "half a minute for a process of its own: npm test runs it elsewhere"

  it("works with a key from the environment, and says that this is the weakest place for it", { skip }, async () => {
    const { ledger, turn } = await turnWith("environment-key", {}, { OPENCLAW_MASTER_KEY: passphrase })
    assert.match(turn.stderr, /master key comes from the environment/)
    await recorded(ledger, { OPENCLAW_MASTER_KEY: passphrase })
    assert.match((await ledger.run(["status"], { OPENCLAW_MASTER_KEY: passphrase })).stdout, /Warning: the master key is in the environment/)
  })

  it("works with a key that is a secret reference of the host, which nobody resolves before the plugin asks", { skip }, async () => {
    const masterKey = { source: "env", provider: "default", id: "SL_LOCAL_KEY" }
    const { ledger } = await turnWith("secret-ref", { masterKey }, { SL_LOCAL_KEY: passphrase })
    await recorded(ledger, { OPENCLAW_MASTER_KEY: passphrase })
  })

  it("stops a run in the middle of a loop, when a budget in the settings has no more room", { skip }, async () => {
    const asked = quiet.model.requests.length
    // A run that is refused at its beginning passes the same door in a gateway (hard-cap.test.ts); a process of its own takes ten seconds.
    const calls = [{ name: "two", limit: ["2 calls"], per: "lifetime", match: ["provider=mock"] }]
    const stopped = await turnOf(
      "capped-loop",
      { budgets: calls, guard: { tools: [] } },
      'TOOL exec {"command":"echo one"}\nTOOL exec {"command":"echo two"}\nSAY never',
    )
    assert.match(stopped.turn.stdout, /Sovereign Ledger stopped this call to mock\/mock-1: needs up to 1 call, 0 calls left of 2 calls/)
    assert.equal(quiet.model.requests.length - asked, 2)
    assert.equal(ofType(await stopped.ledger.events(), "call.stopped", { stopped: true }).length, 1)
    assert.equal((await stopped.ledger.verify()).verdict, "valid")
  })

  const skipWait = process.env["CI"] === "true" && "half a minute of waiting: test/writer/idle.test.ts waits less for the same"

  it("lets the writer leave by itself when nobody needs it any more", { skip: skipWait }, async () => {
    const { dataDirectory } = quiet.ledger
    await eventually(
      "the end of the writer",
      () => writerPids(dataDirectory),
      (pids) => pids.length === 0,
      leavesWithinMs - (Date.now() - endedAtMs),
    )
    const last = (await quiet.ledger.events()).at(-1)
    assert.deepEqual([last?.type, last?.facts["reason"]], ["writer.stopped", "no clients left"])
    assert.equal((await quiet.ledger.verify()).verdict, "valid")
  })

  /** A turn with another ledger, without a key file, and with other settings and environment: over before its writer has got ready. */
  async function turnWith(name: string, settings: JsonObject, environment: Readonly<Record<string, string>>) {
    const { home, cliPath } = quiet
    const dataDirectory = join(home.directory, name, "sovereign-ledger")
    home.editConfig(pluginConfig({ config: { guard: guardSettings, dataDir: dataDirectory, ...settings } }))
    const turn = await agentLocal(home, "SAY kept", { sessionKey, environment })
    home.editConfig(pluginConfig({ config: { dataDir: null, masterKey: null } }))
    assert.equal(turn.exitCode, 0, turn.stderr)
    return { ledger: ledgerOf(home, { cliPath, dataDirectory }), turn }
  }

  /** A turn with another ledger that has a key, whatever becomes of it. */
  async function turnOf(name: string, settings: JsonObject, message: string) {
    const { home, cliPath } = quiet
    const ledger = ledgerOf(home, { cliPath, dataDirectory: join(home.directory, name, "sovereign-ledger") })
    await ledger.json("key", "create")
    home.editConfig(pluginConfig({ config: { guard: guardSettings, dataDir: ledger.dataDirectory, ...settings } }))
    const turn = await agentLocal(home, message, { sessionKey })
    home.editConfig(pluginConfig({ config: { dataDir: null, budgets: null } }))
    return { ledger, turn }
  }
})

async function recorded(ledger: LedgerCommandLine, environment: Readonly<Record<string, string>>): Promise<void> {
  const { stdout, stderr } = await ledger.run(["events", "list", "--json"], environment)
  assert.notEqual(stdout, "", stderr)
  const { events } = JSON.parse(stdout) as { readonly events: readonly LedgerEvent[] }
  for (const type of ["run.started", "usage.reported", "run.ended", "model.responded"]) assert.equal(ofType(events, type).length, 1, type)
}
