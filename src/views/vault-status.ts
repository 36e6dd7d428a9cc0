/** What a ledger is sealed under: its master key and where it comes from, keys of contents, holds; and what is under way or was left by a crash. */
import { existsSync } from "node:fs"
import { parseHandOver } from "../format/hand-over.ts"
import { absentKeyStore, type LedgerFiles } from "../journal/files.ts"
import { readKeyChain } from "../journal/hand-overs.ts"
import { keysOutOfStep } from "../journal/keys-in-step.ts"
import { JournalReader } from "../journal/reader.ts"
import { undoneFault } from "../journal/undone-erasures.ts"
import { begunErasures, legalHolds } from "../vault/erasures.ts"
import { isRekeying } from "../vault/data-keys.ts"
import { keyStoreExists, openKeyStore, type KeyStoreJson, type OpenKeys } from "../vault/key-store.ts"
import { findMasterSecret, masterKeyVariable, type KeySource, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"
import { Fault } from "../base/fault.ts"

export type VaultStatus = {
  readonly storeId: string
  readonly master: {
    readonly source: KeySource
    readonly where: string
    readonly fingerprint: string
    /** When it took the place of another one, or the ledger was created. */
    readonly since: string
    readonly passphrase: boolean
    /** Those before it, the first one first. */
    readonly replaced: readonly { readonly fingerprint: string; readonly until: string }[]
  }
  /** The fingerprint of another master key that opens the ledger, too, while a rotation is under way. */
  readonly next: string | null
  readonly signer: { readonly verifierKey: string; readonly sinceSize: number; readonly earlier: number }
  readonly contents: {
    readonly scopes: number
    readonly keys: number
    readonly erasedScopes: number
    readonly destroyedKeys: number
    readonly legalHolds: number
  } | null
  /** What is to be done, each with the command for it. */
  readonly due: readonly { readonly what: string; readonly remedy: string }[]
}

/** @throws {Fault} `store.absent`, `key.absent`, and what opening the keys throws */
export function vaultStatus(files: LedgerFiles, places: SecretPlaces): VaultStatus {
  if (!keyStoreExists(files.directory)) throw absentKeyStore(files)
  const secret = findMasterSecret(places)
  if (!secret) throw new Fault("key.absent", { directory: files.directory, looked: `${places.keyFile}, ${masterKeyVariable}` })
  const keys = openKeyStore(files.directory, secret)
  const { store } = keys
  const { contents, unfinished } = contentsOf(files, keys)
  const handOvers = (store.handOvers ?? []).flatMap((note) => parseHandOver(note) ?? [])
  return {
    storeId: store.storeId,
    master: {
      source: secret.source,
      where: secret.where,
      fingerprint: keys.openedBy === "next" ? (store.next?.masterFingerprint ?? store.masterFingerprint) : store.masterFingerprint,
      since: store.replaced?.at(-1)?.replacedAt ?? store.createdAt,
      passphrase: store.stretching !== undefined,
      replaced: (store.replaced ?? []).map(({ masterFingerprint, replacedAt }) => ({ fingerprint: masterFingerprint, until: replacedAt })),
    },
    next: store.next ? (keys.openedBy === "next" ? store.masterFingerprint : store.next.masterFingerprint) : null,
    signer: { verifierKey: store.verifierKey, sinceSize: handOvers.at(-1)?.size ?? 0, earlier: handOvers.length },
    contents,
    due: [...timeDue(files, keys), ...rotationDue(store, keys.openedBy), ...rekeyDue(files.directory), ...unfinished, ...sourceDue(secret.source)],
  }
}

function contentsOf(files: LedgerFiles, keys: OpenKeys): { readonly contents: VaultStatus["contents"]; readonly unfinished: VaultStatus["due"] } {
  let scopes: ScopeStore
  try {
    scopes = ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { contents: null, unfinished: [{ what: error.message, remedy: error.remedy }] }
  }
  try {
    const { open, erased, keys: kept, destroyed } = scopes.count()
    const begun = begunErasures(scopes).length
    const held = legalHolds(scopes).filter(({ state }) => state !== "lifted").length
    const unfinished =
      begun === 0
        ? []
        : [{ what: "An erasure was cut off.", remedy: "The next writer completes it: start the gateway, or run sovereign-ledger checkpoint show" }]
    return {
      contents: { scopes: open, keys: kept, erasedScopes: erased, destroyedKeys: destroyed, legalHolds: held },
      unfinished: [...unfinished, ...undoneDue(files, keys, scopes)],
    }
  } finally {
    scopes.close()
  }
}

/** What keeps the journal from being asked is told with its keys. */
function undoneDue(files: LedgerFiles, keys: OpenKeys, scopes: ScopeStore): VaultStatus["due"] {
  if (!existsSync(files.journal) || isRekeying(files.directory)) return []
  try {
    const fault = JournalReader.ask(files, keys, (reader) => undoneFault(reader, scopes))
    return fault ? [{ what: fault.message, remedy: fault.remedy }] : []
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

/** What the journal knows of the keys that keys.json does not; and what keeps it from telling. */
function timeDue(files: LedgerFiles, keys: OpenKeys): VaultStatus["due"] {
  if (!existsSync(files.journal) || isRekeying(files.directory)) return []
  try {
    const problem = JournalReader.ask(files, keys, (reader) => keysOutOfStep(keys.store, reader, readKeyChain(reader, reader.size()).chain))
    if (problem === undefined) return []
    const { message, remedy } = new Fault("key.out-of-step", { problem })
    return [{ what: message, remedy }]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ what: error.message, remedy: error.remedy }]
  }
}

function rotationDue({ next, masterFingerprint }: KeyStoreJson, openedBy: "master" | "next"): VaultStatus["due"] {
  if (!next) return []
  const what =
    openedBy === "next"
      ? `A rotation is to be completed: the master key before, ${masterFingerprint}, still opens the ledger, too.`
      : `A rotation has begun: the master key ${next.masterFingerprint} opens the ledger, too.`
  return [
    {
      what,
      remedy: openedBy === "next" ? "sovereign-ledger vault rotate" : "sovereign-ledger vault rotate goes on with it, vault rotate --cancel gives it up",
    },
  ]
}

function rekeyDue(directory: string): VaultStatus["due"] {
  if (!isRekeying(directory)) return []
  return [{ what: "Sealing all data anew has begun.", remedy: "sovereign-ledger vault rekey goes on with it, vault rekey --cancel gives it up" }]
}

function sourceDue(source: KeySource): VaultStatus["due"] {
  if (source !== "environment") return []
  return [
    {
      what: "The master key is in the environment, where any command an agent runs can read it.",
      remedy: "Move it into a key file or a key command (docs/guides/keys.md), then replace it: sovereign-ledger vault rotate",
    },
  ]
}
