/** The tables of an agent's store as the host made them in each version of its schema, as far as they hold history. */
import { hostStoreVector } from "../vectors/host-store/host-store.ts"

/** The first version that has each of these. */
export const since = { routes: 2, transcripts: 4, freshness: 5, status: 7, provenance: 8, strict: 9, branches: 10, addresses: 11, nodes: 14 } as const
/** Came within a version; from here on they are in the fixtures. */
export const sinceAbout = { archives: 17, projects: 17 } as const
export const sinceCold = 20
export const sincePacked = 23

const statuses = "('running', 'done', 'failed', 'killed', 'timeout')"

const texts = (...names: readonly string[]) => names.map((name) => `${name} TEXT`)
const numbers = (...names: readonly string[]) => names.map((name) => `${name} INTEGER`)
const times = ["created_at INTEGER NOT NULL", "updated_at INTEGER NOT NULL"]

/** What the host knew of a transcript in every version. */
function sessionColumns(version: number): readonly string[] {
  return [
    "session_id TEXT NOT NULL PRIMARY KEY",
    "session_key TEXT NOT NULL",
    ...(version >= since.nodes ? texts("previous_session_id", "reason") : []),
    "session_scope TEXT NOT NULL DEFAULT 'conversation'",
    ...times,
    ...(version >= since.freshness ? numbers("transcript_updated_at", "transcript_observed_at") : []),
    ...(version >= since.provenance ? ["session_entry_provenance INTEGER NOT NULL DEFAULT 0", "acp_owned INTEGER NOT NULL DEFAULT 0"] : []),
    ...(version >= since.provenance ? texts("plugin_owner_id", "hook_external_content_source") : []),
    ...numbers("started_at", "ended_at"),
    `status TEXT CHECK (status IS NULL OR status IN ${statuses})`,
    "chat_type TEXT CHECK (chat_type IS NULL OR chat_type IN ('direct', 'group', 'channel'))",
    ...texts(
      "channel",
      "account_id",
      "primary_conversation_id",
      "model_provider",
      "model",
      "agent_harness_id",
      "parent_session_key",
      "spawned_by",
      "display_name",
    ),
  ]
}

const entryColumns = ["entry_json TEXT NOT NULL", "updated_at INTEGER NOT NULL"]

function nodeColumns(version: number): readonly string[] {
  return [
    ...["session_key TEXT NOT NULL PRIMARY KEY", "current_session_id TEXT NOT NULL", ...entryColumns, "created_at INTEGER"],
    ...texts("status", "created_via", "created_actor_type", "created_actor_id", "parent_session_key", "spawned_by"),
    ...texts("fork_source_session_key", "fork_source_session_id", "fork_source_entry_id", "label", "display_name", "category", "icon"),
    ...numbers("pinned_at", "archived_at", "last_read_at", "last_interaction_at", "last_activity_at"),
    ...(version >= sinceAbout.projects ? texts("project_id") : []),
  ]
}

function conversationColumns(version: number): readonly string[] {
  const told = ["peer_id", ...(version >= since.addresses ? ["delivery_target"] : [])].map((name) => `${name} TEXT NOT NULL`)
  const kind = "kind TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'channel'))"
  const more = texts("parent_conversation_id", "thread_id", "native_channel_id", "native_direct_user_id", "label", "metadata_json")
  return ["conversation_id TEXT NOT NULL PRIMARY KEY", "channel TEXT NOT NULL", "account_id TEXT NOT NULL", kind, ...told, ...more, ...times]
}

/** Version 1 as released hosts had it: their conversations were in files. */
export function agentTables(version: number): readonly string[] {
  const strict = version >= since.strict ? " STRICT" : ""
  const table = (name: string, columns: readonly string[]) => `CREATE TABLE ${name} (${columns.join(", ")})${strict}`
  const event = ["session_id TEXT NOT NULL", "seq INTEGER NOT NULL"]
  const owner = `FOREIGN KEY (session_id) REFERENCES "${version >= since.nodes ? "session_windows" : "sessions"}"(session_id) ON DELETE CASCADE`
  const written = ["event_json TEXT NOT NULL", "created_at INTEGER NOT NULL", "PRIMARY KEY (session_id, seq)", owner]
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
  const branch = [
    "session_id TEXT NOT NULL",
    "active_position INTEGER NOT NULL CHECK (active_position >= 0)",
    "event_seq INTEGER NOT NULL",
    "message_position INTEGER CHECK (message_position IS NULL OR message_position >= 0)",
    "PRIMARY KEY (session_id, active_position)",
    "FOREIGN KEY (session_id, event_seq) REFERENCES transcript_events(session_id, seq) ON DELETE CASCADE",
  ]
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
