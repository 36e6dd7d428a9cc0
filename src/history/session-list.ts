/**
 * What the host's list of sessions says of one: `sessions.json` of old hosts, and the entries in the stores of new ones, which hold the same members
 * (https://docs.openclaw.ai/reference/session-management-compaction).
 */
import { objectOf, stringOf } from "../base/json.ts"
import { placeOfKey } from "../capture/session-key.ts"
import type { SessionPlace } from "./usage/place.ts"

/** Undefined when it names no transcript. */
export function placeOfEntry(agent: string, key: string, entry: Readonly<Record<string, unknown>>): SessionPlace | undefined {
  const sessionId = stringOf(entry["sessionId"])
  if (sessionId === undefined) return undefined
  const origin = objectOf(entry["origin"])
  const channel = stringOf(entry["channel"]) ?? stringOf(origin["provider"]) ?? stringOf(entry["lastChannel"]) ?? stringOf(entry["provider"])
  const chatType = stringOf(entry["chatType"]) ?? stringOf(origin["chatType"])
  const sender = chatType === "direct" ? stringOf(origin["from"]) : undefined
  return placeOf(agent, sessionId, key, { channel, chatType, sender, parent: stringOf(entry["spawnedBy"]), project: stringOf(entry["projectId"]) })
}

type Told = { readonly [K in "channel" | "chatType" | "sender" | "parent" | "project"]: string | undefined }

/** What the key says, where nothing else is told. */
export function placeOf(agent: string, sessionId: string, key: string, told: Told): SessionPlace {
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  const { agent: named, ...fromKey } = placeOfKey(key)
  return { agent: named ?? agent, sessionId, key, ...fromKey, ...given }
}
