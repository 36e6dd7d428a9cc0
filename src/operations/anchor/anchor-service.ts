/**
 * A third party that is shown checkpoints, behind one small interface: it is asked with one checkpoint, and its answer was checked to the end before anybody
 * here hears of it. When it is asked, how often, and what is done with its word is the business of `anchoring.ts`.
 */
import type { AnchorKind } from "../../format/anchor.ts"

export type Checkpointed = { readonly size: number; readonly note: string }

/** One request and its whole answer; bounded in time and size, and redirects are not followed. Rejects when there is no answer. */
export type Exchange = (request: ExchangeRequest, signal: AbortSignal) => Promise<ExchangeAnswer>
export type ExchangeRequest = {
  readonly url: string
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
export type ExchangeAnswer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: Buffer }

export type AnchorWord =
  /** `of` is what was anchored, where it is a checkpoint that was shown before. */
  | { readonly state: "anchored"; readonly of?: Checkpointed; readonly atMs: number; readonly reference: string; readonly proof: Buffer }
  /** It says no, and says so. */
  | { readonly state: "refuses"; readonly problem: string }
  /** What it gave is not what was asked for: an alert. `why` is a word of a closed list. */
  | { readonly state: "answers falsely"; readonly why: string; readonly problem: string }
  | { readonly state: "could not be asked"; readonly problem: string }

export type AnchorState = AnchorWord["state"]

export type AnchorService = {
  readonly kind: AnchorKind
  readonly authority: string
  readonly ask: (checkpoint: Checkpointed, signal: AbortSignal) => Promise<AnchorWord>
}
