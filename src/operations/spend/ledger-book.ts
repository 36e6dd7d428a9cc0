/**
 * The ledger as the writer keeps it: its state in memory, made of the journal's own events and of nothing else. `give` decides and evolves at once; its events
 * are recorded in the same commit, and where that commit fails the process ends, so the state never stands ahead of the disk for long.
 */
import type { Clocks } from "../../base/clock.ts"
import type { NewEvent } from "../../format/event.ts"
import type { LedgerEvent } from "../../format/facts/ledger.ts"
import { dueAllowances } from "../../ledger/allowances.ts"
import type { Command } from "../../ledger/commands.ts"
import { decide } from "../../ledger/decide.ts"
import type { Decision } from "../../ledger/decision.ts"
import { dueExtensions } from "../../ledger/extensions.ts"
import { evolve } from "../../ledger/evolve.ts"
import { snapshotText } from "../../ledger/snapshot.ts"
import { LedgerClock } from "../../ledger/ledger-clock.ts"
import { ledgerState } from "../../projections/ledger-state.ts"
import { clocksOf } from "../../projections/ledger-time.ts"
import { isOfViews, ViewStore } from "../../projections/view-store.ts"
import type { OpenLedger } from "../open-ledger.ts"
import { JournalReader } from "../../journal/reader.ts"
import { dueHolds, emptyState, type LedgerState } from "../../ledger/state.ts"

export type Given = { readonly decision: Decision; readonly events: readonly NewEvent[] }

/** What breakers look at is replayed in half the time of a decision. */
const seenPerEvent = 2

export class LedgerBook {
  readonly state: LedgerState
  /** Ledger time; without it, it is what commands say. */
  readonly clock: LedgerClock | undefined
  #events = 0
  #seen = 0
  #rulings = 0

  constructor(state: LedgerState = emptyState(), clocks?: Clocks) {
    this.state = state
    this.clock = clocks && new LedgerClock(clocks, state)
  }

  /** Events since the book was made: what a next start would replay. */
  get events(): number {
    return this.#events + Math.floor(this.#seen / seenPerEvent)
  }

  /** Events that may change what may be spent at all: rules, allocations, standstills. */
  get rulings(): number {
    return this.#rulings
  }

  /** Shows breakers what is recorded in this commit. */
  saw(see: () => void): void {
    see()
    this.#seen++
  }

  /** Whoever is refused records `events` all the same: a period may have begun with it. */
  give(command: Command): Given {
    const opened = comesFirst(command) ? [] : this.openDue(command.atMs)
    const { decision, events: own } = this.#give(command)
    const events = [...opened, ...own, ...(command.do === "unfreeze" ? this.openDue(command.atMs) : [])]
    const anchor = events.length > 0 && command.do !== "note-clock" ? this.clock?.anchorage() : undefined
    return { decision, events: anchor ? [...events, ...this.#give(anchor).events] : events }
  }

  /** Allowances whose period is over are opened before anything is decided in the next one. */
  openDue(atMs: number): readonly NewEvent[] {
    return dueAllowances(this.state, atMs).length > 0 ? this.#give({ do: "open-allowances", atMs }).events : []
  }

  #give(command: Command): Given {
    const decision = decide(this.state, command)
    if ("refused" in decision) return { decision, events: [] }
    for (const event of decision.events) {
      evolve(this.state, event)
      if (!isEveryday(event)) this.#rulings++
    }
    if (command.do === "note-clock") this.clock?.noted(command)
    this.#events += decision.events.length
    return { decision, events: decision.events.map(eventOf) }
  }

  hasDue(atMs: number): boolean {
    return [dueHolds, dueExtensions, dueAllowances].some((due) => due(this.state, atMs).length > 0)
  }

  /** Ends holds and extensions whose time is over; what began and was never told of is posted in full. */
  expireDue(atMs: number): readonly NewEvent[] {
    const extensions = dueExtensions(this.state, atMs).flatMap(({ id }) => this.give({ do: "end-extension", id, atMs }).events)
    return [...extensions, ...dueHolds(this.state, atMs).flatMap(({ id, attempt }) => this.give({ do: "expire", id, attempt, atMs }).events)]
  }

  /** The state as text, to start from another time. */
  snapshot(): string {
    return snapshotText(this.state)
  }
}

/** The book of a ledger that is being opened for writing. Without its views it is made from the journal alone. */
export function loadBook({ files, keys, scopes }: OpenLedger, clocks?: Clocks): LedgerBook {
  const named = clocks && clocksOf(scopes, clocks)
  return JournalReader.ask(files, keys, (reader) => {
    let views: ViewStore | undefined
    try {
      views = ViewStore.open(files.views, keys.viewsKey)
      return new LedgerBook(ledgerState(reader, views.database), named)
    } catch (error) {
      if (!isOfViews(error)) throw error
      return new LedgerBook(ledgerState(reader, undefined), named)
    } finally {
      views?.close()
    }
  })
}

/** What time it is, and that everything is to stand still, is known before a period is opened. */
function comesFirst({ do: what }: Command): boolean {
  return what === "note-clock" || what === "recognise" || what === "freeze"
}

const everydayKinds = ["hold.", "extension.", "clock."]
const everyday: ReadonlySet<string> = new Set(["allowance.opened", "budget.opened", "budget.warned", "model.downgraded", "window.reported"])

function isEveryday({ type, facts }: LedgerEvent): boolean {
  return type === "transfer.posted"
    ? facts.kind === "spend" || facts.allowance !== undefined
    : everyday.has(type) || everydayKinds.some((kind) => type.startsWith(kind))
}

function eventOf({ type, facts }: LedgerEvent): NewEvent {
  return { type, id: `${type}:${subjectOf(facts)}`, facts } as NewEvent
}

function subjectOf(facts: LedgerEvent["facts"]): string {
  if ("transfer" in facts) return facts.transfer
  if ("extension" in facts) return facts.extension
  if ("hold" in facts) return `${facts.hold}#${facts.attempt}`
  if ("usedPercent" in facts) return `${facts.run ?? "-"}@${facts.atMs}`
  if ("levelPercent" in facts) return `${facts.budget}@${facts.atMs}/${facts.unit}/${facts.levelPercent}`
  if ("usedMillipercent" in facts) return `${facts.provider}/${facts.label}@${facts.atMs}`
  if ("rule" in facts) return `${facts.rule.name}@${facts.atMs}`
  if ("cut" in facts) return `${facts.cut}@${facts.atMs}`
  if ("allowance" in facts) return `${facts.allowance}@${facts.atMs}`
  if ("budget" in facts) return `${facts.budget}@${facts.atMs}`
  if ("verifier" in facts || "trustedMs" in facts || "identicalCalls" in facts || "steps" in facts) return String(facts.atMs)
  return "account" in facts ? `${facts.account}@${facts.atMs}` : `all@${facts.atMs}`
}
