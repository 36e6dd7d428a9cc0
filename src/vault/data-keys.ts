/**
 * New data keys for a ledger: a page key and a key for scopes.db, made before anything is sealed under them, in a file of their own until they are the
 * ledger's. The databases are written anew beside the ones that are there; the switch from one to the other is this file's state.
 *
 *   rekey.json   {"format":1,"storeId","state":"copying" | "switching","boot"?,"masterFingerprint","wrapped":{"page","scopes"}}
 *
 *   copying      X.next grows beside X; the ledger is what it was, and may be used
 *   switching    everything stands in X.next: whoever opens the ledger for writing puts each in the place of X, then the keys into keys.json
 */
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { readFileSalt } from "./database.ts"
import { removeLeftovers, writeDurably } from "./durable-file.ts"
import { storeOnDisk } from "./key-store-steps.ts"
import { keyStorePath, writeKeyStore, type OpenKeys } from "./key-store.ts"
import { pageKeysOf, withDataKeys } from "./key-wrapping.ts"
import { seal, unseal } from "./wrap.ts"

export const rekeyName = "rekey.json"
const rekeyFormat = 1
const blobNames = ["page", "scopes"] as const

export type RekeyState = "copying" | "switching"

/** Keys that a ledger is being sealed under anew. */
export type NextDataKeys = {
  readonly state: RekeyState
  /** When the machine was started that copies: what it copied is synced at the end only. */
  readonly boot: string | undefined
  readonly page: Buffer
  readonly journalKey: Buffer
  readonly viewsKey: Buffer
  readonly scopesKey: Buffer
}

export function rekeyPath(directory: string): string {
  return join(directory, rekeyName)
}

export function isRekeying(directory: string): boolean {
  return existsSync(rekeyPath(directory))
}

/** Makes new keys and writes them down; nothing is sealed under them yet. */
export function makeDataKeys(directory: string, keys: OpenKeys, boot: string | undefined): NextDataKeys {
  return write(directory, keys, { state: "copying", boot }, { page: randomBytes(32), scopes: randomBytes(32) })
}

/** From here on the new keys will be the ledger's: everything is sealed under them, and durable. */
export function beginSwitch(directory: string, keys: OpenKeys, { page, scopesKey }: NextDataKeys): NextDataKeys {
  return write(directory, keys, { state: "switching" }, { page, scopes: scopesKey })
}

/** Those that were made and are not the ledger's yet; undefined when there are none. @throws {Fault} `store.damaged` */
export function readDataKeys(directory: string, { store, wrapping }: OpenKeys): NextDataKeys | undefined {
  const file = rekeyPath(directory)
  if (!existsSync(file)) return undefined
  const fields = fieldsOf(file)
  const refuse = (problem: string) => new Fault("store.damaged", { file, problem })
  const state = fields["state"]
  if (fields["format"] !== rekeyFormat || fields["storeId"] !== store.storeId || (state !== "copying" && state !== "switching")) {
    throw refuse("it is not of this ledger, or of no format that is known")
  }
  const wrapped = objectOf(fields["wrapped"])
  const [page, scopes] = blobNames.map((name) => unseal(wrapping, Buffer.from(stringOf(wrapped[name]) ?? "", "base64"), label(store.storeId, name)))
  if (page?.length !== 32 || scopes?.length !== 32) throw refuse("its keys do not unwrap")
  return { state, boot: stringOf(fields["boot"]), page, scopesKey: scopes, ...pageKeysOf(page) }
}

/** The last step but one: the new keys in the place of the old ones, with the first bytes of the journal that was sealed under them. */
export function adoptDataKeys(directory: string, keys: OpenKeys, next: NextDataKeys, journal: { readonly name: string; readonly path: string }): void {
  const store = storeOnDisk(directory, keys)
  const { page, scopesKey } = next
  const wrapped = withDataKeys(store, keys.wrapping, { page, scopes: scopesKey }, keyStorePath(directory))
  const fileSalts = { ...store.fileSalts, [journal.name]: readFileSalt(journal.path).toString("base64") }
  writeKeyStore(directory, { ...store, wrapped, fileSalts }, keys.wrapping)
}

export function removeDataKeys(directory: string): void {
  rmSync(rekeyPath(directory), { force: true })
  removeLeftovers(rekeyPath(directory))
}

type Said = { readonly state: RekeyState; readonly boot?: string | undefined }

function write(directory: string, { store, wrapping }: OpenKeys, said: Said, blobs: { readonly page: Buffer; readonly scopes: Buffer }): NextDataKeys {
  const wrapped = Object.fromEntries(blobNames.map((name) => [name, seal(wrapping, blobs[name], label(store.storeId, name)).toString("base64")]))
  const text = JSON.stringify({ format: rekeyFormat, storeId: store.storeId, ...said, masterFingerprint: store.masterFingerprint, wrapped }, null, 2)
  writeDurably(rekeyPath(directory), `${text}\n`)
  return { boot: undefined, ...said, page: blobs.page, scopesKey: blobs.scopes, ...pageKeysOf(blobs.page) }
}

function fieldsOf(file: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(readFileSync(file, "utf8")))
  } catch (error) {
    throw new Fault("store.damaged", { file, problem: problemOf(error) }, error)
  }
}

function label(storeId: string, name: string): Buffer {
  return Buffer.from(`sovereign-ledger/rekey/${rekeyFormat}\n${storeId}\n${name}\n`)
}
