/** What is shown of a ledger whose first days are gone: what stands is what it was, and what cannot be told any more is refused with a sentence. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { parseVerifierKey } from "../../../src/format/checkpoint.ts"
import { closingOf } from "../../../src/journal/closing.ts"
import { freshEvents, freshPart } from "../../../src/surfaces/cli/history/fresh-part.ts"
import { usageColumnNames } from "../../../src/format/facts/history.ts"
import { columnsText, type Columns, type UsageBatch } from "../../../src/history/usage/batch.ts"
import { EventPack } from "../../../src/history/events/packed-events.ts"
import { fileSource } from "../../../src/verify/file-source.ts"
import { verifyExport } from "../../../src/verify/offline.ts"
import { listEvents, showEvent } from "../../../src/views/event-list.ts"
import { exportRows } from "../../../src/views/export.ts"
import { keptSinceMs } from "../../../src/views/imported.ts"
import { monthStatement } from "../../../src/views/statement.ts"
import { storageOf } from "../../../src/views/storage.ts"
import { transfers } from "../../../src/views/transfers.ts"
import { proofOf } from "../../spec/cap-cases.ts"
import type { TestLedger } from "../../ledger-fixture.ts"
import { dayMs, endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const whole = sixDays({ after })
const pruned = whole.copy({ after })
await removeFrom(pruned, { days: 3 })
const isRemoved = (error: unknown) => error instanceof Fault && error.code === "retention.removed" && /were removed; #\d+ says so/.test(error.message)
const statement = (ledger: TestLedger, month: string) => monthStatement(ledger.read(), { month, zone: "UTC", nowMs: endMs + 40 * dayMs }).statement

describe("a ledger whose first days are gone", () => {
  test("a month that begins later opens with the same balances, one of which entries are gone is refused", () => {
    const month = statement(pruned, "2026-12")
    assert.deepEqual(month, statement(whole, "2026-12"))
    assert.ok(month.accounts.length > 0 && Object.keys(month.totals.opening).length > 0)
    assert.throws(() => statement(pruned, "2026-11"), isRemoved)
  })

  test("a day after the cut is proved as before, a day before it is refused", async () => {
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
    const [ours, theirs] = [await proofOf(pruned.read(), day(endMs - 2 * dayMs), "daily"), await proofOf(whole.read(), day(endMs - 2 * dayMs), "daily")]
    // Holds that are still open reach to the end, where one more entry stands.
    assert.deepEqual({ ...ours.result, last: 0 }, { ...theirs.result, last: 0 })
    await assert.rejects(proofOf(pruned.read(), day(endMs - 5 * dayMs), "daily"), isRemoved)
  })

  test("accounts, holds and budgets are the same to SQL; what was carried on is one posting", () => {
    const asked = (ledger: TestLedger) =>
      ledger.read().ask((views) => ({
        accounts: views
          .prepare(
            `SELECT account, unit, sum(debits) AS debits, sum(credits) AS credits, sum(held) AS held FROM (
              SELECT debit AS account, unit, amount AS debits, 0 AS credits, 0 AS held FROM posting_amounts
              UNION ALL SELECT credit, unit, 0, amount, 0 FROM posting_amounts UNION ALL SELECT account, unit, 0, 0, amount FROM held_amounts)
             WHERE account <> 'opening:balances' GROUP BY account, unit ORDER BY account, unit`,
          )
          .all(),
        open: views.prepare("SELECT hold, attempt, expires_ms, held, budgets, model FROM posted_holds WHERE state = 'open' ORDER BY hold").all(),
        budgets: views.prepare("SELECT name, rule, start_ms, end_ms, carried FROM posted_budgets ORDER BY name").all(),
      }))
    assert.deepEqual(asked(pruned), asked(whole))
    const opening = transfers(pruned.read(), { last: 100_000 }).filter(({ kind }) => kind === "opening")
    assert.equal(opening.length, 1)
    const sides = new Map<string, bigint>()
    for (const { debit, credit, amounts } of opening[0]?.movements ?? [])
      for (const [unit, amount] of Object.entries(amounts))
        for (const [account, sign] of [
          [debit, 1n],
          [credit, -1n],
        ] as const)
          if (account === "opening:balances") sides.set(unit, (sides.get(unit) ?? 0n) + sign * BigInt(amount))
    assert.deepEqual([...new Set(sides.values())], [0n])
  })

  test("events that are gone are said to be gone, and an id is looked for among those that are there", () => {
    const access = pruned.read()
    const upTo = closingOf(access.reader)?.upTo ?? 0
    assert.throws(() => showEvent(access, "44"), isRemoved)
    assert.throws(
      () => showEvent(access, "never"),
      (error) => error instanceof Fault && error.code === "event.unknown",
    )
    assert.equal(showEvent(access, showEvent(access, String(upTo)).id).sequence, upTo)
    assert.ok(listEvents(access, {}, 5_000, 0).events.every(({ sequence, type }) => sequence >= upTo || type === "signer.replaced" || sequence === 0))
    const { removed, oldest, entries } = storageOf(access, null)
    assert.deepEqual([removed?.before, entries], [upTo, access.reader.size()])
    assert.ok(oldest !== null && Date.parse(oldest) > endMs - 4 * dayMs)
  })

  test("an export proves each of its rows", async () => {
    const access = pruned.read()
    const lines = [...exportRows(access, { includeContent: true })].map((row) => JSON.stringify(row))
    const file = join(dirname(pruned.directory), "export.ndjson")
    writeFileSync(file, `${lines.join("\n")}\n`)
    const report = await verifyExport(fileSource(file), { key: parseVerifierKey(access.keys.store.verifierKey) })
    assert.deepEqual([report.verdict, report.problems, report.entries], ["valid", [], lines.length - 1])
    assert.match(lines.at(-1) ?? "", /"complete":false/)
  })

  test("what happened before is not imported again", () => {
    const sinceMs = keptSinceMs(pruned.read())
    assert.ok(sinceMs > endMs - 4 * dayMs && keptSinceMs(whole.read()) === 0)
    const pack = new EventPack()
    for (const atMs of [sinceMs - 1, sinceMs, sinceMs + 1]) pack.add({ type: "session.started", id: `e${atMs}`, facts: { atMs, resumed: false } })
    const batch = { source: 0, count: 3, names: "abcdefghijklmnop".repeat(9), calls: "000", bytes: new Uint8Array(pack.bytes), inherited: false }
    assert.deepEqual([freshEvents(batch, () => true, sinceMs).fresh.count, freshEvents(batch, () => true).fresh.count], [2, 3])
    const columns = Object.fromEntries(usageColumnNames.map((name) => [name, name === "atMs" ? [sinceMs - 1, sinceMs, sinceMs + 1] : [0, 0, 0]]))
    const rows = { ...batch, columns: columnsText(columns as unknown as Columns), ids: batch.names, responses: [] } as unknown as UsageBatch
    assert.deepEqual([freshPart(rows, () => true, sinceMs)?.count, freshPart(rows, () => true)?.count], [2, 3])
  })
})
