/** Facts of what the product itself did and found: its journal and writer, its settings, gaps, its own protection. */
import type { JsonObject } from "../../base/json.ts"

type ErasedBy = "session" | "sender" | "agent"
type WriterFacts = { readonly version: string; readonly code: string }
export type OwnEventFacts = {
  "journal.opened": { readonly format: number; readonly origin: string; readonly verifierKey: string; readonly version: string }
  "signer.replaced": {
    readonly size: number
    readonly root: string
    readonly previousKey: string
    readonly nextKey: string
    readonly previousSignature: string
    readonly nextSignature: string
  }
  /** Fingerprints tell two master keys apart, and say nothing about either. */
  "master.replaced": { readonly previousFingerprint: string; readonly nextFingerprint: string }
  /** All data is sealed under other keys, from the journal of this size on. */
  "vault.rekeyed": { readonly size: number }
  /** Keys of scopes were destroyed: all of them, or those of days before a time. `who` is a pseudonym, or the agent's id; `scopes` counts all of the erasure. */
  "content.erased": {
    readonly erasure: string
    readonly by: ErasedBy
    readonly who: string
    readonly beforeMs?: number
    readonly scopes: number
    readonly scopeIds: readonly string[]
  }
  "legal-hold.placed": { readonly hold: string; readonly by: ErasedBy; readonly who: string }
  "legal-hold.lifted": { readonly hold: string; readonly by: ErasedBy; readonly who: string }
  "writer.started": WriterFacts & { readonly pid: number; readonly machine: string; readonly clean: boolean; readonly headNote: string }
  "writer.stopped": { readonly reason: string }
  "config.loaded": {
    readonly digest: string
    readonly guardedPatterns: number
    readonly deniedPatterns: number
    readonly hashesPrompts?: boolean
    readonly hashesArguments?: boolean
    readonly witnesses?: number
  }
  "capture.gap": {
    readonly reason: string
    readonly count: number
    readonly byType: JsonObject
    readonly fromMs: number
    readonly toMs: number
    readonly uncounted?: boolean
  }
  "capture.hook-unavailable": { readonly hook: string; readonly error?: string }
  "guard.disabled": { readonly reason: string }
  /** Nothing of the call's text: which tool, which call, what of ours, and whether it looked like reading or changing. */
  "guard.touched": { readonly tool: string; readonly call: string; readonly what: string; readonly access: string }
  "witness.disagreed": { readonly witness: string; readonly finding: "ahead" | "other history"; readonly seenSize: number; readonly size: number }
  /** Amounts as decimal strings of the unit. */
  "spend.refused": {
    readonly why: string
    readonly door: "run" | "model" | "tool" | "api"
    readonly provider?: string
    readonly model?: string
    readonly tool?: string
    readonly call?: string
    readonly budget?: string
    readonly account?: string
    readonly breaker?: string
    readonly cut?: string
    readonly unit?: string
    readonly needed?: string
    readonly left?: string
    readonly limit?: string
    readonly resetsAtMs?: number
  }
  "call.stopped": { readonly provider?: string; readonly model?: string; readonly call?: string; readonly why: string; readonly stopped: boolean }
  "prices.loaded": { readonly digest: string; readonly overrides: number; readonly hostModels: number; readonly library: string }
  /** Rates in nano-dollars per million tokens, as decimal strings. */
  "prices.doubted": {
    readonly finding: "fell" | "below-library"
    readonly model: string
    readonly rate: string
    /** For prompts of more tokens than these. */
    readonly aboveTokens: string
    readonly expected: string
    readonly found: string
  }
  /** A recount of the ledger from its entries, `from` up to but not including `to`. What broke a rule is told by its rule and entry, without words. */
  "ledger.reconciled": {
    readonly from: number
    readonly to: number
    readonly ledgerEvents: number
    readonly postings: number
    readonly accounts: number
    readonly openHolds: number
    readonly snapshot: string
    readonly violations: number
    /** Rules that were broken, each with how often. */
    readonly byCheck: JsonObject
    /** The first of them; the entry is null where none can be named. */
    readonly first: readonly { readonly check: string; readonly sequence: number | null }[]
    /** Models of which other was posted than the host reported, the largest differences first: no violations. */
    readonly differences: readonly { readonly model: string; readonly calls: number; readonly reportedNanos: string; readonly postedNanos: string }[]
    readonly durationMs: number
  }
  "change.refused": { readonly change: string; readonly why: string }
}
