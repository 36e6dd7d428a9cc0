/**
 * The signing key's successor in keys.json, in steps that are each whole or not at all:
 *
 *   made        a random seed, wrapped; nothing is written
 *   pending     beside the key that signs, before the journal names it: an entry that names a key nobody has would end the ledger
 *   promoted    in its place, once the journal names it; the old seed is gone
 *   dropped     when the journal does not name it
 */
import { randomBytes } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { removeLeftovers } from "./durable-file.ts"
import { parseVerifierKey } from "../format/checkpoint.ts"
import { parseHandOver } from "../format/hand-over.ts"
import { keyStorePath, openSuccessor, withSuccessor, wrapSuccessor, writeKeyStore, type OpenKeys, type Successor } from "./key-store.ts"
import { storeOnDisk } from "./key-store-steps.ts"

/** A new key for this ledger; its key id is none that a key before it had. */
export function makeSuccessor({ store, wrapping }: OpenKeys): Successor {
  const earlier = (store.handOvers ?? []).flatMap((note) => parseHandOver(note)?.previousKey ?? [])
  const taken = new Set([...earlier, store.verifierKey].map(keyId))
  for (;;) {
    const successor = wrapSuccessor(store, wrapping, randomBytes(32))
    if (!taken.has(keyId(successor.verifierKey))) return successor
  }
}

/** Durably beside the key that signs. */
export function addPending(directory: string, keys: OpenKeys, successor: Successor): OpenKeys {
  const store = { ...storeOnDisk(directory, keys), pending: successor }
  const pending = openSuccessor(store, keys.wrapping, successor)
  if (!pending) throw new Fault("store.damaged", { file: keyStorePath(directory), problem: "the key that is to be added does not unwrap" })
  return { ...keys, store: writeKeyStore(directory, store, keys.wrapping), pending }
}

/** Durably in the place of the key that signed; `note` is the hand-over as both keys signed it. */
export function promotePending(directory: string, keys: OpenKeys, note: string): OpenKeys {
  const file = keyStorePath(directory)
  const before = storeOnDisk(directory, keys)
  if (!keys.pending) throw new Fault("store.damaged", { file, problem: "it has no pending key" })
  const store = { ...withSuccessor(before, keys.wrapping, file), handOvers: [...(before.handOvers ?? []), note] }
  const written = writeKeyStore(directory, store, keys.wrapping)
  removeLeftovers(keyStorePath(directory))
  return { ...keys, store: written, signer: keys.pending, pending: undefined }
}

export function dropPending(directory: string, keys: OpenKeys): OpenKeys {
  const { pending: _, ...store } = storeOnDisk(directory, keys)
  const written = writeKeyStore(directory, store, keys.wrapping)
  removeLeftovers(keyStorePath(directory))
  return { ...keys, store: written, pending: undefined }
}

function keyId(verifierKey: string): string {
  return parseVerifierKey(verifierKey).keyHash.toString("hex")
}
