/**
 * A hook is a row: which fields of the host's payload an event needs (`pick`, on the host's thread), and which events they make (`map`, in the writer).
 * `map` is pure; `pick` knows besides what was told before (see `history.ts`): several hooks carry every message of the session, of which an event needs
 * what is new.
 */
import type { NewEvent } from "../format/event.ts"
import type { CaptureMemory } from "./capture-memory.ts"

/** The fields picked from one call of a hook, as they cross to the writer: JSON, bounded. */
export type Picked = Readonly<Record<string, unknown>>

export type CapturedCall = {
  readonly hook: string
  /** Milliseconds since 1970 UTC when the hook fired. */
  readonly atMs: number
  readonly picked: Picked
  /** Set when the picked fields were larger than the bound: the original's size and SHA-256 (hex) of what was kept. */
  readonly cut?: { readonly fromBytes: number; readonly keptSha256: string }
}

export type ToolVerdict = {
  readonly guarded: boolean
  readonly verdict: "allow" | "deny"
  readonly rule?: string
  /** What of the ledger's own it reaches for, where that is why it is denied. */
  readonly touch?: { readonly what: string; readonly access: "read" | "change" }
  /** What the scanner found in its arguments, where that is why it is denied. */
  readonly finding?: { readonly check: string; readonly category: string; readonly line: number }
}

/** What a mapper may ask; everything else is in the call. */
export type MapContext = {
  /** A stable stand-in for an id that may name a person. */
  readonly pseudonym: (text: string) => string
  readonly judgeTool: (tool: string) => ToolVerdict
  /** A short keyed stand-in for what a tool was asked and answered; absent where nobody looks for loops. */
  readonly fingerprint?: (text: string) => string
}

/** Where calls come from that are no typed hooks: a subscription of the host's, or our own code that found something to record. */
export type RowSource = "transcript" | "diagnostic" | "agent-event" | "own"

export type HookRow = {
  /** The host's name of the hook; of any other source, ours. */
  readonly hook: string
  /** Absent for the host's typed hooks, which are registered by their name. */
  readonly source?: RowSource
  /** The host calls it only with `allowConversationAccess`. */
  readonly gated?: true
  /** Other plugins may change what it carries: heard after them, so that what is recorded is what is kept. Every other hook is heard before them. */
  readonly afterOthers?: true
  readonly pick: (event: Picked, ctx: Picked, memory?: CaptureMemory) => Picked
  /** True when what this call tells is on record already, from elsewhere. */
  readonly isTold?: (memory: CaptureMemory) => boolean
  readonly map: (call: CapturedCall, context: MapContext) => readonly NewEvent[]
}
