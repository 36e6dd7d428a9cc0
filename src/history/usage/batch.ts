/**
 * Rows of usage on their way from a reader to whoever counts or records them: many at once, of one session, names told once. Numbers stand in columns
 * and are JSON text already, which crosses two borders (from thread to thread, from process to process) and reaches the journal as it was made.
 */
import type { RunKind } from "../../format/event.ts"
import { runKinds, usageColumnNames, type UsageColumn, type UsageColumnName, type UsageColumns } from "../../format/facts/history.ts"
import type { SessionPlace } from "./place.ts"

export type UsageRow = {
  /** Its name: see `capture/row-identity.ts`. */
  readonly row: string
  readonly atMs: number
  /** From the beginning of the answer to its end; undefined where the host told only one of them. */
  readonly latencyMs: number | undefined
  readonly provider: string
  readonly model: string
  readonly api: string
  readonly stopReason: string
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
  readonly reasoning: number
  /** What the host says it cost, nano-dollars. */
  readonly reportedNanos: number | undefined
  readonly run: string
  readonly response: string
  readonly kind: RunKind | undefined
  readonly unseen: Unseen
}

/**
 * Why the host's own page of usage does not count a row (its `usage-cost`, OpenClaw 2026.9): it stands off the branch of the conversation that is shown,
 * in an archive inside the store, or in a copy of a transcript that the page does not read. Empty where it does count it.
 */
export const unseenReasons = ["", "branch", "archive", "copy"] as const
export type Unseen = (typeof unseenReasons)[number]

/** Names that many rows share; rows have their places in these lists. The first of each is the empty one. */
export type UsageNames = {
  /** `[provider, model, api]` */
  readonly models: readonly (readonly [provider: string, model: string, api: string])[]
  readonly stops: readonly string[]
  readonly runs: readonly string[]
}

export type UsageBatch = {
  /** Place of the source in the list of sources. */
  readonly source: number
  readonly place: SessionPlace
  readonly names: UsageNames
  readonly count: number
  /** The names of all rows, one after the other: each has `rowNameLength` characters. */
  readonly ids: string
  /** The numbers of all rows as JSON: `UsageColumns`. */
  readonly columns: string
  /** The provider's id of each answer; empty when none of the rows has one. */
  readonly responses: readonly string[]
  /** They stand in this session because it was forked from another one: they count only where the other one is gone. */
  readonly inherited: boolean
}

export type Columns = { readonly [C in UsageColumnName]: readonly number[] }

/** Rows of one batch; also of one entry of the journal, so that opening one stays cheap. */
export const mostBatchRows = 256

export class UsageBatcher {
  readonly #source: number
  readonly #place: SessionPlace
  readonly #inherited: boolean
  readonly #send: (batch: UsageBatch) => void
  #models: UsageNames["models"][number][] = [["", "", ""]]
  #stops = [""]
  #runs = new Names()
  #ids = ""
  #count = 0
  #columns = emptyColumns()
  #responses: string[] = []

  constructor(source: number, place: SessionPlace, inherited: boolean, send: (batch: UsageBatch) => void) {
    this.#source = source
    this.#place = place
    this.#inherited = inherited
    this.#send = send
  }

  add(row: UsageRow): void {
    const columns = this.#columns
    columns.atMs.push(row.atMs)
    columns.latencyMs.push(row.latencyMs ?? -1)
    columns.model.push(this.#modelOf(row))
    columns.stop.push(this.#stopOf(row.stopReason))
    columns.input.push(row.input)
    columns.output.push(row.output)
    columns.cacheRead.push(row.cacheRead)
    columns.cacheWrite.push(row.cacheWrite)
    columns.cacheWrite1h.push(row.cacheWrite1h)
    columns.reasoning.push(row.reasoning)
    columns.reported.push(row.reportedNanos ?? -1)
    columns.run.push(this.#runs.placeOf(row.run))
    columns.kind.push(row.kind === undefined ? -1 : runKinds.indexOf(row.kind))
    columns.unseen.push(unseenReasons.indexOf(row.unseen))
    if (row.response !== "" || this.#responses.length > 0) {
      while (this.#responses.length < this.#count) this.#responses.push("")
      this.#responses.push(row.response)
    }
    this.#ids += row.row
    this.#count++
    if (this.#count >= mostBatchRows) this.flush()
  }

  flush(): void {
    if (this.#count === 0) return
    const names = { models: this.#models, stops: this.#stops, runs: this.#runs.list }
    const [source, place, inherited] = [this.#source, this.#place, this.#inherited]
    const columns = columnsText(this.#columns)
    this.#send({ source, place, names, count: this.#count, ids: this.#ids, columns, responses: this.#responses, inherited })
    this.#models = [["", "", ""]]
    this.#stops = [""]
    this.#runs = new Names()
    this.#ids = ""
    this.#count = 0
    this.#columns = emptyColumns()
    this.#responses = []
  }

  /** A session uses a few models; looking through them is quicker than a map. */
  #modelOf({ provider, model, api }: UsageRow): number {
    const found = this.#models.findIndex((known) => known[1] === model && known[0] === provider && known[2] === api)
    return found >= 0 ? found : this.#models.push([provider, model, api]) - 1
  }

  #stopOf(reason: string): number {
    const found = this.#stops.indexOf(reason)
    return found >= 0 ? found : this.#stops.push(reason) - 1
  }
}

export function columnsText(columns: Columns): string {
  return `{${usageColumnNames.map((name) => `"${name}":${columnText(columns[name])}`).join()}}`
}

/** Many columns say the same of all rows of a session. Of a list of numbers, the engine's JSON is made in half the time of its `join`. */
function columnText(numbers: readonly number[]): string {
  const [first] = numbers
  return first !== undefined && numbers.every((one) => one === first) ? String(first) : JSON.stringify(numbers)
}

/** Of each row. */
export function columnsIn(text: string, count: number): Columns {
  const columns = JSON.parse(text) as UsageColumns
  return Object.fromEntries(usageColumnNames.map((name) => [name, columnOf(columns[name], count)])) as { [C in UsageColumnName]: readonly number[] }
}

function columnOf(column: UsageColumn, count: number): readonly number[] {
  return typeof column === "number" ? Array.from<number>({ length: count }).fill(column) : column
}

function emptyColumns(): { [C in UsageColumnName]: number[] } {
  return Object.fromEntries(usageColumnNames.map((name) => [name, [] as number[]])) as { [C in UsageColumnName]: number[] }
}

class Names {
  readonly list: string[] = [""]
  readonly #places = new Map<string, number>([["", 0]])

  placeOf(name: string): number {
    if (name === "") return 0
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.list.length)
    return this.list.push(name) - 1
  }
}
