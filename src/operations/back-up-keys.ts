/**
 * A backup of what opens a ledger: the master key and keys.json in one small text file, sealed under a passphrase when one is given.
 * scopes.db is not in it: it changes with every new session and is backed up with the data, or apart from it.
 *
 *   {"backup": 1, "storeId", "createdAt", "stretching"?, "plain" | "sealed"}      plain = {"masterKey", "keys"}
 */
import { createSecretKey } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { makePrivateDirectory, writeDurably } from "../vault/durable-file.ts"
import { openKeyStore, parseKeyStore, unwrapKeyStore } from "../vault/key-store.ts"
import { newStretching, parseStretching, stretch, type MasterSecret, type SecretPlaces, type Stretching } from "../vault/master-key.ts"
import { seal, unseal } from "../vault/wrap.ts"
import { openKeys } from "./create-key.ts"

const backupFormat = 1
const label = Buffer.from("sovereign-ledger/key-backup/1")

export function backUpKeys(
  files: LedgerFiles,
  places: SecretPlaces,
  backup: string,
  passphrase: string | undefined,
  nowMs: number,
): { readonly storeId: string; readonly sealed: boolean } {
  const { keys, secret } = openKeys(files, places)
  const plain = { masterKey: secret.text, keys: keys.store }
  const frame = { backup: backupFormat, storeId: keys.store.storeId, createdAt: new Date(nowMs).toISOString() }
  writeDurably(backup, `${JSON.stringify(passphrase === undefined ? { ...frame, plain } : { ...frame, ...sealed(plain, passphrase) })}\n`, { exclusive: true })
  return { storeId: keys.store.storeId, sealed: passphrase !== undefined }
}

export type Restored = { readonly storeId: string; readonly written: readonly string[]; readonly kept: readonly string[] }

/**
 * Puts back what is missing. What is there is compared, never replaced; nothing is written unless everything fits. Where a key command gives the master key,
 * no key file is written.
 */
export function restoreKeys(files: LedgerFiles, keyFileFor: (storeId: string) => string | undefined, backup: string, passphrase: string | undefined): Restored {
  const { masterKey, keysText } = readBackup(backup, passphrase)
  const secret: MasterSecret = { source: "key file", where: backup, text: masterKey }
  const { storeId } = unwrapKeyStore(parseKeyStore(keysText, backup), secret, backup).store
  const keyFile = keyFileFor(storeId)
  if (existsSync(files.keys) && openKeyStore(files.directory, secret).store.storeId !== storeId) throw new Fault("key.exists", { file: files.keys })
  if (keyFile !== undefined && existsSync(keyFile) && readFileSync(keyFile, "utf8").trim() !== masterKey) throw new Fault("key.exists", { file: keyFile })
  const written: string[] = []
  const kept: string[] = []
  makePrivateDirectory(files.directory)
  if (keyFile !== undefined) makePrivateDirectory(dirname(keyFile))
  for (const [path, text] of [
    [files.keys, keysText],
    [keyFile, `${masterKey}\n`],
  ] as const) {
    if (path === undefined) continue
    if (existsSync(path)) {
      kept.push(path)
    } else {
      writeDurably(path, text, { exclusive: true })
      written.push(path)
    }
  }
  return { storeId, written, kept }
}

function sealed(plain: unknown, passphrase: string): { readonly stretching: Stretching; readonly sealed: string } {
  const stretching = newStretching()
  const key = createSecretKey(stretch(passphrase, stretching))
  return { stretching, sealed: seal(key, Buffer.from(JSON.stringify(plain)), label).toString("base64") }
}

function readBackup(file: string, passphrase: string | undefined): { readonly masterKey: string; readonly keysText: string } {
  const refuse = (problem: string): never => {
    throw new Fault("backup.unreadable", { file, problem })
  }
  let fields: Readonly<Record<string, unknown>> = {}
  try {
    fields = objectOf(JSON.parse(readFileSync(file, "utf8")))
  } catch (error) {
    refuse(problemOf(error))
  }
  if (fields["backup"] !== backupFormat) refuse("it has another format")
  const plain = objectOf(fields["sealed"] === undefined ? fields["plain"] : opened(fields, passphrase, refuse))
  const masterKey = stringOf(plain["masterKey"]) ?? refuse("its master key is missing")
  const keysText = `${JSON.stringify(plain["keys"], null, 2)}\n`
  return { masterKey, keysText }
}

function opened(fields: Readonly<Record<string, unknown>>, passphrase: string | undefined, refuse: (problem: string) => never): unknown {
  if (passphrase === undefined) return refuse("it is sealed under a passphrase, and none was given (--passphrase-file)")
  const stretching = parseStretching(fields["stretching"]) ?? refuse("its parameters are missing")
  const bytes = unseal(createSecretKey(stretch(passphrase, stretching)), Buffer.from(String(fields["sealed"]), "base64"), label)
  return bytes ? JSON.parse(bytes.toString("utf8")) : refuse("the passphrase does not open it")
}
