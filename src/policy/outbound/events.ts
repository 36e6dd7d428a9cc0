/** What happens at the gate, as its state is made of it. */
import type { OutboundEventFacts } from "../../format/facts/outbound.ts"

export type { RefusedWhy } from "../../format/facts/outbound.ts"

export type OutboundEvent = { readonly [T in keyof OutboundEventFacts]: { readonly type: T; readonly facts: OutboundEventFacts[T] } }[keyof OutboundEventFacts]
