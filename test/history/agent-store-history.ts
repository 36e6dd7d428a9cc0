/**
 * One history, as a host of each version of the store's schema has it: a conversation with itself, one with somebody in a channel and what was before its
 * reset, a subagent, a fork, a group whose key changed, an old one that later hosts keep in cold storage, one that was deleted.
 */
import { createHash } from "node:crypto"
import { mkdirSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { editStore, insertRow, type VectorRow } from "../vectors/host-store/host-store.ts"
import { agentTables, since, sinceAbout, sinceCold, sincePacked } from "./agent-store-tables.ts"

type Told = { readonly [K in "channel" | "chatType" | "sender" | "parent" | "kind"]?: string }
type Session = Told & {
  readonly id: string
  readonly key: string
  /** What the transcript says of its key, where the list of sessions says something else. */
  readonly writtenKey?: string
  readonly isLeft?: boolean
  /** What delegated the work stands with the conversation, and not with the transcript. */
  readonly isParentListed?: boolean
  readonly forkOf?: string
  readonly scope?: string
  readonly calls: number
}

const startMs = 1_780_000_000_000
/** Its key tells nothing: all that is known of it stands in tables. */
const direct = { key: "agent:main:explicit:friend", channel: "telegram", chatType: "direct", sender: "777" } as const

const sessions: readonly Session[] = [
  { id: "a-fork", key: "agent:main:explicit:fork", forkOf: "today", calls: 1 },
  { id: "with-itself", key: "agent:main:main", chatType: "direct", channel: "webchat", sender: "5", scope: "shared-main", calls: 3 },
  { id: "before-reset", ...direct, isLeft: true, calls: 2 },
  { id: "today", ...direct, calls: 4 },
  { id: "helper", key: "agent:main:subagent:one", parent: "agent:main:main", kind: "subagent", calls: 2 },
  { id: "second-helper", key: "agent:main:subagent:two", parent: "agent:main:main", kind: "subagent", isParentListed: true, calls: 1 },
  { id: "group", key: "agent:main:discord:group:9", writtenKey: "agent:main:discord:group:old", channel: "discord", chatType: "group", calls: 2 },
  { id: "long-ago", key: "agent:main:explicit:old", calls: 2 },
]
/** Was deleted: its rows stand in an archive, from the versions on that have one in the store. */
const gone: Session = { id: "gone", key: "agent:main:explicit:gone", calls: 2 }

/** A call as it must be found: `place` is where, `unseen` why the host does not show it. */
export type TrueCall = { readonly place: Record<string, string>; readonly input: number; readonly kind: string | undefined; readonly unseen: string }
type Row = { readonly seq: number; readonly atMs: number; readonly json: string; readonly role: string; readonly input: number; readonly inherited: boolean }

export function trueCalls(version: number): readonly TrueCall[] {
  if (version < since.transcripts) return []
  return [...sessions, ...(version >= sinceAbout.archives ? [gone] : [])].flatMap((session) =>
    rowsOfSession(session)
      .filter(({ role, inherited }) => role === "assistant" && !inherited)
      .map(({ seq, input }) => ({
        place: placeOf(session, version),
        input,
        kind: session.kind ?? (session.id === "with-itself" && seq === 1 ? "heartbeat" : undefined),
        unseen: session === gone ? "archive" : version >= since.branches && isOffBranch(session, seq) ? "branch" : "",
      })),
  )
}

function placeOf({ id, key, channel, chatType, sender, parent, kind, scope, isLeft = false }: Session, version: number): Record<string, string> {
  // An entry has the address of the transcript it is at, and of none before; a conversation that is shared is with nobody.
  const hasAddress = scope === undefined && (version >= since.addresses || !isLeft)
  const told = { channel, chatType, sender: hasAddress ? sender : undefined, parent, kind }
  const given = Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { agent: "main", sessionId: id, key, ...Object.fromEntries(given) }
}

function isOffBranch({ id }: Session, seq: number): boolean {
  return id === "today" && seq === 3
}

/** Of a fork, the rows of the other session first. */
function rowsOfSession(session: Session): readonly Row[] {
  const source = sessions.find(({ id }) => id === session.forkOf)
  const inherited = source ? rowsOfSession(source).map((row) => ({ ...row, inherited: true })) : []
  const own = Array.from({ length: session.calls * 2 }, (_, index) => rowOf(session, inherited.length + index))
  return [...inherited, ...own]
}

function rowOf(session: Session, seq: number): Row {
  // A fork is listed first, and was made last.
  const place = session.forkOf === undefined ? [...sessions, gone].indexOf(session) : 20
  const atMs = startMs + place * 3_600_000 + seq * 1_000
  const role = seq % 2 === 0 ? "user" : "assistant"
  const input = 100 + place * 20 + seq
  const text = `${role} ${"said something of some length, ".repeat(seq % 4 === 1 ? 60 : 1)}`
  const usage = { input, output: 7, cacheRead: 11, cacheWrite: 0, totalTokens: input + 18 }
  const answer = { provider: "anthropic", model: "claude-haiku-4-5", usage, responseId: `answer-${session.id}-${seq}`, stopReason: "stop" }
  const message = { role, content: [{ type: "text", text }], timestamp: atMs - 500, ...(role === "assistant" ? answer : {}) }
  const run = { __openclaw: { runId: `run-${session.id}-${seq}` } }
  const event = { type: "message", id: `${session.id}-${seq}`, timestamp: new Date(atMs).toISOString(), message: { ...message, ...run } }
  return { seq, atMs, json: JSON.stringify(event), role, input, inherited: false }
}

/** Leaves nothing of a store that was there: what a host's upgrade makes of it. */
export function writeAgentStore(path: string, version: number): void {
  mkdirSync(dirname(path), { recursive: true })
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
  editStore(path, (database) => {
    // A fixture that a power failure takes is made again.
    database.exec("PRAGMA synchronous = OFF; BEGIN")
    for (const sql of agentTables(version)) database.exec(sql)
    database.exec(`PRAGMA user_version = ${version}`)
    const insert = (table: string, row: VectorRow) => insertRow(database, table, row)
    if (version >= since.transcripts) {
      for (const session of sessions) {
        writeSession(session, version, insert)
        if (session.id === "long-ago" && version >= sinceCold) insert("session_transcript_cold_archives", coldOf(session))
        else for (const row of rowsOfSession(session)) writeRow(session, row, version, insert)
      }
      const started = JSON.stringify({ type: "session.started", data: { trigger: "heartbeat" } })
      insert("trajectory_runtime_events", { session_id: "with-itself", seq: 0, run_id: "run-with-itself-1", event_json: started, created_at: startMs })
    }
    if (version >= sinceAbout.archives) insert("session_transcript_archives", archiveOf(gone))
    database.exec("COMMIT")
  })
}

type Insert = (table: string, row: VectorRow) => void

function writeSession(session: Session, version: number, insert: Insert): void {
  const { id, key, writtenKey = key, channel, chatType, sender, parent, forkOf, isLeft = false, isParentListed = false, scope = "conversation" } = session
  const hasAddress = version >= since.addresses && chatType === "direct" && scope === "conversation"
  const times = { created_at: Math.min(...rowsOfSession(session).flatMap(({ atMs, inherited }) => (inherited ? [] : [atMs]))), updated_at: startMs + 9e7 }
  const conversation = hasAddress ? `conversation-${sender}` : null
  const told = { session_scope: scope, ...times, chat_type: chatType, channel, primary_conversation_id: conversation }
  const spawned = { [isParentListed ? "node" : "row"]: parent ?? null }
  const row = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  if (hasAddress && !isLeft) {
    insert("conversations", {
      ...times,
      conversation_id: conversation,
      channel,
      account_id: "default",
      kind: chatType,
      peer_id: sender,
      delivery_target: `${channel}:${sender}`,
    })
  }
  const delivery = sender === undefined ? {} : { deliveryContext: { channel, to: `${channel}:${sender}` }, lastChannel: channel }
  const fork = forkOf === undefined ? {} : { forkSource: { sessionId: forkOf } }
  const entry = JSON.stringify({ sessionId: id, updatedAt: times.updated_at, chatType, channel, spawnedBy: spawned["node"], ...delivery, ...fork })
  if (version >= since.nodes) {
    insert("session_windows", { session_id: id, session_key: key, ...row, spawned_by: spawned["row"] ?? null })
    const node = {
      session_key: key,
      current_session_id: id,
      entry_json: entry,
      updated_at: times.updated_at,
      fork_source_session_id: forkOf ?? null,
      spawned_by: spawned["node"] ?? null,
    }
    if (!isLeft) insert("session_nodes", node)
    return
  }
  insert("sessions", { session_id: id, session_key: writtenKey, ...row, spawned_by: spawned["row"] ?? null })
  if (isLeft) return
  insert("session_entries", { session_key: key, session_id: id, entry_json: entry, updated_at: times.updated_at })
  insert("session_routes", { session_key: writtenKey, session_id: id, updated_at: times.updated_at + 1 })
}

function writeRow(session: Session, { seq, atMs, json, role }: Row, version: number, insert: Insert): void {
  const row = { session_id: session.id, seq, created_at: atMs }
  if (version < sincePacked || json.length < 1_024) insert("transcript_events", { ...row, event_json: json })
  else {
    const told = { version: 1, report: { kind: "canonical" }, navigation: {}, reset: {}, model: { message: { role } } }
    const sizes = { modelBytes: 1, modelWithoutCheckpointBytes: 1, withoutCustomDataBytes: 1 }
    const packed = { event_zstd: zstdCompressSync(json), event_utf8_bytes: Buffer.byteLength(json) }
    insert("transcript_events", { ...row, ...packed, navigation_json: JSON.stringify({ ...told, ...sizes }) })
  }
  if (version >= since.branches && !isOffBranch(session, seq)) {
    insert("session_transcript_active_events", { session_id: session.id, active_position: seq, event_seq: seq })
  }
}

function coldOf(session: Session): VectorRow {
  const rows = rowsOfSession(session)
  const events = rows.map(({ seq, json, atMs }) => ({ kind: "event", row: { seq, event_json: json, created_at: atMs } }))
  const header = { kind: "header", version: 1, sessionId: session.id, generation: "g" }
  const bytes = zstdCompressSync([header, ...events].map((record) => `${JSON.stringify(record)}\n`).join(""))
  const hash = createHash("sha256").update(bytes).digest("hex")
  const file = { archive_name: `${hash}.jsonl.zst`, archive_sha256: hash, storage: "sqlite", archive_blob: bytes, archive_bytes: bytes.length }
  const counts = { event_count: rows.length, raw_bytes: 1, last_seq: rows.length - 1, archived_at: startMs + 9e7 }
  return { session_id: session.id, generation: "g", ...file, ...counts }
}

function archiveOf(session: Session): VectorRow {
  const text = rowsOfSession(session).map(({ json }) => `${json}\n`)
  const file = { encoding: "zstd", archive_blob: zstdCompressSync(text.join("")), archive_sha256: "0".repeat(64), archive_name: `${session.id}.zst` }
  return { session_id: session.id, generation: "g", session_key: session.key, reason: "deleted", ...file, created_at: startMs + 9e7 }
}
