/** Facts of what happens to messages at the outbound gate. Names of people stand in contents; facts carry their pseudonyms. */

/** Whose conversation: the channel in lower case, and the pseudonym of the recipient. */
type Of = { readonly atMs: number; readonly channel: string; readonly peer: string }

export type RefusedWhy =
  | "not-armed"
  | "expired"
  | "missed"
  /** The same words went there a moment ago. */
  | "duplicate"
  /** An action of the tool `message` that nothing judges when it leaves. */
  | "action"

export type OutboundEventFacts = {
  /** Somebody who may asked for an answer: this many messages may leave until then. Whatever was armed there before is over. */
  "outbound.requested": Of & {
    readonly request: string
    readonly sender: string
    readonly message?: string
    readonly topic: string
    readonly thread: string
    readonly uses: number
    readonly expiresAtMs: number
  }
  /** An operator let some messages through. */
  "outbound.armed": Of & { readonly uses: number; readonly expiresAtMs: number; readonly reason?: string }
  "outbound.disarmed": Of & { readonly reason?: string }
  /** One message may leave; the use is spent, whatever becomes of it. */
  "outbound.allowed": Of & {
    readonly send: string
    readonly digest: string
    readonly kind: "text" | "media"
    readonly request?: string
    readonly usesLeft: number
    readonly expiresAtMs: number
    /** The arm was over, and its request had no answer yet. */
    readonly recovered?: true
  }
  "outbound.refused": Of & { readonly why: RefusedWhy; readonly request?: string; readonly action?: string }
  /** What was taken out of a message before it was judged and left, by kind and how many; of secrets never more. */
  "outbound.stripped": Of & {
    readonly kinds: readonly string[]
    readonly counts: readonly number[]
    /** Nothing was left of it, so it did not leave. */
    readonly emptied?: true
  }
  /** A request that nobody answered in time. */
  "outbound.missed": Of & { readonly request: string }
  /** What became of a message that was let go. */
  "outbound.told": Of & { readonly send: string; readonly success: boolean }
}
