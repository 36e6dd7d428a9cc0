/**
 * What captured events mean for the ledger: a call began, ended, failed before an answer; its usage was told; a tool ended; a run is over. Each hold ends by
 * the first word that says what it came to, and a word that comes twice, or for no hold, is counted once all the same.
 */
import type { CapturedCall } from "../../capture/hook-row.ts"
import { countOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { Basis, Spend } from "../../format/facts/ledger.ts"
import { stated, type Amounts } from "../../ledger/amounts.ts"
import type { Command } from "../../ledger/commands.ts"
import { dueHolds, type Hold } from "../../ledger/state.ts"
import type { Departed } from "../presence.ts"
import { spentOn } from "./admit-model-call.ts"
import { BoundSpends, boundOf, type BoundSpend } from "./bound-spends.ts"
import type { LedgerBook } from "./ledger-book.ts"
import type { Prices } from "./prices.ts"
import { modelUsage, toldUsage, type ToldUsage } from "./told-usage.ts"
import type { WantedCalls } from "./wanted-calls.ts"

type Options = { readonly book: LedgerBook; readonly wanted: WantedCalls; readonly nowMs: () => number }

/** A last word on usage may come a moment after the end of its run. */
const lastWordWithinMs = 5_000
/** A provider that refuses a request answers with less; a stream that broke off and is paid for all the same, with more. */
const longestErrorBytes = 2_000

export class FollowedSpend {
  readonly #options: Options
  /** Milliseconds a call took, by its hold. */
  readonly #tookMs = new Map<string, number>()
  /** Holds whose run is over, with when nobody is waited for any more. */
  readonly #closing = new Map<string, number>()
  readonly #bounds: BoundSpends
  /** Held when this writer began. */
  readonly #before: ReadonlySet<string>

  constructor(options: Options) {
    this.#options = options
    this.#bounds = new BoundSpends(options.book.state)
    this.#before = new Set(options.book.state.holds.keys())
  }

  follow(call: CapturedCall, event: NewEvent, prices: Prices): readonly NewEvent[] {
    switch (event.type) {
      case "model.called":
        return this.#ofHold(call, (hold) => ({ do: "consume", ...named(hold), atMs: this.#now }))
      case "model.returned":
        return this.#ofHold(call, (hold) => this.#returned(hold, event.facts))
      case "call.stopped":
        return this.#ofHold(call, (hold) => this.#release(hold, "it was stopped before it left"))
      case "usage.reported":
        return this.#usage(call, event, prices)
      case "tool.returned":
      case "tool.denied":
        return this.#tool(event)
      case "run.ended":
        return this.#runEnded(event)
      default:
        return []
    }
  }

  hasDue(atMs: number): boolean {
    return [...this.#closing.values()].some((dueMs) => dueMs <= atMs)
  }

  /** Permits of whoever is gone without a word are taken for used: the request may have left before he could say that it did. */
  departed(who: Departed): readonly NewEvent[] {
    const isOf = ({ id }: Hold) => (who === "everybody of before" ? this.#before.has(id) : processOf(id) === who.sender.slice(0, -1))
    return [...this.#options.book.state.holds.values()].flatMap((hold) => {
      if (hold.basis?.door !== "model" || !isOf(hold)) return []
      this.#closing.set(hold.id, this.#now + lastWordWithinMs)
      return hold.consumedAtMs === undefined ? this.#give({ do: "consume", ...named(hold), atMs: this.#now }) : []
    })
  }

  /** Posts in full what nobody told of. */
  due(atMs: number): readonly NewEvent[] {
    return [...this.#closing].flatMap(([id, dueMs]) => {
      if (dueMs > atMs) return []
      this.#closing.delete(id)
      const hold = this.#options.book.state.holds.get(id)
      return hold ? this.#settleInFull(hold) : []
    })
  }

  /** Calls that began and are told of no more when their time is over: like all that is posted in full, a later word corrects them. */
  expire(atMs: number): readonly NewEvent[] {
    const due = dueHolds(this.#options.book.state, atMs)
    return due.flatMap((hold) => (hold.basis?.door === "model" && hold.consumedAtMs !== undefined ? this.#settleInFull(hold) : []))
  }

  get #now(): number {
    return this.#options.nowMs()
  }

  #give(command: Command): readonly NewEvent[] {
    return this.#options.book.give(command).events
  }

  /** The hold a gateway named with its call, while it is open. */
  #ofHold({ picked }: CapturedCall, command: (hold: Hold) => Command | undefined): readonly NewEvent[] {
    const hold = this.#options.book.state.holds.get(stringOf(picked["hold"]) ?? "")
    if (!hold || hold.attempt !== countOf(picked["holdAttempt"])) return []
    const given = command(hold)
    return given ? this.#give(given) : []
  }

  #release(hold: Hold, reason: string): Command {
    this.#forget(hold)
    return { do: "release", ...named(hold), reason, atMs: this.#now }
  }

  /** A call that failed before an answer costs nothing. Everything else waits for its usage. */
  #returned(hold: Hold, facts: NewEvent<"model.returned">["facts"]): Command | undefined {
    if (facts.durationMs !== undefined) this.#tookMs.set(hold.id, facts.durationMs)
    // A request that is given up half-way has left: the provider counts what it read and wrote by then.
    const leftAndGivenUp = facts.error === "aborted" && (facts.requestBytes ?? 0) + (facts.responseBytes ?? 0) > 0
    const answered = facts.outcome === "completed" || (facts.responseBytes ?? 0) > longestErrorBytes || leftAndGivenUp
    if (!answered) return this.#release(hold, "it failed before an answer")
    // Of a compaction the host tells no usage.
    if (hold.basis?.compaction) this.#closing.set(hold.id, this.#now + lastWordWithinMs)
    return undefined
  }

  #usage(call: CapturedCall, event: NewEvent<"usage.reported">, prices: Prices): readonly NewEvent[] {
    const { book, wanted } = this.#options
    if (event.facts.ours === true) return [] // nothing was asked of a model
    if (book.state.charged.has(event.id) || book.state.posted.has(correctionOf(event.id))) return []
    const told = toldUsage(event)
    const { run } = event.facts
    const { spend, account, provider, model } = wanted.ofEvent(event, call.atMs)
    const hold = this.#begunOf(run, spend.model)
    // The host's last word on this call, and it does not say what it came to. Of a call that failed it says nothing either, and that one costs nothing.
    if (!told?.isWhole && hold) return isOfFailure(event) ? [] : this.#settle(hold, hold.total, { grade: "bound", usage: event.id })
    if (!told) return []
    if (hold) return this.#settle(hold, this.#actual(hold, told), { grade: "exact", usage: told.usage, basis: told.basis })
    const bound = this.#bounds.take(run, spend.model)
    if (bound) return this.#correct(bound, told, spend)
    const { amounts, basis } = modelUsage(told, prices.priceOf(provider, model, call.atMs), prices.book)
    const counted = { ...basis, ...(run === undefined ? {} : { run }) }
    return this.#give({
      do: "spend",
      id: told.usage,
      usage: told.usage,
      account,
      against: spentOn(provider, model),
      amounts,
      spend,
      basis: counted,
      atMs: this.#now,
    })
  }

  /** What the call came to, at the price that was in force when it was held. */
  #actual(hold: Hold, told: ToldUsage): Amounts {
    const wallMs = BigInt(this.#tookMs.get(hold.id) ?? Math.max(0, this.#now - (hold.consumedAtMs ?? this.#now)))
    return { bytesRead: 0n, bytesWritten: 0n, ...told.amountsAt(hold.basis?.price), wallMs, calls: 1n }
  }

  #settle(hold: Hold, amounts: Amounts, how: { readonly grade: "exact" | "bound"; readonly usage?: string; readonly basis?: Basis }): readonly NewEvent[] {
    const [movement] = hold.movements
    if (!movement) return []
    const isInFull = how.grade === "bound" && how.usage === undefined
    if (isInFull) this.#bounds.add(boundOf(hold, this.#tookMs.get(hold.id)))
    this.#forget(hold)
    const { door, run, price, askedAtMs } = hold.basis ?? {}
    const about = { run, price, ...(isInFull ? { door, askedAtMs, placedAtMs: hold.placedAtMs } : {}) }
    const basis: Basis = Object.fromEntries(Object.entries({ ...about, ...how.basis }).filter(([, value]) => value !== undefined))
    const money = amounts.moneyNanos === undefined ? {} : { moneyNanos: amounts.moneyNanos } // also of a call that was held without a price
    const held = { ...Object.fromEntries(stated(hold.total).map((unit) => [unit, amounts[unit] ?? 0n])), ...money }
    return this.#give({ do: "settle", ...named(hold), ...how, basis, parts: [{ account: movement.credit, amounts: held }], atMs: this.#now })
  }

  #settleInFull(hold: Hold): readonly NewEvent[] {
    return this.#settle(hold, hold.total, { grade: "bound" })
  }

  /** The usage came after all: what was posted too much goes back, and what was posted too little follows. */
  #correct(bound: BoundSpend, told: ToldUsage, spend: Spend): readonly NewEvent[] {
    const { spent, account, posted, price, spentAtMs, tookMs } = bound
    const actual = { ...posted, ...told.amountsAt(price), ...(tookMs === undefined ? {} : { wallMs: BigInt(tookMs) }) }
    const [back, more] = [less(posted, actual), less(actual, posted)]
    const about = { corrects: bound.hold, reason: "its usage was told later", spend: bound.spend ?? spend, spentAtMs, atMs: this.#now }
    const id = correctionOf(told.usage)
    return [
      ...this.#give({ do: "correct", id, ...about, debit: account, credit: spent, amounts: back }),
      ...(stated(more).some((unit) => (more[unit] ?? 0n) > 0n)
        ? this.#give({ do: "correct", id: `${id}:more`, ...about, debit: spent, credit: account, amounts: more })
        : []),
    ]
  }

  #tool(event: NewEvent<"tool.returned"> | NewEvent<"tool.denied">): readonly NewEvent[] {
    const { run, call, durationMs } = event.facts
    const hold = [...this.#options.book.state.holds.values()].find(({ basis }) => basis?.door === "tool" && basis.run === run && basis.call === call)
    if (!hold) return []
    if (event.type === "tool.denied") return this.#give(this.#release(hold, "the tool did not run"))
    const wallMs = hold.total.wallMs === undefined ? {} : { wallMs: BigInt(durationMs ?? Number(hold.total.wallMs)) }
    const bytesRead = hold.total.bytesRead === undefined ? {} : { bytesRead: BigInt(event.facts.resultBytes) }
    return this.#settle(hold, { ...hold.total, ...wallMs, ...bytesRead }, { grade: "exact", basis: { door: "tool", ...(call === undefined ? {} : { call }) } })
  }

  /** Only what was asked for before it: the next attempt of a run may have its hold already. */
  #runEnded({ facts }: NewEvent<"run.ended">): readonly NewEvent[] {
    const before = facts.atMs ?? 0
    return this.#holdsOf(facts.run).flatMap((hold) => {
      if ((hold.basis?.askedAtMs ?? Infinity) >= before) return []
      if (this.#isUnanswered(hold)) return this.#give(this.#release(hold, "nobody let it spend more"))
      // A tool whose end nobody tells of may have run.
      if (hold.consumedAtMs === undefined && hold.basis?.door === "model") return this.#give(this.#release(hold, "the run ended without it"))
      this.#closing.set(hold.id, this.#now + lastWordWithinMs)
      return []
    })
  }

  /** A tool that an owner was asked about; the host tells what it was answered before it tells of the tool. */
  #isUnanswered({ draw }: Hold): boolean {
    return draw !== undefined && this.#options.book.state.extensions.get(draw.extension)?.grantedAtMs === undefined
  }

  /** The call a report may be of: one that began, of that model if there is one, the longest ago. */
  #begunOf(run: string | undefined, model: string | undefined): Hold | undefined {
    const begun = this.#holdsOf(run).filter(({ basis, consumedAtMs }) => basis?.door === "model" && consumedAtMs !== undefined)
    return begun.find(({ spend }) => spend.model === model) ?? begun[0]
  }

  /** Of model calls and tools, in the order in which they were placed. */
  #holdsOf(run: string | undefined): readonly Hold[] {
    if (run === undefined) return []
    return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door !== "api" && basis?.run === run)
  }

  #forget({ id }: Hold): void {
    this.#tookMs.delete(id)
    this.#closing.delete(id)
  }
}

/** Of a permit `model:<sender>-<number>` the process that asked: all of the sender but its lane. */
function processOf(hold: string): string | undefined {
  return /^model:([0-9a-f]{15})[0-9a-f]-/.exec(hold)?.[1]
}

function named({ id, attempt }: Hold): { readonly id: string; readonly attempt: number } {
  return { id, attempt }
}

function correctionOf(usage: string): string {
  return `correction:${usage}`
}

/** The row that stands in the place of an answer. */
function isOfFailure({ facts }: NewEvent<"usage.reported">): boolean {
  return facts.stopReason === "error" || facts.stopReason === "aborted"
}

/** What the one is above the other, of every unit of the one. */
function less(amounts: Amounts, by: Amounts): Amounts {
  return Object.fromEntries(
    stated(amounts).map((unit) => {
      const difference = (amounts[unit] ?? 0n) - (by[unit] ?? 0n)
      return [unit, difference > 0n ? difference : 0n]
    }),
  )
}
