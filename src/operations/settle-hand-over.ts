/**
 * Before anything is appended: a hand-over that a crash interrupted is completed or undone, and keys that are not of the journal's time are refused.
 * The journal decides. Its commit holds the entry and the checkpoint over it; what is left to do is one step in keys.json, which may be done twice.
 */
import { Fault } from "../base/fault.ts"
import { handOverNote } from "../format/hand-over.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { storedKeyChain } from "../journal/hand-overs.ts"
import { keysOutOfStep } from "../journal/keys-in-step.ts"
import { JournalReader } from "../journal/reader.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import { dropPending, promotePending } from "../vault/successor.ts"

/** The keys that sign what comes next. */
export function settleHandOver(files: LedgerFiles, keys: OpenKeys): OpenKeys {
  const [chain, problem] = JournalReader.ask(files, keys, (reader) => {
    const found = storedKeyChain(reader, files.journal)
    return [found, keysOutOfStep(keys.store, reader, found)] as const
  })
  if (problem !== undefined) throw new Fault("key.out-of-step", { problem })
  if (!keys.store.pending) return keys
  const last = chain.handOvers.at(-1)
  const entered = last?.nextKey === keys.store.pending.verifierKey
  return last && entered ? promotePending(files.directory, keys, handOverNote(last)) : dropPending(files.directory, keys)
}
