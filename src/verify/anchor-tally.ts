/**
 * Anchors that were met, counted by who gave them. Of every one its form is checked, that it is about the checkpoint beside it, and that it follows the one before;
 * whether a time-stamp is its authority's is known where a certificate is pinned.
 */
import { anchorDigest, isBase64, type AnchorFacts, type AnchorKind } from "../format/anchor.ts"
import { evidenceFault } from "../format/digital-evidence.ts"
import { sha256 } from "../format/sha256.ts"
import type { Certificate } from "./certificate-path.ts"
import { stampFaultWords, tokenClaims } from "./stamp-claims.ts"
import { checkTimeStamp } from "./time-stamp.ts"

export type AnchorPin = {
  /** What it is called in words: the file it stands in. */
  readonly name: string
  readonly certificates: readonly Certificate[]
  /** Nothing is called valid that no authority under this certificate has stamped. */
  readonly required: boolean
}

/** What one of them has anchored of a ledger. */
export type AnchorSeen = {
  readonly kind: AnchorKind
  readonly authority: string
  readonly anchors: number
  /** The largest size; and when it was anchored, by the other side's clock. */
  readonly upTo: number
  readonly at: string
  /** Every one of them leads to a pinned certificate. */
  readonly checked: boolean
}

type Told = Pick<AnchorFacts, "kind" | "authority" | "size" | "atMs" | "reference" | "note" | "proof">
type Seen = { readonly kind: AnchorKind; readonly authority: string; anchors: number; upTo: number; atMs: number; checked: boolean }

export class AnchorTally {
  readonly #pins: readonly AnchorPin[]
  readonly #used = new Set<AnchorPin>()
  readonly #seen = new Map<string, Seen>()
  #last: { readonly number: number; readonly digest: string } | undefined

  constructor(pins: readonly AnchorPin[]) {
    this.#pins = pins
  }

  /** Where it stands among all anchors of a ledger, asked for each in order. `isFirst` says whether it may only be the first of all. */
  placed(anchor: AnchorFacts, isFirst: boolean): string | undefined {
    const last = this.#last
    this.#last = { number: anchor.number, digest: anchorDigest(anchor) }
    if (!last) return isFirst && anchor.number !== 1 ? `it is number ${anchor.number}, and none stands before it` : undefined
    if (anchor.number !== last.number + 1) return `it is number ${anchor.number}, and the one before it number ${last.number}`
    return anchor.previous === last.digest ? undefined : "it names another one than the one before it"
  }

  /** What is wrong with what it proves; else it is counted. Anybody may have written it. */
  take(told: Told): string | undefined {
    if (!isBase64(told.proof)) return "what it gave is not base64 in its one spelling"
    const { pins, why } = told.kind === "rfc3161" ? this.#stamp(told) : { pins: [], why: evidenceFault(Buffer.from(told.proof, "base64"), told) }
    if (why !== undefined) return why
    for (const pin of pins) this.#used.add(pin)
    const key = `${told.kind} ${told.authority}`
    const one = this.#seen.get(key) ?? { kind: told.kind, authority: told.authority, anchors: 0, upTo: 0, atMs: 0, checked: true }
    one.anchors++
    one.checked &&= pins.length > 0
    if (told.size >= one.upTo) Object.assign(one, { upTo: told.size, atMs: told.atMs })
    this.#seen.set(key, one)
    return undefined
  }

  get rows(): readonly AnchorSeen[] {
    return [...this.#seen.values()].map(({ atMs, ...one }) => ({ ...one, at: new Date(atMs).toISOString() }))
  }

  /** Somebody asked for a time-stamp under a certificate, and there is none. */
  get lacksRequired(): boolean {
    return this.#pins.some((pin) => pin.required && !this.#used.has(pin))
  }

  /** Sentences for people: which certificates were asked for in vain. */
  get words(): readonly string[] {
    return this.#pins.flatMap((pin) => (pin.required && !this.#used.has(pin) ? [`No time-stamp here leads to a certificate of ${pin.name}.`] : []))
  }

  #stamp({ note, proof, atMs, reference }: Told): { readonly pins: readonly AnchorPin[]; readonly why: string | undefined } {
    const [token, digest] = [Buffer.from(proof, "base64"), sha256(note)]
    const claims = tokenClaims(token)
    const none = (why: string) => ({ pins: [], why })
    if (!claims) return none(stampFaultWords.malformed)
    if (claims.atMs !== atMs || claims.serial !== reference) return none("its token tells another time or serial number")
    const authorities = this.#pins.length === 0 ? [{ certificates: [] }] : this.#pins
    const checks = authorities.map((authority) => ({ authority, checked: checkTimeStamp(token, { digest, authority }) }))
    const wrong = checks.flatMap(({ checked }) => (checked.ok || checked.why === "not chained" ? [] : [checked.why]))[0]
    if (wrong !== undefined) return none(stampFaultWords[wrong])
    return { pins: this.#pins.filter((pin) => checks.some(({ authority, checked }) => authority === pin && checked.ok)), why: undefined }
  }
}
