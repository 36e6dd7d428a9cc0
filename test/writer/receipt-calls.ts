/** A gateway whose settings want receipts, and calls of tools that it tells of. */
import assert from "node:assert/strict"
import { parseKeys } from "../../src/format/peac/keys.ts"
import type { PeacRecord } from "../../src/format/peac/record.ts"
import { anchorOf, spoolEntryOf } from "../../src/format/peac/spool-of-record.ts"
import { genesisDigest } from "../../src/format/peac/spool.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import type { ClientConfig } from "../../src/operations/client-config.ts"
import { RecordJudge } from "../../src/verify/peac/records.ts"
import { receiptKeys } from "../../src/views/receipt-keys.ts"
import { lineOf } from "./load.ts"
import type { Rig } from "./rig.ts"

type Receipts = { readonly digests?: "plain" | "keyed"; readonly issuer?: string; readonly directory?: string }

export const callContext = { sessionKey: "agent:main:main", agentId: "main", runId: "run-1" }

export function clientOf(rig: Rig, receipts?: Receipts): LedgerClient {
  return rig.client({}, () => Promise.resolve(rig.link({ config: configOf(receipts) })))
}

export function configOf(receipts?: Receipts): ClientConfig {
  const config = { guard: { tools: [], deny: ["denied*"] }, userId: null, hashed: { promptText: false, toolArgs: false } }
  return { ...config, ...(receipts ? { receipts: { digests: "plain", ...receipts } } : {}) }
}

export function called(client: LedgerClient, call: string, event: object = {}, ctx: object = {}): void {
  const told = { toolName: "read", toolCallId: call, params: { path: call }, result: { text: `of ${call}` }, durationMs: 5, ...event }
  client.observe("after_tool_call", Date.now(), lineOf("after_tool_call", told, { ...callContext, ...ctx }))
}

function judgeOf(rig: Rig): RecordJudge {
  const parsed = parseKeys(JSON.stringify(rig.reading(receiptKeys)))
  assert.ok("value" in parsed)
  return new RecordJudge(parsed.value)
}

/** Each is good, they are a chain from the first on, and they are about these calls, each once. */
export function areOf(rig: Rig, calls: readonly string[]): readonly PeacRecord[] {
  const judge = judgeOf(rig)
  let previous = genesisDigest
  const records = rig.entries("receipt.issued").map(({ facts }, index) => {
    const { verdict, problem, record } = judge.judge(String(facts["jws"]))
    assert.deepEqual([verdict, problem, facts["number"]], ["valid", null, index + 1])
    assert.ok(record)
    const entry = spoolEntryOf(record, previous)
    assert.equal(entry?.entry_digest, anchorOf(record))
    previous = entry?.entry_digest ?? ""
    return record
  })
  assert.deepEqual(
    records.map(({ sub }) => Buffer.from(sub?.split("/")[2] ?? "", "base64url").toString()),
    calls,
  )
  return records
}
