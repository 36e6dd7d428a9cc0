/**
 * What is known of the messages of guarded channels: who may be written to and how often, what was asked and what became of it. Made of the journal's events
 * alone. Conversations are named by `<channel>:<pseudonym of the recipient>`.
 */
export type Arm = {
  readonly uses: number
  readonly expiresAtMs: number
  /** Undefined where an operator armed. */
  readonly request: string | undefined
}

export type RequestStatus = "received" | "responded" | "missed"

/** The newest of a conversation: one that was followed by another can never be answered by itself any more. */
export type Request = {
  readonly id: string
  readonly atMs: number
  readonly status: RequestStatus
}

/** A message that was let go. `unknown` as long as nobody tells what became of it. */
export type Send = {
  readonly id: string
  readonly atMs: number
  readonly digest: string
  readonly outcome: "unknown" | "sent" | "failed"
  /** What it answers. */
  readonly request: string | undefined
}

export type Thread = { readonly id: string; readonly usedAtMs: number }

export type OutboundState = {
  readonly arms: Map<string, Arm>
  readonly requests: Map<string, Request>
  /** When each message came in, by `<channel>:<message>`, the oldest first. */
  readonly seen: Map<string, number>
  /** The last of each conversation, the oldest first. */
  readonly sends: Map<string, Send[]>
  /** By `<conversation>:<topic>`. */
  readonly threads: Map<string, Thread>
}

export function emptyOutbound(): OutboundState {
  return { arms: new Map(), requests: new Map(), seen: new Map(), sends: new Map(), threads: new Map() }
}

/** More of a channel are not remembered: a host delivers a message again within hours. */
export const mostSeen = 100_000
export const mostSends = 64
export const mostConversations = 100_000

/** Sets it as the newest, and forgets the oldest beyond what is kept. */
export function keepNewest<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value as string)
}
