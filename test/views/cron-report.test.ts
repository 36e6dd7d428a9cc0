/** A job's executions: which beginning an end belongs to, whose tools and calls are counted, and by what names the job may be asked for. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { ViewStore } from "../../src/projections/view-store.ts"
import { executions } from "../../src/projections/executions.ts"
import { cronReport, type CronReport } from "../../src/views/reports/cron-report.ts"
import { busyDays, jobId, reportedLedger, type ReportedLedger } from "./reported-ledger.ts"

const nowMs = Date.parse("2026-11-18T12:00:00Z")
const configured = { source: "state/openclaw.sqlite", jobs: [{ id: jobId, name: "nightly", schedule: "cron 0 3 * * * (UTC)", enabled: true }] }

function reported(ledger: Pick<ReportedLedger, "read">, job = jobId, last = 20): CronReport {
  return cronReport(ledger.read(), { job, last, nowMs, configured })
}

const busy = busyDays({ after })

describe("a job's report", () => {
  test("has a row for each execution, the newest first, with what its own run did", () => {
    const { rows, total, truncated, job } = reported(busy)
    assert.deepEqual([total, truncated], [3, false])
    assert.deepEqual(job, {
      asked: jobId,
      id: jobId,
      name: "nightly",
      schedule: "cron 0 3 * * * (UTC)",
      enabled: true,
      configuredFrom: "state/openclaw.sqlite",
    })
    assert.deepEqual(
      rows.map(({ started, ended, durationMs, status, toolCalls, modelCalls, messagesSent, costNanos, run }) => [
        ...[started?.slice(8, 19), ended?.slice(8, 19), durationMs, status, toolCalls, modelCalls, messagesSent, costNanos, run],
      ]),
      [
        ["18T03:00:00", undefined, null, "incomplete", null, 0, null, "0", null],
        ["17T04:00:00", "17T04:00:05", 5_000, "failed", null, 0, null, "0", null],
        ["17T03:00:00", "17T03:00:10", 10_000, "ok", 1, 1, 1, "500000", "run-cron-1"],
      ],
    )
    assert.deepEqual(
      rows.map(({ error, session }) => [error, session]),
      [
        [null, `agent:main:cron:${jobId}`],
        ["model is gone\n", `agent:main:cron:${jobId}`],
        [null, `agent:main:cron:${jobId}:run:1`],
      ],
    )
  })

  test("may be asked for by the host's name of the job; of an unknown one nothing is on record", () => {
    assert.equal(reported(busy, "nightly").total, 3)
    const unknown = reported(busy, "weekly")
    assert.deepEqual([unknown.total, unknown.job.schedule, unknown.job.id, unknown.rows], [0, null, null, []])
  })

  test("shows the last so many, and says that there are more", () => {
    const { rows, total, truncated } = reported(busy, jobId, 2)
    assert.deepEqual([rows.length, rows[0]?.status, total, truncated], [2, "incomplete", 3, true])
  })

  test("an end belongs to the execution that was due then, whatever began since", (t) => {
    const ledger = reportedLedger(t)
    const told = (at: string, type: "cron.executed" | "cron.completed" | "cron.failed", due: string | undefined) =>
      ledger.event(at, {
        type,
        id: `${type}:${at}`,
        facts: { job: "hourly", ...(due === undefined ? {} : { runAtMs: Date.parse(due) }), ...(type === "cron.executed" ? {} : { durationMs: 1_000 }) },
      } as NewEvent)
    told("2026-11-17T01:00:00Z", "cron.executed", "2026-11-17T01:00:00Z")
    told("2026-11-17T02:00:00Z", "cron.executed", "2026-11-17T02:00:00Z")
    told("2026-11-17T02:10:00Z", "cron.failed", "2026-11-17T01:00:00Z")
    told("2026-11-17T02:20:00Z", "cron.completed", undefined)
    // One whose beginning nobody heard.
    told("2026-11-17T05:00:00Z", "cron.completed", "2026-11-17T04:59:00Z")
    assert.deepEqual(
      reported(ledger, "hourly").rows.map(({ started, ended, status }) => [started?.slice(11, 19), ended?.slice(11, 16), status]),
      [
        ["04:59:59", "05:00", "ok"],
        ["02:00:00", "02:20", "ok"],
        ["01:00:00", "02:10", "failed"],
      ],
    )
  })

  test("a job that ran before anybody listened has its calls by the job, and no count of what nobody saw", (t) => {
    const ledger = reportedLedger(t)
    const facts = { job: "old", agent: "main", imported: true as const }
    ledger.event("2026-11-10T01:00:00Z", { type: "cron.executed", id: "1", facts })
    ledger.event("2026-11-10T01:05:00Z", { type: "cron.completed", id: "2", facts: { ...facts, durationMs: 300_000 } })
    ledger.call("2026-11-10T01:02:00Z", "claude-haiku-4-5", 7, { run: "some-run", job: "old" })
    ledger.call("2026-11-10T02:02:00Z", "claude-haiku-4-5", 7, { run: "other-run", job: "old" })
    const [row] = reported(ledger, "old").rows
    assert.deepEqual([row?.modelCalls, row?.costNanos, row?.toolCalls, row?.run], [1, "7", null, null])
  })

  test("applied in any steps it is the same", () => {
    const { reader } = busy.read()
    const rowsOf = (sliceEntries: number) => {
      const store = ViewStore.inMemory([executions])
      store.catchUp(reader, { sliceEntries })
      const rows = store.database.prepare("SELECT * FROM executions ORDER BY sequence").all()
      store.close()
      return rows
    }
    assert.deepEqual(rowsOf(1), rowsOf(10_000))
  })
})
