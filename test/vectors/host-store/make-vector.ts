/**
 * Makes `openclaw-2026.9.json` of a real host that ran with the plugin: rows of its stores and what our ledger recorded of them, with ids as the host
 * gave them and without paths of the machine. Run once for a host version, by hand:
 *
 *   node test/vectors/host-store/make-vector.ts STATE_DIRECTORY KEY_FILE > test/vectors/host-store/openclaw-2026.9.json
 */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { objectOf, type JsonObject } from "../../../src/base/json.ts"
import { ledgerFiles } from "../../../src/journal/files.ts"
import { factsOf } from "../../../src/journal/reader.ts"
import { contentOf } from "../../../src/views/event-list.ts"
import { openForReading } from "../../../src/views/ledger-access.ts"
import type { HostStoreVector, VectorEvent, VectorRow, VectorTable } from "./host-store.ts"

const [stateDirectory = "", keyFile = ""] = process.argv.slice(2)

/** Rows that hold what nobody compares: prompts, snapshots, caches. */
const leftOut = /"customType":"(?:openclaw\.cache-ttl|model-snapshot)"|"type":"(?:model_change|thinking_level_change)"|"role":"user"/
const machinePaths = /\/tmp\/sl-\w+/g

function clean(text: string): string {
  return text.replaceAll(machinePaths, "/home/user")
}

function cleanPacked(packed: Uint8Array): Buffer {
  return zstdCompressSync(Buffer.from(clean(zstdDecompressSync(packed).toString("utf8"))))
}

function transcriptRow(row: VectorRow): VectorRow {
  const packed = row["event_zstd"]
  if (!(packed instanceof Uint8Array)) return { ...row, event_json: clean(String(row["event_json"])), event_utf8_bytes: null }
  const cleaned = cleanPacked(packed)
  return { ...row, event_zstd: cleaned, event_utf8_bytes: zstdDecompressSync(cleaned).length }
}

function textOf(row: VectorRow): string {
  const packed = row["event_zstd"]
  return packed instanceof Uint8Array ? zstdDecompressSync(packed).toString("utf8") : String(row["event_json"])
}

function table(database: DatabaseSync, name: string, keep: (row: VectorRow) => VectorRow | undefined): VectorTable {
  const sql = String(database.prepare("SELECT sql FROM sqlite_schema WHERE name = ?").get(name)?.["sql"])
  const rows = database.prepare(`SELECT * FROM ${name}`).all() as VectorRow[]
  const kept = rows.map(keep).filter((row) => row !== undefined)
  return { name, sql, rows: kept.map(shorter) }
}

/** Bytes as base64; columns that hold nothing are left out. */
function shorter(row: VectorRow): VectorRow {
  const kept = Object.entries(row).filter(([, value]) => value !== null)
  return Object.fromEntries(kept.map(([name, value]) => [name, value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value]))
}

function events(): readonly VectorEvent[] {
  const files = ledgerFiles(join(stateDirectory, "sovereign-ledger"), join(stateDirectory, "sovereign-ledger.head.note"))
  const access = openForReading(files, { keyFile, environment: {} })
  const wanted = new Set(["gateway.started", "usage.reported", "model.returned", "tool.invoked", "tool.returned", "tool.denied", "run.started"])
  const made = [...access.reader.entries(0, access.reader.size() - 1)].flatMap((entry): VectorEvent[] => {
    const { type } = entry.header
    if (!wanted.has(type)) return []
    const { id, ...facts } = factsOf(entry)
    const { text } = contentOf(access, entry)
    const names = objectOf(objectOf(text === undefined ? {} : JSON.parse(text))["names"]) as JsonObject
    const kept = Object.fromEntries(Object.entries({ ...facts, ...names }).filter(([name]) => !/Tokens$|Bytes$|Ms$|Nanos$|^api$|^owner$/.test(name) || name === "atMs"))
    return [{ type, id, facts: kept, hidden: Object.keys(names) }]
  })
  access.close()
  return made
}

const agentStore = new DatabaseSync(join(stateDirectory, "agents/main/agent/openclaw-agent.sqlite"), { readOnly: true })
const stateStore = new DatabaseSync(join(stateDirectory, "state/openclaw.sqlite"), { readOnly: true })
const vector: HostStoreVector = {
  agent: {
    version: 23,
    tables: [
      table(agentStore, "transcript_events", (row) => (leftOut.test(textOf(row)) ? undefined : transcriptRow(row))),
      table(agentStore, "session_transcript_archives", (row) => ({ ...row, archive_blob: cleanPacked(row["archive_blob"] as Uint8Array) })),
      table(agentStore, "session_transcript_cold_archives", (row) => row),
      table(agentStore, "trajectory_runtime_events", (row) => {
        return /"type":"(?:tool\.call|session\.started)"/.test(String(row["event_json"])) ? { ...row, event_json: clean(String(row["event_json"])) } : undefined
      }),
    ],
  },
  state: { version: 18, tables: [table(stateStore, "audit_events", (row) => row), table(stateStore, "agent_databases", (row) => row)] },
  events: events(),
}
// A row a line, so that a change shows.
process.stdout.write(`${JSON.stringify(vector).replaceAll(/\},\{"(?=name|session_id|sequence|type|agent_id)/g, '},\n{"')}\n`)
