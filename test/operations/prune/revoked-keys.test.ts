/** Who removes what is old does not make a revoked key good again. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import type { NewEvent } from "../../../src/format/event.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { receiptKeys } from "../../../src/views/receipt-keys.ts"
import { eventAt, startMs, temporaryLedger } from "../../ledger-fixture.ts"
import { removeFrom } from "./pruned-ledger.ts"

test("that a key of receipts was revoked stays, and is published as it was", async (t) => {
  const ledger = temporaryLedger(t)
  const { journal, scopes } = ledger.open()
  const told = ["first", "second"].map((kid) => ({ kid, revokedAt: new Date(startMs).toISOString(), reason: "superseded" as const }))
  const events: readonly NewEvent[] = [
    ...told.map((facts): NewEvent => ({ type: "receipt-key.revoked", id: `receipt-key.revoked:${facts.kid}`, facts })),
    { type: "receipts.begun", id: "receipts.begun:1", facts: { digests: "plain" } },
    ...Array.from({ length: 600 }, (_, n) => eventAt(n)),
  ]
  journal.append(
    events.map((event) => entryOf(event, scopes, startMs)),
    startMs,
  )
  ledger.append(10)
  ledger.checkpoint()
  const revoked = () => receiptKeys(ledger.read()).revoked_keys
  const before = revoked()
  const done = await removeFrom(ledger, { days: 1 })
  assert.equal(done.upTo, 512)
  rmSync(ledger.files.views)
  assert.deepEqual(
    before,
    told.map(({ kid, revokedAt, reason }) => ({ kid, revoked_at: revokedAt, reason })),
  )
  assert.deepEqual(revoked(), before)
  assert.equal(ledger.verify().verdict, "valid")
})
