/**
 * keys.json: three keys wrapped under the master key, and what pins them. A new master key rewraps three small blobs, at any size of the ledger.
 *
 *   page     32 bytes  seals the pages of journal.db and views.db (a subkey each)
 *   signing  32 bytes  seed of the Ed25519 key that signs checkpoints
 *   scopes   32 bytes  seals the pages of scopes.db
 *
 * Every blob is bound to the store id, its name and the verifier key: none can be moved to another store or replaced one by one.
 */
import { randomBytes, type KeyObject } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { parseVerifierKey, verifierKeyText } from "../format/checkpoint.ts"
import { writeDurably } from "./durable-file.ts"
import { isPassphrase, keyFingerprint, masterKeyOf, parseStretching, type MasterSecret, type Stretching } from "./master-key.ts"
import { Signer } from "./signer.ts"
import { seal, subkey, unseal } from "./wrap.ts"

export const keyStoreFormat = 1
export const keyStoreName = "keys.json"
const blobNames = ["page", "signing", "scopes"] as const
type BlobName = (typeof blobNames)[number]

/** keys.json, parsed. */
export type KeyStoreJson = {
  readonly format: typeof keyStoreFormat
  readonly storeId: string
  readonly origin: string
  readonly verifierKey: string
  readonly createdAt: string
  readonly masterFingerprint: string
  readonly stretching?: Stretching
  readonly wrapped: Readonly<Record<BlobName, string>>
  /** First bytes of each sealed file, which its page seals leave uncovered; base64. */
  readonly fileSalts: Readonly<Record<string, string>>
}

/** What opens the sealed pages of journal and projections, and signs nothing. */
export type PageKeys = { readonly store: KeyStoreJson; readonly journalKey: Uint8Array; readonly viewsKey: Uint8Array }

/** The opened keys of a ledger. Held by the writer and by commands that read; never inside the gateway. */
export type OpenKeys = {
  readonly store: KeyStoreJson
  readonly journalKey: Buffer
  readonly viewsKey: Buffer
  readonly scopesKey: Buffer
  readonly signer: Signer
}

const argon2Defaults = { name: "argon2id", memoryKib: 65_536, passes: 3, parallelism: 1 } as const

export function keyStorePath(directory: string): string {
  return join(directory, keyStoreName)
}

/** Makes the keys of a new ledger and writes keys.json; refuses to replace one. */
export function createKeyStore(directory: string, secret: MasterSecret, nowMs: number): OpenKeys {
  const stretching: Stretching | undefined = isPassphrase(secret) ? { ...argon2Defaults, salt: randomBytes(16).toString("base64") } : undefined
  const master = masterKeyOf(secret, stretching)
  const storeId = randomBytes(8).toString("hex")
  const origin = `sovereign-ledger/${storeId}`
  const blobs: Record<BlobName, Buffer> = { page: randomBytes(32), signing: randomBytes(32), scopes: randomBytes(32) }
  const signer = new Signer(origin, blobs.signing)
  const verifierKey = verifierKeyText(origin, signer.publicKey)
  const store: KeyStoreJson = {
    format: keyStoreFormat,
    storeId,
    origin,
    verifierKey,
    createdAt: new Date(nowMs).toISOString(),
    masterFingerprint: keyFingerprint(master),
    ...(stretching ? { stretching } : {}),
    wrapped: wrapAll(subkey(master, "wrap"), storeId, verifierKey, blobs),
    fileSalts: {},
  }
  writeDurably(keyStorePath(directory), serialise(store), { exclusive: true })
  return keysFrom(store, blobs)
}

/**
 * @throws {Fault} `key.wrong` when the master key is another one, `store.damaged` or `store.newer-format` when keys.json is not what was written.
 */
export function openKeyStore(directory: string, secret: MasterSecret): OpenKeys {
  return unwrapKeyStore(readKeyStore(directory), secret, keyStorePath(directory))
}

/** As `openKeyStore`, of a keys.json that was read from `file`: a backup of it too. */
export function unwrapKeyStore(store: KeyStoreJson, secret: MasterSecret, file: string): OpenKeys {
  const master = masterKeyOf(secret, store.stretching)
  const found = keyFingerprint(master)
  if (found !== store.masterFingerprint) throw new Fault("key.wrong", { source: secret.where, found, expected: store.masterFingerprint })
  const wrapping = subkey(master, "wrap")
  const blobs: Partial<Record<BlobName, Buffer>> = {}
  for (const name of blobNames) {
    const plain = unseal(wrapping, Buffer.from(store.wrapped[name], "base64"), label(store.storeId, store.verifierKey, name))
    if (plain?.length !== 32) throw new Fault("store.damaged", { file, problem: `its ${name} key does not unwrap` })
    blobs[name] = plain
  }
  const keys = keysFrom(store, blobs as Record<BlobName, Buffer>)
  const { name, publicKey } = parseVerifierKey(store.verifierKey)
  if (!publicKey.equals(keys.signer.publicKey) || name !== store.origin) {
    throw new Fault("store.damaged", { file, problem: "its verifier key is not that of its signing key and origin" })
  }
  return keys
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

/** Remembers the uncovered first bytes of a sealed file, once, right after the file is made. */
export function pinFileSalt(directory: string, fileName: string, salt: Buffer): void {
  const store = readKeyStore(directory)
  writeDurably(keyStorePath(directory), serialise({ ...store, fileSalts: { ...store.fileSalts, [fileName]: salt.toString("base64") } }))
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
  const wrapped = objectOf(fields["wrapped"])
  const whole =
    fields["format"] === keyStoreFormat &&
    ["storeId", "origin", "verifierKey", "createdAt", "masterFingerprint"].every((name) => stringOf(fields[name]) !== undefined) &&
    blobNames.every((name) => stringOf(wrapped[name]) !== undefined) &&
    (fields["stretching"] === undefined || parseStretching(fields["stretching"]) !== undefined) &&
    isRecordOfTexts(fields["fileSalts"])
  if (!whole) throw new Fault("store.damaged", { file: path, problem: "a field is missing or has the wrong shape" })
  return fields as KeyStoreJson
}

function isRecordOfTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((text) => typeof text === "string")
}

function serialise(store: KeyStoreJson): string {
  return `${JSON.stringify(store, null, 2)}\n`
}

function wrapAll(key: KeyObject, storeId: string, verifierKey: string, blobs: Record<BlobName, Buffer>): Record<BlobName, string> {
  const wrapped = (name: BlobName) => seal(key, blobs[name], label(storeId, verifierKey, name)).toString("base64")
  return { page: wrapped("page"), signing: wrapped("signing"), scopes: wrapped("scopes") }
}

function label(storeId: string, verifierKey: string, name: BlobName): Buffer {
  return Buffer.from(`sovereign-ledger/keys/${keyStoreFormat}\n${storeId}\n${verifierKey}\n${name}\n`)
}

function keysFrom(store: KeyStoreJson, blobs: Record<BlobName, Buffer>): OpenKeys {
  const derived = (purpose: string) => subkey(blobs.page, purpose).export()
  return {
    store,
    journalKey: derived("pages/journal.db"),
    viewsKey: derived("pages/views.db"),
    scopesKey: blobs.scopes,
    signer: new Signer(store.origin, blobs.signing),
  }
}
