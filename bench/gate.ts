/**
 * How long a guarded tool call waits until its record is on disk, while 200 other events a second are recorded.
 *
 * The built plugin asks a real writer process: timed from the call of the host's handler to its answer. One caller, one question after the other; then 32
 * callers at once, each asking again as soon as it was answered. In turn with them the disk is asked what it can do: a bare commit of one row of 700 B
 * by the same driver, cipher and settings in a file beside the ledger, called fsync below. With one caller every question is followed by one such
 * commit; with 32, every 1,280 questions by 100, with the background going on. Each repetition has a p99 of both; the limit is made of its own fsync p99.
 *
 * Twice: with the disk as it is, and with 4 ms added to every commit, in the writer (--commit-delay-ms 4) and in the bare commits alike.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { makeHome } from "./ledger-home.ts"
import { toolCall, type HookCall } from "./payload.ts"
import { expectEntries, guardedTool, nextTurn, startPlugin, type PluginHost } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { RawStore } from "./raw-store.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "how long a guarded call waits for its record: 1 and 32 callers, with 200 events/s beside them"

const backgroundPerSecond = 200
const delayMs = 4
const askedInTurn = 1_280
const probedInTurn = 100

/** Made before: making one costs more than asking. */
const guardedCalls = Array.from({ length: 1_000 }, (_, i) => toolCall(i * 2, { tool: guardedTool }))
const observedCalls = Array.from({ length: 1_000 }, (_, i) => toolCall(i * 2 + 1))

type Waits = { readonly gateP50: number; readonly gateP99: number; readonly fsyncP50: number; readonly fsyncP99: number }
type Sizes = { readonly one: number; readonly many: number; readonly repetitions: number }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const rows: BenchRow[] = []
  for (const commitDelayMs of [0, delayMs]) {
    const sizes = quick ? { one: 300, many: 2_560, repetitions: 3 } : { one: commitDelayMs === 0 ? 2_000 : 600, many: 12_800, repetitions: 5 }
    rows.push(...(await withWriter(commitDelayMs, sizes, say)))
  }
  return rows
}

async function withWriter(commitDelayMs: number, sizes: Sizes, say: (words: string) => void): Promise<BenchRow[]> {
  const home = makeHome("gate")
  const writer = await startWriterProcess(home, { commitDelayMs })
  const host = await startPlugin(home)
  const bench = new GateBench(host, new RawStore(`${home.root}/probe.db`), commitDelayMs)
  const words = commitDelayMs === 0 ? "" : `, ${commitDelayMs} ms added to commits`
  await bench.oneCaller(sizes.one / 2)
  await bench.manyCallers(32, askedInTurn)
  const one: Waits[] = []
  const many: Waits[] = []
  for (let i = 0; i < sizes.repetitions; i++) {
    one.push(await bench.oneCaller(sizes.one))
    many.push(await bench.manyCallers(32, sizes.many))
    say(`gate${words} ${i + 1}/${sizes.repetitions}`)
  }
  await host.flush()
  await expectEntries(home, bench.captured)
  bench.close()
  host.close()
  await writer.stop()
  return [...rowsOf(`1 caller${words}`, 2, one, say), ...rowsOf(`32 callers${words}`, 5, many, say)]
}

class GateBench {
  readonly #host: PluginHost
  readonly #probe: RawStore
  readonly #delay: (() => void) | undefined
  captured = 0

  constructor(host: PluginHost, probe: RawStore, commitDelayMs: number) {
    this.#host = host
    this.#probe = probe
    const cell = new Int32Array(new SharedArrayBuffer(4))
    this.#delay = commitDelayMs === 0 ? undefined : () => void Atomics.wait(cell, 0, 0, commitDelayMs)
  }

  oneCaller(questions: number): Promise<Waits> {
    return this.#withBackground(async (gates, fsyncs) => {
      for (let i = 0; i < questions; i++) {
        gates.push(await this.#ask())
        fsyncs.push(this.#commit())
        await nextTurn()
      }
    })
  }

  manyCallers(callers: number, questions: number): Promise<Waits> {
    return this.#withBackground(async (gates, fsyncs) => {
      for (let asked = 0; asked < questions; asked += askedInTurn) {
        const caller = async () => {
          for (let i = 0; i < askedInTurn / callers; i++) gates.push(await this.#ask())
        }
        await Promise.all(Array.from({ length: callers }, caller))
        for (let i = 0; i < probedInTurn; i++) {
          fsyncs.push(this.#commit())
          await nextTurn()
        }
      }
    })
  }

  close(): void {
    this.#probe.close()
  }

  #ask(): Promise<number> {
    this.captured++
    return this.#host.gate(guardedCalls[this.captured % guardedCalls.length] as HookCall)
  }

  #commit(): number {
    const from = performance.now()
    this.#probe.commitOneRow(this.#delay)
    return performance.now() - from
  }

  async #withBackground(work: (gates: number[], fsyncs: number[]) => Promise<void>): Promise<Waits> {
    const gates: number[] = []
    const fsyncs: number[] = []
    const from = performance.now()
    let observed = 0
    // What a blocked turn of the event loop left undone is made up for at the next.
    const timer = setInterval(() => {
      const due = ((performance.now() - from) / 1_000) * backgroundPerSecond
      for (; observed < due; observed++) this.#observe()
    }, 1_000 / backgroundPerSecond)
    await work(gates, fsyncs)
    clearInterval(timer)
    this.#probe.moveLog()
    return { gateP50: quantile(gates, 0.5), gateP99: quantile(gates, 0.99), fsyncP50: quantile(fsyncs, 0.5), fsyncP99: quantile(fsyncs, 0.99) }
  }

  #observe(): void {
    this.captured++
    const { hook, event, ctx } = observedCalls[this.captured % observedCalls.length] as HookCall
    void this.#host.handler(hook)(event, ctx)
  }
}

function rowsOf(words: string, constantMs: number, repetitions: readonly Waits[], say: (words: string) => void): BenchRow[] {
  const of = (read: (waits: Waits) => number) => median(repetitions.map(read))
  const shares = repetitions.map(({ gateP99, fsyncP99 }) => gateP99 / (3 * fsyncP99 + constantMs))
  say(`${words}: gate p99 / allowed (least | median | most): ${spread(shares)}`)
  return [
    atMost(`${words}: p99 / (3 x fsync p99 + ${constantMs} ms)`, median(shares), "x", 1),
    shown(
      `${words}: gate p50`,
      of((waits) => waits.gateP50),
      "ms",
    ),
    shown(
      `${words}: gate p99`,
      of((waits) => waits.gateP99),
      "ms",
    ),
    shown(
      `${words}: fsync p50`,
      of((waits) => waits.fsyncP50),
      "ms",
    ),
    shown(
      `${words}: fsync p99`,
      of((waits) => waits.fsyncP99),
      "ms",
    ),
  ]
}
