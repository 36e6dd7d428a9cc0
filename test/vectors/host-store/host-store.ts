/** The stores of a host as the vector has them, made into SQLite files of a test's own, and the same ledger's events put into a journal. */
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import type { JsonObject } from "../../../src/base/json.ts"
import { name, reference } from "../../../src/capture/references.ts"
import type { NewEvent } from "../../../src/format/event.ts"
import type { TestLedger } from "../../ledger-fixture.ts"

export type VectorRow = Readonly<Record<string, unknown>>
export type VectorTable = { readonly name: string; readonly sql: string; readonly rows: readonly VectorRow[] }
export type VectorStore = { readonly version: number; readonly tables: readonly VectorTable[] }

/** `hidden` names the facts whose text stands in full here and was a pseudonym in the ledger. */
export type VectorEvent = { readonly type: string; readonly id: string; readonly facts: JsonObject; readonly hidden: readonly string[] }

export type HostStoreVector = { readonly agent: VectorStore; readonly state: VectorStore; readonly events: readonly VectorEvent[] }

export function hostStoreVector(): HostStoreVector {
  return JSON.parse(readFileSync(join(import.meta.dirname, "openclaw-2026.9.json"), "utf8")) as HostStoreVector
}

export type HostFiles = { readonly stateDirectory: string; readonly agentStore: string; readonly stateStore: string }

/** A state directory as a host leaves it when it stops: write-ahead logging, no log. */
export function makeHost(directory: string, vector: HostStoreVector = hostStoreVector()): HostFiles {
  const files = {
    stateDirectory: directory,
    agentStore: join(directory, "agents", "main", "agent", "openclaw-agent.sqlite"),
    stateStore: join(directory, "state", "openclaw.sqlite"),
  }
  makeStore(files.agentStore, vector.agent)
  makeStore(files.stateStore, vector.state)
  return files
}

function makeStore(path: string, store: VectorStore): void {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  editStore(path, (database) => {
    database.exec("PRAGMA journal_mode = WAL; BEGIN")
    for (const { name, sql, rows } of store.tables) {
      database.exec(sql)
      for (const row of rows) insertRow(database, name, row)
    }
    database.exec(`COMMIT; PRAGMA user_version = ${store.version}`)
  })
}

/** Opens a store for writing, as the host does, and lets go of it. */
export function editStore(path: string, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  try {
    change(database)
  } finally {
    database.close()
  }
}

export function insertRow(database: DatabaseSync, table: string, row: VectorRow): void {
  const names = Object.keys(row)
  const values = Object.values(row).map(valueOf)
  database.prepare(`INSERT INTO ${table}(${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(...values)
}

function valueOf(value: unknown): SQLInputValue {
  if (typeof value === "object" && value !== null && "base64" in value) return Buffer.from(String(value.base64), "base64")
  return value as SQLInputValue
}

/** Records the vector's events: what might name somebody under this ledger's own pseudonyms, in full in the content. */
export function recordEvents(ledger: TestLedger, events: readonly VectorEvent[]): void {
  const { scopes } = ledger.open()
  ledger.record(
    ...events.map(({ type, id, facts, hidden }): NewEvent => {
      const shown = hidden.map((field) => [field, (field === "run" || field === "call" ? reference : name)(String(facts[field]), scopes)])
      const names = Object.fromEntries(hidden.map((field) => [field, facts[field]]))
      const content = hidden.length === 0 ? {} : { content: { names } }
      return { type, id, scope: { session: "agent:main:main" }, facts: { ...facts, ...Object.fromEntries(shown) }, ...content } as NewEvent
    }),
  )
}
