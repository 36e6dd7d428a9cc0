/** Law 1: journal.db, scopes.db and keys.json are the ledger. Whatever else is deleted comes back as it was. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { exportRows } from "../../src/views/export.ts"
import { listEvents, showEvent } from "../../src/views/event-list.ts"
import { statusReport } from "../../src/views/status.ts"
import { startMs, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const kept = ["journal.db", "scopes.db", "keys.json"]

/** Everything anybody can ask, as one text. */
function answersOf(ledger: TestLedger): string {
  const { files, places } = ledger
  const status = statusReport({ files, places, version: "test", nowMs: startMs, writer: null, host: null })
  const access = ledger.read()
  const answers = {
    events: listEvents(access, {}, 1_000, 0),
    tools: listEvents(access, { category: "tool", session: "agent:main:main" }, 1_000, 0),
    one: showEvent(access, "44"),
    rows: [...exportRows(access, { includeContent: true })],
    parts: [...exportRows(access, { includeContent: true, type: "tool.denied" })],
    activity: [
      status.activity,
      status.tools,
      status.gaps,
      status.alerts,
      status.coverage,
      status.recording,
      status.problem,
      status.storage.entries,
      status.integrity.lastCheckpoint,
    ],
  }
  access.close()
  const { verdict, entries, contentsOpened, root, problems } = ledger.verify()
  return JSON.stringify({ ...answers, verdict, entries, contentsOpened, root, problems })
}

describe("law 1", () => {
  test("everything but journal, scopes and keys is deleted: events, status, export and verify say the same", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(300)
    ledger.checkpoint()
    ledger.append(50)
    ledger.close()
    ledger.edit(() => {})
    const before = answersOf(ledger)
    const bytes = kept.map((name) => readFileSync(join(ledger.directory, name), "base64"))
    for (const name of readdirSync(ledger.directory)) if (!kept.includes(name)) rmSync(join(ledger.directory, name))
    rmSync(ledger.files.headNote)
    assert.deepEqual(readdirSync(ledger.directory).sort(), [...kept].sort())

    assert.equal(answersOf(ledger), before)
    assert.deepEqual(
      kept.map((name) => readFileSync(join(ledger.directory, name), "base64")),
      bytes,
      "reading changed them",
    )
    ledger.append(20)
    ledger.checkpoint()
    assert.deepEqual([ledger.verify().verdict, ledger.verify().entries], ["valid", 371])
    assert.ok(existsSync(ledger.files.headNote))
  })
})
