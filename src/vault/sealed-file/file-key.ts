/** Whose key a sealed file has: that of a ledger, or a passphrase. */
import { assert, Fault } from "../../base/fault.ts"
import { newStretching, stretch } from "../master-key.ts"
import type { KeySlot } from "./layout.ts"

/**
 * A ledger's keys for files, 32 bytes each: a subkey of its page key, so that a new master key leaves every sealed file as it is. The first one seals; those of
 * earlier page keys open what was sealed in their time.
 */
export type LedgerFileKey = { readonly storeId: string; readonly keys: readonly [Uint8Array, ...Uint8Array[]] }

/** What seals a new file. */
export type SealingKey = { readonly ledger: LedgerFileKey } | { readonly passphrase: string }
/** What may open a file; asked for when its header has told which it takes, and answering undefined where there is none. */
export type OpeningKeys = { readonly ledger?: () => LedgerFileKey | undefined; readonly passphrase?: () => string | undefined }

export function newKeySlot(key: SealingKey): { readonly keySlot: KeySlot; readonly slotKey: Uint8Array } {
  if ("ledger" in key) {
    assert(/^[0-9a-f]{16}$/.test(key.ledger.storeId), "a ledger's id is 16 hex digits")
    return { keySlot: { kind: "ledger", storeId: key.ledger.storeId }, slotKey: key.ledger.keys[0] }
  }
  const stretching = newStretching()
  return { keySlot: { kind: "passphrase", stretching }, slotKey: stretch(key.passphrase, stretching) }
}

/** Those it may be; its header tells which. @throws {Fault} `sealed.no-key` when there is none of the kind it takes, `sealed.wrong-key` when it is that of another ledger. */
export function slotKeysOf(keySlot: KeySlot, keys: OpeningKeys, file: string): readonly Uint8Array[] {
  if (keySlot.kind === "passphrase") {
    const passphrase = keys.passphrase?.()
    if (passphrase === undefined) throw new Fault("sealed.no-key", { file, needed: "a passphrase", flag: "--passphrase-file FILE" })
    return [stretch(passphrase, keySlot.stretching)]
  }
  const ledger = keys.ledger?.()
  const needed = `the key of ledger ${keySlot.storeId}`
  if (!ledger) throw new Fault("sealed.no-key", { file, needed, flag: "--data-dir DIRECTORY and --key-file FILE" })
  if (ledger.storeId !== keySlot.storeId) throw new Fault("sealed.wrong-key", { file, problem: `it takes ${needed}, and this is ledger ${ledger.storeId}` })
  return ledger.keys
}
