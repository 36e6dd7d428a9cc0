/**
 * A host's history of which everything is known: hosts of several versions in one home, with what happens to histories (resets, deletions, archives, forks,
 * retries, revisions, branches that were left, compressed rows), models nobody priced, caches and a tier. The truth is added up as it is written, with rates
 * from the providers' price pages, and not by any code of the product.
 */
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { editStore, hostStoreVector, insertRow } from "../vectors/host-store/host-store.ts"
import { chance, pick } from "./jsonl-corpus.ts"

type Rates = { readonly input: number; readonly output: number; readonly read: number; readonly write: number; readonly write1h: number }

/** Dollars per million tokens. https://www.anthropic.com/pricing and, of `house/modest-1`, the host's own configuration. */
const rates: Readonly<Record<string, { readonly base: Rates; readonly above200k?: Rates }>> = {
  "anthropic/claude-sonnet-4-5": {
    base: { input: 3, output: 15, read: 0.3, write: 3.75, write1h: 6 },
    above200k: { input: 6, output: 22.5, read: 0.6, write: 7.5, write1h: 12 },
  },
  "anthropic/claude-haiku-4-5": { base: { input: 1, output: 5, read: 0.1, write: 1.25, write1h: 2 } },
  "house/modest-1": { base: { input: 2, output: 8, read: 0.5, write: 2.5, write1h: 4 } },
}

export const hostConfig = {
  models: { providers: { house: { models: [{ id: "modest-1", cost: { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 } }] } } },
}

export const unknownModel = "acme/mystery-9"

export type Truth = {
  calls: number
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  /** Dollars. */
  cost: number
  unknown: number
  heartbeats: number
  /** Of jobs, by their id. */
  readonly jobs: Record<string, number>
  readonly byAgent: Record<string, number>
}

type Counts = { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number; readonly cacheWrite1h?: number }

export function writeTrueHistory(home: string, startMs: number): Truth {
  const maker = new Maker(home, startMs)
  maker.write()
  return maker.truth
}

class Maker {
  readonly truth: Truth = { calls: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cost: 0, unknown: 0, heartbeats: 0, jobs: {}, byAgent: {} }
  readonly #home: string
  readonly #random = chance(20_260_711)
  #atMs: number
  #ids = 0

  constructor(home: string, startMs: number) {
    this.#home = home
    this.#atMs = startMs
  }

  write(): void {
    mkdirSync(this.#home, { recursive: true })
    writeFileSync(join(this.#home, "openclaw.json"), JSON.stringify(hostConfig))
    this.#oldHost()
    this.#todaysHost()
  }

  /** JSONL files of an agent, and what resets, deletions and forks made of them. */
  #oldHost(): void {
    const sessions = join(this.#home, "agents", "elder", "sessions")
    mkdirSync(sessions, { recursive: true })
    const file = (name: string, rows: readonly object[]) => writeFileSync(join(sessions, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
    const header = (id: string, more: object = {}) => ({ type: "session", version: 3, id, timestamp: this.#iso(), cwd: "/w", ...more })
    const kept = [header("kept"), ...this.#conversation("elder", 12)]
    file("kept.jsonl", kept)
    file("kept.jsonl.reset.2026-06-01T10-00-00.000Z", [header("kept"), ...this.#conversation("elder", 5)])
    file("gone.jsonl.deleted.2026-06-02T10-00-00.000Z", [header("gone"), ...this.#conversation("elder", 4)])
    const packed = [header("packed"), ...this.#conversation("elder", 6)].map((row) => `${JSON.stringify(row)}\n`).join("")
    writeFileSync(join(sessions, "packed.jsonl.reset.2026-06-03T10-00-00.000Z.zst"), zstdCompressSync(packed))
    copyFileSync(join(sessions, "kept.jsonl"), join(sessions, "kept.jsonl.bak.2026-06-04T10-00-00Z"))
    this.#atMs += 60_000
    file("fork.jsonl", [header("fork", { parentSession: "kept" }), ...kept.slice(1), ...this.#conversation("elder", 2)])
    const beat = [this.#user("Read HEARTBEAT.md if it exists. If nothing needs attention, reply HEARTBEAT_OK."), this.#call("elder", { kind: "heartbeat" })]
    file("beats.jsonl", [header("beats"), ...beat, this.#user("thanks"), this.#call("elder"), ...this.#retry("elder")])
    const key = "agent:elder:cron:nightly"
    file("job.jsonl", [header("job"), this.#call("elder", { job: "nightly" }), this.#call("elder", { job: "nightly" })])
    writeFileSync(join(sessions, "sessions.json"), JSON.stringify({ [key]: { sessionId: "job" } }))
    // A row that is still being written when somebody reads: it is not a call yet.
    appendFileSync(join(sessions, "kept.jsonl"), '{"type":"message","id":"half","message":{"role":"assistant","usage":{"input":9')
  }

  /** An agent's store: plain and packed rows, and a branch that was left. */
  #todaysHost(): void {
    const path = join(this.#home, "agents", "main", "agent", "openclaw-agent.sqlite")
    mkdirSync(join(path, ".."), { recursive: true })
    editStore(path, (database) => {
      for (const { sql, name } of hostStoreVector().agent.tables) if (name !== "trajectory_runtime_events") database.exec(sql)
      database.exec("PRAGMA user_version = 23")
      database.exec("CREATE TABLE session_transcript_active_events(session_id TEXT, event_seq INTEGER)")
      const rows = [...this.#conversation("main", 40), ...this.#conversation("main", 3), this.#call("main", { large: true })]
      rows.forEach((row, seq) => {
        const text = JSON.stringify(row)
        const created = { session_id: "today", seq, created_at: Date.parse(row.timestamp) }
        if (seq % 3 === 0) insertRow(database, "transcript_events", { ...created, event_json: text })
        else {
          const navigation = { version: 1, report: { kind: "canonical" }, navigation: {}, reset: {}, model: { message: { role: row.message.role } } }
          const bytes = Buffer.byteLength(text)
          const sizes = { modelBytes: 1, modelWithoutCheckpointBytes: 1, withoutCustomDataBytes: 1 }
          const blob = { base64: zstdCompressSync(text).toString("base64") }
          insertRow(database, "transcript_events", {
            ...created,
            event_zstd: blob,
            event_utf8_bytes: bytes,
            navigation_json: JSON.stringify({ ...navigation, ...sizes }),
          })
        }
        // The branch that is shown leaves out every tenth row.
        if (seq % 10 !== 9) database.prepare("INSERT INTO session_transcript_active_events VALUES (?, ?)").run("today", seq)
      })
    })
  }

  #conversation(agent: string, turns: number) {
    return Array.from({ length: turns }, () => [this.#user("go on"), this.#call(agent)]).flat()
  }

  /** An attempt that failed without an answer, one that failed after some tokens, and one that went through: the first is no call. */
  #retry(agent: string) {
    const failed = {
      ...this.#row("assistant"),
      message: { role: "assistant", provider: "anthropic", model: "claude-haiku-4-5", usage: zero, stopReason: "error" },
    }
    return [failed, this.#call(agent, { stop: "error" }), this.#call(agent)]
  }

  #user(text: string) {
    return { ...this.#row("user"), message: { role: "user", content: [{ type: "text", text }], timestamp: this.#atMs } }
  }

  #call(agent: string, how: { readonly kind?: "heartbeat"; readonly job?: string; readonly stop?: string; readonly large?: boolean } = {}) {
    const named = how.large ? "anthropic/claude-sonnet-4-5" : pick([...Object.keys(rates), unknownModel], this.#random)
    const whole = (most: number) => Math.floor(this.#random() * most)
    const cacheWrite = whole(4_000)
    const counts: Counts = {
      input: how.large ? 120_000 : 1 + whole(5_000),
      output: 1 + whole(900),
      cacheRead: how.large ? 150_000 : whole(40_000),
      cacheWrite,
      ...(cacheWrite % 2 === 0 ? { cacheWrite1h: Math.floor(cacheWrite / 2) } : {}),
    }
    this.#count(agent, named, counts)
    if (how.kind === "heartbeat") this.truth.heartbeats++
    if (how.job !== undefined) this.truth.jobs[how.job] = (this.truth.jobs[how.job] ?? 0) + 1
    const [provider = "", model = ""] = named.split("/")
    const usage = { ...counts, totalTokens: counts.input + counts.output + counts.cacheRead + cacheWrite }
    const content = [{ type: "text", text: `answer ${"words ".repeat(whole(300))}` }]
    const message = {
      role: "assistant",
      content,
      api: "anthropic-messages",
      provider,
      model,
      usage,
      stopReason: how.stop ?? "stop",
      timestamp: this.#atMs - 900,
    }
    return { ...this.#row("assistant"), message }
  }

  #count(agent: string, named: string, { input, output, cacheRead, cacheWrite, cacheWrite1h = 0 }: Counts): void {
    const { truth } = this
    truth.calls++
    truth.input += input
    truth.output += output
    truth.cacheRead += cacheRead
    truth.cacheWrite += cacheWrite
    truth.byAgent[agent] = (truth.byAgent[agent] ?? 0) + 1
    const price = rates[named]
    if (price === undefined) truth.unknown++
    const at = price?.above200k !== undefined && input + cacheRead + cacheWrite > 200_000 ? price.above200k : price?.base
    if (at)
      truth.cost += (input * at.input + output * at.output + cacheRead * at.read + (cacheWrite - cacheWrite1h) * at.write + cacheWrite1h * at.write1h) / 1e6
  }

  #row(role: string) {
    this.#atMs += 1_500
    return {
      type: "message",
      id: `${role}-${this.#ids++}`,
      parentId: null,
      timestamp: this.#iso(),
      message: { role } as { role: string } & Record<string, unknown>,
    }
  }

  #iso(): string {
    return new Date(this.#atMs).toISOString()
  }
}

const zero = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 }
