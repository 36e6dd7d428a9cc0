/** What the steps have in common by which keys.json changes: each begins with what is on disk, and the last one leaves nothing of what was before. */
import { Fault } from "../base/fault.ts"
import { keyStorePath, readKeyStore, type KeyStoreJson, type OpenKeys } from "./key-store.ts"

/** What is on disk, which knows more than what was read once: pinned first bytes of files. */
export function storeOnDisk(directory: string, { store }: OpenKeys): KeyStoreJson {
  const found = readKeyStore(directory)
  if (found.verifierKey === store.verifierKey && found.storeId === store.storeId) return found
  throw new Fault("store.damaged", { file: keyStorePath(directory), problem: "somebody else replaced it meanwhile" })
}
