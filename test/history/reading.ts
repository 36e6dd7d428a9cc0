/** Reads a host's history in this thread, as the threads of an import do, and adds up what it finds. */
import { findSources, type FindOptions, type Trouble } from "../../src/history/find-sources.ts"
import { readSource } from "../../src/history/read-source.ts"
import { readSources, type SourceOutcome, type StartReader } from "../../src/history/read-sources.ts"
import { rowFields, rowSeparator, type UsageBatch } from "../../src/history/usage/batch.ts"
import type { SessionPlace } from "../../src/history/usage/place.ts"
import { rowNameLength } from "../../src/format/row-name.ts"
import { runKinds } from "../../src/format/facts/history.ts"

export const inThisThread: StartReader = ({ message, gone }) => ({
  give: (task) => queueMicrotask(() => readSource(task, message)),
  end: () => queueMicrotask(() => gone("ended")),
})

export type FoundRow = {
  readonly name: string
  readonly place: SessionPlace
  readonly inherited: boolean
  readonly provider: string
  readonly model: string
  readonly api: string
  readonly stop: string
  readonly run: string
  readonly response: string
  readonly kind: string
} & Readonly<Record<"atMs" | "latencyMs" | "input" | "output" | "cacheRead" | "cacheWrite" | "cacheWrite1h" | "reasoning" | "reportedNanos", number>>

export type Reading = { readonly rows: readonly FoundRow[]; readonly outcomes: readonly SourceOutcome[]; readonly troubles: readonly Trouble[] }

/** Rows in the order in which they come; the same row from another source is left out, as an import leaves it out. */
export async function readHome(stateDirectory: string, options: FindOptions & { readonly nowMs?: number } = {}): Promise<Reading> {
  const { sources, troubles } = findSources(stateDirectory, options)
  const [rows, outcomes, seen]: [FoundRow[], SourceOutcome[], Set<string>] = [[], [], new Set()]
  const onBatch = (batch: UsageBatch) => {
    for (const row of rowsIn(batch)) {
      if (seen.has(row.name)) continue
      seen.add(row.name)
      rows.push(row)
    }
  }
  const latestMs = options.nowMs ?? 4e12
  await readSources(sources, { startReader: inThisThread, readers: 1, latestMs, onBatch, onDone: (outcome) => void outcomes.push(outcome) })
  return { rows, outcomes, troubles }
}

function rowsIn({ ids, rows, names, place, inherited }: UsageBatch): readonly FoundRow[] {
  return rows.split(rowSeparator).map((text, index) => {
    const values = JSON.parse(text) as readonly (number | string)[]
    const at = (field: (typeof rowFields)[number]) => Number(values[rowFields.indexOf(field)])
    const [provider, model, api] = names.models[at("model")] ?? ["", "", ""]
    const numbers = Object.fromEntries(rowFields.map((field, place) => [field, values[place]])) as unknown as FoundRow
    return {
      ...numbers,
      name: ids.slice(index * rowNameLength, (index + 1) * rowNameLength),
      place,
      inherited,
      provider,
      model,
      api,
      stop: names.stops[at("stop")] ?? "",
      run: names.runs[at("run")] ?? "",
      response: String(values[rowFields.indexOf("response")]),
      kind: runKinds[at("kind")] ?? "",
    }
  })
}

export function sumOf(rows: readonly FoundRow[]) {
  const sum = { calls: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  for (const row of rows) {
    sum.calls++
    for (const name of ["input", "output", "cacheRead", "cacheWrite"] as const) sum[name] += row[name]
  }
  return sum
}
