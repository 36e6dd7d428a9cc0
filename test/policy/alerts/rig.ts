/** Alerts without a writer: entries go in, what is decided is put into the state as an entry of its own, and the clock stands where it is put. */
import type { JsonObject } from "../../../src/base/json.ts"
import { parseAlerts, type AlertRule } from "../../../src/policy/alerts/alert-rule.ts"
import { decideAlerts } from "../../../src/policy/alerts/decide.ts"
import type { AlertEntry, AlertEvent } from "../../../src/policy/alerts/events.ts"
import { evolveAlerts } from "../../../src/policy/alerts/evolve.ts"
import { emptyAlerts } from "../../../src/policy/alerts/state.ts"
import type { Raised } from "../../../src/policy/alerts/shapes/lines.ts"

export const startMs = Date.UTC(2026, 5, 1, 12)

export function ruleOf(alerts: object): AlertRule {
  const rule = parseAlerts({ alerts: { webhooks: [{ url: "https://hooks.example.com/a", name: "own", minSeverity: "info" }], ...alerts } })
  if (!rule) throw new Error("nobody is told")
  return rule
}

export function alertRig(alerts: object = {}, chatPeer?: string) {
  const rule = ruleOf(alerts)
  const state = emptyAlerts()
  const journal: AlertEntry[] = []
  const rig = {
    rule,
    state,
    journal,
    nowMs: startMs,
    record(type: string, facts: JsonObject = {}): void {
      const entry = { sequence: journal.length, timeMs: rig.nowMs, type, facts }
      journal.push(entry)
      evolveAlerts(state, entry)
    },
    /** What is decided, without putting it on record. */
    ask: () => decideAlerts(state, rule, { nowMs: rig.nowMs, origin: "ledger.test/1", chatPeer }),
    decide(): readonly AlertEvent[] {
      const events = rig.ask()
      for (const { type, facts } of events) rig.record(type, facts as unknown as JsonObject)
      return events
    },
    /** Everybody takes everything. */
    deliver(): void {
      for (const { raised, receiver } of rig.state.pending.values()) rig.record("alert.delivered", { alert: raised.alert, receiver, attempt: 1 })
    },
    /** What was raised by one decision. */
    raised: (): readonly Raised[] => rig.decide().flatMap((event) => (event.type === "alert.raised" ? [event.facts] : [])),
    refuse: (budget = "daily") => rig.record("spend.refused", { why: "over-budget", budget, door: "model" }),
    later(ms: number): void {
      rig.nowMs += ms
    },
    /** The state as another writer would make it of the same journal. */
    again() {
      const other = emptyAlerts()
      for (const entry of journal) evolveAlerts(other, entry)
      return other
    },
  }
  rig.record("alerts.begun", { receivers: 1 })
  return rig
}

export type AlertRig = ReturnType<typeof alertRig>
