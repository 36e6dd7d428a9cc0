/** Events of every type that may have any facts, with all of them, with few, and with values of the wrong kind, in several scopes; contents in many scripts. */
import { eventTypes, type EventType, type NewEvent } from "../../src/format/event.ts"

const scopes = [
  undefined,
  { session: "agent:main:main" },
  { session: "agent:main:telegram:direct:4242", sender: "telegram:4242" },
  { sender: "J\u00f6rg \u5e33" },
]

/** Texts that a careless reader of lines or strings gets wrong. */
export const texts = [
  "plain",
  "",
  "a\u2028b\u2029c\u0085d",
  '"quoted" \\ \b\f\n\r\t\u0000\u001f\u007f',
  "\u5e33\u{1d11e}\u0e01",
  "\ud800 alone",
  "\ufeffmark",
  "\ufffd",
]

const full = {
  agent: "main",
  run: "run-1",
  atMs: 1_795_000_000_123,
  via: "before_tool_call",
  provider: "mock",
  model: "mock-1",
  trigger: "user",
  promptLength: 12,
  historyMessages: 3,
  success: true,
  durationMs: 250,
  messageCount: 4,
  answerLength: 99,
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 30,
  cacheWriteTokens: 40,
  reportedNanos: "1500000",
  outcome: "completed",
  role: "assistant",
  tool: "exec",
  call: "call_1",
  guarded: true,
  verdict: "allow",
  rule: "exec",
  failed: true,
  status: "error",
  resultBytes: 512,
  deniedBy: "guard.deny write",
  channel: "telegram",
  length: 7,
  resumed: true,
  reason: "idle",
  count: 5,
  byType: { llm_input: 2, 7: 1 },
  hook: "llm_input",
  port: 18_789,
  version: "0.1.0",
  clean: false,
  heartbeat: "hourly",
  stream: "lifecycle",
  phase: "retry",
  aborted: true,
  resultLength: 8,
  host: "gateway",
  part: "final",
  job: "job-1",
  action: "added",
  enabled: true,
  skill: "notes",
  fileCount: 2,
  mode: "update",
  kind: "plugin",
  target: "somewhere",
  scan: "clean",
  guardedPatterns: 1,
  deniedPatterns: 0,
  witness: "example.org/w+00112233",
  finding: "ahead",
  seenSize: 9,
  size: 5,
  hold: "model:1",
  grade: "exact",
  door: "model",
  why: "over-budget",
  stopped: true,
  budget: "daily",
  levelPercent: 80,
  verifier: "",
  movements: [{ debit: "spent:x", credit: "agent:main", amounts: { moneyNanos: "1500000000", calls: "1" } }, { amounts: { calls: "2", tokens: "7" } }],
  over: {},
}

/** Facts that say the other thing, nothing, or nonsense: sentences have to be the same in every language. */
const factsInTurn: readonly Readonly<Record<string, unknown>>[] = [
  full,
  { verdict: "deny", rule: "write", tool: "write", success: false, resumed: false, failed: false, clean: true, reportedNanos: "9000000000000000000000" },
  {},
  {
    rule: { name: "daily" },
    budget: 5,
    movements: [null, 7, { amounts: { 7: "1", calls: "x", tokens: "0", wallMs: "0012", moneyNanos: "12" } }, { amounts: { calls: "1" } }],
    verifier: "x",
    finding: "fell",
  },
  {
    movements: { amounts: { calls: "1" } },
    rule: { name: 7 },
    budget: "",
    stopped: 1,
    durationMs: 0,
    inputTokens: 0,
    outputTokens: 1e21,
    reportedNanos: "0x10",
    tool: "",
    reason: "[a=b:c] {x} <took>",
    success: "true",
    port: 0.1,
    count: 1e-7,
  },
  {
    guarded: false,
    verdict: "allow",
    cacheReadTokens: 1.5e300,
    reportedNanos: "10000000001",
    resumed: 1,
    clean: null,
    length: -5,
    channel: texts[4],
    outcome: texts[3],
  },
]

/** These tell of the journal itself, and verifiers hold them to it. */
const ofTheJournal: readonly EventType[] = ["journal.opened", "signer.replaced", "checkpoint.anchored"]

/** Those the tampered rows are chosen from stand first, whatever types are added. */
const first: readonly EventType[] = [
  "writer.started",
  "writer.stopped",
  "config.loaded",
  "capture.gap",
  "capture.hook-unavailable",
  "gateway.started",
  "tool.invoked",
  "tool.returned",
  "tool.denied",
]

export function variedEvents(count: number): readonly NewEvent[] {
  const others = (Object.keys(eventTypes) as EventType[]).filter((type) => !ofTheJournal.includes(type) && !first.includes(type))
  const types = [...first, ...others]
  return Array.from({ length: count }, (_, n) => {
    const type = types[n % types.length]
    const text = texts[n % texts.length]
    return {
      type,
      id: `${type}:${n}${n % 9 === 0 ? text : ""}`,
      scope: scopes[n % scopes.length],
      facts: factsInTurn[Math.floor(n / types.length) % factsInTurn.length],
      ...(n % 3 === 0 ? {} : { content: { text, parts: [n, -0.5, 1e21, null, true, { 10: text, 9: "index", b: [], a: {} }] } }),
    } as NewEvent
  })
}
