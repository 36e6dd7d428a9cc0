/** What the verifier inside a proof page finds, for the part that draws it. */
export type PageCheckpoint = { readonly origin: string; readonly size: number; readonly root: string }

export type PageEntry = {
  readonly sequence: number
  readonly timeMs: number
  readonly type: string
  readonly leaf: string
  readonly pathLength: number
  readonly id: string | null
  readonly facts: Readonly<Record<string, unknown>> | null
  readonly content: Readonly<Record<string, unknown>> | null
}

export type PageReport = {
  /** `unverifiable` also when all is well and nobody vouched for the key. */
  readonly verdict: "valid" | "invalid" | "unverifiable"
  /** Why it does not hold, or cannot be judged; empty when all is well. */
  readonly problems: readonly string[]
  readonly proves: "inclusion" | "consistency" | null
  readonly entry: PageEntry | null
  readonly checkpoints: readonly PageCheckpoint[]
  readonly verifierKey: string
  /** All keys of the ledger as far as the proof tells, each vouched for by the next; the last one is `verifierKey`. */
  readonly keys: readonly string[]
}
