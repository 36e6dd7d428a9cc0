/**
 * Holds and settlements through the whole writer: decided, recorded, synced, answered.
 *
 * Rates: the ledger in this process, its queue and its journal, 64 lifecycles at a time (hold, wait for the answer, settle, wait, again); once on a file
 * system in memory, where nothing is waited for, and once on the disk. The disk's own rate is that of bare commits of one row by the same driver, in turn.
 * Waits: a real writer process over its socket, 32 callers at once with 200 observed events a second beside them, against bare commits of the same run.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { LedgerClient } from "../src/host/ledger-client.ts"
import { CommitQueue } from "../src/operations/commit-queue.ts"
import { Intake, type Answer } from "../src/operations/intake.ts"
import type { Peer } from "../src/operations/client-config.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { spendingOf } from "../src/operations/spend/spending.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { createKey } from "../src/operations/create-key.ts"
import { benchVersion, homeAt, makeHome, type LedgerHome } from "./ledger-home.ts"
import { startWriterProcess } from "./processes.ts"
import { nextTurn } from "./plugin-host.ts"
import { RawStore } from "./raw-store.ts"
import { atLeast, atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "hold and settle through the writer: 64 lifecycles at once, with and without a disk to wait for; waits of 32 callers"

const together = 64
const memory = "/dev/shm"
const constantMs = 5

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const [repetitions, lifecycles] = quick ? [3, 6_000] : [5, 30_000]
  const inMemory = new InProcess(memoryHome())
  const onDisk = new InProcess(makeHome("lifecycles"))
  const probe = new RawStore(join(onDisk.home.root, "probe.db"))
  await inMemory.lifecycles(2_000)
  await onDisk.lifecycles(2_000)
  const rates = { memory: [] as number[], disk: [] as number[], allowed: [] as number[] }
  for (let i = 0; i < repetitions; i++) {
    const fast = await inMemory.lifecycles(lifecycles)
    const durable = await onDisk.lifecycles(lifecycles)
    const fsyncs = commitsPerSecond(probe, 500)
    rates.memory.push(fast)
    rates.disk.push(durable)
    rates.allowed.push(durable / Math.min((together * fsyncs) / 2, fast))
    say(`lifecycles ${i + 1}/${repetitions}`)
  }
  inMemory.close()
  onDisk.close()
  probe.close()
  say(`durable / the smaller of 64 x fsyncs/s / 2 and the rate without waiting (least | median | most): ${spread(rates.allowed)}`)
  return [
    atLeast("lifecycles/s, nothing waited for", median(rates.memory), "1/s", 15_000),
    shown("lifecycles/s, durable", median(rates.disk), "1/s"),
    atLeast("durable / the smaller of 64 x fsyncs/s / 2 and the rate without waiting", median(rates.allowed), "x", 0.5),
    ...(await waits(quick, say)),
  ]
}

/** The ledger, the queue and the journal, without a socket. */
class InProcess {
  readonly home: LedgerHome
  readonly #intake: Intake
  readonly #queue: CommitQueue
  readonly #close: () => void
  readonly #peer: Peer = { role: "cli", lane: "gate", sender: "00112233445566aa", config: undefined }
  #asked = 0

  constructor(home: LedgerHome) {
    this.home = home
    const nowMs = () => Date.now()
    const ledger = openLedger(home.files, home.secrets, { nowMs: nowMs(), version: benchVersion })
    let entries = 0
    this.#queue = new CommitQueue({
      append: (batch, marks) => {
        entries += batch.length
        const first = ledger.journal.append(batch, nowMs(), marks)
        if (entries > 4_000) {
          entries = 0
          ledger.journal.checkpointLog("PASSIVE")
        }
        return first
      },
      idle: () => {},
      failed: (error) => {
        throw error
      },
    })
    const spending = spendingOf(ledger, { nowMs, gatewayPids: () => new Set(), doorsChanged: () => {} })
    this.#intake = new Intake({ ledger, queue: this.#queue, spending, nowMs })
    this.#close = () => {
      this.#queue.stop()
      ledger.close()
      if (home.root.startsWith(memory)) rmSync(home.root, { recursive: true, force: true })
    }
  }

  async lifecycles(count: number): Promise<number> {
    const from = performance.now()
    let begun = 0
    const caller = async () => {
      while (begun < count) {
        const id = `h${this.#asked}-${begun++}`
        await this.#order({ do: "hold", ...held(id, "0.05usd") })
        await this.#order({ do: "settle", attempt: 1, ...held(id, "0.01usd") })
      }
    }
    await Promise.all(Array.from({ length: together }, caller))
    return count / ((performance.now() - from) / 1_000)
  }

  close(): void {
    this.#close()
  }

  #order(order: object): Promise<Answer> {
    const n = ++this.#asked
    return new Promise((resolve) => this.#intake.gate(this.#peer, { n, h: "order", t: Date.now(), p: { order } }, resolve))
  }
}

function held(id: string, amount: string): object {
  return { id, account: `agent:a${id.length % 7}`, amounts: [amount, "1 call"], spend: { agent: "main" } }
}

function memoryHome(): LedgerHome {
  const home = homeAt(mkdtempSync(join(memory, "sl-bench-")))
  createKey(home.files, () => home.keyFile, { nowMs: Date.now(), version: benchVersion })
  return home
}

function commitsPerSecond(probe: RawStore, commits: number): number {
  const from = performance.now()
  for (let i = 0; i < commits; i++) probe.commitOneRow()
  return commits / ((performance.now() - from) / 1_000)
}

async function waits(quick: boolean, say: (words: string) => void): Promise<BenchRow[]> {
  const home = makeHome("hold-waits")
  const writer = await startWriterProcess(home)
  const client = new LedgerClient({
    link: () => ({ socketPath: socketPath(home.files.directory), role: "plugin" }),
    queueBytes: 67_108_864,
    gateWithinMs: 10_000,
    log: say,
    nowMs: () => Date.now(),
  })
  const probe = new RawStore(join(home.root, "probe.db"))
  const shares: number[] = []
  const p99s: number[] = []
  let asked = 0
  for (let repetition = -1; repetition < (quick ? 3 : 5); repetition++) {
    const [holds, fsyncs]: [number[], number[]] = [[], []]
    const from = performance.now()
    let observed = 0
    const background = setInterval(() => {
      for (; observed < ((performance.now() - from) / 1_000) * 200; observed++)
        client.observe("session_start", Date.now(), `,"h":"session_start","t":${Date.now()},"p":{"session":"agent:main:bench","sessionId":"s1"}}`)
    }, 5)
    for (let round = 0; round < (quick ? 4 : 10); round++) {
      const caller = async () => {
        for (let i = 0; i < 20; i++) {
          const id = `w${++asked}`
          const askedAt = performance.now()
          await client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order: { do: "hold", ...held(id, "0.05usd") } })}}`)
          holds.push(performance.now() - askedAt)
          await client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order: { do: "settle", attempt: 1, ...held(id, "0.01usd") } })}}`)
        }
      }
      await Promise.all(Array.from({ length: 32 }, caller))
      for (let i = 0; i < 60; i++) {
        const committed = performance.now()
        probe.commitOneRow()
        fsyncs.push(performance.now() - committed)
        await nextTurn()
      }
    }
    clearInterval(background)
    if (repetition < 0) continue // warm
    p99s.push(quantile(holds, 0.99))
    shares.push(quantile(holds, 0.99) / (3 * quantile(fsyncs, 0.99) + constantMs))
  }
  probe.close()
  client.close()
  await writer.stop()
  say(`hold p99 / allowed (least | median | most): ${spread(shares)}`)
  return [atMost(`32 callers: hold p99 / (3 x fsync p99 + ${constantMs} ms)`, median(shares), "x", 1), shown("32 callers: hold p99", median(p99s), "ms")]
}
