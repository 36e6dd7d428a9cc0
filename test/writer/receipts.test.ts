/** Receipts as a writer issues them: one for each call that ended, none for what did not, and on from where they stopped. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { Wire02ClaimsSchema } from "@peac/schema"
import { canonicalJson } from "../../src/base/canonical-json.ts"
import { objectOf, type JsonObject } from "../../src/base/json.ts"
import type { PeacRecord } from "../../src/format/peac/record.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { openDatabase, type SqliteDatabase } from "../../src/vault/database.ts"
import { lineOf } from "./load.ts"
import { areOf, callContext, called, clientOf } from "./receipt-calls.ts"
import { makeRig, until, type Rig } from "./rig.ts"

function editEntries(rig: Rig, change: (journal: SqliteDatabase) => void): void {
  const key = rig.reading(({ keys }) => keys.journalKey)
  const database = openDatabase(rig.files.journal, { key })
  try {
    change(database)
    database.pragma("wal_checkpoint(TRUNCATE)")
  } finally {
    database.close()
  }
}

const partOf = (record: PeacRecord | undefined, name: string) => objectOf(objectOf(record?.claims["extensions"])[name])
const evidenceOf = (record: PeacRecord | undefined) => partOf(record, "org.peacprotocol/interaction")

test("every call that ended or was refused has one, with digests of what it was given and gave", async (t) => {
  const rig = makeRig(t)
  const client = clientOf(rig, {})
  const gate = await client.gate(lineOf("before_tool_call", { toolName: "read", toolCallId: "a", params: { path: "a" } }, callContext))
  assert.ok(!(gate instanceof Error))
  called(client, "a")
  called(client, "b", { error: "no such file", result: undefined })
  called(client, "c", { result: { details: { status: "timeout" } } })
  called(client, "d", { result: { details: { status: "blocked", deniedReason: "plugin-before-tool-call" } } })
  called(client, "e", { error: "Approval timed out", result: undefined })
  await client.flush(10_000)
  await until(() => rig.entries("receipt.issued").length === 5, "all are issued")
  const records = areOf(rig, ["a", "b", "c", "d", "e"])
  const said = records.map((record) => [
    record.type.split("/")[1],
    objectOf(evidenceOf(record)["result"])["status"],
    objectOf(evidenceOf(record)["policy"])["decision"],
  ])
  assert.deepEqual(said, [
    ["agent-action-invoked-observed", "ok", "allow"],
    ["agent-action-invoked-observed", "error", "allow"],
    ["agent-action-invoked-observed", "timeout", "allow"],
    ["agent-action-denied-observed", "canceled", "deny"],
    ["agent-action-timed-out-observed", "timeout", "deny"],
  ])
  const [first] = records
  const digest = (value: JsonObject) => sha256(canonicalJson(value)).toString("hex")
  assert.equal(objectOf(objectOf(evidenceOf(first)["input"])["digest"])["value"], digest({ path: "a" }))
  assert.equal(objectOf(objectOf(evidenceOf(first)["output"])["digest"])["value"], digest({ text: "of a" }))
  assert.match(first?.iss ?? "", /^did:key:z6Mk/)
  const entry = partOf(first, "org.sovereign-ledger/entry")
  const told = rig.reading(({ reader }) => reader.leafHash(Number(entry["sequence"])).toString("hex"))
  assert.equal(entry["leaf"], told, "a proof of inclusion leads from here to a checkpoint")
  for (const record of records) assert.equal(Wire02ClaimsSchema.safeParse(record.claims).success, true)
})

test("without the setting there are none, and with it they begin there", async (t) => {
  const rig = makeRig(t)
  const without = clientOf(rig)
  called(without, "before")
  await without.flush(10_000)
  await without.close()
  const client = clientOf(rig, {})
  called(client, "after")
  await client.flush(10_000)
  await until(() => rig.entries("receipt.issued").length > 0, "the first is issued")
  await rig.stopWriter()
  areOf(rig, ["after"])
  assert.equal(rig.entries("receipts.begun").length, 1)
})

test("the next writer goes on where the last one stopped, or was killed", async (t) => {
  const rig = makeRig(t)
  const calls: string[] = []
  for (let round = 0; round < 4; round++) {
    const client = clientOf(rig, {})
    for (let i = 0; i < 40; i++) {
      calls.push(`${round}-${i}`)
      called(client, `${round}-${i}`)
    }
    await client.flush(20_000)
    if (round % 2 === 0) for (const pid of rig.writerPids()) process.kill(pid, "SIGKILL")
    else await rig.stopWriter()
    await client.close()
  }
  const client = clientOf(rig, {})
  called(client, "last")
  await client.flush(20_000)
  await rig.stopWriter()
  areOf(rig, [...calls, "last"])
  assert.equal(rig.entries("receipts.begun").length, 1)
  assert.equal(rig.verify().verdict, "valid")
})

test("keyed digests say nothing without the session's salt, and are destroyed with it", async (t) => {
  const rig = makeRig(t)
  const client = clientOf(rig, { digests: "keyed", issuer: "https://agents.example.com" })
  called(client, "a")
  await client.flush(10_000)
  await until(() => rig.entries("receipt.issued").length === 1, "it is issued")
  const [record] = areOf(rig, ["a"])
  assert.equal(record?.iss, "https://agents.example.com")
  assert.equal(partOf(record, "org.sovereign-ledger/entry")["digests"], "keyed")
  const value = objectOf(objectOf(evidenceOf(record)["input"])["digest"])["value"]
  const text = canonicalJson({ path: "a" })
  assert.notEqual(value, sha256(text).toString("hex"))
  const salted = rig.reading(({ scopes, reader }) => {
    const entry = reader.entry(Number(partOf(record, "org.sovereign-ledger/entry")["sequence"]))
    const scope = entry && scopes?.byId(entry.header.scopeId)
    return typeof scope === "object" ? scopes?.redactionHash(scope, text) : undefined
  })
  assert.equal(value, salted)
})

test("a chain that was changed is seen, and no receipt is signed after it", async (t) => {
  const rig = makeRig(t)
  const client = clientOf(rig, {})
  for (const call of ["a", "b", "c"]) called(client, call)
  await client.flush(10_000)
  await client.close()
  await rig.stopWriter()
  areOf(rig, ["a", "b", "c"])
  const [, second, third] = rig.entries("receipt.issued")
  assert.ok(second && third)
  // Whoever can write the file, and cannot sign: the third receipt in the place of the second.
  editEntries(rig, (journal) =>
    journal.exec(`UPDATE entries SET facts = (SELECT facts FROM entries WHERE sequence = ${third.sequence}) WHERE sequence = ${second.sequence}`),
  )
  rmSync(rig.files.views)
  const again = clientOf(rig, {})
  called(again, "d")
  await again.flush(10_000)
  await until(() => rig.entries("receipts.halted").length === 1, "it is seen")
  assert.deepEqual(rig.entries("receipt.issued").length, 3)
  assert.equal(rig.entries("receipts.halted")[0]?.facts["problem"], "number")
})
