/**
 * Sustained durable append against bare inserts of the bytes it stores.
 *
 *   append   Journal.append of 100 mapped events of 505 B in four scopes, texts made by entryOf, one commit with synchronous=FULL and the sender's
 *            mark, then the writer's own upkeep of the write-ahead log
 *   raw      the rows of entries and chunks which that batch left, the same bytes in the same columns, inserted in one transaction into tables of the
 *            same schema with the same driver, cipher and settings, and the same rule for its write-ahead log; tiles are ours alone and are not in it
 *   map      as append, from the JSON text of the line: JSON.parse and the mapper are timed too
 *   project  bringing the projections forward over those entries, in the writer's slices
 *
 * Batch by batch in turn: append, raw, map, and every eighth turn project; so all of them see the same disk. Only the named work is timed.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import type { CapturedCall } from "../src/capture/hook-row.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { openJournalDatabase } from "../src/journal/schema.ts"
import { ViewStore } from "../src/projections/view-store.ts"
import type { SqliteDatabase } from "../src/vault/database.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { RawStore, type StoredRows } from "./raw-store.ts"
import { atLeast, median, quantile, shown, spread, type BenchRow } from "./samples.ts"
import { batchSize, BatchWriter } from "./writing.ts"

export const about = "durable appends of 505 B events a second, as a share of bare inserts of the same bytes"

const projectEvery = 8
/** The writer's slice, src/operations/upkeep.ts. */
const projectSlice = 400
const aim = 0.5

type Repetition = {
  rawMs: number
  appendMs: number
  mappedMs: number
  projectMs: number
  rawCpuMs: number
  appendCpuMs: number
  entries: number
  commitMs: number[]
}

export function run({ args, say }: RunOptions): readonly BenchRow[] {
  const quick = args.includes("--quick")
  const sizes = quick ? { turns: 100, repetitions: 3 } : { turns: 400, repetitions: 5 }
  const home = makeHome("append")
  const bench = new AppendBench(home)
  bench.repetition(sizes.turns / 2)
  const repetitions: Repetition[] = []
  for (let i = 0; i < sizes.repetitions; i++) {
    repetitions.push(bench.repetition(sizes.turns))
    say(`append ${i + 1}/${sizes.repetitions}`)
  }
  bench.close()
  say(`append / raw (least | median | most): ${spread(repetitions.map((one) => one.rawMs / one.appendMs))}`)
  return rowsOf(repetitions)
}

class AppendBench {
  readonly #writer: BatchWriter
  readonly #views: ViewStore
  readonly #reader: JournalReader
  readonly #rows: SqliteDatabase
  readonly #raw: RawStore
  /** A store of its own for bare commits, so that their pages are in nobody's log. */
  readonly #probe: RawStore
  #chunksSeen = 0

  constructor(home: LedgerHome) {
    this.#writer = new BatchWriter(home)
    const { keys } = this.#writer.ledger
    this.#views = ViewStore.open(home.files.views, keys.viewsKey)
    this.#reader = JournalReader.open(home.files, keys)
    this.#rows = openJournalDatabase(home.files, keys, { readonly: true })
    this.#raw = new RawStore(`${home.root}/raw.db`)
    this.#probe = new RawStore(`${home.root}/probe.db`)
  }

  repetition(turns: number): Repetition {
    const sums: Repetition = { rawMs: 0, appendMs: 0, mappedMs: 0, projectMs: 0, rawCpuMs: 0, appendCpuMs: 0, entries: turns * batchSize, commitMs: [] }
    for (let turn = 1; turn <= turns; turn++) {
      const events = this.#writer.map(this.#writer.calls())
      const appended = timed(() => this.#writer.append(events))
      const rows = this.#newRows()
      const raw = timed(() => this.#raw.insert(rows))
      const lines = this.#writer.calls().map((call) => JSON.stringify(call))
      sums.mappedMs += timed(() => this.#writer.append(this.#writer.map(lines.map((line) => JSON.parse(line) as CapturedCall)))).wallMs
      this.#newRows()
      sums.appendMs += appended.wallMs
      sums.appendCpuMs += appended.cpuMs
      sums.rawMs += raw.wallMs
      sums.rawCpuMs += raw.cpuMs
      sums.commitMs.push(timed(() => this.#probe.commitOneRow()).wallMs)
      if (turn % projectEvery === 0 || turn === turns) sums.projectMs += timed(() => this.#project()).wallMs
    }
    this.#probe.moveLog()
    sums.projectMs /= 2 // it went over the entries of append and of map
    return sums
  }

  close(): void {
    for (const part of [this.#views, this.#reader, this.#rows, this.#raw, this.#probe, this.#writer]) part.close()
  }

  /** What the last batch left in the tables of entries and chunks. */
  #newRows(): StoredRows {
    const from = this.#writer.ledger.journal.size - batchSize
    const entries = this.#rows.prepare("SELECT sequence, header, facts, place FROM entries WHERE sequence >= ?").raw().all(from)
    const chunks = this.#rows.prepare("SELECT number, scope_id, sealed FROM chunks WHERE number >= ?").raw().all(this.#chunksSeen)
    this.#chunksSeen += chunks.length
    return { entries, chunks } as StoredRows
  }

  #project(): void {
    while (this.#views.applySlice(this.#reader, this.#writer.ledger.journal.size, projectSlice));
  }
}

function timed(work: () => void): { readonly wallMs: number; readonly cpuMs: number } {
  const cpu = process.cpuUsage()
  const from = performance.now()
  work()
  const wallMs = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs, cpuMs: (user + system) / 1_000 }
}

function rowsOf(repetitions: readonly Repetition[]): BenchRow[] {
  const of = (read: (one: Repetition) => number) => median(repetitions.map(read))
  const rate = (read: (one: Repetition) => number) => of((one) => (one.entries / read(one)) * 1_000)
  const commits = repetitions.flatMap((one) => one.commitMs)
  return [
    atLeast(
      `append / raw inserts of the same bytes (aim ${aim})`,
      of((one) => one.rawMs / one.appendMs),
      "x",
      0.35,
    ),
    shown(
      "the same by CPU time",
      of((one) => one.rawCpuMs / one.appendCpuMs),
      "x",
    ),
    shown(
      "append with the mapper / raw",
      of((one) => one.rawMs / one.mappedMs),
      "x",
    ),
    shown(
      "append with mapper and projections / raw",
      of((one) => one.rawMs / (one.mappedMs + one.projectMs)),
      "x",
    ),
    shown(
      "raw inserts",
      rate((one) => one.rawMs),
      "events/s",
    ),
    shown(
      "append",
      rate((one) => one.appendMs),
      "events/s",
    ),
    shown(
      "append with the mapper",
      rate((one) => one.mappedMs),
      "events/s",
    ),
    shown(
      "append with mapper and projections",
      rate((one) => one.mappedMs + one.projectMs),
      "events/s",
    ),
    shown("a bare commit of one row, p50", quantile(commits, 0.5), "ms"),
    shown("a bare commit of one row, p99", quantile(commits, 0.99), "ms"),
  ]
}
