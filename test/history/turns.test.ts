/** Which channel the calls of a session belong to that several channels share: by the message they answer, else by the list of sessions. */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { zstdCompressSync } from "node:zlib"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { encodeBounded } from "../../src/capture/encode.ts"
import type { Picked } from "../../src/capture/hook-row.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { LatestTurns, turnOf } from "../../src/capture/turn.ts"
import { placeOfEntry } from "../../src/history/session-list.ts"
import { context } from "../capture/vectors.ts"
import { makeHome } from "../cli/home.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore, hostStoreVector, insertRow } from "../vectors/host-store/host-store.ts"
import { readHome } from "./reading.ts"

const atMs = Date.now() - 86_400_000
const key = "agent:main:main"

/** A message as the host of 2026.9 writes it: by which channel it came, or by none that it names. */
function message(channel?: string, senderId = "777") {
  const identity = { type: "observation", id: senderId, pluginId: channel, accountId: null, senderKind: "human" }
  const told = channel === undefined ? { senderIsOwner: true } : { senderIsOwner: true, senderId, senderIdentity: identity, transport: { channel } }
  return { role: "user", content: "go on", timestamp: atMs, __openclaw: told }
}

const call = { role: "assistant", content: [], provider: "p", model: "m", stopReason: "stop", timestamp: atMs }

/** Calls by what they use: 1 before any channel was told, 2 and 3 by Telegram, 4 by nobody, 5 by Discord, 6 by somebody else there. */
const said: readonly object[] = [
  message(),
  { ...call, usage: { input: 1 } },
  message("telegram"),
  { ...call, usage: { input: 2 } },
  { role: "toolResult", toolCallId: "t", toolName: "exec", content: [], isError: false, timestamp: atMs },
  { ...call, usage: { input: 3 } },
  message(),
  { ...call, usage: { input: 4 } },
  message("Discord", "näme"),
  { ...call, usage: { input: 5 } },
  message("discord", "999"),
  { ...call, usage: { input: 6 } },
]
const rows = said.map((message, seq) => ({ type: "message", id: `row-${seq}`, timestamp: new Date(atMs + seq).toISOString(), message }))

const expected = [
  [1, "slack", "direct", undefined],
  [2, "telegram", undefined, "777"],
  [3, "telegram", undefined, "777"],
  [4, undefined, undefined, undefined],
  [5, "discord", undefined, "näme"],
  [6, "discord", undefined, "999"],
]

async function placesIn(home: string) {
  const { rows, troubles } = await readHome(home)
  assert.deepEqual(troubles, [])
  return rows.map(({ input, place }) => [input, place.channel, place.chatType, place.sender]).sort((a, b) => Number(a[0]) - Number(b[0]))
}

/** Transcripts in files, and the list of sessions beside them. */
function writeFiles(home: string, list: object, name = "shared.jsonl", packed = false): string {
  const sessions = join(home, "agents", "main", "sessions")
  mkdirSync(sessions, { recursive: true })
  const text = [{ type: "session", version: 3, id: "shared", timestamp: new Date(atMs).toISOString() }, ...rows]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("")
  writeFileSync(join(sessions, name), packed ? zstdCompressSync(text) : text)
  writeFileSync(join(sessions, "sessions.json"), JSON.stringify(list))
  return home
}

const listed = { sessionId: "shared", chatType: "direct", lastChannel: "slack" }

function writeStore(home: string, where: "plain" | "packed" | "archive" | "cold", windowKey = key): string {
  const path = join(home, "agents", "main", "agent", "openclaw-agent.sqlite")
  mkdirSync(join(path, ".."), { recursive: true })
  editStore(path, (database) => {
    for (const { sql } of hostStoreVector().agent.tables) database.exec(sql)
    database.exec(`PRAGMA user_version = 23;
      CREATE TABLE session_windows(session_id TEXT, session_key TEXT, reason TEXT, created_at INTEGER, chat_type TEXT, channel TEXT, spawned_by TEXT, primary_conversation_id TEXT);
      CREATE TABLE session_nodes(session_key TEXT, spawned_by TEXT, project_id TEXT, fork_source_session_id TEXT);
      CREATE TABLE conversations(conversation_id TEXT, peer_id TEXT)`)
    insertRow(database, "session_windows", { session_id: "shared", session_key: windowKey, created_at: atMs, chat_type: "direct", channel: "slack" })
    const texts = rows.map((row) => JSON.stringify(row))
    if (where === "archive") {
      const archive = { session_id: "shared", generation: "g", session_key: windowKey, reason: "reset", encoding: "zstd", archive_name: "a", created_at: atMs }
      const blob = zstdCompressSync(`${texts.join("\n")}\n`).toString("base64")
      insertRow(database, "session_transcript_archives", { ...archive, archive_sha256: "0".repeat(64), archive_blob: { base64: blob } })
    }
    if (where === "cold") {
      const records = texts.map((event_json, seq) => ({ kind: "event", row: { seq, event_json, created_at: atMs + seq } }))
      const blob = zstdCompressSync([{ kind: "header", sessionId: "shared" }, ...records].map((row) => `${JSON.stringify(row)}\n`).join("")).toString("base64")
      const sizes = { event_count: rows.length, raw_bytes: 1, archive_bytes: 1, last_seq: 1, archived_at: atMs, storage: "sqlite" }
      const cold = { session_id: "shared", generation: "g", archive_name: "c", archive_sha256: "0".repeat(64), ...sizes }
      insertRow(database, "session_transcript_cold_archives", { ...cold, archive_blob: { base64: blob } })
    }
    if (where === "archive" || where === "cold") return
    rows.forEach((row, seq) => {
      const event = { session_id: "shared", seq, created_at: atMs + seq }
      const text = texts[seq] ?? ""
      const navigation = {
        version: 1,
        report: { kind: "canonical" },
        navigation: {},
        reset: {},
        model: { message: { role: (row.message as { role: string }).role } },
      }
      const sizes = { modelBytes: 1, modelWithoutCheckpointBytes: 1, withoutCustomDataBytes: 1 }
      const blob = { base64: zstdCompressSync(text).toString("base64") }
      const packed = { event_zstd: blob, event_utf8_bytes: Buffer.byteLength(text), navigation_json: JSON.stringify({ ...navigation, ...sizes }) }
      insertRow(database, "transcript_events", { ...event, ...(where === "plain" ? { event_json: text } : packed) })
    })
  })
  return home
}

describe("a call of a shared session is of the channel whose message it answers", () => {
  for (const where of ["plain", "packed", "cold"] as const) {
    test(`in a store: ${where} rows`, async (t) => {
      assert.deepEqual(await placesIn(writeStore(temporaryDirectory(t), where)), expected)
    })
  }

  test("in an archive inside the store, whose session has a key and no row in the list", async (t) => {
    const home = writeStore(temporaryDirectory(t), "archive")
    editStore(join(home, "agents", "main", "agent", "openclaw-agent.sqlite"), (database) => database.exec("DELETE FROM session_windows"))
    assert.deepEqual(await placesIn(home), [[1, undefined, undefined, undefined], ...expected.slice(1)])
  })

  test("in files: plain, packed, and of a session whose key is lost", async (t) => {
    assert.deepEqual(await placesIn(writeFiles(temporaryDirectory(t), { [key]: listed })), expected)
    assert.deepEqual(await placesIn(writeFiles(temporaryDirectory(t), { [key]: listed }, "shared.jsonl.reset.2026-11-01T10-00-00.000Z.zst", true)), expected)
    assert.deepEqual(await placesIn(writeFiles(temporaryDirectory(t), {})), [[1, undefined, undefined, undefined], ...expected.slice(1)])
  })

  test("but of its own where the key says so, whatever rows and the list tell", async (t) => {
    const own = [1, 2, 3, 4, 5, 6].map((input) => [input, "signal", "direct", "5"])
    assert.deepEqual(await placesIn(writeStore(temporaryDirectory(t), "plain", "agent:main:signal:direct:5")), own)
    assert.deepEqual(await placesIn(writeFiles(temporaryDirectory(t), { "agent:main:signal:direct:5": listed })), own)
  })

  test("by both kinds of import the same", async (t) => {
    const home = makeHome(t)
    const host = writeStore(join(home.directory, "host"), "packed")
    const spent = async (...kind: readonly string[]) => {
      const ledger = ["--data-dir", join(home.directory, `ledger${kind.length}`), "--key-file", join(home.directory, `key${kind.length}`)]
      assert.equal((await home.run(["key", "create", ...ledger])).exit, 0)
      const said = await home.run(["import", host, ...kind, ...ledger])
      assert.equal(said.exit, 0, said.stderr)
      const asked = await home.run(["spend", "--since", "7d", "--by", "channel", "--json", ...ledger])
      const { rows } = JSON.parse(asked.stdout) as { readonly rows: readonly { readonly keys: { readonly channel: string }; readonly input: number }[] }
      const senders = JSON.parse((await home.run(["sql", "SELECT count(DISTINCT sender) FROM llm_usage_events", "--json", ...ledger])).stdout) as {
        rows: unknown
      }
      return [Object.fromEntries(rows.map(({ keys, input }) => [keys.channel, input])), senders.rows]
    }
    const truth = [{ slack: 1, telegram: 5, "": 4, discord: 11 }, [[3]]]
    assert.deepEqual(await spent("--usage-only"), truth)
    assert.deepEqual(await spent(), truth)
  })
})

describe("what a row and the list of sessions say", () => {
  test("a message tells its channel by the way it was carried, else by who observed its sender", () => {
    const identity = { type: "observation", id: "7", pluginId: "signal", accountId: null, senderKind: "human" }
    const cases: readonly (readonly [object, object | undefined])[] = [
      [
        { role: "user", __openclaw: { transport: { channel: "Telegram" }, senderId: "7" } },
        { channel: "telegram", sender: "7" },
      ],
      [
        { role: "user", __openclaw: { senderIdentity: identity, senderId: "7" } },
        { channel: "signal", sender: "7" },
      ],
      [{ role: "user", __openclaw: { senderIdentity: { ...identity, type: "profile" }, senderId: "7" } }, {}],
      [{ role: "user", __openclaw: { transport: { channel: "x".repeat(300) } } }, {}],
      [{ role: "user", __openclaw: 5 }, {}],
      [{ role: "user", __openclaw: { lateMedia: true } }, undefined],
      [{ role: "assistant", __openclaw: { transport: { channel: "telegram" } } }, undefined],
      [{}, undefined],
    ]
    for (const [message, turn] of cases) assert.deepEqual(turnOf(message as Record<string, unknown>), turn, JSON.stringify(message))
  })

  test("live, the latest message of each session is remembered, of a bounded number of sessions", () => {
    const turns = new LatestTurns()
    assert.equal(turns.heard("s", call), undefined)
    assert.deepEqual(turns.heard("s", message("telegram")), { channel: "telegram", sender: "777" })
    turns.heard("other", message("discord"))
    assert.equal(turns.heard("s", call)?.channel, "telegram")
    assert.deepEqual(turns.heard("s", message()), {})
    assert.deepEqual(turns.heard("s", call), {})
    for (let session = 0; session < 1_024; session++) turns.heard(`s-${session}`, message("signal"))
    assert.equal(turns.heard("other", call), undefined)
    assert.equal(turns.heard("s-0", call)?.channel, "signal")
    assert.equal(turns.heard(undefined, message("signal")), undefined)
  })

  test("live, a call is told with the channel and the sender of the message before it, unless the key of the session says another", () => {
    const row = hookRows.find(({ hook }) => hook === "transcript")
    assert.ok(row)
    const memory = new CaptureMemory()
    const told = (message: object, sessionKey = key) => {
      const picked = row.pick({ message, sessionKey, agentId: "main", sessionId: "s", messageId: "m" }, {}, memory)
      const { text } = encodeBounded(picked, 65_536)
      const [event] = row.map({ hook: row.hook, atMs, picked: JSON.parse(text) as Picked }, context)
      const { channel, chatType, sender } = (event?.facts ?? {}) as Readonly<Record<string, unknown>>
      return event && [channel, chatType, sender, event.scope]
    }
    const used = { ...call, usage: { input: 1 } }
    assert.equal(told(message("telegram")), undefined)
    assert.deepEqual(told(used), ["telegram", undefined, context.pseudonym("777"), { session: key }])
    assert.equal(told(message()), undefined)
    assert.deepEqual(told(used), [undefined, undefined, undefined, { session: key }])
    const own = "agent:main:signal:direct:5"
    told(message("telegram"), own)
    assert.deepEqual(told(used, own), ["signal", "direct", context.pseudonym("5"), { session: own }])
  })

  test("the list of sessions tells where a session without a channel in its key answers to, as each version of the host writes it", () => {
    const channelOf = (entry: object, of = key) => placeOfEntry("main", of, { sessionId: "s", ...entry })?.channel
    assert.equal(channelOf({ deliveryContext: { channel: "telegram", to: "1" }, origin: { provider: "discord" } }), "telegram")
    assert.equal(channelOf({ delivery: { kind: "external", context: { channel: "signal" }, origin: { provider: "discord" } } }), "signal")
    assert.equal(channelOf({ delivery: { kind: "external", context: {}, origin: { provider: "discord" } } }), "discord")
    assert.equal(channelOf({ lastChannel: "slack", origin: { provider: "discord" } }), "slack")
    assert.equal(channelOf({ origin: { provider: "discord" } }), "discord")
    assert.equal(channelOf({}), undefined)
    assert.equal(channelOf({ lastChannel: "slack" }, "agent:main:telegram:group:5"), "telegram")
  })
})
