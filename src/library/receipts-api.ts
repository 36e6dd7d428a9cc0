/**
 * Receipts by hand, for programs without a gateway: what `sovereign-ledger/receipts` gives. Types alone, and of nothing else of ours: the package's declarations are
 * this file.
 */
import type { KeyObject } from "node:crypto"

/** What was done. Times are RFC 3339 in UTC (`2026-01-02T03:04:05.250Z`); members are named as in PEAC records. */
export type Action = {
  /** Names this action and no other one; who captures it again has one receipt. */
  readonly id: string
  /** For example `tool.call`. */
  readonly kind: string
  /** What ran it, for example `my-agent`. */
  readonly platform: string
  readonly started_at: string
  /** Not before `started_at`. */
  readonly completed_at: string
  readonly duration_ms?: number
  readonly tool_name?: string
  readonly status: "ok" | "error" | "timeout" | "canceled"
  /** How it failed. */
  readonly error_code?: string
  readonly policy?: { readonly decision: "allow" | "deny" }
}

export type CaptureOptions = {
  /** What it was given and what it gave, as JSON. Only their digests are kept (SHA-256 over RFC 8785 JSON; of more than a mebibyte, its first mebibyte). */
  readonly input?: unknown
  readonly output?: unknown
  /** `invoked` by default. */
  readonly observed?: "invoked" | "denied" | "approved" | "delegated" | "cancelled" | "timed-out"
  /** Who acted; `unknown` by default. */
  readonly agent?: string
  /** The run it belongs to: all records of a run name it. */
  readonly workflow?: string
}

export type Captured = {
  /** SHA-256 of the entry that the receipt was made of, lower-case hex: the next entry is linked to it. */
  readonly entryDigest: string
  /** From 1 on, without a gap. */
  readonly sequence: number
  /** It had a receipt before. */
  readonly repeated: boolean
}

/** Where receipts are kept: compact JWS, in order. It has one writer at a time. */
export type ReceiptStore = {
  /** All of them. */
  readonly read: () => Promise<readonly string[]>
  /** These after those that are there. On disk, or wherever they are to be, when it resolves. */
  readonly append: (records: readonly string[]) => Promise<void>
}

export type PublicJwk = { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string; readonly kid: string; readonly alg: "EdDSA"; readonly use: "sig" }

export type ReceiptsOptions = {
  readonly store: ReceiptStore
  /** A private Ed25519 key. */
  readonly key: KeyObject
  /** Under whose name: a bare https origin, or a DID. The key itself (`did:key`) by default. */
  readonly issuer?: string
  /** Of keys that signed in this store before. */
  readonly earlierKeys?: readonly PublicJwk[]
  /** Milliseconds since 1970; the wall clock by default. */
  readonly nowMs?: () => number
}

export type Receipts = AsyncDisposable & {
  /**
   * Gives an action its receipt; resolves when it is in the store.
   * @throws `library.action` when it is none that a receipt can be of, `library.repeated` when another one of that id has a receipt, `library.closed`, `library.chain` when what is in the store
   * is no chain of receipts by these keys, `library.not-stored` when the store refuses.
   */
  readonly capture: (action: Action, options?: CaptureOptions) => Promise<Captured>
  /** Resolves when whatever was captured so far is in the store, or was refused. */
  readonly flush: () => Promise<void>
  /** All receipts, compact JWS, after a flush. */
  readonly records: () => Promise<readonly string[]>
  /** A JWKS of the public keys, for who checks them; the one that signs is the last. */
  readonly keys: () => { readonly keys: readonly PublicJwk[] }
  /** Flushes, and takes no more. */
  readonly close: () => Promise<void>
}

/** A receipt beside what it is about. `receipt_ref`: `sha256:` and the hash of the receipt's bytes; `receipt_url` is told, never fetched. */
export type Carrier = { readonly receipt_ref: string; readonly receipt_jws?: string; readonly receipt_url?: string }

/** What is merged into a message, or set as headers. */
export type Carried = {
  readonly mcp: { readonly _meta: Readonly<Record<string, string>> }
  readonly a2a: { readonly metadata: Readonly<Record<string, { readonly carriers: readonly Carrier[] }>> }
  readonly http: Readonly<Record<string, string>>
}

export type Library = {
  /** Nothing is read before the first capture. @throws `library.key` when the key or the issuer is none. */
  readonly openReceipts: (options: ReceiptsOptions) => Receipts
  /** Gone with the process: for tests. */
  readonly memoryStore: () => ReceiptStore
  /** A file with a record a line, which `receipts verify` reads. What a crash left unfinished at its end is cut off by the next append. */
  readonly fileStore: (path: string) => ReceiptStore
  /** A receipt for a message of MCP or A2A (at most 64 KiB), or for HTTP headers (at most 8 KiB). @throws `library.carrier` */
  readonly carry: <T extends keyof Carried>(record: string, as: T, options?: { readonly url?: string }) => Carried[T]
  /**
   * The receipts in a message of MCP or A2A, or among headers (`Headers`, or pairs of name and value), each the one that its reference is of; who signed them is checked by `receipts verify`.
   * @throws `library.carrier` when one is too large, malformed or there twice.
   */
  readonly carriersIn: (from: { readonly message: object } | { readonly headers: Iterable<readonly [string, string]> }) => readonly Carrier[]
}
