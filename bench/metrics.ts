/**
 * What a scrape costs at a million entries and 500 series: the whole answer of a process that stays, from the question to the text, as `serve` and the process beside a
 * gateway make it; with nothing new, and with 200 events recorded since the last one, which no writer has projected yet; and the first answer, which opens everything.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import type { NewEvent } from "../src/format/event.ts"
import { parseBudget } from "../src/ledger/budget-rule.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { openLedger, type OpenLedger } from "../src/operations/open-ledger.ts"
import { LedgerBook } from "../src/operations/spend/ledger-book.ts"
import { metricsText } from "../src/surfaces/render/metrics-text.ts"
import { LiveLedger } from "../src/views/live-ledger.ts"
import { metricsOf } from "../src/views/metrics.ts"
import { benchVersion, copyHome, removeHome } from "./ledger-home.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "a scrape of metrics at a million entries and 500 series, and the first one, which opens everything"

const limitMs = 20
const newEvents = 200

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const repetitions = args.includes("--quick") ? 20 : 100
  const large = await largeStore(args, say)
  const home = copyHome(large.home, "metrics")
  const ledger = openLedger(home.files, home.secrets, { nowMs: Date.now(), version: benchVersion })
  record(ledger, manySeries())
  const live = new LiveLedger(home.files, () => home.secrets)
  let series = 0
  const scrape = () => {
    const question = { nowMs: Date.now(), version: benchVersion, writer: null, host: null }
    const from = performance.now()
    const metrics = live.ask((access, state) => metricsOf(access, state, question))
    const { length } = metricsText(metrics, "prometheus")
    const tookMs = performance.now() - from
    series = metrics.reduce((sum, { samples }) => sum + samples.length, 0)
    return { tookMs, bytes: length }
  }
  const first = scrape()
  const quiet = Array.from({ length: repetitions }, () => scrape().tookMs)
  const busy = Array.from({ length: repetitions }, (_, turn) => {
    record(
      ledger,
      Array.from({ length: newEvents }, (__, n) => call(`new${turn}-${n}`, n % 40)),
    )
    return scrape().tookMs
  })
  live.close()
  ledger.close()
  removeHome(home)
  say(`a scrape, ms (least | median | most): ${spread(quiet)}; after ${newEvents} events: ${spread(busy)}`)
  return [
    atMost(`a scrape of ${series} series at ${large.entries} entries: p50`, median(quiet), "ms", limitMs),
    shown("  p99", quantile(quiet, 0.99), "ms"),
    shown(`a scrape that projects ${newEvents} events itself: p50`, median(busy), "ms"),
    shown("the first one, which opens everything", first.tookMs, "ms"),
    shown("size of the answer", first.bytes / 1_000, "kB"),
  ]
}

function record({ journal, scopes }: OpenLedger, events: readonly NewEvent[]): void {
  const nowMs = Date.now()
  journal.append(
    events.map((event) => entryOf(event, scopes, nowMs)),
    nowMs,
  )
}

function call(row: string, n: number): NewEvent {
  const tokens = { inputTokens: 900, outputTokens: 40, cacheReadTokens: 5_000, cacheWriteTokens: 70, computedNanos: "31000000" }
  const names = { provider: "bench", model: `model-${n}`, agent: `agent-${n % 7}`, stopReason: n % 9 === 0 ? "error" : "stop" }
  return { type: "usage.reported", id: row, facts: { role: "assistant", row, atMs: Date.now(), ...tokens, ...names } }
}

/** As many as there can be. */
function manySeries(): readonly NewEvent[] {
  const book = new LedgerBook()
  const atMs = Date.now()
  const rule = (n: number) => parseBudget({ name: `budget-${n}`, limits: ["5usd", "900 calls", "30m tokens"], per: "day" })
  const words = Array.from({ length: 12 }, (_, n) => `reason ${n}`)
  return [
    ...Array.from({ length: 4_000 }, (_, n) => call(`begun${n}`, n % 50)).map((event, n) => (n < 50 ? failed(event) : event)),
    ...words.flatMap((reason, n): NewEvent[] => [
      { type: "capture.gap", id: `gap${n}`, facts: { reason, count: 1, byType: {}, fromMs: atMs, toMs: atMs } },
      { type: "spend.refused", id: `refused${n}`, facts: { why: reason, door: "run" } },
    ]),
    ...words.flatMap((_, n) => book.give({ do: "set-budget", atMs, rule: rule(n) }).events),
  ]
}

function failed(event: NewEvent): NewEvent {
  return { ...event, facts: { ...event.facts, stopReason: "error" } } as NewEvent
}
