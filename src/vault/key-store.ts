/**
 * keys.json: the keys of a ledger, wrapped under the master key, and what pins them. A new master key rewraps small blobs, at any size of the ledger.
 *
 * None of them (`key-wrapping.ts`) can be moved to another store or replaced one by one.
 * While the signing key gives its place to another one (`successor.ts`), that one stands beside it as `pending`. While the master key does (`next-master.ts`),
 * the same keys stand beside themselves as `next`, wrapped under the other one: then either opens them.
 */
import { randomBytes, type KeyObject } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { parseVerifierKey, verifierKeyText } from "../format/checkpoint.ts"
import { noteTexts } from "../format/hand-over.ts"
import { writeDurably } from "./durable-file.ts"
import { authenticated, isAuthentic, unauthenticatedFormat } from "./key-store-mac.ts"
import {
  filesKeysOf,
  keyStoreFormat,
  labelOf,
  pageKeysOf,
  parseWrappedKeys,
  unwrapAll,
  wrapAll,
  type KeyStoreFormat,
  type WrappedKeys,
} from "./key-wrapping.ts"
import { isPassphrase, keyFingerprint, masterKeyOf, newStretching, type MasterSecret } from "./master-key.ts"
import { Signer } from "./signer.ts"
import { seal, subkey, unseal } from "./wrap.ts"

export const keyStoreName = "keys.json"

/** A master key that opened the ledger until another one took its place. */
export type ReplacedMaster = { readonly masterFingerprint: string; readonly replacedAt: string }

/** keys.json, parsed. */
export type KeyStoreJson = WrappedKeys & {
  readonly format: KeyStoreFormat
  readonly storeId: string
  readonly origin: string
  readonly verifierKey: string
  readonly createdAt: string
  /** First bytes of each sealed file, which its page seals leave uncovered; base64. */
  readonly fileSalts: Readonly<Record<string, string>>
  /** A key that is about to sign in the place of `signing`: durable before the journal says so, gone once it does. */
  readonly pending?: Successor
  /** The same keys under the master key that is about to take the place of the one that wraps `wrapped`. */
  readonly next?: WrappedKeys & { readonly mac?: string }
  /** Master keys before this one, the first one first: who comes with one of them is told so. */
  readonly replaced?: readonly ReplacedMaster[]
  /** How earlier signing keys gave their places away, as signed notes, in order. Copies: the journal has them as entries. */
  readonly handOvers?: readonly string[]
  /** Over all the rest, base64; missing in format 1. */
  readonly mac?: string
}

/** What opens the sealed pages of journal and projections, and signs nothing. */
export type PageKeys = { readonly store: KeyStoreJson; readonly journalKey: Uint8Array; readonly viewsKey: Uint8Array }
/** A new signing key, wrapped under the master key and bound to the one whose place it takes. */
export type Successor = { readonly verifierKey: string; readonly signing: string }

/** The opened keys of a ledger. Held by the writer and by commands that read; never inside the gateway. */
export type OpenKeys = {
  readonly store: KeyStoreJson
  readonly journalKey: Buffer
  readonly viewsKey: Buffer
  readonly scopesKey: Buffer
  /** Of sealed files: the one that seals, and those of before all data was sealed anew, the newest first. */
  readonly filesKeys: readonly [Buffer, ...Buffer[]]
  readonly signer: Signer
  /** Of a hand-over that is under way, or was interrupted: the key that may sign already. */
  readonly pending: Signer | undefined
  /** What wraps the keys in keys.json; a subkey of the master key. */
  readonly wrapping: KeyObject
  /** Which of the two opened them, while there are two. */
  readonly openedBy: "master" | "next"
}

export function keyStorePath(directory: string): string {
  return join(directory, keyStoreName)
}

/** Makes the keys of a new ledger and writes keys.json; refuses to replace one. */
export function createKeyStore(directory: string, secret: MasterSecret, nowMs: number): OpenKeys {
  const { wrapping, ...under } = wrappingFor(secret)
  const storeId = randomBytes(8).toString("hex")
  const origin = `sovereign-ledger/${storeId}`
  const blobs = { page: randomBytes(32), signing: randomBytes(32), scopes: randomBytes(32) }
  const signer = new Signer(origin, blobs.signing)
  const verifierKey = verifierKeyText(origin, signer.publicKey)
  const store: KeyStoreJson = {
    format: keyStoreFormat,
    storeId,
    origin,
    verifierKey,
    createdAt: new Date(nowMs).toISOString(),
    ...under,
    wrapped: wrapAll(wrapping, { format: keyStoreFormat, storeId, verifierKey }, blobs),
    fileSalts: {},
  }
  const written = authenticated(store, wrapping)
  writeDurably(keyStorePath(directory), serialise(written), { exclusive: true })
  return keysFrom(written, blobs, { wrapping, openedBy: "master" })
}

/** What a secret is to a ledger that is to be wrapped under it; a passphrase gets parameters of its own. @throws {Fault} `key.malformed` */
export function wrappingFor(secret: MasterSecret): Omit<WrappedKeys, "wrapped"> & { readonly wrapping: KeyObject } {
  const stretching = isPassphrase(secret) ? newStretching() : undefined
  const master = masterKeyOf(secret, stretching)
  return { masterFingerprint: keyFingerprint(master), ...(stretching ? { stretching } : {}), wrapping: subkey(master, "wrap") }
}

/**
 * @throws {Fault} `key.wrong` when the master key is another one, `store.damaged` or `store.newer-format` when keys.json is not what was written.
 */
export function openKeyStore(directory: string, secret: MasterSecret): OpenKeys {
  return unwrapKeyStore(readKeyStore(directory), secret, keyStorePath(directory))
}

/** As `openKeyStore`, of a keys.json that was read from `file`: a backup of it too. */
export function unwrapKeyStore(store: KeyStoreJson, secret: MasterSecret, file: string): OpenKeys {
  const { under, wrapping } = openedUnder(store, secret)
  const openedBy = under === store ? "master" : "next"
  const keys = keysFrom(store, unwrapAll(wrapping, store, file, under), { wrapping, openedBy })
  const { name, publicKey } = parseVerifierKey(store.verifierKey)
  if (!publicKey.equals(keys.signer.publicKey) || name !== store.origin) {
    throw new Fault("store.damaged", { file, problem: "its verifier key is not that of its signing key and origin" })
  }
  if (store.pending && !keys.pending) throw new Fault("store.damaged", { file, problem: "its pending key does not unwrap" })
  refuseChanged(store, { wrapping, openedBy }, file)
  return keys
}

/** @throws {Fault} `store.damaged` when it is not as the ledger wrote it. */
export function refuseChanged(store: KeyStoreJson, { wrapping, openedBy }: Pick<OpenKeys, "wrapping" | "openedBy">, file: string): void {
  if (isAuthentic(store, wrapping, openedBy)) return
  const problem = "its authenticator does not fit: something in it was changed, added or taken out by somebody without the master key, or by the disk"
  throw new Fault("store.damaged", { file, problem })
}

/** Which of the master keys that open a ledger this one is. */
function openedUnder(store: KeyStoreJson, secret: MasterSecret): { readonly under: WrappedKeys; readonly wrapping: KeyObject } {
  let found: string | undefined
  for (const under of store.next ? [store, store.next] : [store]) {
    if (isPassphrase(secret) && !under.stretching && store.next) continue // of a written key and a passphrase, each opens its own
    const master = masterKeyOf(secret, under.stretching)
    found = keyFingerprint(master)
    if (found === under.masterFingerprint) return { under, wrapping: subkey(master, "wrap") }
  }
  const earlier = store.replaced?.find(({ masterFingerprint }) => masterFingerprint === found)
  const facts = { source: secret.where, found: found ?? "none", expected: store.masterFingerprint }
  throw earlier ? new Fault("key.replaced", { ...facts, replacedAt: earlier.replacedAt }) : new Fault("key.wrong", facts)
}

/** The signer that a successor is; undefined unless it was wrapped for this ledger and the key that signs now, under the same master key. */
export function openSuccessor(store: KeyStoreJson, wrapping: KeyObject, successor: Successor): Signer | undefined {
  const seed = unseal(wrapping, Buffer.from(successor.signing, "base64"), successorLabel(store, successor.verifierKey))
  if (seed?.length !== 32) return undefined
  const signer = new Signer(store.origin, seed)
  return signer.verifierKey === successor.verifierKey ? signer : undefined
}

export function wrapSuccessor(store: KeyStoreJson, wrapping: KeyObject, seed: Buffer): Successor {
  const { verifierKey } = new Signer(store.origin, seed)
  return { verifierKey, signing: seal(wrapping, seed, successorLabel(store, verifierKey)).toString("base64") }
}

/** The same keys, but for the signing key: `pending` in its place. Every blob is bound to the verifier key, so all are wrapped anew. */
export function withSuccessor(store: KeyStoreJson, wrapping: KeyObject, file: string): KeyStoreJson {
  const { pending, ...rest } = store
  const seed = pending && unseal(wrapping, Buffer.from(pending.signing, "base64"), successorLabel(store, pending.verifierKey))
  if (!pending || !seed) throw new Fault("store.damaged", { file, problem: "its pending key does not unwrap" })
  const blobs = { ...unwrapAll(wrapping, store, file), signing: seed }
  const bound = { ...store, verifierKey: pending.verifierKey }
  return { ...rest, verifierKey: pending.verifierKey, wrapped: wrapAll(wrapping, bound, blobs) }
}

/** @throws {Fault} `store.unreadable` where it cannot be told: a directory we may not look into is no place for a new ledger. */
export function keyStoreExists(directory: string): boolean {
  const path = keyStorePath(directory)
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw new Fault("store.unreadable", { file: path, problem: problemOf(error) }, error)
  }
}

/** Puts another keys.json in the place of the one that is there, in one step; answers it as it was written. `next` wraps what stands under `next`. */
export function writeKeyStore(directory: string, store: KeyStoreJson, wrapping: KeyObject, next?: KeyObject): KeyStoreJson {
  const written = authenticated(store, wrapping, next)
  writeDurably(keyStorePath(directory), serialise(written))
  return written
}

export function readKeyStore(directory: string): KeyStoreJson {
  const path = keyStorePath(directory)
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    throw new Fault("store.unreadable", { file: path, problem: problemOf(error) }, error)
  }
  return parseKeyStore(text, path)
}

/** @throws {Fault} when the text is not a keys.json of a format this version knows. */
export function parseKeyStore(text: string, path: string): KeyStoreJson {
  let fields: Readonly<Record<string, unknown>>
  try {
    fields = objectOf(JSON.parse(text))
  } catch (error) {
    throw new Fault("store.damaged", { file: path, problem: problemOf(error) }, error)
  }
  if (typeof fields["format"] === "number" && fields["format"] > keyStoreFormat) {
    throw new Fault("store.newer-format", { file: path, found: fields["format"], known: keyStoreFormat })
  }
  const whole =
    (fields["format"] === unauthenticatedFormat || fields["format"] === keyStoreFormat) &&
    ["storeId", "origin", "verifierKey", "createdAt"].every((name) => stringOf(fields[name]) !== undefined) &&
    parseWrappedKeys(fields) !== undefined &&
    (fields["next"] === undefined || parseWrappedKeys(fields["next"]) !== undefined) &&
    (fields["replaced"] === undefined || areReplaced(fields["replaced"])) &&
    isRecordOfTexts(fields["fileSalts"]) &&
    (fields["pending"] === undefined || parseSuccessor(fields["pending"]) !== undefined) &&
    (fields["handOvers"] === undefined || noteTexts(fields["handOvers"]) !== undefined)
  if (!whole) throw new Fault("store.damaged", { file: path, problem: "a field is missing or has the wrong shape" })
  return fields as KeyStoreJson
}

function areReplaced(value: unknown): boolean {
  const isOne = (one: unknown) => [objectOf(one)["masterFingerprint"], objectOf(one)["replacedAt"]].every((text) => stringOf(text) !== undefined)
  return Array.isArray(value) && value.every(isOne)
}

/** A successor as it comes from a file or a command; undefined when it is something else. */
export function parseSuccessor(value: unknown): Successor | undefined {
  const { verifierKey, signing } = objectOf(value)
  return typeof verifierKey === "string" && typeof signing === "string" ? { verifierKey, signing } : undefined
}

function isRecordOfTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((text) => typeof text === "string")
}

function serialise(store: KeyStoreJson): string {
  return `${JSON.stringify(store, null, 2)}\n`
}

function successorLabel(store: KeyStoreJson, nextKey: string): Buffer {
  return Buffer.concat([labelOf({ ...store, verifierKey: nextKey }, "pending"), Buffer.from(`${store.verifierKey}\n`)])
}

function keysFrom(store: KeyStoreJson, blobs: ReturnType<typeof unwrapAll>, opened: Pick<OpenKeys, "wrapping" | "openedBy">): OpenKeys {
  return {
    store,
    ...pageKeysOf(blobs.page),
    scopesKey: blobs.scopes,
    filesKeys: filesKeysOf(blobs),
    signer: new Signer(store.origin, blobs.signing),
    pending: store.pending && openSuccessor(store, opened.wrapping, store.pending),
    ...opened,
  }
}
