/**
 * What the page cipher costs the journal: two journals, one with sealed pages and one with plain ones, by the same code, driver and settings. Both append the
 * same events in batches of 100, commit by commit in turn, each with the writer's care for its write-ahead log; so do two files of bare inserts of the rows of
 * entries and chunks. Then both journals are read, block by block in turn, at random places, as rows that nothing of ours looks at.
 */
import type { JournalReader, RawEntry } from "../src/journal/reader.ts"
import { openJournalDatabase } from "../src/journal/schema.ts"
import { readFileSalt } from "../src/vault/database.ts"
import { PageJournal, plainPageJournal, type PageKind } from "./page-journal.ts"
import { RawStore, type StoredRows } from "./raw-store.ts"
import { atLeast, median, shown, spread, type BenchRow } from "./samples.ts"
import { batchSize } from "./writing.ts"

const rangeEntries = 1_000
const rangesInTurn = 2
const pointsInTurn = 100

type Sizes = { readonly commits: number; readonly readTurns: number; readonly repetitions: number }
type Times = Record<PageKind, number>
type Pair<T> = Readonly<Record<PageKind, T>>

export async function pageCipher(sizes: Sizes, say: (words: string) => void): Promise<BenchRow[]> {
  const Plain = await plainPageJournal()
  const journals: Pair<PageJournal> = { plain: new Plain("plain"), sealed: new PageJournal("sealed") }
  const { root, files } = journals.sealed.home
  const bare: Pair<RawStore> = { plain: new RawStore(`${root}/plain.db`, { plain: true }), sealed: new RawStore(`${root}/sealed.db`) }
  const rows = openJournalDatabase(files, journals.sealed.writer.ledger.keys, { readonly: true })
  const [appends, inserts]: [Times[], Times[]] = [[], []]
  const newRows = rowsAfter(rows)
  for (let repetition = 0; repetition <= sizes.repetitions; repetition++) {
    const [append, insert] = [noTimes(), noTimes()]
    for (let turn = 0; turn < sizes.commits; turn++) {
      inTurn(turn, append, (kind) => {
        const { writer } = journals[kind]
        const events = writer.map(writer.calls())
        return () => writer.append(events)
      })
      const stored = newRows()
      inTurn(turn, insert, (kind) => () => bare[kind].insert(stored))
    }
    if (repetition === 0) continue // the first one warms up
    appends.push(append)
    inserts.push(insert)
    say(`appended ${repetition}/${sizes.repetitions}`)
  }
  const bytes: Pair<number> = { plain: journals.plain.moveLog(), sealed: journals.sealed.moveLog() }
  if (!isPlain(journals.plain) || isPlain(journals.sealed)) throw new Error("one journal must be plain and the other sealed")
  const entries = journals.sealed.writer.ledger.journal.size
  const [ranges, points] = reads({ plain: journals.plain.reader(), sealed: journals.sealed.reader() }, entries, sizes)
  rows.close()
  for (const kind of ["plain", "sealed"] as const) {
    bare[kind].close()
    journals[kind].writer.close()
  }
  const perCommit = { count: sizes.commits, one: `a commit of ${batchSize}` }
  return [
    ...rowsOf("append", appends, perCommit, 0.9, say),
    ...rowsOf("bare inserts of its entries and chunks", inserts, perCommit, undefined, say),
    ...rowsOf("range read", ranges, { count: sizes.readTurns * rangesInTurn, one: `${rangeEntries} entries` }, 0.75, say),
    ...rowsOf("point read", points, { count: sizes.readTurns * pointsInTurn, one: "an entry" }, 0.85, say),
    shown(`journal.db of ${entries} entries, plain`, bytes.plain / 2 ** 20, "MiB"),
    shown(`journal.db of ${entries} entries, sealed`, bytes.sealed / 2 ** 20, "MiB"),
  ]
}

/** Answers what each append has left in the tables of entries and chunks. */
function rowsAfter(database: ReturnType<typeof openJournalDatabase>): () => StoredRows {
  const statements = {
    entries: database.prepare("SELECT sequence, header, facts, place FROM entries WHERE sequence >= ?").raw(),
    chunks: database.prepare("SELECT number, scope_id, sealed FROM chunks WHERE number >= ?").raw(),
  }
  let [entriesSeen, chunksSeen] = [1, 0] // the entry every journal begins with has no content
  return () => {
    const [entries, chunks] = [statements.entries.all(entriesSeen), statements.chunks.all(chunksSeen)]
    entriesSeen += entries.length
    chunksSeen += chunks.length
    return { entries, chunks } as StoredRows
  }
}

function reads(readers: Pair<JournalReader>, entries: number, { readTurns, repetitions }: Sizes): [Times[], Times[]] {
  const [ranges, points]: [Times[], Times[]] = [[], []]
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    const [range, point] = [noTimes(), noTimes()]
    for (let turn = 0; turn < readTurns; turn++) {
      const starts = randomSequences(rangesInTurn, entries - rangeEntries)
      inTurn(turn, range, (kind) => () => starts.forEach((from) => expectRows([...readers[kind].rawEntries(from, from + rangeEntries - 1)], rangeEntries)))
      const sequences = randomSequences(pointsInTurn, entries)
      inTurn(turn, point, (kind) => () => sequences.forEach((sequence) => expectRows([readers[kind].rawEntry(sequence)], 1)))
    }
    if (repetition === 0) continue
    ranges.push(range)
    points.push(point)
  }
  readers.plain.close()
  readers.sealed.close()
  return [ranges, points]
}

/** The same work in both; which of them is first changes from turn to turn. What prepares it is not timed. */
function inTurn(turn: number, times: Times, prepared: (kind: PageKind) => () => void): void {
  for (const kind of turn % 2 === 0 ? (["plain", "sealed"] as const) : (["sealed", "plain"] as const)) {
    const work = prepared(kind)
    const from = performance.now()
    work()
    times[kind] += performance.now() - from
  }
}

function rowsOf(
  what: string,
  times: readonly Times[],
  { count, one }: { readonly count: number; readonly one: string },
  least: number | undefined,
  say: (words: string) => void,
): BenchRow[] {
  const ratios = times.map(({ plain, sealed }) => plain / sealed)
  say(`${what}, sealed / plain (least | median | most): ${spread(ratios)}`)
  const us = (kind: PageKind) => (median(times.map((both) => both[kind])) / count) * 1_000
  const figure = `${what}: sealed / plain pages`
  return [
    least === undefined ? shown(figure, median(ratios), "x") : atLeast(figure, median(ratios), "x", least),
    shown(`  ${one}, plain`, us("plain"), "us"),
    shown(`  ${one}, sealed`, us("sealed"), "us"),
  ]
}

function isPlain({ home }: PageJournal): boolean {
  return readFileSalt(home.files.journal).toString("latin1").startsWith("SQLite format 3")
}

function expectRows(rows: readonly (RawEntry | undefined)[], count: number): void {
  if (rows.length !== count || rows.includes(undefined)) throw new Error("an entry is not there")
}

function noTimes(): Times {
  return { plain: 0, sealed: 0 }
}

function randomSequences(count: number, below: number): number[] {
  return Array.from({ length: count }, () => Math.floor(Math.random() * below))
}
