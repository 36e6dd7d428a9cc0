/**
 * Looks at what is committed for what is odd while it happens: denials in a row, an hour that costs too much, a tool that was never used. Each becomes an event, once;
 * whom it is told is decided where that of every event is. Costs a look at the type of an entry, and of three types at one fact; nothing is read for it but what
 * projections have at the start.
 */
import { usd } from "../../base/money.ts"
import type { NewEvent } from "../../format/event.ts"
import type { NewEntry } from "../../journal/journal.ts"
import { hourMs, hoursBack, spikeAt } from "../../policy/anomalies/spend-spikes.ts"
import { thresholdsOf, usualThresholds, type AnomalyThresholds } from "../../policy/anomalies/thresholds.ts"
import { hourCosts } from "../../projections/hour-costs.ts"
import type { SqliteDatabase } from "../../vault/database.ts"

type Seen = { readonly type: string; readonly factsText: string; readonly timeMs: number }
type Anomaly = Omit<NewEvent<"anomaly.found">["facts"], "fromMs" | "toMs">

const dayMs = 86_400_000
const mostTools = 10_000
const mostDenials = 100_000
const mostBefore = 10_000
const mostGone = 4_096
const mostFound = 100
const watched: ReadonlySet<string> = new Set(["tool.denied", "tool.invoked", "usage.reported"])

export type NoticingOptions = { readonly nowMs: () => number; readonly record: (event: NewEvent) => void }

export class Noticing {
  readonly #options: NoticingOptions
  #thresholds: AnomalyThresholds = usualThresholds
  /** What came before it is known what was on record; undefined from then on. */
  #before: Seen[] | undefined = []
  #found: NewEvent<"anomaly.found">[] = []
  readonly #tools = new Set<string>()
  /** In the first day every tool is new. */
  #isYoung = true
  /** Times of the denials within the window, the oldest first. */
  #denials: number[] = []
  /** Where they begin in that list: those before are gone from the window. */
  #oldest = 0
  #isSpike = false
  #costs = new Map<number, bigint>()
  /** The hour that was told of. */
  #toldHour = -1

  constructor(options: NoticingOptions) {
    this.#options = options
  }

  /** As a client says them; one that says nothing leaves them as they are. */
  useSettings(anomalies: unknown): void {
    if (anomalies !== undefined) this.#thresholds = thresholdsOf(anomalies)
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    const nowMs = this.#options.nowMs()
    for (const tool of views.prepare("SELECT DISTINCT tool FROM tool_activity LIMIT ?").pluck().all(mostTools) as string[]) this.#tools.add(tool)
    const firstMs = views.prepare("SELECT min(first_ms) FROM activity").pluck().get() as number | null
    this.#isYoung = firstMs === null || nowMs - firstMs < dayMs
    const since = nowMs - this.#thresholds.denialWindowMs
    this.#denials = views.prepare("SELECT at_ms FROM denials WHERE at_ms >= ? ORDER BY at_ms LIMIT ?").pluck().all(since, mostDenials) as number[]
    this.#isSpike = this.#denials.length >= this.#thresholds.denialThreshold
    const hour = Math.floor(nowMs / hourMs)
    this.#costs = hourCosts(views, hour - hoursBack, hour + 1)
    if (spikeAt(this.#costs, hour, this.#thresholds)) this.#toldHour = hour
    const before = this.#before ?? []
    this.#before = undefined
    for (const seen of before) this.#look(seen)
  }

  /** Entries are on disk. */
  committed(entries: readonly Pick<NewEntry, "type" | "factsText">[], timeMs: number): void {
    for (const { type, factsText } of entries) {
      // Bytes are those of an import, and what was imported happened long ago.
      if (!watched.has(type) || typeof factsText !== "string" || factsText.includes('"imported":true')) continue
      const seen = { type, factsText, timeMs }
      if (this.#before === undefined) this.#look(seen)
      else if (this.#before.length < mostBefore) this.#before.push(seen)
    }
  }

  everySecond(): void {
    const found = this.#found
    this.#found = []
    for (const event of found) this.#options.record(event)
  }

  get #count(): number {
    return this.#denials.length - this.#oldest
  }

  #look({ type, factsText, timeMs }: Seen): void {
    if (type === "tool.denied") this.#denied(timeMs)
    else if (type === "tool.invoked") this.#invoked(textIn(factsText, "tool"), timeMs)
    else this.#spent(BigInt(textIn(factsText, "computedNanos") ?? textIn(factsText, "reportedNanos") ?? "0"), timeMs)
  }

  #denied(timeMs: number): void {
    const { denialWindowMs, denialThreshold } = this.#thresholds
    this.#denials.push(timeMs)
    while (this.#oldest < this.#denials.length && (timeMs - (this.#denials[this.#oldest] ?? 0) > denialWindowMs || this.#count > mostDenials)) this.#oldest++
    if (this.#oldest > mostGone) {
      this.#denials = this.#denials.slice(this.#oldest)
      this.#oldest = 0
    }
    const count = this.#count
    if (count < denialThreshold) this.#isSpike = false
    else if (!this.#isSpike) {
      this.#isSpike = true
      this.#tell(
        { detector: "denial-spikes", found: `${count} denials within ${denialWindowMs / 1_000} s`, count },
        this.#denials[this.#oldest] ?? timeMs,
        timeMs,
      )
    }
  }

  #invoked(tool: string | undefined, timeMs: number): void {
    if (tool === undefined || this.#tools.has(tool) || this.#tools.size >= mostTools) return
    this.#tools.add(tool)
    if (!this.#isYoung) this.#tell({ detector: "first-seen-tools", found: `${tool}, which was never used before`, tool }, timeMs, timeMs)
  }

  #spent(nanos: bigint, timeMs: number): void {
    const hour = Math.floor(timeMs / hourMs)
    if (!this.#costs.has(hour)) this.#costs.delete(hour - hoursBack - 1)
    this.#costs.set(hour, (this.#costs.get(hour) ?? 0n) + nanos)
    const spike = hour === this.#toldHour ? undefined : spikeAt(this.#costs, hour, this.#thresholds)
    if (!spike) return
    this.#toldHour = hour
    const { nanos: cost, usualNanos } = spike
    const found = `${usd(cost)} in an hour, usual is ${usd(usualNanos)}`
    this.#tell({ detector: "spend-spikes", found, costNanos: String(cost), usualNanos: String(usualNanos) }, hour * hourMs, timeMs)
  }

  #tell(anomaly: Anomaly, fromMs: number, toMs: number): void {
    if (this.#found.length >= mostFound) return
    this.#found.push({ type: "anomaly.found", id: `anomaly.found:${anomaly.detector}:${anomaly.tool ?? ""}:${toMs}`, facts: { ...anomaly, fromMs, toMs } })
  }
}

/** A fact that is a text without anything to be escaped, as names and amounts are. */
function textIn(factsText: string, name: string): string | undefined {
  const mark = `"${name}":"`
  const at = factsText.indexOf(mark)
  if (at < 0) return undefined
  const from = at + mark.length
  return factsText.slice(from, factsText.indexOf('"', from))
}
