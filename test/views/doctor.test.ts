/** Checks of doctor whose faults are not planted in a directory: versions, other users, full disks, and what only entries tell. */
import assert from "node:assert/strict"
import { statSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { ledgerFiles } from "../../src/journal/files.ts"
import { fileChecks } from "../../src/views/doctor/file-checks.ts"
import type { Examined } from "../../src/views/doctor/finding.ts"
import { hostChecks } from "../../src/views/doctor/host-checks.ts"
import { ledgerChecks } from "../../src/views/doctor/ledger-checks.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

const host = { problem: null, plugin: { version: "2.0.0" }, settings: {}, invalid: null, mayReadConversations: true }
const sound: Examined = {
  host,
  ...{ files: ledgerFiles("/nowhere/ledger", "/nowhere/note"), uid: 1000, keyFile: null, socket: "/nowhere/ledger/writer.sock", isService: false },
  ...{ version: "2.0.0", code: "aa", nowMs: Date.UTC(2026, 10, 20), writer: null, leftBytes: 5e9, environment: {} },
}
const found = (examined: Partial<Examined>, name: string) =>
  [...hostChecks, ...fileChecks].filter((row) => row.name === name).flatMap(({ look }) => look({ ...sound, ...examined }))

describe("what only a ledger's entries tell", () => {
  test("a web hook that took nothing since it last took something", (t) => {
    const ledger = temporaryLedger(t)
    const raised = {
      alert: "a1",
      kind: "test",
      severity: "info",
      key: "k",
      of: 1,
      count: 1,
      fromMs: 1,
      toMs: 1,
      words: "w",
      atMs: 1,
      untilMs: 1,
      receivers: ["ops"],
    } as const
    const receivers = [{ name: "ops", kind: "json", minSeverity: "info", host: "ops.example" }]
    ledger.record(
      { type: "config.loaded", id: "c:1", facts: { digest: "~", guardedPatterns: 0, deniedPatterns: 0 }, content: { alerts: { receivers } } },
      { type: "alerts.begun", id: "b:1", facts: { receivers: 1 } },
      { type: "alert.raised", id: "a:1", facts: raised },
      { type: "alert.failed", id: "f:1", facts: { alert: "a1", receiver: "ops", attempt: 1, why: "it refuses", status: 403, againMs: 9 } },
    )
    const webhooks = () => ledgerChecks.find(({ name }) => name === "webhooks")?.look(ledger.read(), sound)
    assert.deepEqual(
      webhooks()?.map(({ state, words, remedy }) => [state, words.split(" (")[0], remedy]),
      [["wrong", "ops did not take the last alert: it refuses", "sovereign-ledger alerts test"]],
    )
    ledger.record({ type: "alert.delivered", id: "d:1", facts: { alert: "a1", receiver: "ops", attempt: 2, status: 200 } })
    assert.deepEqual(
      webhooks()?.map(({ state }) => state),
      ["good"],
    )
  })
})

describe("what cannot be planted in a directory", () => {
  test("a gateway's copy, and a writer, that are older than the command; another build of one version", () => {
    assert.deepEqual(
      found({}, "version").map(({ state }) => state),
      ["good"],
    )
    const old = found({ host: { ...host, plugin: { version: "1.9.9" } }, writer: { version: "1.9.9", code: "aa" } }, "version")
    assert.deepEqual(
      old.map(({ words }) => words),
      ["the gateway's copy of the plugin is 1.9.9; this command is 2.0.0", "the running writer is 1.9.9, and another build than this command"],
    )
    assert.deepEqual(
      found({ writer: { version: "2.0.0", code: "bb" } }, "version").map(({ state, remedy }) => [state, remedy]),
      [["wrong", "openclaw gateway restart"]],
    )
    assert.deepEqual(
      found({ writer: { version: "2.0.0", code: "aa" } }, "version").map(({ state }) => state),
      ["good"],
    )
  })

  test("a disk with little room", () => {
    assert.deepEqual(
      found({ leftBytes: 20_000_000 }, "disk").map(({ state, remedy }) => [state, remedy]),
      [["wrong", "sovereign-ledger prune"]],
    )
    assert.deepEqual(
      found({}, "disk").map(({ state }) => state),
      ["good"],
    )
  })

  test("files of somebody else", () => {
    const files = ledgerFiles(import.meta.dirname, "/nowhere/note")
    const { uid } = statSync(import.meta.dirname)
    const [other] = found({ files, uid: uid + 1 }, "directory")
    assert.match(other?.words ?? "", new RegExp(`belongs to user ${uid}: this command, run as user ${uid + 1}`))
    assert.equal(other?.remedy, `sudo -u '#${uid}' sovereign-ledger doctor`)
    assert.deepEqual(found({ files, uid: uid + 1, isService: true }, "directory"), [], "the directory of a service is another user's on purpose")
    const [key] = found(
      { keyFile: join(import.meta.dirname, "doctor.test.ts"), uid: uid === 0 ? 1000 : uid, files: ledgerFiles(import.meta.dirname, "/x") },
      "key-file",
    )
    assert.equal(key?.state, "wrong")
  })
})

describe("who does not answer any more", () => {
  const dayMs = 86_400_000
  /** As the views ask a ledger: rows of anchors, alerts and budgets that another test makes of entries. */
  const access = (ageMs: number) =>
    ({
      ask: () => [],
      reader: { size: () => 10, entry: () => ({ header: { timeMs: sound.nowMs - ageMs } }), cosignatures: { last: () => [] } },
    }) as unknown as LedgerAccess
  const stalled = (ageMs: number, writer: Examined["writer"]) => ledgerChecks.find(({ name }) => name === "stalled")?.look(access(ageMs), { ...sound, writer })
  const anchors = [{ kind: "rfc3161", authority: "https://tsa.example", state: "cannot be reached", pending: 9, problem: "no answer" }]
  const witnesses = [{ witness: "w.example+1+k", state: "cannot be reached", problem: "no answer" }]

  test("an authority and a witness that have signed nothing for a day", () => {
    assert.deepEqual(
      stalled(2 * dayMs, { anchors, witnesses })?.map(({ words, remedy }) => [words, remedy]),
      [
        ["https://tsa.example has anchored nothing for a day: no answer", "sovereign-ledger anchors list"],
        ["w.example+1+k has cosigned nothing for a day: no answer", "sovereign-ledger witness check"],
      ],
    )
    assert.deepEqual(
      stalled(3_600_000, { anchors, witnesses })?.map(({ state }) => state),
      ["good"],
      "a ledger of an hour is not late",
    )
    assert.deepEqual(
      stalled(2 * dayMs, null)?.map(({ state }) => state),
      ["good"],
    )
  })
})
