/** What a ledger is sealed under: its master key and where it comes from, keys of contents, holds; and what is under way or was left by a crash. */
import { parseHandOver } from "../format/hand-over.ts"
import { absentKeyStore, type LedgerFiles } from "../journal/files.ts"
import { begunErasures, legalHolds } from "../vault/erasures.ts"
import { isRekeying } from "../vault/data-keys.ts"
import { keyStoreExists, openKeyStore, readKeyStore, type KeyStoreJson } from "../vault/key-store.ts"
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
  const store = readKeyStore(files.directory)
  const { contents, unfinished } = contentsOf(files, keys.scopesKey)
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
    due: [...rotationDue(store, keys.openedBy), ...rekeyDue(files.directory), ...unfinished, ...sourceDue(secret.source)],
  }
}

function contentsOf(files: LedgerFiles, scopesKey: Uint8Array): { readonly contents: VaultStatus["contents"]; readonly unfinished: VaultStatus["due"] } {
  let scopes: ScopeStore
  try {
    scopes = ScopeStore.open(files.scopes, scopesKey, { readonly: true })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { contents: null, unfinished: [{ what: error.message, remedy: error.remedy }] }
  }
  try {
    const { open, erased, keys, destroyed } = scopes.count()
    const begun = begunErasures(scopes).length
    const held = legalHolds(scopes).filter(({ state }) => state !== "lifted").length
    const unfinished =
      begun === 0
        ? []
        : [{ what: "An erasure was cut off.", remedy: "The next writer completes it: start the gateway, or run sovereign-ledger checkpoint show" }]
    return { contents: { scopes: open, keys, erasedScopes: erased, destroyedKeys: destroyed, legalHolds: held }, unfinished }
  } finally {
    scopes.close()
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
