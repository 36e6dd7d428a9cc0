/**
 * The operator's side of a rotation. Cut off anywhere, either master key opens the ledger or the one that stands in its place does; the command run again
 * goes on from there.
 *
 *   written     the new key beside the key file, as FILE.next
 *   added       keys.json: either key opens the ledger
 *   placed      the key file is the new one
 *   promoted    keys.json: the new key alone; an entry says so
 *
 * A key that is kept elsewhere (a key command, the host's secret store, the environment) is placed by the operator, between two runs of the command.
 */
import { randomBytes } from "node:crypto"
import { existsSync, realpathSync, rmSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { removeLeftovers, renameDurably, writeDurably } from "../vault/durable-file.ts"
import { openKeyStore, readKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { readKeyFile, writeKey, type MasterSecret, type SecretPlaces } from "../vault/master-key.ts"
import { isNext, wrapNext } from "../vault/next-master.ts"
import { openKeys } from "./create-key.ts"
import type { MasterStepLine } from "./replace-master.ts"

export type RotationStep = "written" | "added" | "placed" | "promoted"

export type RotateOptions = {
  /** The new key or passphrase, as it is written; a random key when it is left out. */
  readonly newKey?: { readonly text: string; readonly where: string } | undefined
  /** Has the writer take a step. */
  readonly ask: (line: MasterStepLine) => Promise<unknown>
  /** Called when a step is done: a test ends the process there. */
  readonly reached?: ((step: RotationStep) => void) | undefined
}

export type Rotated = {
  /** `waiting`: both keys open the ledger, until the next one stands where it is looked for. */
  readonly state: "rotated" | "completed" | "waiting" | "given up"
  readonly storeId: string
  readonly source: MasterSecret["source"]
  readonly where: string
  readonly previousFingerprint: string
  readonly fingerprint: string
}

export async function rotateMaster(files: LedgerFiles, places: SecretPlaces, options: RotateOptions): Promise<Rotated> {
  const { keys, secret } = openKeys(files, places)
  return keys.store.next ? goOn(files, { keys, secret, ...options }) : begin(files, { keys, secret, ...options })
}

type Run = RotateOptions & { readonly keys: OpenKeys; readonly secret: MasterSecret }

async function begin(files: LedgerFiles, { keys, secret, newKey, ask, reached }: Run): Promise<Rotated> {
  const file = keyFileOf(secret)
  if (file === undefined && newKey === undefined) throw new Fault("key.kept-elsewhere", { source: secret.where })
  const text = newKey?.text ?? writeKey(randomBytes(32))
  const made = wrapNext(files.directory, keys, { source: secret.source, where: newKey?.where ?? "a new key", text })
  if (file !== undefined) {
    removeLeftovers(nextFile(file))
    writeDurably(nextFile(file), `${text}\n`)
  }
  reached?.("written")
  try {
    await ask({ step: "add", wrapping: exported(made.wrapping), next: made.next })
  } catch (error) {
    if (file !== undefined && isRefused(files, error)) rmSync(nextFile(file), { force: true })
    throw error
  }
  reached?.("added")
  const told = { ...toldOf(keys, secret), fingerprint: made.next.masterFingerprint }
  if (file === undefined) return { state: "waiting", ...told }
  await place(file, made.wrapping, { ask, reached })
  return { state: "rotated", ...told }
}

/** Whether it is certain that the new key opens nothing: who was not answered may have been heard, and then it is all that leads to the next step. */
function isRefused({ directory }: LedgerFiles, error: unknown): boolean {
  return error instanceof Fault && error.code !== "writer.unreachable" && readKeyStore(directory).next === undefined
}

async function goOn(files: LedgerFiles, { keys, secret, newKey, ask, reached }: Run): Promise<Rotated> {
  const { next, masterFingerprint } = keys.store
  const told = { ...toldOf(keys, secret), previousFingerprint: masterFingerprint, fingerprint: next?.masterFingerprint ?? masterFingerprint }
  if (keys.openedBy === "next") {
    await ask({ step: "promote", wrapping: exported(keys.wrapping) })
    reached?.("promoted")
    return { state: "completed", ...told }
  }
  const file = keyFileOf(secret)
  const placed = file === undefined ? undefined : readNextFile(file)
  const nextSecret = placed === undefined ? undefined : ({ ...secret, where: nextFile(file ?? ""), text: placed } as const)
  if (file === undefined || nextSecret === undefined || !isNext(files.directory, nextSecret)) {
    if (newKey && isNext(files.directory, { ...secret, where: newKey.where, text: newKey.text })) return { state: "waiting", ...told }
    throw new Fault("key.rotation-open", { next: told.fingerprint, source: secret.where, found: masterFingerprint })
  }
  const { wrapping } = openedBy(files, nextSecret)
  await place(file, wrapping, { ask, reached })
  return { state: "completed", ...told }
}

/** Undoes a rotation that has begun: the key that is found stays. */
export async function cancelRotation(files: LedgerFiles, places: SecretPlaces, { ask }: Pick<RotateOptions, "ask">): Promise<Rotated> {
  const { keys, secret } = openKeys(files, places)
  const { directory } = files
  if (!keys.store.next) throw new Fault("key.not-next", { directory, problem: "no rotation has begun" })
  if (keys.openedBy === "next")
    throw new Fault("key.not-next", { directory, problem: "the next key stands in its place already; run vault rotate to complete it" })
  await ask({ step: "drop", wrapping: exported(keys.wrapping) })
  const file = keyFileOf(secret)
  if (file !== undefined) rmSync(nextFile(file), { force: true })
  return { state: "given up", ...toldOf(keys, secret), fingerprint: keys.store.masterFingerprint, previousFingerprint: keys.store.next.masterFingerprint }
}

async function place(file: string, wrapping: OpenKeys["wrapping"], { ask, reached }: Pick<RotateOptions, "ask" | "reached">): Promise<void> {
  renameDurably(nextFile(file), file)
  reached?.("placed")
  await ask({ step: "promote", wrapping: exported(wrapping) })
  reached?.("promoted")
}

function toldOf({ store }: OpenKeys, { source, where }: MasterSecret) {
  return { storeId: store.storeId, source, where, previousFingerprint: store.masterFingerprint }
}

/** The file itself, where the key stands in one: a link to it stays a link. */
function keyFileOf({ source, where }: MasterSecret): string | undefined {
  return source === "key file" ? realpathSync(where) : undefined
}

/** Where the new key of a rotation stands before it takes the place of the one in the key file. */
export function nextFile(keyFile: string): string {
  return `${keyFile}.next`
}

function readNextFile(keyFile: string): string | undefined {
  const file = nextFile(keyFile)
  return existsSync(file) ? readKeyFile(file) : undefined
}

function openedBy(files: LedgerFiles, secret: MasterSecret): OpenKeys {
  return openKeyStore(files.directory, secret)
}

function exported(wrapping: OpenKeys["wrapping"]): string {
  return wrapping.export().toString("base64")
}
