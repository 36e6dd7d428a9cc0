/** Sums that only grow, as they stood after so many entries: carried on by the entry that closes those, so that no counter goes down when they are removed. */
import type { Json } from "../base/json.ts"
import { closingOf } from "../journal/closing.ts"
import type { LedgerFiles } from "../journal/files.ts"
import type { JournalReader } from "../journal/reader.ts"
import type { PageKeys } from "../vault/key-store.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import { carriedCounters, counters, storedCounters } from "./counters.ts"
import { carriedSeries, seriesIn, UsageSeries, type Series } from "./usage-series.ts"
import { sumsOf, type CountedCall } from "./usage-calls.ts"
import { cellColumns, type CellColumn } from "./usage-schema.ts"
import { ViewStore } from "./view-store.ts"

const sliceEntries = 5_000

type StoredCall = CountedCall & { readonly atMs: number } & { readonly [C in CellColumn]: string }
type Carried = { readonly series: Json; readonly counters: Json }

export function carriedCounts(files: LedgerFiles, keys: PageKeys, reader: JournalReader, upTo: number): Carried {
  const closing = closingOf(reader)
  const views = ViewStore.open(files.views, keys.viewsKey)
  try {
    views.catchUp(reader, { sliceEntries })
    const series = seriesUpTo(views.database, closing ? seriesIn(closing) : [], upTo)
    return { series: carriedSeries(series), counters: carriedCounters(countersUpTo(reader, upTo)) }
  } finally {
    views.close()
  }
}

/** Which calls there were is known already, each once; they are counted as they were, in the order of their entries. */
function seriesUpTo(views: SqliteDatabase, begun: readonly Series[], upTo: number): readonly Series[] {
  const counted = new UsageSeries(begun)
  const calls = views.prepare(`
    SELECT at_ms AS atMs, stop, input, output, cache_read AS cacheRead, cache_write AS cacheWrite, reported, computed, latency_ms AS latencyMs,
      ${cellColumns.map((name) => `cell.${name}`).join(", ")}
    FROM usage_calls call JOIN usage_cells cell ON cell.id = call.cell WHERE sequence < ? ORDER BY call.id`)
  for (const call of calls.iterate(upTo) as Iterable<StoredCall>) counted.add(call, call.atMs, sumsOf(call))
  return counted.all
}

function countersUpTo(reader: JournalReader, upTo: number) {
  const views = ViewStore.inMemory([counters])
  try {
    while (views.applySlice(reader, upTo, sliceEntries));
    return storedCounters(views.database)
  } finally {
    views.close()
  }
}
