/**
 * How long a guarded tool call waits behind a burst of 30,000 observed events of 505 B.
 *
 * From the host: the burst is 30,000 calls of the built plugin's handlers in one turn of the event loop; then one guarded call after the other, until the
 * burst is on disk. The plugin keeps the burst back and hands it over in portions. At the socket: another client writes the whole burst into
 * the socket at once, as nothing of ours does, and the guarded calls come from the plugin meanwhile. The first call stands behind the whole burst, the
 * others behind what is left of it; the limit is on the p99 of all of them over all bursts of a repetition. The baseline is a gate of the same run when
 * nothing else happens. Small entries of the writer itself aside, what was recorded is counted at the end.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { openLane, randomSender } from "../src/surfaces/socket/writer-link.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { observeLine, toolCall, toolCalls } from "./payload.ts"
import { expectEntries, guardedTool, startPlugin, type PluginHost } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "how long a guarded call waits behind a burst of 30,000 observed events"

const burst = 30_000
const quietGates = 200
const limitMs = 100

type Waits = { readonly quietMs: number[]; readonly fromHost: BurstWaits; readonly atSocket: BurstWaits }
type BurstWaits = { readonly firstMs: number[]; readonly allMs: number[] }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const sizes = args.includes("--quick") ? { bursts: 2, repetitions: 2 } : { bursts: 6, repetitions: 5 }
  const home = makeHome("burst")
  const writer = await startWriterProcess(home)
  const host = await startPlugin(home)
  const bench = new BurstBench(home, host)
  await bench.fromHost({ firstMs: [], allMs: [] })
  const repetitions: Waits[] = []
  for (let i = 0; i < sizes.repetitions; i++) {
    const waits: Waits = { quietMs: await bench.quiet(), fromHost: { firstMs: [], allMs: [] }, atSocket: { firstMs: [], allMs: [] } }
    for (let j = 0; j < sizes.bursts; j++) {
      await bench.fromHost(waits.fromHost)
      await bench.atSocket(waits.atSocket)
    }
    repetitions.push(waits)
    say(`gate-burst ${i + 1}/${sizes.repetitions}`)
  }
  await expectEntries(home, bench.captured)
  host.close()
  await writer.stop()
  return rowsOf(repetitions, say)
}

class BurstBench {
  readonly #home: LedgerHome
  readonly #host: PluginHost
  captured = 0

  constructor(home: LedgerHome, host: PluginHost) {
    this.#home = home
    this.#host = host
  }

  async quiet(): Promise<number[]> {
    const waits: number[] = []
    for (let i = 0; i < quietGates; i++) waits.push(await this.#ask())
    return waits
  }

  async fromHost(waits: BurstWaits): Promise<void> {
    const calls = toolCalls(this.captured, burst)
    this.captured += burst
    for (const { hook, event, ctx } of calls) void this.#host.handler(hook)(event, ctx)
    await this.#askUntil(this.#host.flush(), waits)
  }

  async atSocket(waits: BurstWaits): Promise<void> {
    const lines = toolCalls(this.captured, burst).map((call, i) => observeLine(call, i + 1))
    this.captured += burst
    let recorded: () => void = () => {}
    const done = new Promise<void>((resolve) => (recorded = resolve))
    const config = { guard: { tools: [], deny: [] }, userId: "bench", hashed: { promptText: false, toolArgs: false } }
    const lane = await openLane({ socketPath: socketPath(this.#home.files.directory), role: "plugin", config }, "observe", randomSender(), {
      line: (line) => ("ack" in line && line.ack === burst ? recorded() : undefined),
      closed: () => {},
    })
    lane.send(lines.join(""))
    await this.#askUntil(done, waits)
    lane.close()
  }

  /** The first question is asked right away, the next ones as soon as there is an answer. */
  async #askUntil(recorded: Promise<void>, waits: BurstWaits): Promise<void> {
    const state = { over: false }
    void recorded.then(() => (state.over = true))
    for (let asked = 0; !state.over; asked++) {
      const waitedMs = await this.#ask()
      if (asked === 0) waits.firstMs.push(waitedMs)
      waits.allMs.push(waitedMs)
    }
  }

  #ask(): Promise<number> {
    const call = toolCall(this.captured * 2, { tool: guardedTool })
    this.captured++
    return this.#host.gate(call)
  }
}

function rowsOf(repetitions: readonly Waits[], say: (words: string) => void): BenchRow[] {
  const of = (read: (waits: Waits) => number) => median(repetitions.map(read))
  const quiet = (waits: Waits) => quantile(waits.quietMs, 0.99)
  const ways = [
    ["from the host", (waits: Waits) => waits.fromHost],
    ["at the socket", (waits: Waits) => waits.atSocket],
  ] as const
  return [
    ...ways.flatMap(([words, read]) => {
      const p99 = (waits: Waits) => quantile(read(waits).allMs, 0.99)
      say(
        `${words}: p99 (least | median | most): ${spread(repetitions.map(p99))} ms, of ${repetitions.map((waits) => read(waits).allMs.length).join(" ")} calls`,
      )
      return [
        shown(
          `${words}: p99 / p99 of a quiet gate`,
          of((waits) => p99(waits) / quiet(waits)),
          "x",
        ),
        atMost(`${words}: gate p99 behind the burst`, of(p99), "ms", limitMs),
        shown(
          `${words}: gate p50 behind the burst`,
          of((waits) => quantile(read(waits).allMs, 0.5)),
          "ms",
        ),
        shown(
          `${words}: the first gate, median`,
          of((waits) => median(read(waits).firstMs)),
          "ms",
        ),
        shown(`${words}: the first gate, longest`, Math.max(...repetitions.flatMap((waits) => read(waits).firstMs)), "ms"),
      ]
    }),
    shown(
      "a quiet gate, p50",
      of((waits) => quantile(waits.quietMs, 0.5)),
      "ms",
    ),
    shown("a quiet gate, p99", of(quiet), "ms"),
  ]
}
