/** An agent's store of today's host, most of whose rows are compressed, made from a seed. */
import { mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { editStore, hostStoreVector } from "../vectors/host-store/host-store.ts"
import { chance } from "./jsonl-corpus.ts"

export type StoreCorpus = { readonly path: string; readonly rows: number; readonly calls: number; readonly tokens: number }

/** The host compresses what has at least a kibibyte and gets smaller by it. */
const compressFrom = 1_024

export function writeStoreCorpus(stateDirectory: string, { seed, rows }: { readonly seed: number; readonly rows: number }): StoreCorpus {
  const random = chance(seed)
  const path = join(stateDirectory, "agents", "main", "agent", "openclaw-agent.sqlite")
  mkdirSync(dirname(path), { recursive: true })
  let [calls, tokens] = [0, 0]
  editStore(path, (database) => {
    database.exec("PRAGMA journal_mode = WAL")
    for (const { name, sql } of hostStoreVector().agent.tables) if (name === "transcript_events") database.exec(sql)
    database.exec("PRAGMA user_version = 23; BEGIN")
    const insert = database.prepare(
      "INSERT INTO transcript_events(session_id, seq, event_json, created_at, event_zstd, event_utf8_bytes, navigation_json) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    for (let row = 0; row < rows; row++) {
      const isCall = random() < 0.43
      const text = words(random, Math.floor(random() ** 2 * 9_000))
      const atMs = 1_790_000_000_000 + row * 1_000
      const usage = { input: Math.floor(random() * 4_000), output: 1 + Math.floor(random() * 900), cacheRead: Math.floor(random() * 50_000), cacheWrite: 0 }
      const said = { content: [{ type: "text", text }], timestamp: atMs - 400 }
      const message = isCall
        ? {
            role: "assistant",
            ...said,
            api: "messages",
            provider: "anthropic",
            model: "claude-haiku-4-5",
            usage: { ...usage, totalTokens: 1 },
            stopReason: "stop",
          }
        : { role: "toolResult", toolCallId: `call-${row}`, toolName: "exec", isError: false, ...said }
      if (isCall) {
        calls++
        tokens += usage.input + usage.output + usage.cacheRead
      }
      const json = JSON.stringify({ type: "message", id: `row-${row}`, parentId: `row-${row - 1}`, timestamp: new Date(atMs).toISOString(), message })
      const session = `session-${Math.floor(row / 500)}`
      if (json.length < compressFrom) insert.run(session, row % 500, json, atMs, null, null, null)
      else {
        const navigation = { version: 1, report: { kind: "canonical" }, navigation: {}, reset: {}, model: { message: { role: message.role } } }
        const sizes = { modelBytes: json.length, modelWithoutCheckpointBytes: json.length, withoutCustomDataBytes: json.length }
        insert.run(session, row % 500, null, atMs, zstdCompressSync(json), Buffer.byteLength(json), JSON.stringify({ ...navigation, ...sizes }))
      }
    }
    database.exec("COMMIT")
  })
  return { path, rows, calls, tokens }
}

const dictionary = "the agent looked at files and wrote what it found into a report with numbers dates names tables code and errors it could not explain".split(
  " ",
)

function words(random: () => number, length: number): string {
  let text = ""
  while (text.length < length) text += `${dictionary[Math.floor(random() * dictionary.length)]} ${Math.floor(random() * 1_000)} `
  return text
}
