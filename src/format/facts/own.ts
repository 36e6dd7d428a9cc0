/** Facts of what the product itself did and found: its journal and writer, its settings, gaps, its own protection. */
import type { Json, JsonObject } from "../../base/json.ts"
import type { RevocationReason } from "../peac/revocation.ts"
import type { AnchorFacts, AnchorKind } from "../anchor.ts"

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
  /**
   * What stands before `upTo` may be gone: entries whole, and of the categories in `contents` the contents of entries before each one's bound. `root` (base64) is
   * that of the tree over the closed entries, `closedMs` when the last of them was recorded. `balances` and `remembered` are the ledger's state after them,
   * the latter as base64 of a zstd frame (RFC 8878); both are left out while `upTo` is 0.
   */
  "journal.closed": {
    readonly upTo: number
    readonly root: string
    readonly closedMs: number
    readonly contents: { readonly [category: string]: number }
    readonly removedEntries: number
    readonly removedContents: number
    readonly reason: "age" | "size"
    readonly balances?: JsonObject
    readonly remembered?: string
    /** SHA-256 (base64) over the id hashes of all entries before `upTo`, one after the other. */
    readonly ids?: string
    /** Sums that only grow, as they stood after the entries before `upTo`: `[provider, model, agent, kind, ...]` and `[name, label, value]`. */
    readonly series?: Json
    readonly counters?: Json
  }
  /** The root of the map of event ids, base64, over the entries before `size`, and from `from` on; `opened` is the id hash of entry 0. */
  "map.committed": { readonly size: number; readonly from: number; readonly keys: number; readonly root: string; readonly opened: string }
  /** Keys of scopes were destroyed: all of them, or those of days before a time. `who` is a pseudonym, or the agent's id; `scopes` counts all of the erasure. */
  "content.erased": {
    readonly erasure: string
    readonly by: ErasedBy
    readonly who: string
    readonly beforeMs?: number
    readonly scopes: number
    readonly scopeIds: readonly string[]
  }
  /** Entries `content.erased` of which keys were there again; `scopes` counts those that they were of. */
  "erasure.repeated": { readonly erasures: readonly number[]; readonly scopes: number }
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
    readonly anchors?: number
    readonly alertReceivers?: number
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
  "checkpoint.anchored": AnchorFacts
  /** Before it is sent: a decimal string of the asset's smallest units. */
  "anchor.paid": { readonly authority: string; readonly payTo: string; readonly amount: string; readonly network: string; readonly asset: string }
  /** Nothing of the answer is kept: `why` is a word of a closed list. */
  "anchor.rejected": { readonly kind: AnchorKind; readonly authority: string; readonly size: number; readonly why: string }
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
  /** From here on actions have receipts; if they had them before, by this rule. */
  "receipts.begun": { readonly digests: "plain" | "keyed"; readonly issuer?: string }
  /** Entries from `upTo` on have none; `number` were issued. */
  "receipts.ended": { readonly upTo: number; readonly number: number }
  /** The record is a compact JWS (docs/spec/records.md); `of` is the entry it is about. */
  "receipt.issued": { readonly number: number; readonly of: number; readonly jws: string }
  /** What is on record of receipts is no chain, so that none is signed any more. */
  "receipts.halted": { readonly number: number; readonly problem: "digest" | "signature" | "number" | "missing" }
  /** `kid` is that of a key that gave its place away; `revokedAt` of RFC 3339. */
  "receipt-key.revoked": { readonly kid: string; readonly revokedAt: string; readonly reason: RevocationReason }
  "change.refused": { readonly change: string; readonly why: string }
}
