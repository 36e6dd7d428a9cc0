/**
 * All that the writer does with the ledger, in one place: the book, what is asked of it, what captured events mean for it, and what the doors of gateways
 * must know. Everything that changes the book runs at the head of the commit queue, so that the order of decisions is the order of entries.
 */
import { canonicalJson } from "../../base/canonical-json.ts"
import type { Clocks } from "../../base/clock.ts"
import type { CapturedCall, MapContext } from "../../capture/hook-row.ts"
import type { NewEvent } from "../../format/event.ts"
import type { Restored } from "../../format/facts/ledger.ts"
import { countOf, stringOf } from "../../base/json.ts"
import { doorsOf, type Doors } from "../../ledger/doors.ts"
import { isAllotted } from "../../ledger/state.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { OpenLedger } from "../open-ledger.ts"
import type { Departed } from "../presence.ts"
import type { AskRule } from "../../ledger/ask-rule.ts"
import { hostAnswered, newCode, type Asking } from "./ask-owner.ts"
import { admitModelCall, type ModelAnswer } from "./admit-model-call.ts"
import { admitTool, type ToolAnswer } from "./admit-tool.ts"
import { Breakers } from "./breakers.ts"
import { chooseModel, type ModelChoice } from "./choose-model.ts"
import { keepDoors } from "./doors-file.ts"
import { FollowedSpend } from "./followed-spend.ts"
import { loadBook, type LedgerBook } from "./ledger-book.ts"
import { LedgerOrders, type OrdersOptions } from "./ledger-orders.ts"
import type { Prices } from "./prices.ts"
import { heartbeatAccount, WantedCalls } from "./wanted-calls.ts"

export type SpendingOptions = {
  /** What the wall clock shows. */
  readonly nowMs: () => number
  readonly gatewayPids: () => ReadonlySet<number>
  /** What doors must know is not what it was. */
  readonly doorsChanged: (doors: Doors) => void
  /** Reads what is ordered of the outbound gate. */
  readonly gateOrder?: OrdersOptions["gateOrder"]
  /** Makes the codes that owners answer by; left out, by chance. */
  readonly newCode?: () => string
}

/** What of a ledger the spending goes by: any that keeps the same promises, also one in memory. */
export type SpendingParts = {
  readonly scopes: Pick<ScopeStore, "pseudonym" | "resolve">
  readonly book: LedgerBook
  readonly keepDoors: (doors: Doors) => void
}

/** `id` names what is asked among all that was ever asked; `started` is the run that begins with it. */
export type Question = {
  readonly id: string
  readonly prices: Prices
  readonly ask?: AskRule | undefined
  readonly started?: NewEvent<"run.started"> | undefined
}

/** The hook by which a gateway tells what the host was answered. */
const extensionAnswered = "extension-answered"

/** Of a ledger that is open for writing, from where its journal stands. `clocks` are the machine's, which ledger time is made of; without them it is the wall clock's. */
export function spendingOf(ledger: OpenLedger, options: SpendingOptions & { readonly clocks?: Clocks }): Spending {
  const { scopes, files } = ledger
  return new Spending({ scopes, book: loadBook(ledger, options.clocks), keepDoors: (doors) => keepDoors(files.doors, doors) }, options)
}

const tellsWho: ReadonlySet<string> = new Set(["before_agent_run", "before_tool_call"])

export class Spending {
  readonly book: LedgerBook
  readonly orders: LedgerOrders
  readonly breakers: Breakers
  readonly #options: SpendingOptions
  readonly #nowMs: () => number
  readonly #wanted: WantedCalls
  readonly #followed: FollowedSpend
  #doors: Doors
  #doorsAt = 0
  readonly #keepDoors: (doors: Doors) => void

  constructor({ scopes, book, keepDoors }: SpendingParts, options: SpendingOptions) {
    this.#options = options
    this.book = book
    const { clock } = book
    const nowMs = clock ? () => clock.nowMs() : options.nowMs
    this.#nowMs = nowMs
    this.orders = new LedgerOrders({ book: this.book, scopes, nowMs, gatewayPids: options.gatewayPids, gateOrder: options.gateOrder })
    this.breakers = new Breakers({ book: this.book, scopes, nowMs })
    this.#wanted = new WantedCalls({
      sessionId: (session) => scopes.resolve({ session }, nowMs()).name,
      isAllotted: (account) => isAllotted(book.state.accounts.get(account)),
    })
    for (const { basis, spend, movements } of this.book.state.holds.values()) {
      if (basis?.run !== undefined) this.#wanted.remember(basis.run, spend, movements[0]?.credit === heartbeatAccount)
    }
    this.#followed = new FollowedSpend({ book: this.book, wanted: this.#wanted, nowMs })
    this.#doors = doorsOf(this.book.state)
    this.#keepDoors = keepDoors
    keepDoors(this.#doors)
  }

  /** As they are at this moment: what was decided and waits for its commit with others is in force for what is decided after it. */
  get doors(): Doors {
    return this.book.rulings === this.#doorsAt ? this.#doors : doorsOf(this.book.state)
  }

  /** Who a run is for is told at its first door and at its tools: also while nothing may refuse and so nothing is asked there, and budgets that warn go by it. */
  notes(call: CapturedCall, context: MapContext): void {
    if (tellsWho.has(call.hook)) this.#wanted.of(call, context)
  }

  /** What captured events mean for the ledger, recorded with them. */
  follow(call: CapturedCall, events: readonly NewEvent[], { prices, context }: { readonly prices: Prices; readonly context: MapContext }): readonly NewEvent[] {
    this.notes(call, context)
    const answered = call.hook === extensionAnswered ? hostAnswered(this.book, call, this.#nowMs()) : []
    return [...answered, ...events.flatMap((event) => this.#followed.follow(call, event, prices)), ...this.breakers.follow(events)]
  }

  /** May the run of this call make its next call to its model? */
  admitModelCall(call: CapturedCall, context: MapContext, { id, prices, ask, started }: Question): ModelAnswer {
    const wanted = this.#wanted.of(call, context)
    const kind = started?.facts.runKind
    const cut = this.breakers.refusal(wanted, { kind, begins: started !== undefined && kind === undefined })
    // Nobody reads what a job or a compaction is refused with, and what a run of a job leaves is no session that goes on.
    const asking = ask?.models && wanted.spend.cron === undefined && !wanted.compaction ? this.#asking(ask) : undefined
    return admitModelCall(wanted, { book: this.book, prices, id, atMs: this.#nowMs(), cut, asking })
  }

  #asking(rule: AskRule): Asking {
    return { rule, newCode: this.#options.newCode ?? newCode }
  }

  /** Which model is the run of this call to have? */
  chooseModel(call: CapturedCall, context: MapContext, prices: Prices): ModelChoice {
    return chooseModel(this.#wanted.of(call, context), { book: this.book, prices, atMs: this.#nowMs(), tells: call.picked["tells"] === true })
  }

  /** A permit that a larger one is asked for instead of. */
  giveBack({ picked }: CapturedCall): readonly NewEvent[] {
    const [id, attempt] = [stringOf(picked["instead"]), countOf(picked["insteadAttempt"])]
    if (id === undefined || attempt === undefined) return []
    const hold = this.book.state.holds.get(id)
    if (hold?.basis?.door !== "model" || hold.consumedAtMs !== undefined) return []
    return this.book.give({ do: "release", id, attempt, reason: "a larger one was asked for", atMs: this.#nowMs() }).events
  }

  /** May the tool run? `invoked` is the record of its call. */
  admitTool(call: CapturedCall, invoked: NewEvent<"tool.invoked">, { id, prices, ask }: Question): ToolAnswer {
    const wanted = this.#wanted.ofTool(call, invoked)
    const tripped = this.breakers.judge(invoked)
    // The host's approval knows no credential: where there is one, nobody is asked there.
    const asking = ask?.tools && this.book.state.credential === undefined ? this.#asking(ask) : undefined
    const cut = this.breakers.refusal(wanted)
    const { events, ...answer } = admitTool(wanted, { book: this.book, prices, id, atMs: this.#nowMs(), cut, asking })
    return { events: [...tripped, ...events], ...answer }
  }

  /** Gives back what was placed a moment ago for a call that does not start after all. */
  undo(events: readonly NewEvent[]): readonly NewEvent[] {
    const atMs = this.#nowMs()
    const placed = events.flatMap((event) => (event.type === "hold.placed" ? [event.facts] : []))
    return placed.flatMap(({ hold, attempt }) => this.book.give({ do: "release", id: hold, attempt, reason: "it could not be recorded", atMs }).events)
  }

  /** A gateway is gone without a word: what it was permitted may have left, and its word on that is lost with it. */
  departed(who: Departed): readonly NewEvent[] {
    return this.#followed.departed(who)
  }

  /** Something outside tells that this ledger was put back from a copy: told once, frozen once. */
  recognise(found: Restored): readonly NewEvent[] {
    return this.book.give({ do: "recognise", ...found, atMs: this.#nowMs() }).events
  }

  isKnown({ evidence }: Restored): boolean {
    return this.book.state.restored.has(evidence)
  }

  isAccepted({ evidence }: Restored): boolean {
    return this.book.state.restored.get(evidence)?.acceptedAtMs !== undefined
  }

  /** Whether time has ended anything, or was set. */
  get hasDue(): boolean {
    const atMs = this.#nowMs()
    return this.book.clock?.hasNews() === true || this.#followed.hasDue(atMs) || this.book.hasDue(atMs)
  }

  /** Ends what time has ended. What was found of the clocks comes first, as it decides what time it is. */
  due(): readonly NewEvent[] {
    const news = this.book.clock?.news()
    const told = news ? this.book.give(news).events : []
    const atMs = this.#nowMs()
    return [...told, ...this.book.openDue(atMs), ...this.#followed.due(atMs), ...this.#followed.expire(atMs), ...this.book.expireDue(atMs)]
  }

  /** After every commit: tells the doors when they have to know something new. */
  committed(): void {
    if (this.book.rulings === this.#doorsAt) return
    this.#doorsAt = this.book.rulings
    const doors = doorsOf(this.book.state)
    if (canonicalJson(doors) === canonicalJson(this.#doors)) return
    this.#doors = doors
    this.#keepDoors(doors)
    this.#options.doorsChanged(doors)
  }
}
