/** Backups that a disk or somebody has changed. */
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { openDatabase } from "../../../src/vault/database.ts"
import { authenticated } from "../../../src/vault/key-store-mac.ts"
import { parseKeyStore, type OpenKeys } from "../../../src/vault/key-store.ts"
import { keyFingerprint, writeKey } from "../../../src/vault/master-key.ts"
import { seal, subkey, unseal } from "../../../src/vault/wrap.ts"

export function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  const place = Math.min(at, bytes.length - 1)
  bytes[place] = (bytes[place] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

export function makeNewer(manifest: string): void {
  writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(readFileSync(manifest, "utf8")) as object), format: 2 }))
}

/** By somebody who has the key, and who writes a manifest that says that all is well. */
export function replaceRow(backup: string, journalKey: Uint8Array): void {
  const path = join(backup, "journal.db")
  const journal = openDatabase(path, { key: journalKey, alone: true })
  journal.exec("UPDATE entries SET facts = (SELECT facts FROM entries WHERE sequence = 8) WHERE sequence = 7")
  journal.close()
  const manifest = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")) as { files: Record<string, object> }
  const bytes = readFileSync(path)
  manifest.files["journal.db"] = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
  writeFileSync(join(backup, "manifest.json"), JSON.stringify(manifest))
}

/** keys.json in the hands of whoever wraps it under another master key, by docs/spec/store.md. */
export function rewrap(file: string, { wrapping }: OpenKeys, master: Buffer = Buffer.alloc(32, 7)) {
  const store = parseKeyStore(readFileSync(file, "utf8"), file)
  const under = subkey(master, "wrap")
  const again = (name: "page" | "signing" | "scopes") => {
    const label = Buffer.from(`sovereign-ledger/keys/2\n${store.storeId}\n${store.verifierKey}\n${name}\n`)
    return seal(under, unseal(wrapping, Buffer.from(store.wrapped[name], "base64"), label) ?? Buffer.alloc(0), label).toString("base64")
  }
  const wrapped = { page: again("page"), signing: again("signing"), scopes: again("scopes") }
  writeFileSync(file, JSON.stringify(authenticated({ ...store, masterFingerprint: keyFingerprint(master), wrapped }, under)))
  return { master, text: writeKey(master), fingerprint: keyFingerprint(master) }
}
