/**
 * Erasing again what scopes.db has and the journal says was erased: the file was put back from a copy of before. It goes on record first, so that a crash leaves
 * it to be done again and never done in silence; and before anything is sealed under a key that is to be destroyed.
 */
import type { LedgerFiles } from "../../journal/files.ts"
import { JournalReader } from "../../journal/reader.ts"
import { undoneErasures } from "../../journal/undone-erasures.ts"
import { destroyAgain } from "../../vault/erasures.ts"
import type { PageKeys } from "../../vault/key-store.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { EraseOptions } from "./erase-content.ts"

/** Sequences of one entry. */
const erasuresAnEntry = 500

/** Of a ledger that is opened for writing, after what was begun was completed. */
export function repeatErasures(files: LedgerFiles, keys: PageKeys, scopes: ScopeStore, enter: EraseOptions["enter"]): void {
  const undone = JournalReader.ask(files, keys, (reader) => undoneErasures(reader, scopes))
  if (undone.length === 0) return
  const parts = Array.from({ length: Math.ceil(undone.length / erasuresAnEntry) }, (_, i) => undone.slice(i * erasuresAnEntry, (i + 1) * erasuresAnEntry))
  enter(
    parts.map((part) => ({
      type: "erasure.repeated",
      id: `erasure.repeated:${part[0]?.sequence}:${part.at(-1)?.sequence}`,
      facts: { erasures: part.map(({ sequence }) => sequence), scopes: new Set(part.flatMap((one) => one.scopes)).size },
    })),
  )
  destroyAgain(scopes, undone)
}
