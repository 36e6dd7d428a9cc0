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
  const delivery = objectOf(entry["delivery"])
  const origin = { ...objectOf(delivery["origin"]), ...objectOf(entry["origin"]) }
  const delivered = objectOf(entry["deliveryContext"] ?? delivery["context"])["channel"]
  // Where it answers to now, before where it began: the host's own order.
  const channels = [entry["channel"], delivered, entry["lastChannel"], origin["provider"], entry["provider"]]
  const channel = channels.map(stringOf).find((one) => one !== undefined)
  const chatType = stringOf(entry["chatType"]) ?? stringOf(origin["chatType"])
  const sender = chatType === "direct" ? stringOf(origin["from"]) : undefined
  return placeOf(agent, sessionId, key, { channel, chatType, sender, parent: stringOf(entry["spawnedBy"]), project: stringOf(entry["projectId"]) })
}

type Told = { readonly [K in "channel" | "chatType" | "sender" | "parent" | "project"]: string | undefined }

/** What the key says, and what is told beside it: live capture knows the key alone, and must not tell another place of the same session. */
export function placeOf(agent: string, sessionId: string, key: string, told: Told): SessionPlace {
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  const { agent: named, ...fromKey } = placeOfKey(key)
  return { agent: named ?? agent, sessionId, key, ...given, ...fromKey }
}
