/** The master key as a secret reference of the host, and no key file: the gateway records, and who has no secret is told so. */
import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { guardSettings } from "./ledger-fixture.ts"
import { eventually, writerPids, type LedgerCommandLine } from "./ledger.ts"
import { runOpenclaw, type CommandResult } from "./openclaw-cli.ts"
import { secretText, secretVariable, suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

describe("a secret reference of the host", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  let environments: readonly string[]

  before(async () => {
    const masterKey = { source: "env", provider: "default", id: secretVariable }
    fixture = await suiteLedger("secret-ref", { guard: guardSettings, masterKey }, { lacks: "key" })
    ledger = fixture.ledger
    const { dataDirectory } = ledger
    const { status } = await runTurn(fixture.client, 'TOOL exec {"command":"echo kept"}\nSAY done', { sessionKey: "agent:main:secret-ref" })
    assert.equal(status, "ok")
    await eventually("the writer", () => existsSync(join(dataDirectory, "journal.db")), Boolean)
    environments = writerPids(dataDirectory).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"))
  })

  it("is resolved by the host: the gateway records what whoever has the secret reads", async () => {
    const said = await ledger.run(["events", "list", "--json"], { OPENCLAW_MASTER_KEY: secretText })
    assert.equal(said.exitCode, 0, said.stdout + said.stderr)
    assert.deepEqual(invokedIn(said), [["exec", "allow"]])
  })

  it("is resolved for `openclaw ledger`, which looks into the ledger; output and exit status are intact", async () => {
    // A process of the host's, which takes it ten seconds of work: the only one of these in the automatic runs.
    const { exitCode, stdout, stderr } = await runOpenclaw(fixture.home, ["ledger", "events", "show", "999999999", "--json"])
    assert.equal(exitCode, 2, stdout + stderr)
    assert.equal(((JSON.parse(stdout) as JsonObject)["error"] as JsonObject)["code"], "event.unknown")
  })

  it("lets `openclaw ledger` list the events", { skip: process.env["CI"] === "true" && "ten seconds of work for another process of the host's" }, async () => {
    const said = await runOpenclaw(fixture.home, ["ledger", "events", "list", "--json"])
    assert.deepEqual([said.exitCode, invokedIn(said)], [0, [["exec", "allow"]]], said.stderr)
  })

  it("is told as missing to those who do not have it", async () => {
    const { exitCode, stdout } = await ledger.run(["status", "--json"])
    const { recording, problem } = JSON.parse(stdout) as { readonly recording: string; readonly problem: { readonly code: string; readonly message: string } }
    assert.deepEqual([exitCode, recording, problem.code], [1, "off", "key.absent"])
    assert.ok(problem.message.includes(join(fixture.home.directory, ".config", "sovereign-ledger")), problem.message)
    const words = await ledger.run(["status"])
    assert.match(words.stdout, /No master key was found/)
  })

  it("reaches the writer on its standard input, never in its environment", () => {
    assert.equal(environments.length, 1)
    assert.ok(environments.every((environment) => !environment.includes(secretText) && !environment.includes(secretVariable)))
  })
})

function invokedIn({ stdout }: CommandResult) {
  const { events } = JSON.parse(stdout) as { readonly events: readonly { readonly type: string; readonly facts: JsonObject }[] }
  return events.filter(({ type }) => type === "tool.invoked").map(({ facts }) => [facts["tool"], facts["verdict"]])
}
