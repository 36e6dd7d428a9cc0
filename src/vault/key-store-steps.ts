/** What the steps have in common by which keys.json changes: each begins with what is on disk, and the last one leaves nothing of what was before. */
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../base/fault.ts"
import { keyStoreName, keyStorePath, readKeyStore, type KeyStoreJson, type OpenKeys } from "./key-store.ts"

/** What is on disk, which knows more than what was read once: pinned first bytes of files. */
export function storeOnDisk(directory: string, { store }: OpenKeys): KeyStoreJson {
  const found = readKeyStore(directory)
  if (found.verifierKey === store.verifierKey && found.storeId === store.storeId) return found
  throw new Fault("store.damaged", { file: keyStorePath(directory), problem: "somebody else replaced it meanwhile" })
}

/** Files that a process which was killed while it wrote keys.json left beside it: they would keep an old key. */
export function removeLeftovers(directory: string): void {
  const isLeftover = (name: string) => name.startsWith(keyStoreName) && /^\.\d+\.tmp$/.test(name.slice(keyStoreName.length))
  for (const name of readdirSync(directory).filter(isLeftover)) rmSync(join(directory, name), { force: true })
}
