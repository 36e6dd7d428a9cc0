/** Reads a host's history in this thread, as the threads of an import do, and adds up what it finds. */
import { rowNameLength } from "../../src/format/row-name.ts"
import { deepReading } from "../../src/history/events/deep-reading.ts"
import { findSources, type FindOptions, type Trouble } from "../../src/history/find-sources.ts"
import { whole } from "../../src/history/part.ts"
import { readSource } from "../../src/history/read-source.ts"
import { readSources, type FromReader, type SourceOutcome, type StartReader } from "../../src/history/read-sources.ts"
import type { UsageBatch, UsageRow } from "../../src/history/usage/batch.ts"
import type { SessionPlace } from "../../src/history/usage/place.ts"
import { rowsOf } from "../../src/history/usage/rows-of.ts"
import { eventsOf } from "../../src/operations/record.ts"

export const inThisThread: StartReader = ({ message, gone }) => ({
  give: (task) => queueMicrotask(() => readSource(task, message)),
  end: () => queueMicrotask(() => gone("ended")),
  stop: () => {},
})

export type FoundRow = UsageRow & { readonly place: SessionPlace; readonly inherited: boolean }

export type Reading = { readonly rows: readonly FoundRow[]; readonly outcomes: readonly SourceOutcome[]; readonly troubles: readonly Trouble[] }

/** Rows in the order in which they come; the same row from another source is left out, as an import leaves it out. */
export async function readHome(stateDirectory: string, options: FindOptions & { readonly nowMs?: number } = {}): Promise<Reading> {
  const { sources, troubles } = findSources(stateDirectory, options)
  const [rows, outcomes, seen]: [FoundRow[], SourceOutcome[], Set<string>] = [[], [], new Set()]
  const onBatch = (batch: UsageBatch) => {
    for (const row of rowsOf(batch)) {
      if (seen.has(row.row)) continue
      seen.add(row.row)
      rows.push({ ...row, place: batch.place, inherited: batch.inherited })
    }
  }
  const latestMs = options.nowMs ?? 4e12
  await readSources(sources, { startReader: inThisThread, readers: 1, latestMs, onBatch, onDone: (outcome) => void outcomes.push(outcome) })
  return { rows, outcomes, troubles }
}

/** What an import of everything would record, by the names of its events, and what it could not read. */
export function readEvents(stateDirectory: string): { readonly names: readonly string[]; readonly problems: readonly string[] } {
  const [names, problems]: [string[], string[]] = [[], []]
  const context = { pseudonym: (text: string) => text, judgeTool: () => ({ guarded: false, verdict: "allow" }) as const }
  const take = (message: FromReader) => {
    if ("problem" in message) problems.push(message.problem)
    if (!("events" in message)) return
    for (let at = 0; at < message.events.names.length; at += rowNameLength) names.push(message.events.names.slice(at, at + rowNameLength))
  }
  const deep = deepReading((call) => eventsOf(call, context))
  findSources(stateDirectory).sources.forEach((source, index) => readSource({ index, source, latestMs: 4e12, part: whole }, take, deep))
  return { names, problems }
}

export function sumOf(rows: readonly FoundRow[]) {
  const sum = { calls: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  for (const row of rows) {
    sum.calls++
    for (const name of ["input", "output", "cacheRead", "cacheWrite"] as const) sum[name] += row[name]
  }
  return sum
}
