/**
 * The recount of the ledger once a day, by itself. It is made by a process of its own at the lowest priority, so that no gate waits for it and its memory goes
 * with it; this decides when, and what of its answer stands on record. When it is due follows from the last one on record, so that restarts neither
 * put it off nor repeat it; an answer that does not come is asked for again within the hour.
 *
 * It begins with the first entry each time. To go on from yesterday's count would be to trust a state that is kept outside the journal, where nothing is evidence.
 */
import { countOf, numberOf, objectOf, stringOf } from "../base/json.ts"
import type { EventFacts, NewEvent } from "../format/event.ts"
import { lastReconciled, ledgerEventCount } from "../projections/alerts.ts"
import type { SqliteDatabase } from "../vault/database.ts"

/** One recount on its way. */
export type Recounting = { readonly answer: Promise<unknown>; readonly end: () => void }

export type ReconcilingOptions = {
  readonly nowMs: () => number
  readonly begin: () => Recounting
  readonly record: (event: NewEvent) => void
  /** The ledger's own entries since this writer began. */
  readonly ledgerEvents: () => number
  /** After the start; other than usual only in tests. */
  readonly afterStartMs?: number | undefined
}

const everyMs = 86_400_000
/** A start has enough to do, and a writer that is needed for a minute only has nothing to do with it. */
const usualAfterStartMs = 5 * 60_000
const againAfterMs = 3_600_000
const mostTold = 10

export class Reconciling {
  readonly #options: ReconcilingOptions
  /** The ledger's own entries when this writer began; undefined until it is known. */
  #atStart: number | undefined
  /** Those that the last recount counted. */
  #counted = 0
  #dueMs = Number.POSITIVE_INFINITY
  #running: Recounting | undefined
  #closed = false

  constructor(options: ReconcilingOptions) {
    this.#options = options
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    const { nowMs, afterStartMs = usualAfterStartMs } = this.#options
    const last = lastReconciled(views)
    this.#atStart = ledgerEventCount(views)
    this.#counted = countOf(last?.facts["ledgerEvents"]) ?? 0
    this.#dueMs = Math.max(nowMs() + afterStartMs, last === undefined ? 0 : last.atMs + everyMs)
  }

  everySecond(): void {
    const { nowMs, ledgerEvents, begin } = this.#options
    if (this.#closed || this.#running || this.#atStart === undefined || nowMs() < this.#dueMs) return
    if (this.#atStart + ledgerEvents() === this.#counted) return // nothing came since: it would say the same again
    const startedMs = nowMs()
    this.#dueMs = startedMs + againAfterMs
    try {
      this.#running = begin()
    } catch {
      return // processes can run out; the last recount that came to an end shows in status
    }
    const ended = this.#running.answer.then(
      (answer) => this.#told(answer, startedMs),
      () => {}, // as above
    )
    void ended.finally(() => (this.#running = undefined))
  }

  close(): void {
    this.#closed = true
    this.#running?.end()
  }

  #told(answer: unknown, startedMs: number): void {
    const { nowMs, record } = this.#options
    const facts = reconciledFacts(answer, nowMs() - startedMs)
    if (this.#closed || facts === undefined) return
    record({ type: "ledger.reconciled", id: `ledger.reconciled:${facts.to}@${startedMs}`, facts })
    this.#counted = facts.ledgerEvents
    this.#dueMs = nowMs() + everyMs
  }
}

/** Undefined when it is not what `reconcile --json` answers. */
export function reconciledFacts(answer: unknown, durationMs: number): EventFacts["ledger.reconciled"] | undefined {
  const told = objectOf(answer)
  const [entries, ledgerEvents, postings, violations] = ["entries", "ledgerEvents", "postings", "totalViolations"].map((name) => countOf(told[name]))
  if (entries === undefined || ledgerEvents === undefined || postings === undefined || violations === undefined) return undefined
  const listed = (name: string) => (Array.isArray(told[name]) ? (told[name] as readonly unknown[]).map(objectOf) : [])
  const broken = listed("checks").filter(({ violations: count }) => numberOf(count) !== 0)
  return {
    from: countOf(told["from"]) ?? 0,
    to: entries,
    ledgerEvents,
    postings,
    accounts: countOf(told["accounts"]) ?? 0,
    openHolds: countOf(told["openHolds"]) ?? 0,
    snapshot: stringOf(told["snapshot"]) ?? "none",
    violations,
    byCheck: Object.fromEntries(broken.map(({ check, violations: count }) => [String(check), countOf(count) ?? 0])),
    first: listed("violations")
      .slice(0, mostTold)
      .map(({ check, sequence }) => ({ check: String(check), sequence: countOf(sequence) ?? null })),
    differences: listed("drift")
      .flatMap(differenceOf)
      .toSorted(bySize)
      .slice(0, mostTold)
      .map(({ sizeNanos: _, ...difference }) => difference),
    durationMs,
  }
}

type Difference = EventFacts["ledger.reconciled"]["differences"][number] & { readonly sizeNanos: bigint }

function differenceOf({ model, calls, reportedNanos, postedNanos }: Readonly<Record<string, unknown>>): readonly Difference[] {
  const [reported, posted] = [reportedNanos, postedNanos].map((text) => (typeof text === "string" && /^-?\d+$/.test(text) ? BigInt(text) : undefined))
  if (reported === undefined || posted === undefined || reported === posted) return []
  const sizeNanos = posted > reported ? posted - reported : reported - posted
  return [{ model: stringOf(model) ?? "no model", calls: countOf(calls) ?? 0, reportedNanos: String(reported), postedNanos: String(posted), sizeNanos }]
}

function bySize(a: Difference, b: Difference): number {
  return a.sizeNanos === b.sizeNanos ? 0 : a.sizeNanos > b.sizeNanos ? -1 : 1
}
