/**
 * How soon a writer grants its first hold after 1,000,000 transfers, and how long the ledger's state takes from the facts alone.
 *
 * The store is made of holds and settlements of 1,000 accounts through the ledger's own code, and stopped in order. Timed from the start of the process to the
 * answer of the first hold, over the socket; then the replay of every entry without the snapshot, in a process of its own thread here.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { LedgerClient } from "../src/host/ledger-client.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { CommitQueue } from "../src/operations/commit-queue.ts"
import { Intake } from "../src/operations/intake.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { spendingOf } from "../src/operations/spend/spending.ts"
import { Upkeep } from "../src/operations/upkeep.ts"
import { ledgerState } from "../src/projections/ledger-state.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { openKeys } from "../src/operations/create-key.ts"
import { benchVersion, makeHome, type LedgerHome } from "./ledger-home.ts"
import { startWriterProcess } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"

export const about = "restart after 1,000,000 transfers until the first hold is granted; the state from the facts alone"

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const transfers = quick ? 50_000 : 1_000_000
  const home = makeHome("restart")
  await fill(home, transfers, say)
  const starts: number[] = []
  for (let i = 0; i < (quick ? 3 : 5); i++) starts.push(await firstHold(home, i))
  say(`start to first hold (least | median | most): ${spread(starts)} ms`)
  const { keys } = openKeys(home.files, home.secrets)
  const from = performance.now()
  const state = JournalReader.ask(home.files, keys, (reader) => ledgerState(reader, undefined))
  const rebuilt = (performance.now() - from) / 1_000
  return [
    atMost("start of the process until the first hold is granted", median(starts) / 1_000, "s", quick ? 0.5 : 0.5),
    atMost(`state of ${transfers.toLocaleString("en")} transfers from the facts alone`, rebuilt, "s", 20),
    shown("accounts in it", state.accounts.size, ""),
  ]
}

/** Transfers of which every one is a hold and its settlement: two entries. */
async function fill(home: LedgerHome, transfers: number, say: (words: string) => void): Promise<void> {
  let nowMs = Date.now() - 86_400_000
  const ledger = openLedger(home.files, home.secrets, { nowMs, version: benchVersion })
  const queue = new CommitQueue({
    append: (batch, marks) => {
      const first = ledger.journal.append(batch, nowMs, marks)
      upkeep.committed(batch.length)
      return first
    },
    idle: () => upkeep.idle(),
    failed: (error) => {
      throw error
    },
  })
  const spending = spendingOf(ledger, { nowMs: () => nowMs, gatewayPids: () => new Set(), doorsChanged: () => {} })
  const upkeep = new Upkeep(ledger, { nowMs: () => nowMs, busy: () => queue.waiting > 0, failed: () => {}, book: spending.book })
  const intake = new Intake({ ledger, queue, spending, nowMs: () => nowMs })
  for (let done = 0; done < transfers; done += 250) {
    nowMs += 20
    intake.commit(() =>
      Array.from({ length: 250 }, (_, i) => {
        const id = `t${done + i}`
        const parts = [{ account: `agent:a${(done + i) % 1_000}` as const, amounts: { moneyNanos: 20_000_000n, calls: 1n } }]
        const held = spending.book.give({ do: "hold", id, parts, spend: { agent: "main" }, ttlMs: 60_000, atMs: nowMs })
        const settled = spending.book.give({ do: "settle", id, attempt: 1, parts, grade: "exact", atMs: nowMs })
        return [...held.events, ...settled.events]
      }).flat(),
    )
    queue.drain()
    if (done % 50_000 === 0) {
      say(`${done.toLocaleString("en")} transfers made`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  queue.stop()
  upkeep.finish()
  ledger.close()
}

async function firstHold(home: LedgerHome, round: number): Promise<number> {
  const from = performance.now()
  const writer = await startWriterProcess(home)
  const client = new LedgerClient({
    link: () => ({ socketPath: socketPath(home.files.directory), role: "plugin" }),
    queueBytes: 1_048_576,
    gateWithinMs: 30_000,
    log: () => {},
    nowMs: () => Date.now(),
  })
  const order = { do: "hold", id: `first-${round}-${Date.now()}`, account: "agent:a1", amounts: ["0.01usd", "1 call"], spend: { agent: "main" } }
  const answer = await client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order })}}`)
  const tookMs = performance.now() - from
  if (answer instanceof Error) throw answer
  client.close()
  await writer.stop()
  return tookMs
}
