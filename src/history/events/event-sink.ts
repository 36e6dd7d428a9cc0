/** Makes events of every row of a session, and sends them on as the bytes the writer takes. */
import { encodeBounded } from "../../capture/encode.ts"
import { hookRows } from "../../capture/hook-rows.ts"
import type { CapturedCall, Picked } from "../../capture/hook-row.ts"
import type { NewEvent } from "../../format/event.ts"
import { rowNameLength } from "../../format/row-name.ts"
import { sha256, sha256Base64url } from "../../format/sha256.ts"
import type { SessionSink, Sinks } from "../sinks.ts"
import type { SessionPlace } from "../usage/place.ts"
import { Turns } from "../usage/turns.ts"
import type { RowSetting, TranscriptRow } from "../usage/read-row.ts"
import { EventPack } from "./packed-events.ts"
import { callsOfRow, writtenMsOf, type HostCall } from "./row-calls.ts"

export type EventBatch = {
  readonly source: number
  readonly count: number
  /** A name for each event, `rowNameLength` characters each: what makes a repeat recognisable. */
  readonly names: string
  /** A digit for each event: 1 when it tells the usage of a call. */
  readonly calls: string
  /** All of them, see `packed-events.ts`; the memory is whose this is. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly inherited: boolean
}

/** What live capture makes of a call, secrets taken out. */
export type ToEvents = (call: CapturedCall) => readonly NewEvent[]

const rows = new Map(hookRows.map((row) => [row.hook, row]))
/** What live capture keeps of one call, unless a setting says otherwise. */
const mostCallBytes = 64 * 1024
const batchBytes = 256 * 1024

export function eventSinks(source: number, toEvents: ToEvents, send: (batch: EventBatch) => void): Sinks {
  return { isDeep: true, of: (place, begunMs) => new EventSink({ source, toEvents, send }, place, begunMs) }
}

type Parts = { readonly source: number; readonly toEvents: ToEvents; readonly send: (batch: EventBatch) => void }

class EventSink implements SessionSink {
  readonly #parts: Parts
  readonly #place: SessionPlace
  readonly #begunMs: number
  readonly #turns: Turns
  #own = new EventBatcher()
  #inherited = new EventBatcher()

  constructor(parts: Parts, place: SessionPlace, begunMs: number) {
    this.#parts = parts
    this.#place = place
    this.#begunMs = begunMs
    this.#turns = new Turns(place)
  }

  readonly add = (row: TranscriptRow, { otherwiseMs, latestMs, kind, sequence }: RowSetting, tableMs?: number): boolean => {
    const told = writtenMsOf(row, tableMs)
    const atMs = told !== undefined && told >= 0 && told <= latestMs ? Math.floor(told) : otherwiseMs
    let tellsUsage = false
    for (const call of callsOfRow(row, { place: this.#turns.at(row), sequence, trigger: kind, writtenMs: told })) {
      for (const event of this.#parts.toEvents(captured(call, atMs, row.bytes))) {
        if (event.type === "usage.reported") {
          if (!tellsTokens(event.facts)) continue
          tellsUsage = true
        }
        this.#put(event, `${this.#place.sessionId}/${String(row.row["id"])}`, atMs < this.#begunMs)
      }
    }
    return tellsUsage
  }

  readonly pass = (row: TranscriptRow): void => {
    this.#turns.at(row)
  }

  readonly flush = (): void => {
    this.#send(this.#own.take(), false)
    this.#send(this.#inherited.take(), true)
  }

  #put(event: NewEvent, rowId: string, isInherited: boolean): void {
    const batch = isInherited ? this.#inherited : this.#own
    batch.add(event, rowId)
    if (batch.sizeBytes > batchBytes) this.flush()
  }

  #send(batch: Batched | undefined, inherited: boolean): void {
    if (batch !== undefined) this.#parts.send({ source: this.#parts.source, ...batch, inherited })
  }
}

export type Batched = Omit<EventBatch, "source" | "inherited">

/** Events that leave together. */
export class EventBatcher {
  #names = ""
  #calls = ""
  #pack = new EventPack()

  get sizeBytes(): number {
    return this.#pack.sizeBytes
  }

  add(event: NewEvent, rowId = ""): void {
    const named = unnamed.test(event.id) ? ({ ...event, facts: { ...event.facts, row: nameOfText(`${event.id}\n${rowId}`) } } as NewEvent) : event
    this.#names += nameOf(named)
    this.#calls += event.type === "usage.reported" ? "1" : "0"
    this.#pack.add(named)
  }

  /** What came since the last time; undefined when nothing did. */
  take(): Batched | undefined {
    const { count, bytes } = this.#pack
    if (count === 0) return undefined
    const batch = { count, names: this.#names, calls: this.#calls, bytes }
    this.#names = ""
    this.#calls = ""
    this.#pack = new EventPack()
    return batch
  }
}

type UsageFacts = Extract<NewEvent, { readonly type: "usage.reported" }>["facts"]

/** A report of nothing is no call: an attempt that failed before it began. */
function tellsTokens({ inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0 }: UsageFacts): boolean {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens + cacheWrite1hTokens > 0
}

/** Live capture names a row of the transcript by what the host calls its answer, its tool call, its request or its run; old rows have none of these. */
const unnamed = /^message\.written:[^/]*\/-\//

/**
 * A call that tells usage is known by its row's name; anything else by the event's id, which the host's own ids make; a row the host gives no such id, by a
 * name of its place in its session. What has a name has it in its facts, so that the record knows it by the same.
 */
function nameOf({ id, facts }: NewEvent): string {
  return ("row" in facts ? facts.row : undefined) ?? nameOfText(id)
}

function nameOfText(text: string): string {
  return sha256Base64url(text).slice(0, rowNameLength)
}

/** `bytes` is the most its texts can take, where that is known: what surely fits is not measured. */
export function captured({ hook, event, ctx, said }: HostCall, atMs: number, bytes = Number.POSITIVE_INFINITY): CapturedCall {
  const picked: Picked = { ...rows.get(hook)?.pick(event, ctx), ...(said === undefined ? {} : { said }) }
  if (bytes * 2 < mostCallBytes) return { hook, atMs, picked }
  const { text, cut } = encodeBounded(picked, mostCallBytes)
  const call = { hook, atMs, picked: JSON.parse(text) as Picked }
  return cut === undefined ? call : { ...call, cut: { fromBytes: cut.fromBytes, keptSha256: sha256(text).toString("hex") } }
}
