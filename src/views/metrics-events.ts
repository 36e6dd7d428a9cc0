/** What was recorded, refused, let through and lost: how often since the first entry. */
import type { Counter, CounterName } from "../projections/counters.ts"
import { counter, type Metric } from "./metric.ts"

const nanosPerDollar = 1_000_000_000

type Row = {
  readonly name: string
  readonly of: CounterName
  /** Without one it is the sum over all labels. */
  readonly label?: string
  readonly help: string
  /** Of these there is a sample from the beginning on: a rate misses what a series begins with. */
  readonly known?: readonly string[]
  readonly scale?: number
}

const refusals = ["frozen", "unstated", "over-account", "over-budget", "over-window", "breaker"]
const breakers = ["identical-calls", "similar-calls", "silent-spend", "unattended-spend"]
const gateVerdicts = ["allowed", "missed", ...["not-armed", "expired", "missed", "duplicate", "action"].map((why) => `refused: ${why}`)]

const rows: readonly Row[] = [
  { name: "entries", of: "entries", label: "category", help: "Entries of the journal." },
  {
    name: "tool_calls",
    of: "toolCalls",
    label: "outcome",
    help: "Tool calls that were asked for, ended, failed, or were denied.",
    known: ["invoked", "returned", "failed", "denied"],
  },
  { name: "tool_gate_verdicts", of: "toolVerdicts", label: "verdict", help: "Verdicts on guarded tool calls.", known: ["allow", "deny"] },
  { name: "outbound_gate_verdicts", of: "outbound", label: "verdict", help: "What became of messages to protected recipients.", known: gateVerdicts },
  { name: "spend_refusals", of: "refusals", label: "reason", help: "What was refused because its most could not be set aside.", known: refusals },
  { name: "stopped_model_calls", of: "stoppedCalls", help: "Model calls without a hold that were stopped before their request left." },
  { name: "refused_changes", of: "refusedChanges", help: "Changes that loosen a limit, asked for by somebody who may not." },
  { name: "gaps", of: "gaps", label: "reason", help: "Gaps: times of which something is not on record." },
  { name: "lost_events", of: "lostEvents", help: "Events that gaps counted." },
  {
    name: "posted_dollars",
    of: "postedNanos",
    label: "grade",
    help: "What was posted as spent, in US dollars, by how well it is known.",
    known: ["exact", "bound", "counted"],
    scale: nanosPerDollar,
  },
  {
    name: "settled_holds",
    of: "settlements",
    label: "outcome",
    help: "Holds that were settled: within what was held, above it, or after their time.",
    known: ["within", "over", "late"],
  },
  { name: "breaker_trips", of: "breakerTrips", label: "breaker", help: "Loops and silent burns that were found.", known: breakers },
  { name: "downgraded_runs", of: "downgrades", help: "Runs that were given a cheaper model." },
  {
    name: "extensions",
    of: "extensions",
    label: "outcome",
    help: "Questions for more than a budget has, and their answers.",
    known: ["asked", "granted", "denied", "expired"],
  },
  { name: "receipts_issued", of: "receipts", help: "Signed receipts of actions." },
  { name: "reaches_for_ledger", of: "reachesForLedger", help: "Tool calls that reached for the ledger's own files, keys, configuration or processes." },
]

export function eventMetrics(counted: readonly Counter[]): readonly Metric[] {
  return rows.map(({ name, of, label, help, known = [], scale = 1 }) => {
    const own = counted.filter((one) => one.name === of)
    if (label === undefined) return counter(name, help, [{ labels: {}, value: own.reduce((sum, { value }) => sum + value, 0) / scale }])
    const values = new Map([...known.map((word) => [word, 0] as const), ...own.map((one) => [one.label, one.value] as const)])
    return counter(
      name,
      help,
      [...values].map(([word, value]) => ({ labels: { [label]: word }, value: value / scale })),
    )
  })
}
