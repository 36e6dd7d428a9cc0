/**
 * The keys of a ledger as they stand in keys.json: each sealed under a subkey of the master key, and bound to the store, its name and the key that signs.
 *
 *   page     seals the pages of journal.db and views.db, and sealed files (a subkey each)
 *   signing  seed of the Ed25519 key that signs checkpoints
 *   scopes   seals the pages of scopes.db
 *   files-N  sealed files of before the Nth time that all data was sealed anew: they were left as they are
 */
import type { KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { parseStretching, type Stretching } from "./master-key.ts"
import { seal, subkey, unseal } from "./wrap.ts"

/** Of keys.json. */
export const keyStoreFormat = 2
export type KeyStoreFormat = 1 | typeof keyStoreFormat
const blobNames = ["page", "signing", "scopes"] as const
const formerFiles = /^files-[1-9]\d*$/
type Blobs = { readonly page: Buffer; readonly signing: Buffer; readonly scopes: Buffer; readonly [former: string]: Buffer }

/** The keys under one master key, which is told by its fingerprint. */
export type WrappedKeys = {
  readonly masterFingerprint: string
  /** Of a passphrase. */
  readonly stretching?: Stretching
  /** By name, base64. */
  readonly wrapped: { readonly page: string; readonly signing: string; readonly scopes: string; readonly [former: string]: string }
}

/** What wrapped keys are bound to. */
export type Bound = { readonly format: KeyStoreFormat; readonly storeId: string; readonly verifierKey: string }

export type WrappedStore = Bound & WrappedKeys

export function wrapAll(key: KeyObject, bound: Bound, blobs: Blobs): WrappedKeys["wrapped"] {
  const wrapped = Object.entries(blobs).map(([name, blob]) => [name, seal(key, blob, labelOf(bound, name)).toString("base64")])
  return Object.fromEntries(wrapped) as WrappedKeys["wrapped"]
}

/** @throws {Fault} `store.damaged` when one of them does not unwrap; `file` is where they stand. */
export function unwrapAll(wrapping: KeyObject, store: WrappedStore, file: string, under: WrappedKeys = store): Blobs {
  const names = [...blobNames, ...Object.keys(under.wrapped).filter((name) => formerFiles.test(name))]
  const blobs = names.map((name) => {
    const plain = unseal(wrapping, Buffer.from(under.wrapped[name] ?? "", "base64"), labelOf(store, name))
    if (plain?.length !== 32) throw new Fault("store.damaged", { file, problem: `its ${name} key does not unwrap` })
    return [name, plain] as const
  })
  return Object.fromEntries(blobs) as Blobs
}

/** The same keys under another wrapping key. */
export function rewrapped(store: WrappedStore, wrapping: KeyObject, next: KeyObject, file: string): WrappedKeys["wrapped"] {
  return wrapAll(next, store, unwrapAll(wrapping, store, file))
}

/** The keys of data replaced. What opens files that were sealed before stays. */
export function withDataKeys(
  store: WrappedStore,
  wrapping: KeyObject,
  next: { readonly page: Buffer; readonly scopes: Buffer },
  file: string,
): WrappedKeys["wrapped"] {
  const before = unwrapAll(wrapping, store, file)
  if (before.page.equals(next.page)) return store.wrapped
  const count = Object.keys(before).filter((name) => formerFiles.test(name)).length
  return wrapAll(wrapping, store, { ...before, ...next, [`files-${count + 1}`]: fileKey(before.page) })
}

/** Whether a wrapping key unwraps these to the keys of this ledger: then it is that of who had them. */
export function wrapsTheSame(store: WrappedStore, wrapping: KeyObject, under: WrappedKeys, other: KeyObject, file: string): boolean {
  const [ours, theirs] = [unwrapAll(wrapping, store, file), unwrapAll(other, store, file, under)]
  const names = Object.keys(ours)
  return names.length === Object.keys(theirs).length && names.every((name) => theirs[name]?.equals(ours[name] ?? Buffer.alloc(0)))
}

/** Of keys.json, or as they come from a command; undefined when it is something else. */
export function parseWrappedKeys(value: unknown): WrappedKeys | undefined {
  const { masterFingerprint, stretching, wrapped } = objectOf(value)
  const blobs = objectOf(wrapped)
  const isWhole = stringOf(masterFingerprint) !== undefined && blobNames.every((name) => stringOf(blobs[name]) !== undefined)
  return isWhole && (stretching === undefined || parseStretching(stretching) !== undefined) ? (value as WrappedKeys) : undefined
}

export function pageKeysOf(page: Buffer): { readonly journalKey: Buffer; readonly viewsKey: Buffer } {
  return { journalKey: subkey(page, "pages/journal.db").export(), viewsKey: subkey(page, "pages/views.db").export() }
}

/** Of sealed files: the one that seals, and those of before, the newest first. */
export function filesKeysOf(blobs: Blobs): readonly [Buffer, ...Buffer[]] {
  const former = Object.keys(blobs).filter((name) => formerFiles.test(name))
  return [fileKey(blobs.page), ...former.toReversed().flatMap((name) => blobs[name] ?? [])]
}

function fileKey(page: Buffer): Buffer {
  return subkey(page, "sealed-files").export()
}

export function labelOf({ format, storeId, verifierKey }: Bound, name: string): Buffer {
  return Buffer.from(`sovereign-ledger/keys/${format}\n${storeId}\n${verifierKey}\n${name}\n`)
}
