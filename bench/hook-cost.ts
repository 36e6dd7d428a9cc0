/**
 * What one hook costs the host's thread.
 *
 * The built plugin is registered with a host that records handlers; its client is connected to a real writer process. Each call is timed around
 * the handler alone, with payloads made before; JSON.stringify of what is kept of the same payload is timed beside it, call by call. Ten calls a turn of
 * the event loop; a flush every 1,000, or every ten of the large, so that no queue runs full; at the end the recorded entries are counted.
 *
 * A large call takes long enough to lose the processor to another process, which says nothing of the handler: its p99 is of the calls that did not,
 * as the system counts it, and that of all stands beside it. The handler posts later, in a setImmediate of its own: those callbacks are timed by
 * wrapping setImmediate. Every figure is the median of the repetitions.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { watchImmediates } from "./immediates.ts"
import { interruptions } from "./interruptions.ts"
import { makeHome } from "./ledger-home.ts"
import { largeBytes, pickedOf, toolCalls, type HookCall, type Shape } from "./payload.ts"
import { expectEntries, nextTurn, startPlugin, type PluginHost } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { atMost, median, quantile, shown, spread, sum, type BenchRow } from "./samples.ts"

export const about = "what a hook costs the host's thread: 505 B and 100 kB payloads, the post after it, the thread's CPU an event"

const callsATurn = 10
const round = 1_000
const burst = 5_000

type Calls = { readonly wrapperUs: Float64Array; readonly stringifyUs: Float64Array }
/** The wrapper's times of calls during which the thread kept its processor. */
type LargeCalls = Calls & { readonly aloneUs: readonly number[] }
type Repetition = {
  readonly ordinary: Calls
  readonly postUs: number
  readonly burstPostsMs: readonly number[]
  readonly cpuUs: number
  readonly large: Readonly<Record<Shape, LargeCalls>>
}

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const sizes = quick ? { calls: 10_000, large: 200, repetitions: 3 } : { calls: 50_000, large: 1_000, repetitions: 5 }
  const home = makeHome("hook")
  const writer = await startWriterProcess(home)
  const host = await startPlugin(home)
  const driver = new Driver(host)
  await driver.timed(5_000)
  for (const shape of ["text", "tree"] as const) await driver.timedLarge(200, shape)
  const repetitions: Repetition[] = []
  for (let i = 0; i < sizes.repetitions; i++) {
    repetitions.push(await repetition(driver, sizes))
    say(`hook-cost ${i + 1}/${sizes.repetitions}`)
  }
  await expectEntries(home, driver.captured)
  host.close()
  await writer.stop()
  return rowsOf(repetitions, say)
}

async function repetition(driver: Driver, sizes: { readonly calls: number; readonly large: number }): Promise<Repetition> {
  const posts = watchImmediates()
  const ordinary = await driver.timed(sizes.calls)
  const postUs = (sum(posts.takeMs()) * 1_000) / sizes.calls
  await driver.burst(burst)
  const burstPostsMs = posts.takeMs()
  posts.end()
  const cpuUs = await driver.threadCpuUs(sizes.calls)
  const large = {
    text: await driver.timedLarge(sizes.large, "text"),
    tree: await driver.timedLarge(sizes.large, "tree"),
  }
  return { ordinary, postUs, burstPostsMs, cpuUs, large }
}

class Driver {
  readonly #host: PluginHost
  captured = 0

  constructor(host: PluginHost) {
    this.#host = host
  }

  async timed(count: number): Promise<Calls> {
    const calls = emptyCalls(count)
    for (let at = 0; at < count; at += round) {
      for (const [i, call] of toolCalls(this.captured, Math.min(round, count - at)).entries()) {
        this.#both(calls, at + i, call)
        if ((i + 1) % callsATurn === 0) await nextTurn()
      }
      await this.#host.flush()
    }
    return calls
  }

  /** A few large payloads taken in turn: making each anew would fill the heap, and collecting that would be a cost of the bench. */
  async timedLarge(count: number, shape: Shape): Promise<LargeCalls> {
    const calls = emptyCalls(count)
    const aloneUs: number[] = []
    const pool = toolCalls(this.captured, callsATurn, { sizeBytes: largeBytes, shape })
    for (let at = 0; at < count; at++) {
      const call = pool[at % pool.length] as HookCall
      calls.stringifyUs[at] = this.#stringify(call)
      const before = interruptions()
      const tookUs = this.#wrapper(call)
      if (interruptions() === before) aloneUs.push(tookUs)
      calls.wrapperUs[at] = tookUs
      if ((at + 1) % callsATurn === 0) await this.#host.flush()
    }
    return { ...calls, aloneUs }
  }

  /** All in one turn of the event loop: posts are as large as they get. */
  async burst(count: number): Promise<void> {
    for (const { hook, event, ctx } of toolCalls(this.captured, count)) this.#host.handler(hook)(event, ctx)
    this.captured += count
    await this.#host.flush()
  }

  /** CPU of this thread an event: handler, post and acknowledgement. */
  async threadCpuUs(count: number): Promise<number> {
    let usedUs = 0
    for (let at = 0; at < count; at += burst) {
      const calls = toolCalls(this.captured, burst)
      const before = process.threadCpuUsage()
      for (const [i, { hook, event, ctx }] of calls.entries()) {
        this.#host.handler(hook)(event, ctx)
        if ((i + 1) % callsATurn === 0) await nextTurn()
      }
      await this.#host.flush()
      const { user, system } = process.threadCpuUsage(before)
      usedUs += user + system
      this.captured += burst
    }
    return usedUs / count
  }

  #both(calls: Calls, at: number, call: HookCall): void {
    if (at % 2 === 0) calls.stringifyUs[at] = this.#stringify(call)
    calls.wrapperUs[at] = this.#wrapper(call)
    if (at % 2 === 1) calls.stringifyUs[at] = this.#stringify(call)
  }

  #wrapper({ hook, event, ctx }: HookCall): number {
    const handler = this.#host.handler(hook)
    this.captured++
    const from = performance.now()
    handler(event, ctx)
    return (performance.now() - from) * 1_000
  }

  #stringify(call: HookCall): number {
    const picked = pickedOf(call)
    const from = performance.now()
    JSON.stringify(picked)
    return (performance.now() - from) * 1_000
  }
}

function emptyCalls(count: number): Calls {
  return { wrapperUs: new Float64Array(count), stringifyUs: new Float64Array(count) }
}

function rowsOf(repetitions: readonly Repetition[], say: (words: string) => void): BenchRow[] {
  const of = (read: (repetition: Repetition) => number) => median(repetitions.map(read))
  const p = (calls: Calls, q: number) => quantile(calls.wrapperUs, q)
  const ratios = (words: string, read: (repetition: Repetition) => Calls) =>
    [0.5, 0.99].map((q) => {
      const ratio = of((one) => quantile(read(one).wrapperUs, q) / quantile(read(one).stringifyUs, q))
      return shown(`${words}: p${q * 100} / that of JSON.stringify`, ratio, "x")
    })
  say(`505 B, p50 (least | median | most): ${spread(repetitions.map((one) => p(one.ordinary, 0.5)))} us`)
  say(`505 B, p99 (least | median | most): ${spread(repetitions.map((one) => p(one.ordinary, 0.99)))} us`)
  const large = (["text", "tree"] as const).flatMap((shape) => {
    const words = shape === "text" ? "100 kB, one long text" : "100 kB, many values"
    const calls = (one: Repetition) => one.large[shape]
    return [
      ...ratios(words, calls),
      atMost(
        `${words}: p50`,
        of((one) => p(calls(one), 0.5) / 1_000),
        "ms",
        0.5,
      ),
      atMost(
        `${words}: p99 of calls not interrupted`,
        of((one) => quantile(calls(one).aloneUs, 0.99) / 1_000),
        "ms",
        0.5,
      ),
      shown(
        `${words}: p99 of all calls`,
        of((one) => p(calls(one), 0.99) / 1_000),
        "ms",
      ),
      shown(
        `${words}: p99 of JSON.stringify, all calls`,
        of((one) => quantile(calls(one).stringifyUs, 0.99) / 1_000),
        "ms",
      ),
      shown(
        `${words}: interrupted calls`,
        of((one) => 100 - (calls(one).aloneUs.length / calls(one).wrapperUs.length) * 100),
        "%",
      ),
    ]
  })
  return [
    ...ratios("505 B", (one) => one.ordinary),
    atMost(
      "505 B: p50",
      of((one) => p(one.ordinary, 0.5)),
      "us",
      15,
    ),
    atMost(
      "505 B: p99",
      of((one) => p(one.ordinary, 0.99)),
      "us",
      60,
    ),
    shown(
      "505 B: the post after it, an event",
      of((one) => one.postUs),
      "us",
    ),
    shown(
      "505 B: CPU of the host's thread an event, all of it",
      of((one) => one.cpuUs),
      "us",
    ),
    shown(
      `longest post of a burst of ${burst}`,
      of((one) => quantile(one.burstPostsMs, 1)),
      "ms",
    ),
    ...large,
  ]
}
