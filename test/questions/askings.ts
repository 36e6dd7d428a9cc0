/** How each question is asked in tests: a row a question, of a ledger with all of `seeds.ts` in it. */
import { jobId } from "../views/reported-ledger.ts"

export type Asking = {
  readonly flags?: Readonly<Record<string, string>>
  readonly argument?: string
  /** Members of the body, as `budgets.0.windows`, that have something in them: a schema says nothing of what is in an empty list. */
  readonly has?: readonly string[]
}

/** At least one asking of every question, with every kind of parameter it has; the first is one that has all there is. */
export const askings: Readonly<Record<string, readonly Asking[]>> = {
  status: [{ has: ["standing.root", "money.budgets", "money.cuts", "money.frozen", "alerts.newest", "activity", "tools"] }],
  "events list": [
    { flags: { limit: "7", offset: "3" }, has: ["events"] },
    { flags: { limit: "7", focusSeq: "9" }, has: ["events.6"] },
    { flags: { limit: "100", type: "tool.result", session: "agent:main:main", from: "2", to: "80" } },
  ],
  "events show": [{ argument: "5" }],
  spend: [{ flags: { by: "model,day", since: "30d", tz: "Europe/Berlin", limit: "2" }, has: ["rows"] }, {}],
  "report daily": [
    {},
    { flags: { date: "2026-11-17" } },
    { flags: { date: "2026-11-18", tz: "America/New_York", dupWindowSec: "30", lookbackDays: "2", topTools: "1" } },
  ],
  "report weekly": [{ flags: { week: "2026-W47", tz: "utc", topTools: "3" } }],
  "report cron": [{ argument: jobId }, { argument: "nightly report", flags: { last: "3" } }],
  inventory: [{}, { flags: { kind: "skills", limit: "3" } }, { flags: { kind: "workspace" } }],
  "report session": [
    { argument: "agent:main:main", flags: { limit: "9", includeMetadata: "true" }, has: ["timeline"] },
    { argument: "nobody/else", flags: { raw: "true" } },
  ],
  usage: [{ flags: { by: "agent", since: "2026-11-01", until: "2026-11-20T08:00:00Z" } }],
  "budget list": [
    {
      has: [
        "frozen",
        "downgradesWithout",
        "budgets.0.extended.0.extends",
        "budgets.0.downgrades",
        "budgets.1.windows",
        "budgets.2.frozen",
        "budgets.2.held.moneyNanos",
      ],
    },
  ],
  "budget forecast": [{ has: ["budgets.0.units.0.goneAt", "budgets.0.units.0.basis", "budgets.0.units.0.burners.jobs", "budgets.2.frozen"] }],
  "breaker list": [{ has: ["cuts.0.until", "cuts.1.session"] }],
  "alerts log": [{ has: ["alerts.0.severity", "alerts.6"] }, { flags: { last: "2", since: "24h" }, has: ["alerts"] }],
  "alerts status": [{ has: ["receivers.0.lastDeliveredAt", "receivers.1.lastProblem", "receivers.1.nextAt", "receivers.2.chat", "quietHours", "mute"] }],
  "gate status": [{ has: ["rule.strips", "arms.1", "requests.1", "unknown.0.request", "uncovered"] }],
  "gate log": [{ has: ["verdicts.9"] }, { flags: { last: "3", since: "2h" }, has: ["verdicts"] }, { flags: { unknown: "true" }, has: ["verdicts.0.outcome"] }],
  "orchestrator status": [{ has: ["rule.warnings", "bindings.0", "workers.0.task"] }],
  "orchestrator log": [{ has: ["events.8"] }, { flags: { last: "1", since: "2026-11-01" }, has: ["events"] }],
  "receipts list": [
    { has: ["receipts.2"] },
    { flags: { last: "1", offset: "1", tool: "exec", status: "ok", since: "30d", until: "2027-01-01", run: "r1", session: "agent:main:main" } },
    { flags: { tool: "exec", status: "ok", session: "agent:main:main" }, has: ["receipts"] },
  ],
  "checkpoint list": [{ has: ["checkpoints"] }, { flags: { last: "1" } }],
  "smt trees": [{ has: ["trees"] }],
  "smt chain": [{ argument: "agent:main:main", has: ["entries"] }],
  settings: [{}],
  anomalies: [
    {},
    {
      flags: {
        since: "2026-11-01",
        until: "2026-11-20",
        tz: "Europe/Berlin",
        dupWindowSec: "30",
        lookbackDays: "2",
        denialWindowSec: "60",
        denialThreshold: "1",
        spendFactor: "2",
      },
    },
  ],
  "receipts show": [{ argument: "1" }, { argument: "2" }],
}
