/**
 * The same of a store before schema 14: transcripts are rows of `sessions`, and what is said of a conversation stands in its entry (`session_entries`), which
 * names the transcript it is at. Made to say what the host's own upgrade makes of these tables, so that a place is the same before and after it.
 */
import type { DatabaseSync } from "node:sqlite"
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import { placeOf } from "../session-list.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { rowsOf } from "./open-store.ts"
import type { StoredPlace } from "./session-places.ts"
import { columnsOf, tablesOf } from "./tables.ts"

type Entry = Readonly<Record<string, unknown>>
const members = ["chatType", "channel", "lastChannel", "delivery", "deliveryContext", "origin", "spawnedBy", "forkSource"] as const

/** A conversation that is, or was routed, at a transcript. */
type Owner = { readonly key: string; readonly updatedMs: number; readonly isListed: boolean }

export function oldSessionPlaces(database: DatabaseSync, agent: string): ReadonlyMap<string, StoredPlace> {
  const { owners, entries } = conversations(database)
  const places = new Map<string, StoredPlace>()
  for (const row of rowsOf(database, sessionsQuery(database))) {
    const [session, written] = [stringOf(row["session_id"]), stringOf(row["session_key"])]
    if (session === undefined || written === undefined) continue
    const key = ownerOf(owners.get(session) ?? [], written)
    const listed = entries.get(key)
    // Of a transcript that a conversation has left behind, its entry says nothing.
    const current = listed?.session === session ? listed.entry : {}
    const [channel, chatType] = [stringOf(row["channel"]) ?? channelOf(current), stringOf(row["chat_type"]) ?? stringOf(current["chatType"])]
    const isOwn = chatType === "direct" && row["session_scope"] !== "shared-main"
    const sender = isOwn ? (stringOf(row["peer_id"]) ?? peerOf(current)) : undefined
    const parent = stringOf(row["spawned_by"]) ?? stringOf(listed?.entry["spawnedBy"])
    const place = placeOf(agent, session, key, { channel, chatType, sender, parent, project: undefined })
    const isFork = stringOf(objectOf(listed?.entry["forkSource"])["sessionId"]) !== undefined
    places.set(session, { ...place, begunMs: isFork ? Number(row["created_at"]) : Number.NaN })
  }
  return places
}

/** The first stores have a few columns of today's. */
function sessionsQuery(database: DatabaseSync): string {
  const columns = columnsOf(database, "sessions")
  const told = ["session_scope", "chat_type", "channel", "spawned_by"].map((name) => (columns.has(name) ? `s.${name}` : `NULL AS ${name}`))
  const hasPeers = columns.has("primary_conversation_id") && tablesOf(database).has("conversations")
  const peers = hasPeers ? "LEFT JOIN conversations c ON c.conversation_id = s.primary_conversation_id" : ""
  return `SELECT s.session_id, s.session_key, s.created_at, ${told.join(", ")}, ${hasPeers ? "c.peer_id" : "NULL AS peer_id"} FROM sessions s ${peers}`
}

function conversations(database: DatabaseSync) {
  const tables = tablesOf(database)
  const owners = new Map<string, Owner[]>()
  const entries = new Map<string, { readonly session: string; readonly entry: Entry }>()
  for (const [table, json] of [
    ["session_entries", "entry_json"],
    ["session_routes", "NULL AS entry_json"],
  ] as const) {
    if (!tables.has(table)) continue
    for (const row of rowsOf(database, `SELECT session_key, session_id, updated_at, ${json} FROM ${table}`)) {
      const [key, session, text] = [stringOf(row["session_key"]), stringOf(row["session_id"]), stringOf(row["entry_json"])]
      if (key === undefined || session === undefined) continue
      const isListed = table === "session_entries"
      if (isListed) entries.set(key, { session, entry: placesIn(objectOf(parsedOrNothing(text ?? ""))) })
      const owner = { key, updatedMs: numberOf(row["updated_at"]) ?? 0, isListed }
      const known = owners.get(session)
      if (known) known.push(owner)
      else owners.set(session, [owner])
    }
  }
  return { owners, entries }
}

/** An entry may hold a whole system prompt; there are as many entries as conversations. */
function placesIn(entry: Entry): Entry {
  return Object.fromEntries(members.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])))
}

/** Listed ones before routed ones; then the one the transcript names itself; then the latest. */
function ownerOf(owners: readonly Owner[], written: string): string {
  const [first] = owners.toSorted(
    (a, b) =>
      Number(b.isListed) - Number(a.isListed) || Number(b.key === written) - Number(a.key === written) || b.updatedMs - a.updatedMs || (a.key < b.key ? -1 : 1),
  )
  return first?.key ?? written
}

function deliveryOf(entry: Entry) {
  const delivery = objectOf(entry["delivery"])
  return { context: objectOf(delivery["context"] ?? entry["deliveryContext"]), origin: objectOf(delivery["origin"] ?? entry["origin"]) }
}

function channelOf(entry: Entry): string | undefined {
  const { context, origin } = deliveryOf(entry)
  return stringOf(entry["channel"]) ?? stringOf(context["channel"]) ?? stringOf(entry["lastChannel"]) ?? stringOf(origin["provider"])
}

/** Before schema 11 a conversation's address stood in its entry alone: `telegram:777`, `user:777`. */
function peerOf(entry: Entry): string | undefined {
  const { context, origin } = deliveryOf(entry)
  const target = stringOf(context["to"]) ?? stringOf(origin["from"])
  const channel = (stringOf(context["to"]) === undefined ? stringOf(origin["provider"]) : (stringOf(context["channel"]) ?? channelOf(entry)))?.toLowerCase()
  if (target === undefined || channel === undefined) return undefined
  const bare = target.toLowerCase().startsWith(`${channel}:`) ? target.slice(channel.length + 1) : target
  return stringOf(bare.replace(/^(?:user|channel|group|conversation|room|dm|thread):/i, "").trim())
}
