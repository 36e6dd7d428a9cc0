/** What is put on record so that every question has something to answer with: one function a part of the ledger, and a line in `seeds`. */
import type { NewEvent } from "../../src/format/event.ts"
import { emptySpool } from "../../src/format/peac/spool.ts"
import { JournalReader } from "../../src/journal/reader.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { parseBreakers } from "../../src/ledger/breakers/breaker-rule.ts"
import { parseDowngrades } from "../../src/ledger/downgrade-list.ts"
import { ReceiptIssuer } from "../../src/operations/receipts/issue.ts"
import { parseAlerts, shownRule } from "../../src/policy/alerts/alert-rule.ts"
import { startMs, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { cents, minuteMs, spentLedger } from "../views/spent-ledger.ts"

type Seed = (ledger: TestLedger, t: Ending) => void

export const seeds: readonly Seed[] = [settings, money, alerts, gate, delegation, receipts]

const atMs = startMs + minuteMs
const hourMs = 60 * minuteMs
const main = "agent:main:main"

function settings(ledger: TestLedger): void {
  const webhooks = [
    { url: "https://hooks.slack.com/services/T/B/X", name: "ops" },
    { url: "https://alerts.example/in", secret: "s", name: "own", minSeverity: "info" },
  ]
  const told = parseAlerts({
    alerts: { webhooks, operatorChat: { channel: "telegram", to: "4242" }, quietHours: { from: "22:00", to: "07:30" }, mute: ["budget.warned"] },
  })
  const content = {
    alerts: told ? shownRule(told) : {},
    gate: { channel: ["telegram"], protectedTo: ["telegram:4242"], allowedFrom: ["telegram:4242"], strip: { secrets: true } },
    orchestrator: { written: { enabled: true, maxRetriesPerTask: 9, frontSessions: ["agent:main:cron:*"] }, texts: { prompt: "Hand it on." } },
  }
  ledger.record({ type: "config.loaded", id: "config.loaded:seed", facts: { digest: "~", guardedPatterns: 0, deniedPatterns: 0 }, content })
}

/** Budgets of every kind of period, one with all that a budget can have besides; one breaker that cut, one that told. */
function money(ledger: TestLedger, t: Ending): void {
  const { give } = spentLedger(t, ledger)
  const spend = { agent: "main", model: "claude-sonnet-4-5", provider: "anthropic", cron: "nightly" }
  const part = { account: "agent:main", amounts: { ...cents(30), calls: 1n }, against: "spent:anthropic/claude-sonnet-4-5" } as const
  const ask = {
    do: "ask",
    door: "model",
    spend,
    parts: [{ ...part, amounts: { ...cents(900), calls: 1n } }],
    session: "ab",
    run: "r1",
    most: cents(2_000),
  } as const
  const rules = [
    parseBudget({ name: "daily", limits: ["5usd", "9000 calls"], per: "day", zone: "Europe/Berlin", match: ["agent=main"], rollover: true }),
    parseBudget({ name: "rolling", limits: ["100usd"], per: "rolling 1h" }),
    parseBudget({ name: "plan", limits: ["80%"], per: "lifetime", window: "week", match: ["provider=anthropic"], mode: "warn" }),
  ]
  const steps = parseDowngrades([
    { budget: "daily", at: 1, model: "anthropic/claude-haiku-4-5", match: ["agent=main"] },
    { budget: "absent", at: 90, model: "anthropic/claude-haiku-4-5" },
  ])
  const use = { provider: "anthropic", label: "week", usedMillipercent: 41_000, sampledAtMs: atMs, resetsAtMs: atMs + 9 * hourMs }
  const trip = { counted: "2.5", threshold: "2", unit: "usd", sinceMs: startMs } as const
  give(
    ...rules.map((rule) => ({ do: "set-budget", atMs, rule }) as const),
    { do: "set-downgrades", atMs, steps },
    { do: "report-windows", atMs, uses: [use] },
    { do: "hold", id: "open", atMs, ttlMs: 9 * hourMs, spend, parts: [part] },
    // A quarter of an hour each: a rate that something can be expected by.
    ...[0, 16, 32, 48].map((minute) => ({ do: "spend", id: `s${minute}`, atMs: atMs + minute * minuteMs, spend, ...part }) as const),
    { ...ask, do: "ask", id: "more", atMs: atMs + 49 * minuteMs, ttlMs: 9 * hourMs },
    { do: "grant", id: "more", atMs: atMs + 50 * minuteMs, reason: "by an owner" },
    { do: "set-breakers", atMs: atMs + 50 * minuteMs, rule: parseBreakers({ mode: "block", zone: "Europe/Berlin" }) },
    { do: "trip", atMs: atMs + 51 * minuteMs, trip: { breaker: "silent-spend", cut: "session:ab", ...trip, session: "ab", agent: "main" } },
    { do: "trip", atMs: atMs + 51 * minuteMs, trip: { breaker: "unattended-spend", cut: "cron:nightly", ...trip, untilMs: atMs + 9 * hourMs, job: "nightly" } },
    { do: "freeze", atMs: atMs + 52 * minuteMs, target: { budget: "rolling" }, reason: "looked into" },
    { do: "freeze", atMs: atMs + 52 * minuteMs, target: "all", reason: "looked into" },
  )
}

/** One of each that becomes of an alert. */
function alerts(ledger: TestLedger): void {
  const of = { kind: "breaker.tripped", severity: "critical", key: "k", of: 3, fromMs: atMs, toMs: atMs, words: "a breaker tripped" } as const
  const name = (n: number) => `${n}`.repeat(24)
  const raised = (n: number, receivers: readonly string[], count = 1): NewEvent => ({
    type: "alert.raised",
    id: `alert.raised:${n}`,
    facts: { ...of, alert: name(n), count, atMs, untilMs: atMs + hourMs, receivers },
  })
  const againMs = startMs + 9 * hourMs
  ledger.record(
    { type: "alerts.begun", id: "alerts.begun:1", facts: { receivers: 3 } },
    raised(1, ["ops", "own"], 3),
    { type: "alert.delivered", id: "alert.delivered:1", facts: { alert: name(1), receiver: "ops", attempt: 1, status: 200 } },
    { type: "alert.failed", id: "alert.failed:1", facts: { alert: name(1), receiver: "own", attempt: 1, why: "it refuses", status: 403, againMs } },
    raised(2, ["own"]),
    { type: "alert.given-up", id: "alert.given-up:2", facts: { alert: name(2), receiver: "own", attempts: 9, why: "it refuses", kind: of.kind } },
    { type: "alert.held", id: "alert.held:3", facts: { ...of, alert: name(3), severity: "info", count: 2, atMs, untilMs: againMs, why: "quiet hours" } },
  )
}

/** Every verdict: of one recipient who asked, of one whom an operator let through, of one whose name is erased. */
function gate(ledger: TestLedger): void {
  const [asked, ordered, erased] = ["aa", "bb", "cc"].map((peer) => ({ atMs, channel: "telegram", peer }))
  if (!asked || !ordered || !erased) return
  const [expiresAtMs, content] = [startMs + 9 * hourMs, { to: "telegram:4242" }]
  const allowed = (send: string, usesLeft: number) => ({ ...asked, send, digest: send, kind: "text" as const, request: "telegram:1", usesLeft, expiresAtMs })
  const requested = { ...asked, request: "telegram:1", sender: "dd", message: "m", topic: "general", thread: "t", uses: 3, expiresAtMs }
  ledger.record(
    { type: "outbound.requested", id: "outbound.requested:1", facts: requested, content },
    { type: "outbound.allowed", id: "outbound.allowed:1", facts: allowed("one", 2), content },
    { type: "outbound.told", id: "outbound.told:1", facts: { ...asked, send: "one", success: true } },
    { type: "outbound.allowed", id: "outbound.allowed:2", facts: allowed("two", 1), content },
    { type: "outbound.stripped", id: "outbound.stripped:1", facts: { ...asked, kinds: ["secrets"], counts: [2] }, content },
    { type: "outbound.armed", id: "outbound.armed:1", facts: { ...ordered, uses: 1, expiresAtMs, reason: "a test" }, content: { to: "4243" } },
    { type: "outbound.requested", id: "outbound.requested:2", facts: { ...requested, ...erased, request: "telegram:2" } },
    { type: "outbound.missed", id: "outbound.missed:1", facts: { ...erased, request: "telegram:2" } },
    { type: "outbound.refused", id: "outbound.refused:1", facts: { ...erased, why: "missed", request: "telegram:2" } },
    { type: "outbound.disarmed", id: "outbound.disarmed:1", facts: erased },
  )
}

/** A front session with its orchestrator and a worker that failed once; what was refused meanwhile, and one whose key is erased. */
function delegation(ledger: TestLedger): void {
  const [front, bound] = [
    { atMs, session: "f0" },
    { atMs, session: "0a" },
  ]
  const [orchestrator, worker] = ["agent:main:subagent:o", "agent:main:subagent:w"]
  const content = { session: main, child: orchestrator, spawn: { label: "thread-orchestrator", task: "all of it" } }
  const ended = { child: "0b", outcome: "error", childRun: "run-w" } as const
  ledger.record(
    {
      type: "orchestrator.refused",
      id: "o:1",
      facts: { ...front, tool: "exec", call: "c1", run: "r1", why: "direct", role: "front" },
      content: { session: main },
    },
    { type: "orchestrator.requested", id: "o:2", facts: { ...front, role: "orchestrator", call: "c2", task: "t0", filled: ["label"] }, content },
    { type: "orchestrator.bound", id: "o:3", facts: { ...front, child: "0a", call: "c2", childRun: "run-o" }, content },
    {
      type: "orchestrator.joined",
      id: "o:4",
      facts: { ...bound, child: "0b", call: "c3", childRun: "run-w", task: "t1" },
      content: { session: orchestrator, child: worker, spawn: { label: "part", task: "a part of it" } },
    },
    { type: "orchestrator.passed", id: "o:5", facts: { ...bound, tool: "exec", call: "c4", run: "run-o", attempt: 3 }, content: { session: orchestrator } },
    { type: "orchestrator.ended", id: "o:6", facts: { ...bound, ...ended, role: "worker" }, content: { session: orchestrator } },
    {
      type: "orchestrator.retried",
      id: "o:7",
      facts: { ...bound, ...ended, retry: "again", task: "t1", attempt: 1, most: 2 },
      content: { session: orchestrator },
    },
    { type: "orchestrator.retried", id: "o:8", facts: { atMs, session: "0c", ...ended, childRun: "run-x", retry: "lost", task: "t2", attempt: 1, most: 2 } },
    { type: "orchestrator.told", id: "o:9", facts: { ...bound, retry: "again", success: true } },
  )
  const usage = { role: "assistant", provider: "anthropic", model: "claude-sonnet-4-5", inputTokens: 10, outputTokens: 10, reportedNanos: "70" }
  for (const [n, session] of [orchestrator, worker].entries()) ledger.record({ type: "usage.reported", id: `u:${n}`, scope: { session }, facts: usage })
}

/** Of every action on record until now. */
function receipts(ledger: TestLedger): void {
  const scope = { session: main, sender: "" }
  ledger.record(
    {
      type: "tool.returned",
      id: "r:1",
      scope,
      facts: { tool: "exec", call: "c", run: "r1", agent: "main", failed: false, resultBytes: 1, atMs, durationMs: 12 },
      content: { params: { command: "ls" }, result: { content: [] } },
    },
    { type: "subagent.spawned", id: "r:2", scope, facts: { childRun: "run-o", run: "r1", atMs } },
  )
  const { journal, scopes, keys } = ledger.open()
  const reader = JournalReader.open(ledger.files, keys)
  const rule = { issuer: undefined, digests: "keyed", directory: undefined } as const
  const issuer = new ReceiptIssuer({ reader, scopes, origin: keys.store.origin }, rule, keys.signer)
  const { drafts } = issuer.next({ next: 0, head: emptySpool }, journal.size, 1_000, startMs)
  ledger.record(...issuer.signed(drafts))
  reader.close()
}
