/**
 * A PEAC bundle of receipts (`peac-bundle/0.1`, docs/spec/records.md): its files, in order. The manifest lists each record and each file by its hash, and the
 * signature over the manifest's hash covers all of it; among the files is what says that none was left out.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import { assert } from "../base/fault.ts"
import type { JsonObject } from "../base/json.ts"
import { base64url } from "../format/base64url.ts"
import { handOverNote } from "../format/hand-over.ts"
import { completenessName, completenessText, rootOverHashes } from "../format/peac/completeness.ts"
import { jwkOf, type KeySet } from "../format/peac/key-set.ts"
import { genesisDigest } from "../format/peac/spool.ts"
import { ulid } from "../format/peac/ulid.ts"
import { sha256 } from "../format/sha256.ts"
import type { ReceiptRow } from "../projections/receipts.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { recordOf } from "./receipts.ts"

export const mostInBundle = 10_000

export type BundleQuestion = {
  /** At most `mostInBundle`, ascending by number. */
  readonly rows: readonly ReceiptRow[]
  readonly keys: KeySet
  /** What was asked for; null is everything between the first and the last. */
  readonly selection: JsonObject | null
  readonly nowMs: number
  readonly version: string
  /** Nothing is told of what is not in it: neither the receipt before the first nor the state of the journal. For who may know of no other session. */
  readonly alone?: boolean
  /** The dispute it is for, where it is for one. */
  readonly dispute?: string | undefined
}

type Listed = ReceiptRow & { readonly jws: string; readonly hash: string }

export type BundleFile = { readonly name: string; readonly bytes: Buffer }

export function bundleOf(access: LedgerAccess, question: BundleQuestion): readonly BundleFile[] {
  const { rows, keys, nowMs, version, dispute } = question
  const listed = rows.map((row): Listed => {
    const jws = recordOf(access, row)
    assert(jws !== undefined, `receipt ${row.number} is on record`)
    return { ...row, jws, hash: hashOf(jws) }
  })
  const ordered = listed.toSorted((a, b) => a.issuedMs - b.issuedMs || compare(a.jti, b.jti) || compare(a.hash, b.hash))
  const files: BundleFile[] = [
    { name: completenessName, bytes: Buffer.from(completeness(access, listed, question)) },
    { name: "keys/keys.json", bytes: Buffer.from(JSON.stringify(keys, null, 2)) },
    { name: "receipts.ndjson", bytes: Buffer.from(ordered.map(({ jws }) => `${jws}\n`).join("")) },
  ]
  const told: JsonObject = {
    version: "peac-bundle/0.1",
    kind: dispute === undefined ? "audit" : "dispute",
    bundle_id: ulid(nowMs, sha256(ordered.map(({ hash }) => hash).join())),
    refs: dispute === undefined ? [] : [{ type: "dispute", id: dispute }],
    ...(dispute === undefined ? {} : { dispute_ref: dispute }),
    created_by: `sovereign-ledger/${version}`,
    created_at: new Date(nowMs).toISOString(),
    time_range: { start: timeOf(ordered.at(0)), end: timeOf(ordered.at(-1)) },
    receipts: ordered.map((row) => ({ receipt_id: row.jti, issued_at: timeOf(row), receipt_hash: row.hash })),
    keys: keys.keys.map(({ kid }) => ({ kid, alg: "EdDSA" })),
    files: files.map(({ name, bytes }) => ({ path: name, sha256: hashOf(bytes), size: bytes.length })),
  }
  const contentHash = hashOf(canonicalJson(told))
  const manifest = { name: "manifest.json", bytes: Buffer.from(JSON.stringify({ ...told, content_hash: contentHash }, null, 2)) }
  const [whole, published, records] = files
  assert(whole && published && records, "there are three files")
  return [manifest, records, published, whole, { name: "bundle.sig", bytes: Buffer.from(signed(access, { content_hash: contentHash })) }]
}

/** By the key that signs now. */
function signed({ keys: { signer } }: LedgerAccess, payload: JsonObject): string {
  const header = { typ: "peac-bundle-sig+jwt", alg: "EdDSA", kid: jwkOf(signer.publicKey).kid }
  const input = [header, payload].map((part) => base64url(Buffer.from(JSON.stringify(part)))).join(".")
  return `${input}.${base64url(signer.sign(input))}`
}

function completeness(access: LedgerAccess, listed: readonly Listed[], { selection, alone = false }: BundleQuestion): string {
  const [first, last] = [listed.at(0), listed.at(-1)]
  assert(first && last, "a bundle has a receipt")
  return completenessText({
    log: access.keys.store.origin,
    selection,
    numbers: { first: first.number, last: last.number },
    sequences: { first: first.of, last: last.of },
    count: listed.length,
    root: rootOverHashes(listed.map(({ hash }) => hash)),
    before: alone ? null : first.number === 1 ? genesisDigest : digestAt(access, first.number - 1),
    head: last.digest,
    checkpoint: alone ? null : (access.reader.latestCheckpoint()?.note ?? null),
    handOvers: access
      .keyChain()
      .handOvers.filter(({ size }) => size > first.sequence)
      .map(handOverNote),
  })
}

/** Null where that receipt is gone. */
function digestAt(access: LedgerAccess, number: number): string | null {
  const digest = access.ask((views) => views.prepare("SELECT digest FROM receipts WHERE number = ?").pluck().get(number))
  return typeof digest === "string" ? digest : null
}

function timeOf(row: Pick<ReceiptRow, "issuedMs"> | undefined): string {
  return new Date(row?.issuedMs ?? 0).toISOString()
}

function hashOf(content: string | Buffer): string {
  return `sha256:${sha256(content).toString("hex")}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
