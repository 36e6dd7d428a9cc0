/**
 * What captured events mean for the ledger: a call began, ended, failed before an answer; its usage was told; a tool ended; a run is over. Each hold ends by
 * the first word that says what it came to, and a word that comes twice, or for no hold, is counted once all the same.
 */
import type { CapturedCall } from "../../capture/hook-row.ts"
import { countOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { Basis } from "../../format/facts/ledger.ts"
import { stated, type Amounts } from "../../ledger/amounts.ts"
import type { Command } from "../../ledger/commands.ts"
import type { Hold } from "../../ledger/state.ts"
import type { Unit } from "../../ledger/units.ts"
import { spentOn } from "./admit-model-call.ts"
import type { LedgerBook } from "./ledger-book.ts"
import type { Prices } from "./prices.ts"
import { modelUsage, toldUsage, type ToldUsage } from "./told-usage.ts"
import type { WantedCalls } from "./wanted-calls.ts"

type Options = { readonly book: LedgerBook; readonly wanted: WantedCalls; readonly nowMs: () => number }

/** A last word on usage may come a moment after the end of its run. */
const lastWordWithinMs = 5_000
/** A provider that refuses a request answers with less; a stream that broke off and is paid for all the same, with more. */
const longestErrorBytes = 2_000
const boundsRemembered = 1_024

export class FollowedSpend {
  readonly #options: Options
  /** Milliseconds a call took, by its hold. */
  readonly #tookMs = new Map<string, number>()
  /** Holds whose run is over, with when nobody is waited for any more. */
  readonly #closing = new Map<string, number>()
  /** Holds that were posted in full for want of a word, by run. */
  readonly #bound = new Map<string, readonly Hold[]>()

  constructor(options: Options) {
    this.#options = options
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

  /** Posts in full what nobody told of. */
  due(atMs: number): readonly NewEvent[] {
    return [...this.#closing].flatMap(([id, dueMs]) => {
      if (dueMs > atMs) return []
      this.#closing.delete(id)
      const hold = this.#options.book.state.holds.get(id)
      return hold ? this.#settle(hold, hold.total, { grade: "bound" }) : []
    })
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
    const answered = facts.outcome === "completed" || (facts.responseBytes ?? 0) > longestErrorBytes
    if (!answered) return this.#release(hold, "it failed before an answer")
    // Of a compaction the host tells no usage.
    if (hold.basis?.compaction) this.#closing.set(hold.id, this.#now + lastWordWithinMs)
    return undefined
  }

  #usage(call: CapturedCall, event: NewEvent<"usage.reported">, prices: Prices): readonly NewEvent[] {
    const told = toldUsage(event)
    const { book, wanted } = this.#options
    if (!told || book.state.charged.has(told.usage) || book.state.posted.has(`correction:${told.usage}`)) return []
    const run = event.facts.run
    const hold = this.#holdsOf(run).find(({ consumedAtMs }) => consumedAtMs !== undefined)
    if (hold) return this.#settle(hold, this.#actual(hold, told), { grade: "exact", usage: told.usage, basis: told.basis })
    const bound = run === undefined ? undefined : this.#bound.get(run)?.[0]
    if (bound) return this.#correct(bound, told)
    const { spend, account, provider, model } = wanted.ofEvent(event, call.atMs)
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
    if (how.grade === "bound") this.#rememberBound(hold)
    this.#forget(hold)
    const about = { run: hold.basis?.run, price: hold.basis?.price }
    const basis: Basis = Object.fromEntries(Object.entries({ ...about, ...how.basis }).filter(([, value]) => value !== undefined))
    const money = amounts.moneyNanos === undefined ? {} : { moneyNanos: amounts.moneyNanos } // also of a call that was held without a price
    const held = { ...Object.fromEntries(stated(hold.total).map((unit) => [unit, amounts[unit] ?? 0n])), ...money }
    return this.#give({ do: "settle", ...named(hold), ...how, basis, parts: [{ account: movement.credit, amounts: held }], atMs: this.#now })
  }

  /** The usage came after all: what was posted too much goes back. */
  #correct(hold: Hold, told: ToldUsage): readonly NewEvent[] {
    const [movement] = hold.movements
    if (!movement) return []
    this.#forgetBound(hold)
    const actual = this.#actual(hold, told)
    const back = Object.fromEntries(stated(hold.total).map((unit) => [unit, less(hold.total, actual, unit)]))
    const correction = { id: `correction:${told.usage}`, corrects: hold.id, reason: "its usage was told later", spend: hold.spend, spentAtMs: hold.placedAtMs }
    return this.#give({ do: "correct", ...correction, debit: movement.credit, credit: movement.debit, amounts: back, atMs: this.#now })
  }

  #tool(event: NewEvent<"tool.returned"> | NewEvent<"tool.denied">): readonly NewEvent[] {
    const { run, call, durationMs } = event.facts
    const hold = [...this.#options.book.state.holds.values()].find(({ basis }) => basis?.door === "tool" && basis.run === run && basis.call === call)
    if (!hold) return []
    if (event.type === "tool.denied") return this.#give(this.#release(hold, "the tool did not run"))
    const wallMs = hold.total.wallMs === undefined ? {} : { wallMs: BigInt(durationMs ?? Number(hold.total.wallMs)) }
    const bytesRead = hold.total.bytesRead === undefined ? {} : { bytesRead: BigInt(event.facts.resultBytes) }
    return this.#settle(hold, { ...hold.total, ...wallMs, ...bytesRead }, { grade: "exact" })
  }

  /** Only what was asked for before it: the next attempt of a run may have its hold already. */
  #runEnded({ facts }: NewEvent<"run.ended">): readonly NewEvent[] {
    const before = facts.atMs ?? 0
    return this.#holdsOf(facts.run).flatMap((hold) => {
      if ((hold.basis?.askedAtMs ?? Infinity) >= before) return []
      if (hold.consumedAtMs === undefined) return this.#give(this.#release(hold, "the run ended without it"))
      this.#closing.set(hold.id, this.#now + lastWordWithinMs)
      return []
    })
  }

  /** Of model calls, in the order in which they were placed. */
  #holdsOf(run: string | undefined): readonly Hold[] {
    if (run === undefined) return []
    return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door === "model" && basis.run === run)
  }

  #forget({ id }: Hold): void {
    this.#tookMs.delete(id)
    this.#closing.delete(id)
  }

  #rememberBound(hold: Hold): void {
    const run = hold.basis?.run
    if (run === undefined || hold.basis?.door !== "model") return
    this.#bound.set(run, [...(this.#bound.get(run) ?? []), hold])
    const [oldest] = this.#bound.keys()
    if (this.#bound.size > boundsRemembered && oldest !== undefined) this.#bound.delete(oldest)
  }

  #forgetBound(hold: Hold): void {
    const run = hold.basis?.run ?? ""
    const rest = (this.#bound.get(run) ?? []).filter(({ id }) => id !== hold.id)
    if (rest.length > 0) this.#bound.set(run, rest)
    else this.#bound.delete(run)
  }
}

function named({ id, attempt }: Hold): { readonly id: string; readonly attempt: number } {
  return { id, attempt }
}

function less(held: Amounts, actual: Amounts, unit: Unit): bigint {
  const difference = (held[unit] ?? 0n) - (actual[unit] ?? 0n)
  return difference > 0n ? difference : 0n
}
