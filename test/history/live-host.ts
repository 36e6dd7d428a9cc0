/**
 * A host that works while somebody reads: an agent's store of today and files of lines, to which calls are added one by one, and with which hosts do what they do: files that are
 * renamed, cut off or packed, rows that are written anew, conversations that go into an archive, a store that is upgraded. The truth is kept beside it.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { hostStoreVector } from "../vectors/host-store/host-store.ts"
import { agentTables } from "./agent-store-tables.ts"
import { chance, pick } from "./jsonl-corpus.ts"

const hourMs = 3_600_000
const firstVersion = 14

export type LiveTruth = { calls: number; input: number }

export class LiveHost {
  readonly truth: LiveTruth = { calls: 0, input: 0 }
  readonly storePath: string
  readonly #home: string
  readonly #sessions: string
  readonly #random: () => number
  #database: DatabaseSync
  #version = firstVersion
  #ids = 0
  #halfLine = ""
  #generation = 0
  #archived = 0

  constructor(home: string, seed: number) {
    this.#home = home
    this.#random = chance(seed)
    this.storePath = join(home, "agents", "main", "agent", "openclaw-agent.sqlite")
    this.#sessions = join(home, "agents", "elder", "sessions")
    mkdirSync(dirname(this.storePath), { recursive: true })
    mkdirSync(this.#sessions, { recursive: true })
    writeFileSync(join(home, "openclaw.json"), "{}")
    this.#database = this.#openStore()
    for (const sql of agentTables(firstVersion)) this.#database.exec(sql)
    this.#database.exec(hostStoreVector().agent.tables.find(({ name }) => name === "session_transcript_archives")?.sql ?? "")
    this.#database.exec(`PRAGMA user_version = ${firstVersion}`)
    for (const session of ["one", "two"]) this.#makeSession(session)
    this.#newFile("old")
  }

  close(): void {
    this.#database.close()
  }

  /** One of the things that happen. */
  happen(): string {
    const [happening] = [this.#random()]
    if (happening < 0.4) return this.callInStore(pick(["one", "two"], this.#random))
    if (happening < 0.7) return this.callInFile("old")
    const rare = pick(["halfLine", "renameFile", "cutFile", "packFile", "rewriteSuffix", "archive", "upgrade"] as const, this.#random)
    this[rare]()
    return rare
  }

  callInStore(session: string, at = Date.now()): string {
    this.#insert(session, this.#call(at))
    return "store"
  }

  callInFile(name: string): string {
    this.#append(name, `${this.#call()}\n`)
    return "file"
  }

  /** A line in two writes: the second one comes with whatever is written next. */
  halfLine(): void {
    if (this.#halfLine !== "") return
    const line = `${this.#call()}\n`
    appendFileSync(this.#file("old"), line.slice(0, 40))
    this.#halfLine = line.slice(40)
  }

  /** A reset: the file gets another name, and a new one begins under the old one. */
  renameFile(): string {
    this.#finishLine("old")
    const moment = new Date(Date.UTC(2026, 5, 1) + ++this.#generation * 1_000).toISOString().replaceAll(":", "-")
    const name = `${this.#file("old")}.reset.${moment}`
    renameSync(this.#file("old"), name)
    this.#newFile("old")
    return name
  }

  /** Copied away, and written anew from its beginning with less in it. */
  cutFile(): void {
    this.#finishLine("old")
    const lines = readFileSync(this.#file("old"), "utf8").split("\n")
    const moment = new Date(Date.UTC(2026, 5, 2) + ++this.#generation * 1_000).toISOString().replaceAll(":", "-")
    writeFileSync(`${this.#file("old")}.bak.${moment}`, lines.join("\n"))
    writeFileSync(this.#file("old"), `${lines[0] ?? ""}\n${this.#call()}\n`)
  }

  packFile(): void {
    const name = this.renameFile()
    writeFileSync(`${name}.zst`, zstdCompressSync(readFileSync(name)))
    rmSync(name)
  }

  /** The last rows are taken away and written again, with one more in the middle. */
  rewriteSuffix(): void {
    const rows = this.#rowsOf("one").slice(-3)
    this.#database.exec("BEGIN")
    for (const { seq } of rows) this.#database.prepare("DELETE FROM transcript_events WHERE session_id = 'one' AND seq = ?").run(seq)
    for (const [index, { json }] of rows.entries()) {
      if (index === 1) this.#insert("one", this.#call())
      this.#insert("one", json)
    }
    this.#database.exec("COMMIT")
  }

  /** A conversation is left: its last call and its deletion come in one commit. */
  archive(): void {
    const name = `left-${++this.#archived}`
    this.#makeSession(name)
    this.#insert(name, this.#call())
    this.#database.exec("BEGIN")
    this.#insert(name, this.#call())
    const text = this.#rowsOf(name)
      .map(({ json }) => `${json}\n`)
      .join("")
    this.#database.prepare("DELETE FROM transcript_events WHERE session_id = ?").run(name)
    this.#database
      .prepare(`INSERT INTO session_transcript_archives(session_id, generation, session_key, reason, encoding, archive_blob, archive_sha256, archive_name, created_at)
        VALUES (?, 'g', ?, 'deleted', 'zstd', ?, ?, ?, ?)`)
      .run(name, `agent:main:${name}`, zstdCompressSync(text), "0".repeat(64), `${name}.jsonl.deleted`, Date.now())
    this.#database.exec("COMMIT")
  }

  /** The store becomes one of schema 23, while it is followed: rows move to a table with other columns, one of them with numbers of their own. */
  upgrade(): void {
    if (this.#version !== firstVersion) return
    this.#version = 23
    const today = hostStoreVector().agent.tables.find(({ name }) => name === "transcript_events")?.sql ?? ""
    this.#database.exec("BEGIN; ALTER TABLE transcript_events RENAME TO earlier_events")
    this.#database.exec(today)
    this.#database
      .exec(`INSERT INTO transcript_events(session_id, seq, event_json, created_at) SELECT session_id, seq, event_json, created_at FROM earlier_events ORDER BY seq;
      DROP TABLE earlier_events; PRAGMA user_version = 23; COMMIT; VACUUM`)
  }

  /** The host stops, and starts again: its log goes with its last connection. */
  restart(): void {
    this.#database.close()
    this.#database = this.#openStore()
  }

  #openStore(): DatabaseSync {
    const database = new DatabaseSync(this.storePath, { enableForeignKeyConstraints: false, timeout: 10_000 })
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
    return database
  }

  #makeSession(session: string): void {
    const nowMs = Date.now()
    const key = `agent:main:${session}`
    const [window, node] = [
      "INSERT INTO session_windows(session_id, session_key, created_at, updated_at) VALUES (?, ?, ?, ?)",
      "INSERT INTO session_nodes(session_key, current_session_id, entry_json, updated_at) VALUES (?, ?, '{}', ?)",
    ]
    this.#database.prepare(window).run(session, key, nowMs, nowMs)
    this.#database.prepare(node).run(key, session, nowMs)
  }

  #rowsOf(session: string): readonly { readonly seq: number; readonly json: string }[] {
    const packed = this.#version >= 23 ? "event_zstd" : "NULL AS event_zstd"
    const rows = this.#database.prepare(`SELECT seq, event_json, ${packed} FROM transcript_events WHERE session_id = ? ORDER BY seq`).all(session)
    return rows.map(({ seq, event_json: json, event_zstd: zstd }) => ({
      seq: Number(seq),
      json: zstd instanceof Uint8Array ? zstdDecompressSync(zstd).toString("utf8") : String(json),
    }))
  }

  #insert(session: string, json: string): void {
    const seq = Number(this.#database.prepare("SELECT coalesce(max(seq), -1) + 1 AS seq FROM transcript_events WHERE session_id = ?").get(session)?.["seq"])
    if (this.#version >= 23 && this.#random() < 0.4) {
      const navigation = { version: 1, report: { kind: "canonical" }, navigation: {}, reset: {}, model: { message: { role: "assistant" } } }
      const sizes = { modelBytes: 1, modelWithoutCheckpointBytes: 1, withoutCustomDataBytes: 1 }
      this.#database
        .prepare("INSERT INTO transcript_events(session_id, seq, created_at, event_zstd, event_utf8_bytes, navigation_json) VALUES (?, ?, ?, ?, ?, ?)")
        .run(session, seq, Date.now(), zstdCompressSync(json), Buffer.byteLength(json), JSON.stringify({ ...navigation, ...sizes }))
    } else
      this.#database.prepare("INSERT INTO transcript_events(session_id, seq, event_json, created_at) VALUES (?, ?, ?, ?)").run(session, seq, json, Date.now())
  }

  /** A call that is true from now on. */
  #call(atMs = Date.now() - Math.floor(this.#random() * hourMs)): string {
    const input = 1 + Math.floor(this.#random() * 5_000)
    this.truth.calls++
    this.truth.input += input
    const id = `live-${++this.#ids}-${Math.floor(this.#random() * 1e9)}`
    const usage = { input, output: 3, cacheRead: 0, cacheWrite: 0, totalTokens: input + 3 }
    const content = [{ type: "text", text: "done. ".repeat(Math.floor(this.#random() ** 3 * 400)) }]
    const message = {
      role: "assistant",
      provider: "anthropic",
      model: "claude-haiku-4-5",
      content,
      stopReason: "stop",
      timestamp: atMs - 300,
      usage,
      responseId: `answer-${id}`,
    }
    return JSON.stringify({ type: "message", id, timestamp: new Date(atMs).toISOString(), message })
  }

  #file(name: string): string {
    return join(this.#sessions, `${name}.jsonl`)
  }

  #newFile(name: string): void {
    const session = `${name}-${this.#generation}`
    writeFileSync(this.#file(name), `${JSON.stringify({ type: "session", version: 3, id: session, timestamp: new Date().toISOString(), cwd: "/w" })}\n`)
  }

  #append(name: string, text: string): void {
    this.#finishLine(name)
    appendFileSync(this.#file(name), text)
  }

  #finishLine(name: string): void {
    appendFileSync(this.#file(name), this.#halfLine)
    this.#halfLine = ""
  }

  /** Everything that was begun is written. */
  finish(): void {
    this.#finishLine("old")
  }

  get home(): string {
    return this.#home
  }
}
