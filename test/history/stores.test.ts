/** The host's stores, made of rows of a real host: what readers find, what they refuse, and that they leave no trace. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import { zstdCompressSync } from "node:zlib"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import type { HostRecords, StoreRead } from "../../src/history/stores/records.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore, hostStoreVector, insertRow, makeHost, type VectorRow } from "../vectors/host-store/host-store.ts"

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
const session = "f72a0c01-0aee-45f6-93e2-9405fe4757dd"
const rowMs = 1_795_183_700_000

describe("readers of the host's stores", () => {
  test("find what a real host wrote: calls, tools and runs, also of a deleted session and of rows that are packed", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(found.stores.map(summary), ["state: read 18, 63 rows", "agent main: read 23, 76 rows"])
    assert.equal(found.modelCalls.length, 32)
    assert.deepEqual(counts(found.toolCalls.map(({ evidence }) => evidence)), {
      asked: 11,
      "audit finished": 10,
      "audit started": 9,
      nested: 1,
      result: 12,
      trajectory: 12,
    })
    assert.equal(new Set(found.runs.map(({ run }) => run)).size, 23)
    const packed = found.toolCalls.filter(({ run, evidence }) => run?.startsWith("440b7a75") && evidence === "result")
    assert.deepEqual(
      packed.map(({ call, tool }) => [call, tool]),
      [["call_16_0", "tool_call"]],
    )
    const gone = found.modelCalls.filter(({ session }) => session.startsWith("c0524d85"))
    assert.deepEqual(
      gone.map(({ response, run }) => [response, run?.slice(0, 8)]),
      [
        ["chatcmpl-mock-29", "f54a5791"],
        ["chatcmpl-mock-30", "f54a5791"],
      ],
    )
  })

  test("know the audit trail's name of a tool call: SHA-256 of the id as the provider gave it", (t) => {
    const { toolCalls } = readHostStores(makeHost(temporaryDirectory(t)).stateDirectory, everything)
    const audited = new Set(toolCalls.filter(({ evidence }) => evidence.startsWith("audit")).map(({ run, callSha256 }) => `${run} ${callSha256}`))
    const named = toolCalls.filter(({ evidence, run }) => evidence === "result" && run?.startsWith("bb442301"))
    assert.equal(named.length, 2)
    for (const { run, call, callSha256 } of named) {
      assert.equal(
        callSha256,
        createHash("sha256")
          .update(call ?? "")
          .digest("hex"),
      )
      assert.ok(audited.has(`${run} ${callSha256}`), `${call} is in the audit trail`)
    }
  })

  test("read only the time that is asked for", (t) => {
    const { stateDirectory } = makeHost(temporaryDirectory(t))
    const all = readHostStores(stateDirectory, everything).modelCalls.map(({ atMs }) => atMs)
    const fromMs = all.toSorted()[10] ?? 0
    const { modelCalls } = readHostStores(stateDirectory, { fromMs, toMs: fromMs + 1 })
    assert.deepEqual(
      modelCalls.map(({ atMs }) => atMs),
      [fromMs],
    )
  })

  test("leave no trace: no byte changed, no file made", (t) => {
    const directory = temporaryDirectory(t)
    const { stateDirectory } = makeHost(directory)
    const before = contents(directory)
    readHostStores(stateDirectory, everything)
    assert.deepEqual(contents(directory), before)
    assert.ok(!Object.keys(before).some((name) => /-(?:wal|shm)$/.test(name)))
  })

  test("refuse a store of another version by name, and read the others", (t) => {
    const host = makeHost(temporaryDirectory(t))
    editStore(host.agentStore, (database) => database.exec("PRAGMA user_version = 24"))
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(found.stores.map(summary), ["state: read 18, 63 rows", "agent main: refused 24, 0 rows"])
    assert.match(found.stores[1]?.problem ?? "", /schema is version 24; .* reads 1 to 23/)
    assert.equal(found.modelCalls.length, 0)
    assert.ok(found.runs.length > 0)
    editStore(host.agentStore, (database) => database.exec("PRAGMA user_version = 23"))
    editStore(host.stateStore, (database) => database.exec("PRAGMA user_version = 19"))
    const other = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(
      other.stores.map(({ state }) => state),
      ["refused", "read"],
    )
    assert.equal(other.modelCalls.length, 32)
  })

  test("name a store that is absent, is no database, or has another table than it should", (t) => {
    const host = makeHost(temporaryDirectory(t))
    rmSync(host.stateStore)
    editStore(host.agentStore, (database) => database.exec("ALTER TABLE transcript_events RENAME COLUMN event_json TO event_text"))
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(
      found.stores.map(({ state }) => state),
      ["absent", "unreadable"],
    )
    assert.match(found.stores[1]?.problem ?? "", /no such column/)
    writeFileSync(host.agentStore, "this is not a database, it is a sentence that is long enough to be taken for one".repeat(20))
    assert.match(readHostStores(host.stateDirectory, everything).stores[1]?.problem ?? "", /not a database/)
    assert.deepEqual(
      readHostStores(join(host.stateDirectory, "nowhere"), everything).stores.map(({ state }) => state),
      ["absent"],
    )
  })

  test("find an agent's store where the host says it is", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const elsewhere = join(host.stateDirectory, "elsewhere", "openclaw-agent.sqlite")
    mkdirSync(dirname(elsewhere))
    renameSync(host.agentStore, elsewhere)
    editStore(host.stateStore, (database) => database.exec(`UPDATE agent_databases SET path = '${elsewhere}'`))
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(found.stores.map(summary), ["state: read 18, 63 rows", "agent main: read 23, 76 rows"])
  })

  test("count rows they cannot read: a packed row that unpacks to more than it says, a damaged one, text that is no JSON", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const bomb = zstdCompressSync(Buffer.from(JSON.stringify(modelCall("bomb")).padStart(64 * 2 ** 20)))
    const whole = zstdCompressSync(Buffer.from(JSON.stringify(modelCall("whole"))))
    const damaged = Buffer.from(whole)
    damaged.fill(0xff, 12, 30)
    editStore(host.agentStore, (database) => {
      database.exec("PRAGMA ignore_check_constraints = ON")
      const add = (seq: number, row: VectorRow) => insertRow(database, "transcript_events", { session_id: session, seq, created_at: rowMs, ...row })
      add(900, { event_zstd: bomb, event_utf8_bytes: 1_000, navigation_json: "{}" })
      add(901, { event_zstd: bomb, event_utf8_bytes: 2 ** 30, navigation_json: "{}" })
      add(902, { event_zstd: damaged, event_utf8_bytes: whole.length * 9, navigation_json: "{}" })
      add(903, { event_json: '{"type":"message","message":{' })
      add(904, { event_zstd: whole, event_utf8_bytes: 4_000, navigation_json: "{}" })
    })
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(
      found.stores.map(({ unreadableRows }) => unreadableRows),
      [0, 4],
    )
    assert.equal(found.modelCalls.length, 33)
    assert.ok(found.modelCalls.some(({ message }) => message === "whole"))
  })

  test("read cold storage, inside the store and in a file beside it, and refuse a file that is not what the store says", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const file = coldArchive("cold-in-a-file")
    const inside = coldArchive("cold-inside")
    const changed = coldArchive("cold-changed")
    const directory = join(host.stateDirectory, "agents", "main", "sessions", "cold")
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, file.name), file.bytes)
    writeFileSync(join(directory, changed.name), file.bytes)
    editStore(host.agentStore, (database) => {
      for (const [id, { name, hash }, blob] of [
        ["a", file, null],
        ["b", inside, inside.bytes],
        ["c", changed, null],
      ] as const) {
        const sizes = { event_count: 1, raw_bytes: 1, archive_bytes: 1, last_seq: 1, archived_at: rowMs }
        insertRow(database, "session_transcript_cold_archives", {
          session_id: id,
          generation: "g",
          archive_name: name,
          archive_sha256: hash,
          storage: blob ? "sqlite" : "file",
          archive_blob: blob,
          ...sizes,
        })
      }
    })
    const found = readHostStores(host.stateDirectory, everything)
    assert.deepEqual(
      found.modelCalls.map(({ message }) => message).filter((id) => id?.startsWith("cold")),
      ["cold-in-a-file", "cold-inside"],
    )
    assert.equal(found.stores[1]?.unreadableRows, 1)
  })

  test("count a row once that a fork or an archive repeats", (t) => {
    const host = makeHost(temporaryDirectory(t))
    editStore(host.agentStore, (database) => {
      const copied = "'a-fork', row_number() OVER (), event_json, created_at + 5, event_zstd, event_utf8_bytes, navigation_json"
      database.exec(`INSERT INTO transcript_events SELECT ${copied} FROM transcript_events`)
    })
    const found = readHostStores(host.stateDirectory, everything)
    assert.equal(found.modelCalls.length, 32)
    assert.ok(found.modelCalls.every(({ session }) => session !== "a-fork"))
    assert.equal(found.toolCalls.filter(({ evidence }) => evidence === "result").length, 12)
  })

  test("count a row once whose id is too short to tell, by what it says", (t) => {
    const host = makeHost(temporaryDirectory(t))
    const said = { role: "assistant", content: [], provider: "p", model: "m", timestamp: 1_795_183_572_000 }
    const event = (input: number) => JSON.stringify({ type: "message", id: "369b43ff", message: { ...said, usage: { input, output: 1 } } })
    editStore(host.agentStore, (database) => {
      const row = { created_at: 1_795_183_573_000 }
      insertRow(database, "transcript_events", { ...row, session_id: "first", seq: 1, event_json: event(5) })
      insertRow(database, "transcript_events", { ...row, session_id: "fork", seq: 1, event_json: event(5) })
      insertRow(database, "transcript_events", { ...row, session_id: "first", seq: 2, event_json: event(6) })
    })
    const short = readHostStores(host.stateDirectory, everything).modelCalls.filter(({ message }) => message === "369b43ff")
    assert.deepEqual(
      short.map(({ session }) => session),
      ["first", "first"],
    )
    assert.equal(new Set(short.map(({ row }) => row)).size, 2)
  })
})

function modelCall(id: string): object {
  return { type: "message", id, message: { role: "assistant", content: [], usage: { totalTokens: 3 }, responseId: `response-${id}` } }
}

function coldArchive(id: string): { readonly name: string; readonly hash: string; readonly bytes: Buffer } {
  const records = [
    { kind: "header", version: 1, sessionId: "s", generation: "g" },
    { kind: "event", row: { seq: 1, event_json: JSON.stringify(modelCall(id)), created_at: rowMs } },
    { kind: "identity", row: { event_id: id } },
  ]
  const bytes = zstdCompressSync(Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join("")))
  const hash = createHash("sha256").update(bytes).digest("hex")
  return { name: `${hash}.jsonl.zst`, hash, bytes }
}

function summary({ name, state, schemaVersion, rows }: StoreRead): string {
  return `${name}: ${state} ${schemaVersion}, ${rows} rows`
}

function counts(values: readonly HostRecords["toolCalls"][number]["evidence"][]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const value of values.toSorted()) found[value] = (found[value] ?? 0) + 1
  return found
}

function contents(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    names.map(({ parentPath, name }) => [
      join(parentPath, name),
      createHash("sha256")
        .update(readFileSync(join(parentPath, name)))
        .digest("hex"),
    ]),
  )
}

test("the vector is small and of nobody's machine", () => {
  const text = JSON.stringify(hostStoreVector())
  assert.ok(text.length < 200_000)
  assert.doesNotMatch(text, /\/tmp\//)
})
