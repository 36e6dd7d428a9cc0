/** kill -9 of a writer that issues receipts; `npm run soak -- receipts-kill` does three hundred. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { killIssuing } from "./receipt-kill-run.ts"

test("sixty kills while receipts are issued: every call has exactly one, in order", async () => {
  const { receipts, calls, between } = await killIssuing(60)
  assert.equal(receipts, calls)
  assert.ok(between > 0, "some kills came in the middle of it")
})
