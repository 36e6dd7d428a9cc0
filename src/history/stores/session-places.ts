/**
 * What an agent's store says of each transcript: whose it is, where it took place, and, of a fork, when it began. From schema 14 on it has a row for each
 * transcript (`session_windows`) and one for each conversation (`session_nodes`).
 */
import type { DatabaseSync } from "node:sqlite"
import { stringOf } from "../../base/json.ts"
import { placeOf } from "../session-list.ts"
import type { SessionPlace } from "../usage/place.ts"
import { oldSessionPlaces } from "./old-session-places.ts"
import { rowsOf } from "./open-store.ts"
import { columnsOf, tablesOf } from "./tables.ts"

export type StoredPlace = SessionPlace & { readonly begunMs: number }

/** @param sessions those that are asked for, where not all are */
export function sessionPlaces(database: DatabaseSync, agent: string, sessions?: readonly string[]): ReadonlyMap<string, StoredPlace> {
  const tables = tablesOf(database)
  if (!tables.has("session_windows")) return tables.has("sessions") ? oldSessionPlaces(database, agent) : new Map()
  const project = columnsOf(database, "session_nodes").has("project_id") ? "n.project_id" : "NULL AS project_id"
  const rows = `SELECT w.session_id, w.session_key, w.reason, w.created_at, w.chat_type, w.channel, coalesce(w.spawned_by, n.spawned_by) AS spawned_by, ${project},
      n.fork_source_session_id, c.peer_id
    FROM session_windows w LEFT JOIN session_nodes n ON n.session_key = w.session_key
      LEFT JOIN conversations c ON c.conversation_id = w.primary_conversation_id AND w.chat_type = 'direct'
    ${sessions === undefined ? "" : "WHERE w.session_id IN (SELECT value FROM json_each(?))"}`
  const places = new Map<string, StoredPlace>()
  for (const row of rowsOf(database, rows, ...(sessions === undefined ? [] : [JSON.stringify(sessions)]))) {
    const [session, key] = [stringOf(row["session_id"]), stringOf(row["session_key"])]
    if (session === undefined || key === undefined) continue
    const [channel, chatType, sender] = [stringOf(row["channel"]), stringOf(row["chat_type"]), stringOf(row["peer_id"])]
    const place = placeOf(agent, session, key, { channel, chatType, sender, parent: stringOf(row["spawned_by"]), project: stringOf(row["project_id"]) })
    const isFork = row["reason"] === "fork" || stringOf(row["fork_source_session_id"]) !== undefined
    places.set(session, { ...place, begunMs: isFork ? Number(row["created_at"]) : Number.NaN })
  }
  return places
}
