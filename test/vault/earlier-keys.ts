/** keys.json as it was before it had an authenticator. */
import { writeFileSync } from "node:fs"
import { unwrapAll, wrapAll } from "../../src/vault/key-wrapping.ts"
import { keyStorePath, type KeyStoreJson, type OpenKeys } from "../../src/vault/key-store.ts"

export function asFormat1(directory: string, { store, wrapping }: OpenKeys, changes: Partial<KeyStoreJson> = {}): string {
  const { mac: _, ...rest } = store
  const earlier: KeyStoreJson = { ...rest, ...changes, format: 1 }
  const wrapped = wrapAll(wrapping, earlier, unwrapAll(wrapping, store, keyStorePath(directory)))
  const text = `${JSON.stringify({ ...earlier, wrapped }, null, 2)}\n`
  writeFileSync(keyStorePath(directory), text, { mode: 0o600 })
  return text
}
