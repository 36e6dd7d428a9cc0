/** keys.json as somebody with the master key can write it, from docs/spec/store.md: the same keys, but another one that signs. */
import { verifierKeyText } from "../format/checkpoint.ts"
import { assert } from "../base/fault.ts"
import { authenticated } from "../vault/key-store-mac.ts"
import type { KeyStoreJson } from "../vault/key-store.ts"
import { masterKeyOf, type MasterSecret } from "../vault/master-key.ts"
import { Signer } from "../vault/signer.ts"
import { seal, subkey, unseal } from "../vault/wrap.ts"

export function keysWithSigner(store: KeyStoreJson, secret: MasterSecret, seed: Buffer): string {
  const wrapping = subkey(masterKeyOf(secret, store.stretching), "wrap")
  const verifierKey = verifierKeyText(store.origin, new Signer(store.origin, seed).publicKey)
  const label = (key: string, name: string) => Buffer.from(`sovereign-ledger/keys/${store.format}\n${store.storeId}\n${key}\n${name}\n`)
  const wrapped = Object.entries(store.wrapped).map(([name, sealed]) => {
    const plain = name === "signing" ? seed : unseal(wrapping, Buffer.from(sealed, "base64"), label(store.verifierKey, name))
    assert(plain, "a key that was open a moment ago does not unwrap")
    return [name, seal(wrapping, plain, label(verifierKey, name)).toString("base64")]
  })
  const forged = { ...store, verifierKey, wrapped: Object.fromEntries(wrapped) as KeyStoreJson["wrapped"] }
  return `${JSON.stringify(authenticated(forged, wrapping), null, 2)}\n`
}
