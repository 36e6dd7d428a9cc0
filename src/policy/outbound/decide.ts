/**
 * The gate's decisions, pure: may this message leave, and does that one arm. Every verdict is an event; whoever lets a message go has the use of the arm on disk
 * before (what is refused has it there, too, and is told at once).
 */
import type { OutboundEvent, RefusedWhy } from "./events.ts"
import { conversationOf } from "./evolve.ts"
import type { OutboundRule } from "./outbound-rule.ts"
import type { Arm, OutboundState, Request } from "./state.ts"
import { saysSomething, topicOf } from "./trigger.ts"

type Peer = { readonly atMs: number; readonly channel: string; readonly peer: string }

export type Received = Peer & {
  /** Stands for the channel and the host's id of the message; what has none is not remembered, and arms by the clock. */
  readonly message: string | undefined
  readonly sender: string
  /** The conversation is protected and the sender may arm it. */
  readonly mayArm: boolean
  readonly text: string
}

/** A message from a guarded channel. */
export function decideReceived(state: OutboundState, rule: OutboundRule, received: Received): readonly OutboundEvent[] {
  const { atMs, channel, peer, message, sender, text } = received
  if (!received.mayArm || (message !== undefined && state.seen.has(message))) return []
  const body = rule.trigger.bodyOf(text)
  if (body === undefined || (rule.requireBodyAfterTrigger && !saysSomething(body))) return []
  const topic = topicOf(body, rule.topics)
  const conversation = conversationOf(channel, peer)
  const thread = state.threads.get(`${conversation}:${topic}`)?.id ?? `${conversation}:${topic}:${atMs}`
  const request = `${channel}:${message ?? atMs}`
  const arm = { uses: rule.maxUsesPerArm, expiresAtMs: atMs + rule.armTtlMs }
  const facts = { atMs, channel, peer, request, sender, ...(message === undefined ? {} : { message }), topic, thread, ...arm }
  return [{ type: "outbound.requested", facts }]
}

export type Offered = Peer & {
  /** Names this message among all that were ever offered. */
  readonly send: string
  /** Of what is to leave, under a key. */
  readonly digest: string
  readonly kind: "text" | "media"
}

export type Verdict = { readonly events: readonly OutboundEvent[]; readonly refused?: RefusedWhy }

/** A message to a protected recipient. */
export function decideOffered(state: OutboundState, rule: OutboundRule, { send, digest, kind, ...of }: Offered): Verdict {
  const { atMs } = of
  const conversation = conversationOf(of.channel, of.peer)
  const isRepeat = state.sends
    .get(conversation)
    ?.some((sent) => sent.digest === digest && sent.outcome !== "failed" && Math.abs(atMs - sent.atMs) < rule.duplicateWindowMs)
  if (isRepeat) return { events: [{ type: "outbound.refused", facts: { ...of, why: "duplicate" } }], refused: "duplicate" }
  const [arm, newest] = [state.arms.get(conversation), state.requests.get(conversation)]
  if (arm && isOpen(arm, atMs)) {
    // What an operator let through answers what was asked, too: nothing more leaves for it later.
    const request = arm.request ?? (newest?.status === "received" ? newest.id : undefined)
    return { events: [allowed({ ...arm, request }, { ...of, send, digest, kind }, rule)] }
  }
  return unarmed(newest, rule, { offered: { ...of, send, digest, kind }, wasArmed: arm !== undefined })
}

function allowed({ uses, request }: Arm, offered: Offered, { armTtlMs }: OutboundRule): OutboundEvent {
  const facts = { ...offered, usesLeft: uses - 1, expiresAtMs: offered.atMs + armTtlMs, ...(request === undefined ? {} : { request }) }
  return { type: "outbound.allowed", facts }
}

/** One answer to what was asked and never answered, and is not too old; for anything else there is none. */
function unarmed(request: Request | undefined, rule: OutboundRule, { offered, wasArmed }: { readonly offered: Offered; readonly wasArmed: boolean }): Verdict {
  const { atMs, channel, peer, send, digest, kind } = offered
  const of = { atMs, channel, peer }
  if (request?.status !== "received") {
    const why = wasArmed ? "expired" : "not-armed"
    return { events: [{ type: "outbound.refused", facts: { ...of, why } }], refused: why }
  }
  // A clock that was put back makes no request younger than it is: what seems to be of a later time is too old.
  const ageMs = atMs - request.atMs
  if (ageMs < 0 || ageMs > rule.missedResponseTtlMs)
    return {
      events: [
        { type: "outbound.missed", facts: { ...of, request: request.id } },
        { type: "outbound.refused", facts: { ...of, why: "missed", request: request.id } },
      ],
      refused: "missed",
    }
  return { events: [{ type: "outbound.allowed", facts: { ...of, send, digest, kind, request: request.id, usesLeft: 0, expiresAtMs: atMs, recovered: true } }] }
}

/** A clock that was put back opens nothing for longer than it was to be open. */
function isOpen({ uses, expiresAtMs }: Arm, atMs: number): boolean {
  return uses > 0 && atMs < expiresAtMs
}
