/** What the steps have in common by which keys.json changes: each begins with what is on disk, and the last one leaves nothing of what was before. */
import { Fault } from "../base/fault.ts"
import { unauthenticatedFormat } from "./key-store-mac.ts"
import { keyStorePath, readKeyStore, refuseChanged, writeKeyStore, type KeyStoreJson, type OpenKeys } from "./key-store.ts"
import { keyStoreFormat, unwrapAll, wrapAll } from "./key-wrapping.ts"

/** What is on disk, which knows more than what was read once: pinned first bytes of files. What somebody changed meanwhile is not carried on. */
export function storeOnDisk(directory: string, keys: Pick<OpenKeys, "store" | "wrapping" | "openedBy">): KeyStoreJson {
  const found = readKeyStore(directory)
  const { storeId, verifierKey } = keys.store
  const file = keyStorePath(directory)
  if (found.verifierKey !== verifierKey || found.storeId !== storeId) throw new Fault("store.damaged", { file, problem: "somebody else replaced it meanwhile" })
  refuseChanged(found, keys, file)
  return found
}

/** Remembers the uncovered first bytes of a sealed file, once, right after the file is made. */
export function pinFileSalt(directory: string, keys: Pick<OpenKeys, "store" | "wrapping" | "openedBy">, fileName: string, salt: Buffer): void {
  const store = storeOnDisk(directory, keys)
  writeKeyStore(directory, { ...store, fileSalts: { ...store.fileSalts, [fileName]: salt.toString("base64") } }, keys.wrapping)
}

/** A keys.json of before it had an authenticator gets one, and labels by which it cannot lose it again. While a key is about to take a place it waits for that. */
export function authenticate(directory: string, keys: OpenKeys): OpenKeys {
  if (keys.store.format !== unauthenticatedFormat) return keys
  const before = storeOnDisk(directory, keys)
  if (before.next || before.pending) return keys
  const { wrapping } = keys
  const bound = { ...before, format: keyStoreFormat } as const
  const wrapped = wrapAll(wrapping, bound, unwrapAll(wrapping, before, keyStorePath(directory)))
  return { ...keys, store: writeKeyStore(directory, { ...bound, wrapped }, wrapping) }
}
