/** Facts of messages, on their way in and out, and of the rows a transcript gets. */
import type { ModelFacts } from "./shared.ts"

export type MessageEventFacts = {
  "message.received": {
    readonly channel?: string
    readonly length: number
    readonly message?: string
    readonly sentAtMs?: number
    readonly media?: number
    /** Names the message on a channel that the outbound gate watches: one that comes again does nothing there. */
    readonly guarded?: string
  }
  "message.claimed": {
    readonly channel?: string
    readonly message?: string
    readonly length: number
    readonly group: boolean
    readonly mentioned?: boolean
    readonly owner?: boolean
    readonly sentAtMs?: number
    readonly media?: number
  }
  "message.dispatched": { readonly channel?: string; readonly message?: string; readonly length: number; readonly group?: boolean; readonly sentAtMs?: number }
  "pairing.requested": { readonly channel?: string }
  "reply.dispatched": {
    readonly channel?: string
    readonly message?: string
    readonly length: number
    readonly dispatch?: string
    readonly chat?: string
    readonly policy?: string
    readonly images?: number
    readonly suppressed?: boolean
  }
  "reply.offered": {
    readonly channel?: string
    readonly message?: string
    readonly part?: string
    readonly length: number
    readonly media?: number
    readonly failed?: boolean
  }
  "message.offered": { readonly channel?: string; readonly length: number; readonly media?: number }
  "message.sent": { readonly channel?: string; readonly length: number; readonly message?: string; readonly success: boolean }
  "message.written": ModelFacts & {
    readonly role: string
    /** Names the host's row where the host gave it no id that others do not have; of imported rows. */
    readonly row?: string
    readonly custom?: string
    /** Of what a run answers: the id of the request, which a client's turn has as its run. */
    readonly request?: string
    readonly length: number
    readonly blocks?: number
    readonly toolCalls?: number
    readonly tool?: string
    readonly call?: string
    readonly outer?: string
    readonly response?: string
    readonly stopReason?: string
    readonly owner?: boolean
    readonly failed?: boolean
  }
}
