/** Which events are told of, and how bad each is: one row a type, and more where the facts decide. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { JsonObject } from "../../../src/base/json.ts"
import { eventTypes, type EventType } from "../../../src/format/event.ts"
import { mayAlert, weigh } from "../../../src/policy/alerts/kinds.ts"

describe("what is told at all", () => {
  const table: readonly (readonly [EventType, JsonObject, string | undefined])[] = [
    ["guard.disabled", { reason: "entry disabled" }, "critical"],
    ["guard.touched", { tool: "exec", what: "journal", access: "change" }, "critical"],
    ["guard.touched", { tool: "exec", what: "journal", access: "read" }, "warning"],
    ["capture.gap", { reason: "the queue was full", count: 3 }, "warning"],
    ["capture.gap", { reason: "the host gives no access to conversations", count: 3 }, undefined],
    ["capture.hook-unavailable", { hook: "llm_input" }, "warning"],
    ["witness.disagreed", { witness: "w", finding: "ahead" }, "critical"],
    ["anchor.rejected", { authority: "a", why: "other hash" }, "critical"],
    ["checkpoint.anchored", { authority: "a" }, undefined],
    ["ledger.restored", {}, "critical"],
    ["ledger.reconciled", { violations: 0 }, undefined],
    ["ledger.reconciled", { violations: 2 }, "critical"],
    ["receipts.halted", { problem: "digest" }, "critical"],
    ["erasure.repeated", {}, "warning"],
    ["spend.refused", { why: "over-budget", budget: "daily" }, "warning"],
    ["call.stopped", { why: "refused", stopped: true }, "warning"],
    ["call.stopped", { why: "refused", stopped: false }, "critical"],
    ["budget.warned", { budget: "daily", levelPercent: 80 }, "info"],
    ["budget.warned", { budget: "daily", levelPercent: 100 }, "warning"],
    ["budget.frozen", { budget: "daily" }, "warning"],
    ["account.frozen", { account: "agent:main" }, "warning"],
    ["ledger.frozen", {}, "critical"],
    ["ledger.unfrozen", {}, undefined],
    ["breaker.tripped", { breaker: "identical-calls", cut: "session:x", mode: "block" }, "critical"],
    ["breaker.tripped", { breaker: "identical-calls", cut: "session:x", mode: "warn" }, "warning"],
    ["hold.settled", { hold: "h" }, undefined],
    ["hold.settled", { hold: "h", over: { moneyNanos: "1" } }, "warning"],
    ["allowance.opened", { allowance: "main" }, undefined],
    ["allowance.opened", { allowance: "main", short: { moneyNanos: "1" } }, "info"],
    ["prices.doubted", { model: "m" }, "warning"],
    ["clock.jumped", { aheadMs: 1 }, "warning"],
    ["clock.accepted", { by: "boot" }, undefined],
    ["clock.accepted", { by: "operator" }, "warning"],
    ["change.refused", { change: "c", why: "credential" }, "warning"],
    ["receipt-key.revoked", { kid: "k" }, "warning"],
    ["operator.credential-set", {}, "warning"],
    ["outbound.refused", { channel: "telegram", peer: "p", why: "not-armed" }, "warning"],
    ["outbound.missed", { channel: "telegram", peer: "p" }, "info"],
    ["outbound.told", { success: true }, undefined],
    ["outbound.told", { success: false }, "warning"],
    ["outbound.allowed", {}, undefined],
    ["signer.replaced", {}, "warning"],
    ["master.replaced", {}, "warning"],
    ["anomaly.found", { detector: "denial-spikes", found: "5 denials within 300 s" }, "warning"],
    ["anomaly.found", { detector: "first-seen-tools", found: "x", tool: "x" }, "info"],
    ["install.requested", { plugin: "p", critical: 1 }, "warning"],
    ["install.requested", { plugin: "p", critical: 0, scan: "ok" }, "info"],
    ["skill-file.changed", { path: "~p", change: "modified" }, "warning"],
    ["plugin-file.changed", { path: "~p", name: "n", change: "added" }, "warning"],
    ["tool-server.changed", { path: "~p", change: "removed" }, "warning"],
    ["workspace-file.changed", { path: "~p", change: "modified" }, "info"],
    ["cron-job.changed", { path: "~p", change: "modified" }, "info"],
    ["file.changed", { path: "~p", change: "modified" }, undefined],
    ["finding.recorded", { source: "tool_invocation", tool: "exec", check: "pipe-to-shell", severity: "high", high: 1 }, "warning"],
    ["prompt.exceeded", { provider: "p", model: "m", totalLength: 200_000 }, "info"],
    ["cron.failed", { job: "j" }, "info"],
    ["alert.given-up", { receiver: "own", kind: "spend.refused" }, "warning"],
    ["alert.given-up", { receiver: "own", kind: "alert.given-up" }, undefined],
    ["alert.given-up", { receiver: "own", kind: "test" }, undefined],
    ["spend.refused", { why: "over-budget", imported: true }, undefined],
    ["tool.invoked", { tool: "exec" }, undefined],
  ]
  for (const [type, facts, severity] of table)
    test(`${type} ${JSON.stringify(facts)}: ${severity ?? "nobody"}`, () => assert.equal(weigh(type, facts)?.severity, severity))

  test("the table above has every type that may be told", () => {
    const tested = new Set(table.flatMap(([type, , severity]) => (severity === undefined ? [] : [type])))
    assert.deepEqual(
      Object.keys(eventTypes).filter((type) => mayAlert(type) && !tested.has(type as EventType)),
      [],
    )
  })
})
