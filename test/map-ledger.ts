/** Roots of the map of event ids in a ledger of a test, put on record without a writer. */
import { committedFacts, mapCommittedType } from "../src/format/map-commitment.ts"
import { mapProofText } from "../src/format/map-proof.ts"
import { openedIn } from "../src/projections/event-map.ts"
import { headCheckpoint } from "../src/views/checkpoints.ts"
import { proveInMap } from "../src/views/event-map.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import type { TestLedger } from "./ledger-fixture.ts"

/** Puts the root over all entries on record, and a checkpoint over it; answers the size. */
export function commitMap(ledger: TestLedger): number {
  const facts = asking(ledger, (access) =>
    access.askMap((tree, size) => committedFacts({ size, from: tree.first, keys: tree.keys, root: tree.root(), opened: openedIn(access.reader) })),
  )
  ledger.record({ type: mapCommittedType, id: `${mapCommittedType}:${facts.size}`, facts })
  ledger.checkpoint()
  return facts.size
}

/** A proof as `smt proof` writes it, without the line feed. */
export function mapProofOf(ledger: TestLedger, id: string, isShort = false): string {
  return asking(ledger, (access) => mapProofText(proveInMap(access, { id, head: headCheckpoint(access, undefined), isShort })))
}

export function asking<T>({ files, places }: TestLedger, question: (access: LedgerAccess) => T): T {
  const access = openForReading(files, places)
  try {
    return question(access)
  } finally {
    access.close()
  }
}
