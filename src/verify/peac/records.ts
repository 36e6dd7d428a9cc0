/** Whether records are good under keys that were pinned: well formed, signed by the key they name, and issued before it was revoked. */
import { parseRecord, type PeacRecord } from "../../format/peac/record.ts"
import type { RecordKey } from "../../format/peac/keys.ts"
import { didKey } from "../../format/peac/did-key.ts"
import { ed25519Checker } from "../ed25519.ts"

export type JudgedRecord = {
  /** `untrusted`: nothing is wrong with it, but the key that it names was not pinned, or others may have that key. */
  readonly verdict: "valid" | "invalid" | "untrusted"
  readonly problem: string | null
  readonly record: PeacRecord | undefined
  /** The key that signed it, of one that is good. */
  readonly key?: RecordKey
  /** Good, and by a key that was revoked since. */
  readonly isOfRevoked?: true
}

export type JudgeOptions = {
  /** Whose keys they are, as documents of issuers say: what somebody else issued is not good by them. Empty where no document was given. */
  readonly issuers?: readonly string[] | undefined
  /** Whether somebody who is trusted says of a record that it was there before its key was revoked. */
  readonly vouches?: ((record: PeacRecord, jws: string) => boolean) | undefined
}

/** `late`: after the key was revoked. `doubtful`: before that by its own word, which is worth nothing where others have the key. */
export type Standing = "good" | "before" | "doubtful" | "late"

type PinnedKey = RecordKey & { readonly isSigned: ReturnType<typeof ed25519Checker>; readonly did: string }

/** The record's signature covers exactly these bytes; what it says of times is what its issuer says. */
export class RecordJudge {
  /** What goes by one name in two files may be two keys. */
  readonly #keys = new Map<string, PinnedKey[]>()
  readonly issuers: readonly string[]
  readonly #vouches: JudgeOptions["vouches"]

  constructor(keys: readonly RecordKey[], { issuers = [], vouches }: JudgeOptions = {}) {
    for (const key of keys) {
      const pinned = { ...key, isSigned: ed25519Checker(key), did: didKey(key.publicKey) }
      this.#keys.set(key.kid, [...(this.#keys.get(key.kid) ?? []), pinned])
    }
    this.issuers = issuers
    this.#vouches = vouches
  }

  /** @param isVouchedFor as `vouches` says it of records: of one by this key. */
  judge(jws: string, isVouchedFor: (key: RecordKey) => boolean = () => false): JudgedRecord {
    const parsed = parseRecord(jws)
    if ("problem" in parsed) return { verdict: "invalid", problem: parsed.problem, record: undefined }
    const record = parsed.value
    if (!this.#keys.has(record.kid)) return { verdict: "untrusted", problem: `the key ${record.kid}, by which it says it is signed, was not named`, record }
    const key = this.#signer(record.kid, record.signingInput, record.signature)
    if (!key) return { verdict: "invalid", problem: "its signature is wrong", record }
    if (record.iss.startsWith("did:key:") && record.iss !== key.did)
      return { verdict: "invalid", problem: `it says that ${record.iss} issued it, and is signed by another key than that one`, record }
    const standing = standingOf(key, record.iat * 1_000)
    if (standing === "late") return { verdict: "invalid", problem: `it was issued after its key was revoked, at ${revokedAt(key)}`, record }
    if (standing === "doubtful" && !isVouchedFor(key) && this.#vouches?.(record, jws) !== true) return { verdict: "untrusted", problem: doubt(key), record }
    if (this.issuers.length > 0 && !this.issuers.includes(record.iss))
      return { verdict: "untrusted", problem: `it says that ${record.iss} issued it, and the keys are those of ${this.issuers.join(", ")}`, record }
    return { verdict: "valid", problem: null, record, key, ...(standing === "good" ? {} : { isOfRevoked: true }) }
  }

  /** Of another signed text, the key of this name that signed these bytes; null when none did, and undefined when none is pinned. */
  signerOf(kid: string, bytes: Uint8Array, signature: Uint8Array): RecordKey | null | undefined {
    return this.#keys.has(kid) ? (this.#signer(kid, bytes, signature) ?? null) : undefined
  }

  /** All that are pinned. */
  get keys(): readonly RecordKey[] {
    return [...this.#keys.values()].flat()
  }

  /** When a key was revoked, of one that was. */
  revokedAt(kid: string): string | undefined {
    const key = this.#keys.get(kid)?.find(({ revoked }) => revoked)
    return key && revokedAt(key)
  }

  #signer(kid: string, bytes: Uint8Array, signature: Uint8Array): PinnedKey | undefined {
    return this.#keys.get(kid)?.find(({ isSigned }) => isSigned(bytes, signature))
  }
}

/** What a signature by this key is worth on what says that it is of that time. */
export function standingOf({ revoked }: RecordKey, atMs: number): Standing {
  if (!revoked) return "good"
  // What says of no time that it is before is not.
  if (!(atMs < revoked.atMs)) return "late"
  return revoked.mayBeKnown ? "doubtful" : "before"
}

function revokedAt({ revoked }: RecordKey): string {
  return new Date(revoked?.atMs ?? 0).toISOString()
}

function doubt(key: RecordKey): string {
  return `its key was revoked, at ${revokedAt(key)}, and others may have it: whoever does can write an earlier time, so this alone proves nothing; a bundle that another key of the issuer signed does`
}
