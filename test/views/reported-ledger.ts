/** A ledger of some days of work, as reports tell of it: tools, model calls, messages, jobs; each event at a time of its own. */
import type { NewEvent } from "../../src/format/event.ts"
import { temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export const jobId = "6521e38e-6992-443f-b917-efde4a6f6465"

export type ReportedLedger = TestLedger & {
  readonly tool: (
    at: string,
    tool: string,
    options?: { readonly run?: string; readonly session?: string; readonly outcome?: "ok" | "failed" | "denied" },
  ) => void
  readonly call: (at: string, model: string, nanos: number, options?: { readonly run?: string; readonly session?: string; readonly job?: string }) => void
  readonly send: (at: string, to: string, text: string, options?: Partial<Sent>) => void
  /** Any event at a time. */
  readonly event: (at: string, event: NewEvent) => void
}

type Sent = { readonly channel: string; readonly success: boolean; readonly session: string; readonly run: string }

export function reportedLedger(t: Ending): ReportedLedger {
  const ledger = temporaryLedger(t)
  let count = 0
  const event = (at: string, { facts, ...rest }: NewEvent) => {
    ledger.record({ ...rest, facts: { ...facts, atMs: Date.parse(at) } } as unknown as NewEvent)
  }
  const id = (type: string) => `${type}:${++count}`
  const main = "agent:main:main"
  return {
    ...ledger,
    event,
    tool: (at, tool, { run = "run-1", session = main, outcome = "ok" } = {}) => {
      const call = `call-${++count}`
      const scope = { session }
      const invoked = { tool, call, run, guarded: true, verdict: outcome === "denied" ? ("deny" as const) : ("allow" as const) }
      event(at, { type: "tool.invoked", id: id("tool.invoked"), scope, facts: invoked, content: { arguments: { path: `/tmp/${call}` } } })
      if (outcome === "denied") event(at, { type: "tool.denied", id: id("tool.denied"), scope, facts: { tool, call, run, deniedBy: "guard.deny" } })
      else
        event(at, {
          type: "tool.returned",
          id: id("tool.returned"),
          scope,
          facts: { tool, call, run, failed: outcome === "failed", durationMs: 40, resultBytes: 3 },
        })
    },
    call: (at, model, nanos, { run = "run-1", session = main, job } = {}) => {
      const facts = { role: "assistant", provider: "anthropic", model, run, inputTokens: 100, outputTokens: 10, reportedNanos: String(nanos) }
      event(at, { type: "model.called", id: id("model.called"), scope: { session }, facts: { provider: "anthropic", model, run } })
      event(at, { type: "usage.reported", id: id("usage.reported"), scope: { session }, facts: { ...facts, ...(job === undefined ? {} : { job }) } })
    },
    send: (at, to, text, { channel = "telegram", success = true, session = main, run = "run-1" } = {}) =>
      event(at, {
        type: "message.sent",
        id: id("message.sent"),
        scope: { session },
        facts: { channel, length: text.length, success, run },
        content: { to, text },
      }),
  }
}

/** Three days, of which the middle one is busy. */
export function busyDays(t: Ending): ReportedLedger {
  const ledger = reportedLedger(t)
  const { tool, call, send, event } = ledger
  tool("2026-11-16T09:00:00Z", "exec")
  tool("2026-11-16T23:30:00Z", "read")
  call("2026-11-16T23:30:00Z", "claude-haiku-4-5", 1_000_000)
  send("2026-11-16T23:59:30Z", "4242", "Good night.")
  tool("2026-11-17T00:10:00Z", "exec")
  tool("2026-11-17T08:00:00Z", "exec", { outcome: "failed" })
  tool("2026-11-17T08:01:00Z", "write", { outcome: "denied" })
  tool("2026-11-17T08:02:00Z", "web_fetch")
  call("2026-11-17T08:00:01Z", "claude-sonnet-4-5", 30_000_000)
  call("2026-11-17T08:00:09Z", "claude-haiku-4-5", 2_000_000)
  send("2026-11-17T08:03:00Z", "4242", "The build is green.")
  send("2026-11-17T08:03:20Z", "4242", "The build is green.")
  send("2026-11-17T08:03:40Z", "4243", "The build is green.")
  send("2026-11-17T08:04:50Z", "4242", "The build is green.")
  send("2026-11-17T09:00:00Z", "+15550109999", "Hello", { channel: "whatsapp", success: false })
  send("2026-11-17T09:00:05Z", "+15550109999", "Hello", { channel: "whatsapp" })
  const scope = { session: `agent:main:cron:${jobId}` }
  event("2026-11-17T03:00:00Z", {
    type: "cron.executed",
    id: "cron.executed:1",
    scope,
    facts: { job: jobId, agent: "main", runAtMs: Date.parse("2026-11-17T03:00:00Z") },
    content: { title: "Nightly" },
  })
  event("2026-11-17T03:00:01Z", {
    type: "run.started",
    id: "run.started:1",
    scope: { session: `agent:main:cron:${jobId}:run:1` },
    facts: { run: "run-cron-1", job: jobId, trigger: "cron", promptLength: 10, historyMessages: 0 },
  })
  tool("2026-11-17T03:00:02Z", "exec", { run: "run-cron-1", session: `agent:main:cron:${jobId}:run:1` })
  call("2026-11-17T03:00:03Z", "claude-haiku-4-5", 500_000, { run: "run-cron-1", session: `agent:main:cron:${jobId}:run:1`, job: jobId })
  send("2026-11-17T03:00:09Z", "4242", "All is well.", { run: "run-cron-1" })
  event("2026-11-17T03:00:10Z", {
    type: "cron.completed",
    id: "cron.completed:1",
    scope,
    facts: { job: jobId, agent: "main", runAtMs: Date.parse("2026-11-17T03:00:00Z"), durationMs: 10_000, status: "ok" },
  })
  event("2026-11-17T04:00:00Z", {
    type: "cron.executed",
    id: "cron.executed:2",
    scope,
    facts: { job: jobId, agent: "main", runAtMs: Date.parse("2026-11-17T04:00:00Z") },
  })
  event("2026-11-17T04:00:05Z", {
    type: "cron.failed",
    id: "cron.failed:2",
    scope,
    facts: { job: jobId, agent: "main", runAtMs: Date.parse("2026-11-17T04:00:00Z"), durationMs: 5_000, status: "error", errorLength: 14 },
    content: { error: "model is gone\n" },
  })
  event("2026-11-18T03:00:00Z", {
    type: "cron.executed",
    id: "cron.executed:3",
    scope,
    facts: { job: jobId, agent: "main", runAtMs: Date.parse("2026-11-18T03:00:00Z") },
  })
  tool("2026-11-18T08:00:00Z", "read")
  ledger.checkpoint()
  return ledger
}
