/** The ledger's state from the journal: an entry that says nothing the ledger can follow is damage, and is named. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { LedgerEvent } from "../../src/format/facts/ledger.ts"
import { ledgerState } from "../../src/projections/ledger-state.ts"
import { spentLedger } from "../views/spent-ledger.ts"

test("an entry of the ledger without its facts is damage, named by its number", (t) => {
  const { plant, ledger } = spentLedger(t)
  const sequence = plant({ type: "hold.settled", facts: { atMs: 1 } } as unknown as LedgerEvent)
  const { reader } = ledger.read()
  assert.throws(
    () => ledgerState(reader, undefined),
    (error) => error instanceof Fault && error.code === "store.damaged" && error.message.includes(`entry #${sequence} (hold.settled)`),
  )
})
