/**
 * Which keys.json a journal that is put back goes on with: the newest, from the keys place, when it is in step with the journal; the one backed up with it when
 * the signing key was handed over since, for only that one holds the key by which this journal is signed. They may be wrapped under different master keys.
 */
import { Fault } from "../../base/fault.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { storedKeyChain } from "../../journal/hand-overs.ts"
import { keysOutOfStep } from "../../journal/keys-in-step.ts"
import { JournalReader } from "../../journal/reader.ts"
import { parseKeyStore, unwrapKeyStore, type KeyStoreJson, type OpenKeys } from "../../vault/key-store.ts"
import { findMasterSecret, type SecretPlaces } from "../../vault/master-key.ts"
import { readBytes } from "./backup-names.ts"

export type ChosenKeys = {
  readonly keys: OpenKeys
  readonly text: Buffer
  readonly from: "keys place" | "backup"
  /** Of the newest: signs notes of a time that the journal does not know of. */
  readonly newestKey: string
}

type Candidate = { readonly from: ChosenKeys["from"]; readonly text: Buffer; readonly store: KeyStoreJson; readonly opened: OpenKeys | Fault }

/**
 * `files.keys` is that of the backup, `newest` that of the keys place.
 * @throws {Fault} `key.absent`; `key.wrong`, which tells the fingerprint of the master key that is needed; `key.out-of-step` when neither is the journal's;
 * `backup.before-rekey` when the keys of contents that are kept are not those of its time.
 */
export function chooseKeys(files: LedgerFiles, newest: string, places: SecretPlaces): ChosenKeys {
  const secret = findMasterSecret(places)
  if (!secret) throw new Fault("key.absent", { directory: files.directory, looked: places.keyFile })
  const candidate = (from: ChosenKeys["from"], file: string): Candidate => {
    const text = readBytes(file)
    const store = parseKeyStore(text.toString("utf8"), file)
    try {
      return { from, text, store, opened: unwrapKeyStore(store, secret, file) }
    } catch (error) {
      if (error instanceof Fault) return { from, text, store, opened: error }
      throw error
    }
  }
  const candidates = [candidate("keys place", newest), candidate("backup", files.keys)] as const
  // Whichever opens: the key of the pages is the same in all of them, but for a backup of before they were sealed anew.
  const either = candidates.map(({ opened }) => opened).find((opened) => !(opened instanceof Fault))
  if (!either || either instanceof Fault) throw candidates[0].opened
  const [newestOpened, ownOpened] = candidates.map(({ opened }) => (opened instanceof Fault ? undefined : opened))
  if (newestOpened && ownOpened && !newestOpened.journalKey.equals(ownOpened.journalKey))
    throw new Fault("backup.before-rekey", { storeId: newestOpened.store.storeId })
  const problems = JournalReader.ask(
    files,
    either,
    (reader) => {
      const chain = storedKeyChain(reader, files.journal)
      return candidates.map(({ store }) => keysOutOfStep(store, reader, chain))
    },
    { alone: true },
  )
  const inStep = candidates.find((_, index) => problems[index] === undefined)
  if (!inStep) throw new Fault("key.out-of-step", { problem: problems[1] ?? "" })
  const { opened: keys, text, from } = inStep
  if (keys instanceof Fault) throw keys
  return { keys, text, from, newestKey: candidates[0].store.verifierKey }
}
