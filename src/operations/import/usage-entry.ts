/**
 * Rows of usage that somebody read from the host's stores become an entry: names that may name a person as pseudonyms, each row with what it costs by the
 * price of its time. They came over a socket, so every member is looked at; the numbers then go into the journal as the text they came in.
 */
import { Fault } from "../../base/fault.ts"
import { objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import type { ScopeName } from "../../format/event.ts"
import { rowNameLength } from "../../format/row-name.ts"
import { name, reference, word } from "../../capture/references.ts"
import { numberAt, runKinds, usageColumnNames, type UsageColumnName, type UsageColumns } from "../../format/facts/history.ts"
import { mostTokens } from "../../capture/usage-shape.ts"
import { mostBatchRows, unseenReasons } from "../../history/usage/batch.ts"
import type { NewEntry } from "../../journal/journal.ts"
import { quickPrice, type QuickPrice, type RateList } from "../../prices/quick-cost.ts"
import type { Scope } from "../../vault/scope.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { Prices } from "../spend/prices.ts"

type Pseudonyms = Pick<ScopeStore, "pseudonym">

/** An entry but for its scope, which is made sure of for many at once. */
export type ImportedUsage = { readonly scope: ScopeName; readonly entry: (scope: Scope) => NewEntry }

const untold = -1
const mostNames = 10_000
const mostCharacters = 256 * 1024

/** @throws {Fault} `cli.usage` when it is no batch of rows */
export function importedUsage(batch: unknown, prices: Prices, scopes: Pseudonyms): ImportedUsage {
  const { place: told, names, ids, columns: text, responses } = objectOf(batch)
  if (typeof ids !== "string" || typeof text !== "string" || text.length > mostCharacters) throw noRows()
  const count = ids.length / rowNameLength
  if (!/^[\w-]+$/.test(ids) || !Number.isInteger(count) || count > mostBatchRows) throw noRows()
  const { models, stops, runs } = objectOf(names)
  const [asNamed, answered] = [listOf(models), listOf(responses)]
  const places = { model: asNamed.length, stop: listOf(stops).length, run: listOf(runs).length, kind: runKinds.length, unseen: unseenReasons.length }
  const columns = columnsIn(text, count, places)
  const place = objectOf(told)
  const hidden: Record<string, string> = {}
  const shown = (make: typeof reference) => (field: string, value: unknown) => {
    const raw = stringOf(value)
    if (raw === undefined) return undefined
    const stands = make(raw, scopes)
    if (stands !== raw) hidden[field] = raw
    return stands
  }
  const [named, referred] = [shown(name), shown(reference)]
  const listed = asNamed.map((one, index) => {
    const [provider, model, api] = Array.isArray(one) ? (one as unknown[]) : []
    return [named(`provider ${index}`, provider) ?? "", named(`model ${index}`, model) ?? "", word(api) ?? ""]
  })
  const [session, sessionId] = [stringOf(place["key"]), stringOf(place["sessionId"])]
  const id = `usage.imported:${ids.slice(0, rowNameLength)}/${count}`
  const facts = given({
    id,
    agent: named("agent", place["agent"]),
    atMs: numberAt(columns.atMs, 0),
    via: "import",
    count,
    ids,
    models: listed,
    stops: listOf(stops).map((stop) => word(stop) ?? ""),
    runs: listOf(runs).map((run, index) => referred(`run ${index}`, run) ?? ""),
    book: prices.book.digest,
    job: referred("job", place["job"]),
    channel: named("channel", place["channel"]),
    chatType: word(place["chatType"]),
    sender: pseudonym(place["sender"], scopes),
    parent: pseudonym(place["parent"], scopes),
    project: named("project", place["project"]),
    ...priced(columns, count, asNamed, prices),
    responses: answered.length === 0 ? undefined : answered.map((one) => (stringOf(one) === undefined ? "" : reference(String(one), scopes))),
  })
  const content = given({ sessionId, parent: place["parent"], sender: place["sender"], names: Object.keys(hidden).length > 0 ? hidden : undefined })
  const factsText = `${JSON.stringify(facts).slice(0, -1)},"rows":${text}}`
  const label = session ?? sessionId
  return {
    scope: label === undefined ? {} : { session: label },
    entry: (scope) => ({ type: "usage.imported", id, scope, factsText, contentText: JSON.stringify(content) }),
  }
}

const mayBeUntold: ReadonlySet<UsageColumnName> = new Set(["latencyMs", "reported", "kind"])

const tokenColumns: ReadonlySet<UsageColumnName> = new Set(["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning"])
/** How many there are of what columns point to. */
type Places = { readonly [C in "model" | "stop" | "run" | "kind" | "unseen"]: number }

/** Every column, with a whole number for each row, or one for all of them. */
function columnsIn(text: string, count: number, places: Places): UsageColumns {
  const columns = objectOf(parsed(text))
  if (Object.keys(columns).length !== usageColumnNames.length || /\s/.test(text)) throw noRows()
  for (const name of usageColumnNames) {
    const told = columns[name]
    const numbers = Array.isArray(told) ? (told as readonly unknown[]) : [told]
    if (Array.isArray(told) && told.length !== count) throw noRows()
    const least = mayBeUntold.has(name) ? untold : 0
    const most = name in places ? (places[name as keyof Places] ?? 0) - 1 : tokenColumns.has(name) ? mostTokens : Number.MAX_SAFE_INTEGER
    if (!numbers.every((one) => Number.isSafeInteger(one) && (one as number) >= least && (one as number) <= most)) throw noRows()
  }
  return columns as UsageColumns
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw noRows()
  }
}

const dayMs = 86_400_000

type Priced = { readonly price: QuickPrice; last: RateList; place: number }

/** What each row cost and by which rates, -1 where its model has no price. Rows of a session are of few models and days, and a price holds for a day. */
function priced(columns: UsageColumns, count: number, models: readonly unknown[], prices: Prices) {
  const { atMs, model, input, output, cacheRead, cacheWrite, cacheWrite1h } = columns
  const known = new Map<number, Priced | undefined>()
  const rates: RateList[] = []
  const placeOf = (list: RateList) => {
    const place = rates.findIndex((one) => one.every((rate, index) => rate === list[index]))
    return place < 0 ? rates.push(list) - 1 : place
  }
  const [computed, rate]: [number[], number[]] = [[], []]
  let [last, found]: [number, Priced | undefined] = [Number.NaN, undefined]
  for (let index = 0; index < count; index++) {
    const at = numberAt(atMs, index)
    const place = numberAt(model, index)
    const key = Math.floor(at / dayMs) * mostNames + place
    if (key !== last) {
      if (!known.has(key)) known.set(key, priceAt(models[place], at, prices))
      found = known.get(key)
      last = key
    }
    const tokens = {
      input: numberAt(input, index),
      output: numberAt(output, index),
      cacheRead: numberAt(cacheRead, index),
      cacheWrite: numberAt(cacheWrite, index),
      cacheWrite1h: numberAt(cacheWrite1h, index),
    }
    computed.push(found?.price.cost(tokens) ?? untold)
    const list = found?.price.ratesOf(tokens)
    if (found && list !== found.last && list) {
      found.last = list
      found.place = placeOf(list)
    }
    rate.push(found?.place ?? untold)
  }
  const [first = untold] = rate
  return { computed, rates, rate: rate.every((one) => one === first) ? first : rate }
}

function priceAt(named: unknown, atMs: number, prices: Prices): Priced | undefined {
  const [provider, model] = Array.isArray(named) ? (named as unknown[]).map(stringOf) : []
  const price = prices.priceOf(provider, model, atMs)
  return price && { price: quickPrice(price), last: [], place: untold }
}

/** People and conversations stand in facts by nothing else. */
function pseudonym(value: unknown, scopes: Pseudonyms): string | undefined {
  const text = stringOf(value)
  return text === undefined ? undefined : scopes.pseudonym(text)
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > mostNames) throw noRows()
  return value
}

function given(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}

function noRows(): Fault {
  return new Fault("cli.usage", { problem: "These are no rows of usage as sovereign-ledger import sends them." })
}
