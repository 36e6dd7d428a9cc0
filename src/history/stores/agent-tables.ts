/**
 * The tables of an agent's store in each version of its schema (https://docs.openclaw.ai/reference/database-schemas/agent-schema-history). What a reader
 * wants to know is in the same columns in all of them, as far as it is there:
 *
 *   1 to 3    the first stores: released hosts wrote their conversations to files, so the table of transcripts may be missing
 *   4         conversations moved into it: `transcript_events` with JSON, `sessions`, and the list of sessions in `session_entries`
 *   10        `session_transcript_active_events`: the branch that is shown
 *   14        `session_windows` and `session_nodes` in the place of the tables of sessions
 *   20        `session_transcript_cold_archives`; archives of deleted and reset sessions came before, within a version
 *   23        events may be compressed, with notes beside them
 */
import type { DatabaseSync } from "node:sqlite"
import { columnsOf, versionOf, versionsUpTo } from "./tables.ts"

export const agentStoreVersions: readonly number[] = versionsUpTo(23)

/** From here on a store without transcripts is not what it says it is. */
const firstWithTranscripts = 4

/** What to select transcripts from, with all columns of the newest version. */
export function transcriptEvents(database: DatabaseSync): string {
  const columns = columnsOf(database, "transcript_events")
  if (columns.has("event_zstd")) return "transcript_events"
  const packed = "NULL AS event_zstd, NULL AS event_utf8_bytes, NULL AS navigation_json"
  const version = versionOf(database)
  if (columns.size > 0 || version >= firstWithTranscripts) return `(SELECT session_id, seq, event_json, created_at, ${packed} FROM transcript_events)`
  return `(SELECT NULL AS session_id, NULL AS seq, NULL AS event_json, NULL AS created_at, ${packed} WHERE FALSE)`
}

/** The same with the place of each row in its table, by which later ones stand behind earlier ones; undefined where there are no transcripts. */
export function placedEvents(database: DatabaseSync): string | undefined {
  const columns = columnsOf(database, "transcript_events")
  if (columns.size === 0) return undefined
  const packed = columns.has("event_zstd")
    ? "event_zstd, event_utf8_bytes, navigation_json"
    : "NULL AS event_zstd, NULL AS event_utf8_bytes, NULL AS navigation_json"
  return `(SELECT rowid AS place, session_id, seq, event_json, created_at, ${packed} FROM transcript_events)`
}
