/**
 * Nothing is lost under load, and the host's thread is never held up: 30,000 events as fast as the host can fire them, then 1,000 a second for a minute.
 *
 * The built plugin hands over to a real writer process. Events are fired 50 a turn of the event loop. A block is one stretch of our code on the host's
 * thread: a handler, or a post it left for a later turn; stretches during which the system gave the processor to another process say nothing of our code, and are told
 * apart. Baseline: JSON.stringify of the same payloads, call by call, in the same loop. At the end every event must be on record, and no gap.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { watchImmediates } from "./immediates.ts"
import { interruptions } from "./interruptions.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { pickedOf, toolCalls, type HookCall } from "./payload.ts"
import { expectEntries, nextTurn, startPlugin, type PluginHost } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { atMost, quantile, shown, type BenchRow } from "./samples.ts"

export const about = "30,000 events in a burst, then 1,000 a second for a minute: none lost, longest block of the host's thread"

const burst = 30_000
const perTurn = 50
const perSecond = 1_000

type Blocks = { readonly aloneMs: number[]; readonly allMs: number[]; readonly stringifyMs: number[] }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const seconds = args.includes("--quick") ? 5 : 60
  const home = makeHome("burst")
  const writer = await startWriterProcess(home)
  const host = await startPlugin(home)
  await fire(host, 0, 5_000, emptyBlocks())
  await host.flush()
  const posts = watchImmediates()
  const blocks = emptyBlocks()
  const from = performance.now()
  await fire(host, 5_000, burst, blocks)
  const firedMs = performance.now() - from
  await host.flush()
  const onDiskMs = performance.now() - from
  say(`${burst} events fired in ${Math.round(firedMs)} ms, on disk after ${Math.round(onDiskMs)} ms`)
  await steadily(host, 5_000 + burst, seconds, blocks, say)
  await host.flush()
  const postsMs = posts.takeAloneMs()
  posts.end()
  const captured = 5_000 + burst + seconds * perSecond
  await expectEntries(home, captured)
  const lost = lostIn(home)
  host.close()
  await writer.stop()
  return [
    atMost("events lost", lost, "", 0),
    atMost("longest block: handler", quantile(blocks.aloneMs, 1), "ms", 5),
    atMost("longest block: post", quantile(postsMs, 1), "ms", 5),
    shown("longest handler, interrupted ones too", quantile(blocks.allMs, 1), "ms"),
    shown("longest JSON.stringify of the same payloads", quantile(blocks.stringifyMs, 1), "ms"),
    shown("handler, p99.9", quantile(blocks.allMs, 0.999), "ms"),
    shown("burst: events a second until on disk", burst / (onDiskMs / 1_000), ""),
  ]
}

async function fire(host: PluginHost, from: number, count: number, blocks: Blocks): Promise<void> {
  for (let at = 0; at < count; at += perTurn) {
    for (const call of toolCalls(from + at, Math.min(perTurn, count - at))) one(host, call, blocks)
    await nextTurn()
  }
}

async function steadily(host: PluginHost, from: number, seconds: number, blocks: Blocks, say: (words: string) => void): Promise<void> {
  const startMs = performance.now()
  const total = seconds * perSecond
  for (let fired = 0; fired < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1_000) * perSecond))
    for (const call of toolCalls(from + fired, due - fired)) one(host, call, blocks)
    if (Math.floor(due / 10_000) > Math.floor(fired / 10_000)) say(`${due} of ${total} events at ${perSecond}/s`)
    fired = due
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

function one(host: PluginHost, call: HookCall, { aloneMs, allMs, stringifyMs }: Blocks): void {
  const picked = pickedOf(call)
  const handler = host.handler(call.hook)
  const before = interruptions()
  const from = performance.now()
  handler(call.event, call.ctx)
  const tookMs = performance.now() - from
  allMs.push(tookMs)
  if (interruptions() === before) aloneMs.push(tookMs)
  const stringifiedFrom = performance.now()
  JSON.stringify(picked)
  stringifyMs.push(performance.now() - stringifiedFrom)
}

function emptyBlocks(): Blocks {
  return { aloneMs: [], allMs: [], stringifyMs: [] }
}

/** What the ledger itself says was lost. */
function lostIn(home: LedgerHome): number {
  const access = openForReading(home.files, home.secrets)
  try {
    return access.ask((views) => Number(views.prepare("SELECT coalesce(sum(count), 0) + count(*) FROM gaps").pluck().get()))
  } finally {
    access.close()
  }
}
