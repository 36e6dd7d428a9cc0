/**
 * Rows of usage that somebody read from the host's stores become an entry: as columns, names that may name a person as pseudonyms, each row with what it
 * costs by the price of its time. They came over a socket, so every member is looked at.
 */
import { Fault } from "../../base/fault.ts"
import { countOf, objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { runKinds, type UsageColumns } from "../../format/facts/history.ts"
import { rowNameLength } from "../../format/row-name.ts"
import { name, reference, word } from "../../capture/references.ts"
import { mostBatchRows, rowFields } from "../../history/usage/batch.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { costOf } from "../../prices/price.ts"
import type { Prices } from "../spend/prices.ts"

type Columns = { [K in keyof UsageColumns]: UsageColumns[K][number][] }
type Pseudonyms = Pick<ScopeStore, "pseudonym">

const untold = -1
const mostNames = 10_000

/** @throws {Fault} `cli.usage` when it is no batch of rows */
export function importedUsage(batch: unknown, prices: Prices, scopes: Pseudonyms): NewEvent<"usage.imported"> {
  const { place: told, names, ids, rows } = objectOf(batch)
  if (typeof ids !== "string" || !Array.isArray(rows) || rows.length === 0 || rows.length > mostBatchRows) throw noRows()
  if (ids.length !== rows.length * rowNameLength) throw noRows()
  const place = objectOf(told)
  const { models, stops, runs } = objectOf(names)
  const hidden: Record<string, string> = {}
  const shown = (make: typeof reference) => (field: string, value: unknown) => {
    const text = stringOf(value)
    if (text === undefined) return undefined
    const stands = make(text, scopes)
    if (stands !== text) hidden[field] = text
    return stands
  }
  const [named, referred] = [shown(name), shown(reference)]
  const listed = listOf(models).map((one, index): [string, string, string] => {
    const [provider, model, api] = Array.isArray(one) ? (one as unknown[]) : []
    return [named(`provider ${index}`, provider) ?? "", named(`model ${index}`, model) ?? "", word(api) ?? ""]
  })
  const priced = listOf(models).map((one) => (Array.isArray(one) ? [stringOf(one[0]), stringOf(one[1])] : []))
  const columns = columnsOf(rows, (row) => costNanos(row, priced[row.model] ?? [], prices), scopes)
  const [session, sessionId] = [stringOf(place["key"]), stringOf(place["sessionId"])]
  const facts = {
    agent: named("agent", place["agent"]),
    atMs: columns.atMs[0] ?? 0,
    via: "import",
    count: rows.length,
    ids,
    models: listed,
    stops: listOf(stops).map((stop) => word(stop) ?? ""),
    runs: listOf(runs).map((run, index) => referred(`run ${index}`, run) ?? ""),
    rows: columns,
    book: prices.book.digest,
    job: referred("job", place["job"]),
    channel: named("channel", place["channel"]),
    chatType: word(place["chatType"]),
    sender: pseudonym(place["sender"], scopes),
    parent: pseudonym(place["parent"], scopes),
    project: named("project", place["project"]),
  }
  const content = { sessionId, parent: place["parent"], sender: place["sender"], names: Object.keys(hidden).length > 0 ? hidden : undefined }
  const label = session ?? sessionId
  return {
    type: "usage.imported",
    id: `usage.imported:${ids.slice(0, rowNameLength)}/${rows.length}`,
    ...(label === undefined ? {} : { scope: { session: label } }),
    facts: given(facts),
    content: given(content),
  } as NewEvent<"usage.imported">
}

/** People and conversations stand in facts by nothing else. */
function pseudonym(value: unknown, scopes: Pseudonyms): string | undefined {
  const text = stringOf(value)
  return text === undefined ? undefined : scopes.pseudonym(text)
}

type Row = { readonly model: number; readonly atMs: number } & Record<"input" | "output" | "cacheRead" | "cacheWrite" | "cacheWrite1h", number>

function columnsOf(rows: readonly unknown[], cost: (row: Row) => number, scopes: Pseudonyms): UsageColumns {
  const columns: Columns = {
    atMs: [],
    latencyMs: [],
    model: [],
    stop: [],
    input: [],
    output: [],
    cacheRead: [],
    cacheWrite: [],
    cacheWrite1h: [],
    reasoning: [],
    reported: [],
    computed: [],
    run: [],
    response: [],
    kind: [],
  }
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== rowFields.length) throw noRows()
    const [atMs, latencyMs, model, stop, input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, reported, run, response, kind] = row as unknown[]
    const counted = {
      input: tokens(input),
      output: tokens(output),
      cacheRead: tokens(cacheRead),
      cacheWrite: tokens(cacheWrite),
      cacheWrite1h: tokens(cacheWrite1h),
    }
    const [at, place] = [count(atMs), count(model)]
    columns.atMs.push(at)
    columns.latencyMs.push(orUntold(latencyMs))
    columns.model.push(place)
    columns.stop.push(count(stop))
    columns.input.push(counted.input)
    columns.output.push(counted.output)
    columns.cacheRead.push(counted.cacheRead)
    columns.cacheWrite.push(counted.cacheWrite)
    columns.cacheWrite1h.push(counted.cacheWrite1h)
    columns.reasoning.push(tokens(reasoning))
    columns.reported.push(orUntold(reported))
    columns.computed.push(cost({ atMs: at, model: place, ...counted }))
    columns.run.push(count(run))
    columns.response.push(response === "" ? "" : reference(String(response), scopes))
    columns.kind.push(typeof kind === "number" && runKinds[kind] !== undefined ? kind : untold)
  }
  return columns
}

/** Nano-dollars, or -1 where the model has no price. */
function costNanos(row: Row, [provider, model]: readonly (string | undefined)[], prices: Prices): number {
  const price = prices.priceOf(provider, model, row.atMs)
  if (price === undefined) return untold
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = row
  const usage = { inputTokens: BigInt(input), outputTokens: BigInt(output), cacheReadTokens: BigInt(cacheRead), cacheWriteTokens: BigInt(cacheWrite) }
  return Number(costOf(price, { ...usage, cacheWrite1hTokens: BigInt(cacheWrite1h) }))
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > mostNames) throw noRows()
  return value
}

function count(value: unknown): number {
  const found = countOf(value)
  if (found === undefined) throw noRows()
  return found
}

const mostTokens = 1e13

function tokens(value: unknown): number {
  const found = count(value)
  if (found > mostTokens) throw noRows()
  return found
}

function orUntold(value: unknown): number {
  return countOf(value) ?? untold
}

function given(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}

function noRows(): Fault {
  return new Fault("cli.usage", { problem: "These are no rows of usage as sovereign-ledger import sends them." })
}
