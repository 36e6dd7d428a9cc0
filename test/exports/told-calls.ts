/** A ledger with model calls of every kind: priced, reported, free, of unknown cost, failed, imported, with names that spreadsheets and readers of lines get wrong. */
import type { NewEvent } from "../../src/format/event.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

/** Long enough not to turn up in a random id. */
export const peer = "447700900123456"
export const session = `agent:main:telegram:direct:${peer}`
export const formula = '=HYPERLINK("http://x","y")'
export const odd = 'a "quoted", one\r\nüber 帳'

/** Nano-dollars per million tokens: input, cache read, cache write, for an hour (which leaves something to round), output. */
export const rates = [3_000_000_000, 300_000_000, 3_750_000_000, 6_000_000_007, 15_000_000_000] as const

export type Told = {
  readonly input?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly cacheWrite1h?: number
  readonly output?: number
  readonly atMs: number
  readonly facts?: object
}

/** What a call costs by `rates`, rounded up to a nano-dollar as the ledger rounds it. */
export function pricedNanos({ input = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0, output = 0 }: Told): bigint {
  const counts = [input, cacheRead, cacheWrite - cacheWrite1h, cacheWrite1h, output]
  const exact = counts.reduce((sum, count, at) => sum + BigInt(count) * BigInt(rates[at] ?? 0), 0n)
  return (exact + 999_999n) / 1_000_000n
}

export function callOf(name: string, told: Told): NewEvent {
  const { input, cacheRead, cacheWrite, cacheWrite1h, output, atMs, facts } = told
  const counts = { inputTokens: input, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite, cacheWrite1hTokens: cacheWrite1h, outputTokens: output }
  const known = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined))
  const all = {
    row: name.padEnd(16, "_"),
    agent: "main",
    via: "transcript",
    role: "assistant",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    api: "anthropic-messages",
  }
  return { type: "usage.reported", id: `usage.reported:${name}`, scope: { session }, facts: { ...all, ...known, atMs, ...facts } } as unknown as NewEvent
}

export function priced(name: string, told: Told): NewEvent {
  return callOf(name, { ...told, facts: { computedNanos: String(pricedNanos(told)), rates, ...told.facts } })
}

const hourMs = 3_600_000
/** Shortly after a full hour, so that what follows within the hour is one row of it. */
export const fromMs = startMs - (startMs % hourMs) + 1_000

/** Costs in nano-dollars, in the order of time. */
export const told = {
  first: { atMs: fromMs, input: 1_234_567, cacheRead: 50_001, cacheWrite: 11_003, cacheWrite1h: 4_001, output: 3_333 },
  second: { atMs: fromMs + 7_500, input: 1, output: 1 },
  third: { atMs: fromMs + hourMs, input: 7, cacheRead: 9 },
} as const satisfies Readonly<Record<string, Told>>

export const reportedNanos = 123_456_789

export function toldLedger(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  const place = { channel: "telegram", chatType: "direct", sender: "~who", run: "r-1", response: "resp-1" }
  ledger.record(
    priced("first", { ...told.first, facts: { ...place, stopReason: "stop", latencyMs: 1_200 } }),
    priced("second", { ...told.second, facts: { ...place, stopReason: "error" } }),
    priced("third", { ...told.third, facts: { job: "nightly", runKind: "cron", agent: "night" } }),
    callOf("told", {
      atMs: fromMs + hourMs + 5,
      input: 10,
      facts: { reportedNanos: String(reportedNanos), provider: "openrouter", model: "meta-llama/llama-4", agent: odd },
    }),
    callOf("free", {
      atMs: fromMs + hourMs + 6,
      input: 10,
      output: 4,
      facts: { computedNanos: "0", rates: [0, 0, 0, 0, 0], provider: "ollama", model: "qwen3" },
    }),
    callOf("unknown", { atMs: fromMs + hourMs + 7, input: 10, facts: { provider: "", model: "-mystery", agent: formula } }),
  )
  return ledger
}

export function windowTold(provider: string, label: string, usedMillipercent: number, more: object = {}): NewEvent {
  const facts = { atMs: fromMs, provider, label, usedMillipercent, sampledAtMs: fromMs + usedMillipercent, ...more }
  return { type: "window.reported", id: `window.reported:${provider}/${label}/${usedMillipercent}`, facts } as unknown as NewEvent
}

export function sampleTold(provider: string, sampledAtMs: number, windows: readonly object[], more: object = {}): NewEvent {
  return { type: "quota.sampled", id: `quota.sampled:${provider}/${sampledAtMs}`, facts: { provider, sampledAtMs, windows, ...more } } as unknown as NewEvent
}
