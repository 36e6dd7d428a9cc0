/** An intake over a real journal, and the lines it is given. */
import type { JsonObject } from "../../src/base/json.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { CommitQueue } from "../../src/operations/commit-queue.ts"
import { Intake } from "../../src/operations/intake.ts"
import type { ClientConfig, Peer } from "../../src/operations/client-config.ts"
import { spendingOf } from "../../src/operations/spend/spending.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export const sender = "00112233445566aa"
export const plainly = { promptText: false, toolArgs: false }
export const open: ClientConfig = { guard: { tools: ["exec"], deny: [] }, userId: null, hashed: plainly }
export const tool = (n: number, tool = "exec") => ({ n, h: "before_tool_call", t: startMs + n, p: { tool, call: `call_${n}`, params: { command: "ls" } } })

/** An intake over a real journal; nothing is committed until `drain`. */
export function intakeOf(t: Ending, ledger: TestLedger = temporaryLedger(t)) {
  const opened = ledger.open()
  const failures: unknown[] = []
  const queue = new CommitQueue({
    append: (entries, marks) => opened.journal.append(entries, startMs, marks),
    idle: () => {},
    failed: (error) => failures.push(error),
    gatherMs: 60_000,
  })
  t.after(() => queue.stop())
  const nowMs = () => startMs
  const spending = spendingOf(opened, { nowMs, gatewayPids: () => new Set(), doorsChanged: () => {} })
  const intake = new Intake({ ledger: opened, queue, spending, nowMs })
  const drain = () => queue.drain()
  const recorded = () => {
    const access = ledger.read()
    try {
      return [...access.reader.entries(1, access.reader.size() - 1)].map((entry) => ({ type: entry.header.type, facts: factsOf(entry) as JsonObject }))
    } finally {
      access.close()
    }
  }
  const types = () => recorded().map(({ type }) => type)
  return {
    ledger,
    intake,
    drain,
    recorded,
    types,
    failures,
    peer: (config?: ClientConfig, name = sender): Peer => ({ role: "plugin", lane: "observe", sender: name, config }),
  }
}
