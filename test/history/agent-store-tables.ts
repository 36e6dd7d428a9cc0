/** The tables of an agent's store as the host made them in each version of its schema, as far as they hold history. */
import { hostStoreVector } from "../vectors/host-store/host-store.ts"

/** The first version that has each of these. */
export const since = { routes: 2, transcripts: 4, freshness: 5, status: 7, provenance: 8, strict: 9, branches: 10, addresses: 11, nodes: 14 } as const
/** Came within a version; from here on they are in the fixtures. */
export const sinceAbout = { archives: 17, projects: 17 } as const
export const sinceCold = 20
export const sincePacked = 23

const statuses = "('running', 'done', 'failed', 'killed', 'timeout')"

/** What the host knew of a transcript in every version. */
function sessionColumns(version: number): readonly string[] {
  return [
    "session_id TEXT NOT NULL PRIMARY KEY",
    "session_key TEXT NOT NULL",
    ...(version >= since.nodes ? ["previous_session_id TEXT", "reason TEXT"] : []),
    "session_scope TEXT NOT NULL DEFAULT 'conversation'",
    "created_at INTEGER NOT NULL",
    "updated_at INTEGER NOT NULL",
    ...(version >= since.freshness ? ["transcript_updated_at INTEGER", "transcript_observed_at INTEGER"] : []),
    ...(version >= since.provenance ? ["session_entry_provenance INTEGER NOT NULL DEFAULT 0", "acp_owned INTEGER NOT NULL DEFAULT 0"] : []),
    "started_at INTEGER",
    "ended_at INTEGER",
    `status TEXT CHECK (status IS NULL OR status IN ${statuses})`,
    "chat_type TEXT CHECK (chat_type IS NULL OR chat_type IN ('direct', 'group', 'channel'))",
    ...["channel", "account_id", "primary_conversation_id", "model_provider", "model", "parent_session_key", "spawned_by"].map((name) => `${name} TEXT`),
  ]
}

const entryColumns = ["entry_json TEXT NOT NULL", "updated_at INTEGER NOT NULL"]

function nodeColumns(version: number): readonly string[] {
  const told = ["parent_session_key", "spawned_by", "fork_source_session_key", "fork_source_session_id"]
  const columns = version >= sinceAbout.projects ? [...told, "project_id"] : told
  return ["session_key TEXT NOT NULL PRIMARY KEY", "current_session_id TEXT NOT NULL", ...entryColumns, ...columns.map((name) => `${name} TEXT`)]
}

function conversationColumns(version: number): readonly string[] {
  const told = ["channel", "account_id", "kind", "peer_id", ...(version >= since.addresses ? ["delivery_target"] : [])]
  return ["conversation_id TEXT NOT NULL PRIMARY KEY", ...told.map((name) => `${name} TEXT NOT NULL`), "thread_id TEXT", "label TEXT"]
}

/** Version 1 as released hosts had it: their conversations were in files. */
export function agentTables(version: number): readonly string[] {
  const strict = version >= since.strict ? " STRICT" : ""
  const table = (name: string, columns: readonly string[]) => `CREATE TABLE ${name} (${columns.join(", ")})${strict}`
  const event = ["session_id TEXT NOT NULL", "seq INTEGER NOT NULL"]
  const written = ["event_json TEXT NOT NULL", "created_at INTEGER NOT NULL", "PRIMARY KEY (session_id, seq)"]
  const trajectory = table("trajectory_runtime_events", [...event, "run_id TEXT", ...written])
  if (version < since.transcripts) {
    const early = ["event_id INTEGER NOT NULL PRIMARY KEY", ...event, "run_id TEXT", "event_json TEXT NOT NULL", "created_at INTEGER NOT NULL"]
    return [table("trajectory_runtime_events", early), table("cache_entries", ["scope TEXT NOT NULL", "key TEXT NOT NULL"])]
  }
  const route = ["session_key TEXT NOT NULL PRIMARY KEY", "session_id TEXT NOT NULL"]
  const listed = version >= since.status ? [...entryColumns, "status TEXT"] : entryColumns
  const sessions =
    version >= since.nodes
      ? [table("session_windows", sessionColumns(version)), table("session_nodes", nodeColumns(version))]
      : [
          table("sessions", sessionColumns(version)),
          table("session_entries", [...route, ...listed]),
          table("session_routes", [...route, "updated_at INTEGER NOT NULL"]),
        ]
  const branch = ["session_id TEXT NOT NULL", "active_position INTEGER NOT NULL", "event_seq INTEGER NOT NULL", "message_position INTEGER"]
  return [
    ...sessions,
    table("conversations", conversationColumns(version)),
    version >= sincePacked ? todays("transcript_events") : table("transcript_events", [...event, ...written]),
    trajectory,
    ...(version >= since.branches ? [table("session_transcript_active_events", branch)] : []),
    ...(version >= sinceAbout.archives ? [todays("session_transcript_archives")] : []),
    ...(version >= sinceCold ? [todays("session_transcript_cold_archives")] : []),
  ]
}

function todays(name: string): string {
  return hostStoreVector().agent.tables.find((table) => table.name === name)?.sql ?? ""
}
