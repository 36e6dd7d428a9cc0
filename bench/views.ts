/**
 * What a page and a report wait for: every question that both are made of, at a million events of ninety days (20 sends, 60 tool calls, 20 model calls of a hundred),
 * in process on open files with projections up to date, from the parameters to the bytes of the answer. The baseline is what a plain table would need: a scan of the
 * same events for one day, in turn; a report of a day asks that seven times over.
 */
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import type { NewEvent } from "../src/format/event.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { keepsAll } from "../src/policy/retention.ts"
import { answerOf } from "../src/surfaces/questions/answer.ts"
import type { Asked } from "../src/surfaces/questions/question.ts"
import { questionAt } from "../src/surfaces/questions/question-list.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { systemClocks } from "../src/base/clock.ts"
import { benchVersion, makeHome, temporaryDirectory, type LedgerHome } from "./ledger-home.ts"
import { openDatabase } from "./plain-database.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "reports and views at a million events, in process, beside a scan of a plain table"

const days = 90
const dayMs = 86_400_000
const endMs = Math.floor(Date.now() / dayMs) * dayMs
const sessionEvents = 200
const batch = 500
const viewMs = 30
const reportMs = 150

const today = new Date(endMs - dayMs).toISOString().slice(0, 10)

/** Address of each question, and what it may take at the most. */
const asked: readonly (readonly [name: string, address: string, mostMs: number])[] = [
  ["report daily", `report?date=${today}`, reportMs],
  ["report daily --tz Asia/Kolkata", `report?date=${today}&tz=Asia/Kolkata`, reportMs],
  ["report weekly", "report?period=weekly", reportMs],
  ["report cron", "report/cron/job-3?last=20", viewMs],
  [`report session of ${sessionEvents} events`, "report/session/agent:main:s7", viewMs],
  ["spend of 24 h by model", "spend", viewMs],
  ["spend of 30 days by day, agent", "spend?since=30d&by=day,agent", viewMs],
  ["events", "events?limit=100", viewMs],
  ["events of a type", "events?limit=100&type=tool.denied", viewMs],
]

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const [entries, repetitions] = quick ? [100_000, 20] : [1_000_000, 100]
  const home = makeHome("views", endMs - days * dayMs)
  const plain = plainTable()
  say(`building a store of ${entries} events`)
  build(home, entries, plain.add)
  plain.done()
  const access = openForReading(home.files, home.secrets)
  const place = { files: home.files, places: home.secrets, socket: join(home.root, "none"), clocks: systemClocks(), retention: keepsAll }
  const from = performance.now()
  access.ask(() => undefined)
  say(`projections: ${Math.round(performance.now() - from)} ms`)
  const question: Asked = { nowMs: endMs, place, access: () => access }
  const times = new Map<string, number[]>(asked.map(([name]) => [name, []]))
  const scans: number[] = []
  for (let turn = 0; turn <= repetitions; turn++) {
    for (const [name, address] of asked) {
      const tookMs = await timed(address, question)
      if (turn > 0) times.get(name)?.push(tookMs)
    }
    if (turn > 0 && turn <= 20) scans.push(plain.scan())
  }
  access.close()
  plain.close()
  const daily = median(times.get("report daily") ?? [])
  say(`report daily, ms (least | median | most): ${spread(times.get("report daily") ?? [])}; a scan: ${spread(scans)}`)
  return [
    ...asked.flatMap(([name, , mostMs]) => {
      const all = times.get(name) ?? []
      return [atMost(`${name} at ${entries} events: p99`, quantile(all, 0.99), "ms", mostMs), shown("  p50", median(all), "ms")]
    }),
    shown("one scan of a plain table", median(scans), "ms"),
    atMost("report daily / one scan of a plain table", daily / median(scans), "x", 1),
  ]
}

async function timed(address: string, question: Asked): Promise<number> {
  const [path = "", query = ""] = address.split("?")
  const parameters = new URLSearchParams(query)
  const from = performance.now()
  const found = questionAt(path, parameters)
  if (!found) throw new Error(`there is no question ${address}`)
  const { status, text, problem } = await answerOf(found, parameters, question)
  const tookMs = performance.now() - from
  if (status !== 200) throw new Error(`${address} was answered with ${status}: ${problem ?? text}`)
  return tookMs
}

function build(home: LedgerHome, entries: number, add: (atMs: number, event: NewEvent) => void): void {
  const ledger = openLedger(home.files, home.secrets, { nowMs: endMs, version: benchVersion })
  for (let done = 0; done < entries; done += batch) {
    const events = Array.from({ length: Math.min(batch, entries - done) }, (_, i) => {
      const n = done + i
      const atMs = Math.floor(endMs - days * dayMs + (n / entries) * days * dayMs)
      const event = eventAt(n, atMs)
      add(atMs, event)
      return event
    })
    // Recorded when it happened, as by a gateway that runs.
    const nowMs = Math.floor(endMs - days * dayMs + ((done + events.length) / entries) * days * dayMs)
    ledger.journal.append(
      events.map((event) => entryOf(event, ledger.scopes, nowMs)),
      nowMs,
    )
  }
  ledger.close()
}

/** A working day of ninety: sessions of two hundred events, one in ten of them a job's. */
function eventAt(n: number, atMs: number): NewEvent {
  const block = Math.floor(n / sessionEvents)
  const [agent, run, tool, job] = [`agent-${block % 5}`, `run-${block}-${Math.floor((n % sessionEvents) / 20)}`, `tool_${n % 37}`, `job-${block % 7}`]
  const scope = { session: `agent:main:s${block}` }
  const common = { agent, run, atMs }
  const id = `bench:${n}`
  const place = n % 10
  if (n % sessionEvents === 0) return { type: "cron.executed", id, scope, facts: { agent, atMs, job, runAtMs: atMs } }
  if (n % sessionEvents === 1) return { type: "run.started", id, scope, facts: { ...common, job, trigger: "cron", promptLength: 9, historyMessages: 0 } }
  if (n % sessionEvents === 199)
    return { type: n % 3 === 0 ? "cron.failed" : "cron.completed", id, scope, facts: { agent, atMs, job, durationMs: 60_000 }, content: { error: "no" } }
  if (place < 2)
    return {
      type: "message.sent",
      id,
      scope,
      facts: { ...common, channel: place === 0 ? "telegram" : "whatsapp", length: 40 + (n % 60), success: n % 50 !== 0 },
      content: { to: `+1555${n % 40}`, text: `Message ${n % 100_003} of the day.`.padEnd(40 + (n % 60)) },
    }
  if (place < 5)
    return {
      type: "tool.invoked",
      id,
      scope,
      facts: { ...common, tool, call: id, guarded: true, verdict: "allow" },
      content: { arguments: { path: `/tmp/${n}` } },
    }
  if (place < 8)
    return n % 97 === 0
      ? { type: "tool.denied", id, scope, facts: { ...common, tool, call: id } }
      : { type: "tool.returned", id, scope, facts: { ...common, tool, call: id, failed: n % 50 === 7, resultBytes: 400, durationMs: n % 900 } }
  const tokens = { inputTokens: 900, outputTokens: 40, cacheReadTokens: 5_000, computedNanos: "31000000" }
  return { type: "usage.reported", id, scope, facts: { ...common, role: "assistant", row: id, provider: "bench", model: `model-${n % 6}`, ...tokens } }
}

/** Time, type and facts of the same events in one table without an index. */
function plainTable() {
  const database = openDatabase(join(temporaryDirectory("plain"), "plain.db"), { key: Buffer.alloc(0) })
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE events(at_ms INTEGER NOT NULL, type TEXT NOT NULL, facts TEXT NOT NULL); BEGIN",
  )
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?)")
  const select = database.prepare("SELECT type, count(*) FROM events WHERE at_ms >= ? AND at_ms < ? GROUP BY type")
  return {
    add: (atMs: number, { type, facts }: NewEvent) => void insert.run(atMs, type, JSON.stringify(facts)),
    done: () => database.exec("COMMIT"),
    scan: () => {
      const from = performance.now()
      select.all(endMs - dayMs, endMs)
      return performance.now() - from
    },
    close: () => database.close(),
  }
}
