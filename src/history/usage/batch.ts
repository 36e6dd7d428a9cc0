/**
 * Rows of usage on their way from a reader to whoever counts or records them: many at once, of one session, names told once. A row is JSON text already,
 * so that it crosses two borders (from thread to thread, from process to process) without being taken apart.
 */
import type { RunKind } from "../../format/event.ts"
import { runKinds } from "../../format/facts/history.ts"
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
}

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
  /** The names of all rows, one after the other: each has `rowNameLength` characters. */
  readonly ids: string
  /** The rest of each row as a JSON array, see `rowFields`, joined by `rowSeparator`. */
  readonly rows: string
  readonly count: number
  /** They stand in this session because it was forked from another one: they count only where the other one is gone. */
  readonly inherited: boolean
}

/** The members of a row's JSON array, in order. What is not told is -1, or the empty name. */
export const rowFields = [
  "atMs",
  "latencyMs",
  "model",
  "stop",
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "reasoning",
  "reportedNanos",
  "run",
  "response",
  "kind",
] as const

/** Stands in no JSON text: a tab inside a string is escaped. */
export const rowSeparator = ",\t"

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
  #rows = ""
  #count = 0

  constructor(source: number, place: SessionPlace, inherited: boolean, send: (batch: UsageBatch) => void) {
    this.#source = source
    this.#place = place
    this.#inherited = inherited
    this.#send = send
  }

  add(row: UsageRow): void {
    const { atMs, latencyMs, input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, reportedNanos } = row
    const response = row.response === "" ? '""' : JSON.stringify(row.response)
    const kind = row.kind === undefined ? -1 : runKinds.indexOf(row.kind)
    const [model, stop, run] = [this.#modelOf(row), this.#stopOf(row.stopReason), this.#runs.placeOf(row.run)]
    const text = `[${atMs},${latencyMs ?? -1},${model},${stop},${input},${output},${cacheRead},${cacheWrite},${cacheWrite1h},${reasoning},${reportedNanos ?? -1},${run},${response},${kind}]`
    this.#ids += row.row
    this.#rows += this.#count === 0 ? text : rowSeparator + text
    this.#count++
    if (this.#count >= mostBatchRows) this.flush()
  }

  flush(): void {
    if (this.#count === 0) return
    const names = { models: this.#models, stops: this.#stops, runs: this.#runs.list }
    const [source, place, inherited] = [this.#source, this.#place, this.#inherited]
    this.#send({ source, place, names, ids: this.#ids, rows: this.#rows, count: this.#count, inherited })
    this.#models = [["", "", ""]]
    this.#stops = [""]
    this.#runs = new Names()
    this.#ids = ""
    this.#rows = ""
    this.#count = 0
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
