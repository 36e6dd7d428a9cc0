/** The master key as a secret reference of the host, and no key file: the gateway records, and who has no secret is told so. */
import assert from "node:assert/strict"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { guardSettings, withSettings } from "./ledger-fixture.ts"
import { eventually, ledgerOf, writerPids, type LedgerCommandLine } from "./ledger.ts"
import { runOpenclaw, type CommandResult } from "./openclaw-cli.ts"
import { secretText, secretVariable, sharedLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

describe("a secret reference of the host", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  let through: CommandResult
  let environments: readonly string[]

  before(async () => {
    fixture = await sharedLedger()
    const { home, client, cliPath } = fixture
    const dataDirectory = join(home.directory, "secret-ref", "sovereign-ledger")
    mkdirSync(dirname(dataDirectory))
    ledger = ledgerOf(home, { cliPath, dataDirectory })
    const masterKey = { source: "env", provider: "default", id: secretVariable }
    await withSettings(fixture, { config: { guard: guardSettings, dataDir: dataDirectory, masterKey } }, async () => {
      const { status } = await runTurn(client, 'TOOL exec {"command":"echo kept"}\nSAY done', { sessionKey: "agent:main:secret-ref" })
      assert.equal(status, "ok")
      await eventually("the writer", () => existsSync(join(dataDirectory, "journal.db")), Boolean)
      environments = writerPids(dataDirectory).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"))
      through = await runOpenclaw(home, ["ledger", "events", "list", "--json"])
    })
  })

  it("is resolved by the host: the gateway records, and `openclaw ledger` reads", () => {
    assert.equal(through.exitCode, 0, through.stdout + through.stderr)
    const { events } = JSON.parse(through.stdout) as { readonly events: readonly { readonly type: string; readonly id: string; readonly facts: JsonObject }[] }
    const invoked = events.filter(({ type }) => type === "tool.invoked").map(({ facts }) => [facts["tool"], facts["verdict"]])
    assert.deepEqual(invoked, [["exec", "allow"]])
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
