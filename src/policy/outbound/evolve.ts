/** What an event makes of the state. Total: every event that was ever decided can be replayed. */
import type { OutboundEvent } from "./events.ts"
import { keepNewest, mostConversations, mostSeen, mostSends, type OutboundState, type RequestStatus } from "./state.ts"

export function evolveOutbound(state: OutboundState, { type, facts }: OutboundEvent): void {
  const { channel, peer, atMs } = facts
  const conversation = conversationOf(channel, peer)
  switch (type) {
    case "outbound.requested":
      state.arms.set(conversation, { uses: facts.uses, expiresAtMs: facts.expiresAtMs, request: facts.request })
      keepNewest(state.requests, conversation, { id: facts.request, atMs, status: "received" }, mostConversations)
      keepNewest(state.threads, `${conversation}:${facts.topic}`, { id: facts.thread, usedAtMs: atMs }, mostConversations)
      break
    case "outbound.armed":
      state.arms.set(conversation, { uses: facts.uses, expiresAtMs: facts.expiresAtMs, request: undefined })
      break
    case "outbound.disarmed":
      state.arms.delete(conversation)
      // Who disarms wants silence: nothing is recovered from what was asked before.
      setStatus(state, conversation, state.requests.get(conversation)?.id, "missed")
      break
    case "outbound.allowed": {
      const { usesLeft: uses, expiresAtMs, request } = facts
      if (uses > 0) state.arms.set(conversation, { uses, expiresAtMs, request })
      else state.arms.delete(conversation)
      setStatus(state, conversation, request, "responded")
      const sends = [...(state.sends.get(conversation) ?? []), { id: facts.send, atMs, digest: facts.digest, outcome: "unknown" as const, request }]
      keepNewest(state.sends, conversation, sends.slice(-mostSends), mostConversations)
      break
    }
    case "outbound.refused":
    case "outbound.stripped":
      break
    case "outbound.missed":
      state.arms.delete(conversation)
      setStatus(state, conversation, facts.request, "missed")
      break
    case "outbound.told": {
      const outcome = facts.success ? ("sent" as const) : ("failed" as const)
      const sends = state.sends.get(conversation)?.map((send) => (send.id === facts.send ? { ...send, outcome } : send))
      if (sends) state.sends.set(conversation, sends)
    }
  }
}

/** A message came in. */
export function sawMessage({ seen }: OutboundState, name: string, atMs: number): void {
  if (!seen.has(name)) keepNewest(seen, name, atMs, mostSeen)
}

export function conversationOf(channel: string, peer: string): string {
  return `${channel}:${peer}`
}

function setStatus({ requests }: OutboundState, conversation: string, id: string | undefined, status: RequestStatus): void {
  const found = requests.get(conversation)
  if (found && found.id === id && found.status === "received") requests.set(conversation, { ...found, status })
}
