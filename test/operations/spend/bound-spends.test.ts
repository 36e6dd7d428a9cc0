/** What was posted in full before a restart is corrected in the period of its hold, whatever the clock of the gateway said when it asked. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { BoundSpends } from "../../../src/operations/spend/bound-spends.ts"
import { LedgerBook } from "../../../src/operations/spend/ledger-book.ts"

const [placedAtMs, postedAtMs, day] = [1_795_000_000_000, 1_795_001_800_000, 86_400_000]
const parts = [{ account: "agent:main" as const, against: "spent:model/mock/big" as const, amounts: { moneyNanos: 5n } }]

for (const [name, times, spentAtMs] of [
  ["that is told", { askedAtMs: placedAtMs + day, placedAtMs }, placedAtMs],
  ["that an older version did not tell, no later than it was posted", { askedAtMs: placedAtMs + day }, postedAtMs],
  ["that an older version did not tell, when it was asked for", { askedAtMs: placedAtMs - 40 }, placedAtMs - 40],
] as const)
  test(`a spend is of the time of its hold ${name}`, () => {
    const book = new LedgerBook()
    const about = { door: "model", run: "r1", ...times } as const
    book.give({ do: "hold", id: "model:1", parts, spend: {}, ttlMs: day, basis: about, atMs: placedAtMs })
    book.give({ do: "settle", id: "model:1", attempt: 1, parts, grade: "bound", basis: about, atMs: postedAtMs })
    assert.equal(new BoundSpends(book.state).take("r1", undefined)?.spentAtMs, spentAtMs)
  })
