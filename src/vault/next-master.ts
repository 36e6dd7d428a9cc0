/**
 * Another master key takes the place of the one that opens the ledger, in steps that are each whole or not at all. No data page is touched: three small
 * blobs in keys.json are wrapped anew.
 *
 *   wrapped     the same three keys under the next master key; nothing is written
 *   added       beside the ones that are there: from here on either master key opens the ledger
 *   promoted    in their place, once the next master key stands where the ledger's is looked for; the one before opens nothing any more
 *   dropped     when it is not wanted after all
 *
 * Between the steps the two may be used as one likes, and the key file may be replaced or not: none of it locks anybody out.
 */
import type { KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { removeLeftovers } from "./durable-file.ts"
import { isRekeying } from "./data-keys.ts"
import { keyStorePath, openKeyStore, wrappingFor, writeKeyStore, type OpenKeys } from "./key-store.ts"
import { rewrapped, wrapsTheSame, type WrappedKeys } from "./key-wrapping.ts"
import { storeOnDisk } from "./key-store-steps.ts"
import type { MasterSecret } from "./master-key.ts"

/** A master key that is to come: the ledger's keys under it, and the subkey that unwraps them. */
export type NextMaster = { readonly next: WrappedKeys; readonly wrapping: KeyObject }

/** @throws {Fault} `key.malformed` when the secret is no key; `key.not-next` when it is the one that opens the ledger already. */
export function wrapNext(directory: string, { store, wrapping: now }: OpenKeys, secret: MasterSecret): NextMaster {
  const { wrapping, ...under } = wrappingFor(secret)
  // A passphrase gets a new salt, and with it another key: the same one again is a rotation of its salt, and worth as much.
  if (under.masterFingerprint === store.masterFingerprint) throw new Fault("key.not-next", { directory, problem: "it opens the ledger already" })
  return { next: { ...under, wrapped: rewrapped(store, now, wrapping, keyStorePath(directory)) }, wrapping }
}

/**
 * Durably beside the master key that opens the ledger.
 * @throws {Fault} `key.not-next` unless it wraps this ledger's keys, which shows that who made it had them; and when one is there, which may stand in its place
 * already and be all that its owner has.
 */
export function addNext(directory: string, keys: OpenKeys, { next, wrapping }: NextMaster): OpenKeys {
  const file = keyStorePath(directory)
  const before = storeOnDisk(directory, keys)
  if (before.next) throw new Fault("key.not-next", { directory, problem: "a rotation to another one has begun" })
  if (isRekeying(directory)) throw new Fault("key.not-next", { directory, problem: "its data is being sealed anew (vault rekey)" })
  if (before.pending) throw new Fault("key.not-next", { directory, problem: "a hand-over of the signing key is under way" })
  if (!wraps(() => wrapsTheSame(before, keys.wrapping, next, wrapping, file))) {
    throw new Fault("key.not-next", { directory, problem: "it does not wrap the keys of this ledger" })
  }
  const { masterFingerprint, stretching, wrapped } = next
  const told = { masterFingerprint, ...(stretching ? { stretching } : {}), wrapped }
  return { ...keys, store: writeKeyStore(directory, { ...before, next: told }, keys.wrapping, wrapping) }
}

/**
 * Durably in the place of the one before, which opens nothing any more; `enter` puts it on record first. Nothing happens when it is so already: a writer that
 * was started with the next master key has done it then.
 * @throws {Fault} `key.not-next` unless `wrapping` is that of the one which was added.
 */
export function promoteNext(
  directory: string,
  keys: OpenKeys,
  wrapping: KeyObject,
  nowMs: number,
  enter: (previousFingerprint: string, nextFingerprint: string) => void,
): OpenKeys {
  const found = storeOnDisk(directory, keys)
  const { next, stretching: _, ...before } = found
  if (!unwraps(directory, keys, next ?? found, wrapping)) {
    throw new Fault("key.not-next", { directory, problem: next ? "it is not the one that was added" : "none was added" })
  }
  if (!next) return keys
  const store = {
    ...before,
    ...next,
    replaced: [...(before.replaced ?? []), { masterFingerprint: before.masterFingerprint, replacedAt: new Date(nowMs).toISOString() }],
  }
  enter(before.masterFingerprint, next.masterFingerprint)
  const written = writeKeyStore(directory, store, wrapping)
  removeLeftovers(keyStorePath(directory))
  return { ...keys, store: written, wrapping, openedBy: "master" }
}

/**
 * Undoes `addNext`.
 * @throws {Fault} `key.not-next` unless `wrapping` is that of the master key which stays: who has the next one alone would be locked out.
 */
export function dropNext(directory: string, keys: OpenKeys, wrapping: KeyObject): OpenKeys {
  const { next, ...store } = storeOnDisk(directory, keys)
  if (!next) throw new Fault("key.not-next", { directory, problem: "none was added" })
  if (!unwraps(directory, keys, store, wrapping))
    throw new Fault("key.not-next", { directory, problem: "only who has the master key that stays may give it up" })
  const written = writeKeyStore(directory, store, wrapping)
  removeLeftovers(keyStorePath(directory))
  return { ...keys, store: written, wrapping, openedBy: "master" }
}

/** Whether a wrapping key opens these, to the keys that are open. */
function unwraps(directory: string, keys: OpenKeys, under: WrappedKeys, wrapping: KeyObject): boolean {
  const own = keys.openedBy === "next" && keys.store.next ? keys.store.next : keys.store
  return wraps(() => wrapsTheSame({ ...keys.store, ...own }, keys.wrapping, under, wrapping, keyStorePath(directory)))
}

function wraps(check: () => boolean): boolean {
  try {
    return check()
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

/** Whether this secret is the next master key of a ledger. */
export function isNext(directory: string, secret: MasterSecret): boolean {
  try {
    return openKeyStore(directory, secret).openedBy === "next"
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}
