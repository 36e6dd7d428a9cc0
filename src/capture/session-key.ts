/**
 * What the key of a conversation says by itself: https://docs.openclaw.ai/concepts/session
 * (`agent:<id>:main`, `agent:<id>:<channel>:group:<id>`, `agent:<id>:cron:<job>`, `agent:<id>:subagent:<id>`, ...).
 */
import type { RunKind } from "../format/event.ts"

export type KeyPlace = {
  readonly agent?: string
  readonly kind?: RunKind
  readonly job?: string
  readonly channel?: string
  readonly chatType?: string
  /** Whom an agent talks to in a direct chat. */
  readonly sender?: string
}

const agentKey = /^agent:([^:]{1,64}):(.+)$/s
const chat = /^([a-z][a-z0-9_-]{1,31}):(?:[^:]{1,64}:)?(direct|dm|group|channel|room):(.+)$/s
const directTypes: ReadonlySet<string> = new Set(["direct", "dm"])

export function placeOfKey(key: string): KeyPlace {
  const [, agent, inner] = agentKey.exec(key) ?? [undefined, undefined, key]
  const place = placeInAgent(inner ?? key)
  return agent === undefined ? place : { agent, ...place }
}

function placeInAgent(key: string): KeyPlace {
  const cron = /^cron:([^:]+)/.exec(key)?.[1]
  if (cron !== undefined) return { kind: "cron", job: cron }
  if (key.startsWith("subagent:")) return { kind: "subagent" }
  const [, channel, type, rest] = chat.exec(key) ?? []
  if (channel === undefined || type === undefined) return {}
  if (directTypes.has(type)) return { channel, chatType: "direct", ...(rest === undefined ? {} : { sender: rest }) }
  return { channel, chatType: type === "room" ? "channel" : type }
}
