/**
 * Another master key takes the place of the one that opens the ledger, while the writer works. The writer changes keys.json and puts it on record; who asks
 * has both keys, and puts the new one where the ledger's is looked for between the steps (`rotate-master.ts`).
 */
import { createSecretKey } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { stringOf } from "../base/json.ts"
import type { NewEvent } from "../format/event.ts"
import { lastMasterReplaced } from "../journal/keys-in-step.ts"
import { JournalReader } from "../journal/reader.ts"
import { readKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { parseWrappedKeys } from "../vault/key-wrapping.ts"
import { addNext, dropNext, promoteNext } from "../vault/next-master.ts"
import type { OpenLedger } from "./open-ledger.ts"

export const masterSteps = ["add", "promote", "drop"] as const
export type MasterStep = (typeof masterSteps)[number]

/** `wrapping`: base64 of the subkey that unwraps. Of `add` and `promote` the next one's, of `drop` that of the master key which stays. */
export type MasterStepLine = { readonly step: MasterStep; readonly wrapping: string; readonly next?: unknown }

export type MasterStepDone = { readonly step: MasterStep; readonly masterFingerprint: string; readonly next: string | null }

type Enter = (events: readonly NewEvent[]) => void

const wrappingBytes = 32

/**
 * Takes one step. `enter` puts on record, durably, what is about to be so.
 * @throws {Fault} as `next-master.ts` says; nothing was changed then.
 */
export function takeMasterStep(ledger: OpenLedger, line: Readonly<Record<string, unknown>>, nowMs: number, enter: Enter): MasterStepDone {
  const { directory } = ledger.files
  const refuse = (problem: string) => new Fault("key.not-next", { directory, problem })
  const step = masterSteps.find((name) => name === line["step"])
  const bytes = Buffer.from(stringOf(line["wrapping"]) ?? "", "base64")
  if (step === undefined || bytes.length !== wrappingBytes) throw refuse("what was asked for is no step of a rotation")
  const wrapping = createSecretKey(bytes)
  if (step === "add") {
    const next = parseWrappedKeys(line["next"])
    if (!next) throw refuse("its keys are missing")
    ledger.adopt(addNext(directory, ledger.keys, { next, wrapping }))
  } else if (step === "promote") {
    ledger.adopt(promoteNext(directory, ledger.keys, wrapping, nowMs, (from, to) => enter([masterReplaced(from, to)])))
  } else {
    refuseDone(ledger)
    ledger.adopt(dropNext(directory, ledger.keys, wrapping))
  }
  const { store } = ledger.keys
  return { step, masterFingerprint: store.masterFingerprint, next: store.next?.masterFingerprint ?? null }
}

/** A rotation that is on record has only its last step left: keys.json that says otherwise would be of a time before the journal. */
function refuseDone({ files, keys }: OpenLedger): void {
  const last = JournalReader.ask(files, keys, lastMasterReplaced)
  if (last === undefined || last.next !== readKeyStore(files.directory).next?.masterFingerprint) return
  const problem = `it took the place of the other at entry #${last.sequence}; put it where the ledger's is looked for and run vault rotate to complete that`
  throw new Fault("key.not-next", { directory: files.directory, problem })
}

/**
 * Of a ledger that is being opened for writing by the next master key: the key stands where it is looked for, so the rotation is over but for its last step.
 * A crash between the entry and keys.json puts it on record twice.
 */
export function settleMaster(directory: string, keys: OpenKeys, nowMs: number, enter: Enter): OpenKeys {
  if (keys.openedBy === "master") return keys
  return promoteNext(directory, keys, keys.wrapping, nowMs, (from, to) => enter([masterReplaced(from, to)]))
}

function masterReplaced(previousFingerprint: string, nextFingerprint: string): NewEvent<"master.replaced"> {
  return { type: "master.replaced", id: `master.replaced:${nextFingerprint}`, facts: { previousFingerprint, nextFingerprint } }
}
