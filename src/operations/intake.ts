/**
 * What clients hand over becomes work for the commit queue. A client numbers what it sends, per lane; a number that was taken before is a
 * repeat after a lost answer, and is acknowledged again without being recorded again.
 */
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import type { NewEntry } from "../journal/journal.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import { parseAsk, type AskRule } from "../ledger/ask-rule.ts"
import { readableOutbound } from "../policy/outbound/outbound-setting.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import { toolGuard } from "../policy/tools.ts"
import { emptyOutbound } from "../policy/outbound/state.ts"
import { isDriverError } from "../vault/database.ts"
import { unreadableCall, type Admission } from "./admit-tool-call.ts"
import type { ClientConfig, Peer, SettingsHeard } from "./client-config.ts"
import type { CommitQueue } from "./commit-queue.ts"
import { entryOf, type Stamp } from "./entry-of.ts"
import { admit } from "./gates.ts"
import { guardedContext } from "./guarded-context.ts"
import { loadedEvent, type Decided, type IntakeLedger, type IntakeParts } from "./intake-parts.ts"
import { callOf, unwritable, type GapLine, type ObserveLine } from "./observed-line.ts"
import { eventsOf, gapEvent } from "./record.ts"
import { Delegation } from "./orchestrator/delegation.ts"
import { OutboundBook } from "./outbound/outbound-book.ts"
import { parsePrices, pricesAlone, type SpendSettings } from "./spend/parse-prices.ts"
import { Prices } from "./spend/prices.ts"
import { withCost } from "./spend/told-usage.ts"
import type { Spending } from "./spend/spending.ts"
import { withFindings } from "./scan/with-findings.ts"
import { SwitchedOff, type GatewayName } from "./switched-off.ts"
import { surroundingsFor, withTouch } from "./self-watch.ts"

export type Answer = Admission["answer"] & { readonly sequence: number }

/** What was decided is written whatever becomes of the call's own record. */
function isDecision(type: NewEvent["type"]): boolean {
  return isLedgerEvent(type) || type.startsWith("outbound.") || type.startsWith("orchestrator.")
}

/** What cannot be on record does not happen. */
const mustBeOnRecord: ReadonlySet<string> = new Set(["before_tool_call", "message_sending"])
const sendersKept = 10_000
const configsKept = 64

export class Intake {
  readonly #ledger: IntakeLedger
  readonly #queue: CommitQueue
  readonly #spending: Spending
  readonly #nowMs: () => number
  readonly #decided = new WeakMap<Peer, Decided>()
  readonly #highest = new Map<string, number>()
  /** Settings on record in this writer's life, or on their way there. */
  readonly #loaded = new Set<string>()
  /** Digests of the price books on record in this writer's life. */
  readonly #books = new Set<string>()
  /** Of clients that say nothing of prices: what is published, or what was given. */
  readonly #prices: Prices
  readonly #ask: AskRule | undefined
  readonly #surroundings: Surroundings | undefined
  #lastPrices: Prices | undefined
  /** Those of the last `config.loaded`, in the order of entries: what comes after it and carries no other digest was recorded under them. */
  #lastLoaded = ""
  readonly #switchedOff = new SwitchedOff((gap, user) => this.#record(gapEvent(gap), user === "" ? {} : { user }))
  readonly #heard: SettingsHeard | undefined
  readonly #outbound: OutboundBook
  readonly #delegation: Delegation

  constructor({ ledger, queue, spending, nowMs, prices, ask, surroundings, outbound, orchestrator }: IntakeParts, loaded?: SettingsHeard) {
    this.#ledger = ledger
    this.#queue = queue
    this.#spending = spending
    this.#outbound = outbound ?? new OutboundBook(emptyOutbound(), { nowMs, pseudonym: (text) => ledger.scopes.pseudonym(text) })
    this.#delegation = new Delegation(orchestrator && (() => orchestrator(() => spending.book.clock?.nowMs() ?? nowMs())))
    this.#nowMs = nowMs
    this.#prices = prices ?? new Prices()
    this.#ask = ask
    this.#surroundings = surroundings
    this.#heard = loaded
  }

  /** Records an event of our own. */
  record(event: NewEvent): void {
    this.#record(event, {})
  }

  /** Records events of our own ahead of what was observed; `events` are asked for right before their commit. */
  commit(events: () => readonly NewEvent[], committed: (first: number) => void = () => {}): void {
    this.#queue.addGate({ prepare: () => events().map((event) => this.#entry(event)), committed })
  }

  /** Since when gateways are switched off, from what was on record when this writer began. */
  switchedOff(since: ReadonlyMap<GatewayName, number>): void {
    this.#switchedOff.known(since)
  }

  #record(event: NewEvent, stamp: Stamp): void {
    this.#delegation.entered(event)
    this.#queue.addObserver({ prepare: () => [entryOf(event, this.#ledger.scopes, this.#nowMs(), stamp)], committed: () => {} })
  }

  /** Highest number of a sender that was taken, on disk or waiting for it. */
  markOf(sender: string): number {
    let mark = this.#highest.get(sender)
    if (mark === undefined) {
      mark = this.#ledger.journal.senderMark(sender)
      this.#remember(sender, mark)
    }
    return mark
  }

  join(peer: Peer): void {
    if (!peer.config) return
    const { guard, userId, hashed } = peer.config
    const { scopes } = this.#ledger
    const user = userId === null ? undefined : scopes.pseudonym(`user:${userId}`)
    // Under a key: an unsalted hash over settings that name a person could be guessed back.
    const config = scopes.pseudonym(`config:${JSON.stringify(peer.config)}`)
    const stamp = { user, hashed: hashed.promptText || hashed.toolArgs ? hashed : undefined }
    const outbound = readableOutbound(peer.config.gate)
    this.#outbound.useSetting(peer.sender, outbound)
    this.#decided.set(peer, {
      prices: this.#priced(peer.config.spend),
      ask: peer.config.spend === undefined ? this.#ask : parseAsk(peer.config.spend.ask),
      guard: toolGuard(guard),
      stamp,
      config,
      outbound,
      orchestrator: this.#delegation.settingOf(peer.config.orchestrator),
      surroundings: this.#surroundings ?? surroundingsFor(this.#ledger, peer.protect),
    })
    this.#load(peer.config, config)
  }

  left({ sender }: Peer): void {
    this.#outbound.dropSetting(sender)
  }

  observe(peer: Peer, line: ObserveLine | GapLine, done: () => void): void {
    if (this.#isRepeat(peer.sender, line.n)) {
      this.#queue.addObserver({ prepare: () => [], committed: done })
      return
    }
    const context = this.#context(peer)
    const events = () => ("gap" in line ? [gapEvent(line.gap)] : this.#watched(peer, callOf(line), (call) => eventsOf(call, context)))
    const prepare = () => this.#entries(events, peer, line) ?? [this.#entry(unwritable(line), peer)]
    this.#queue.addObserver({ prepare, committed: done, sender: peer.sender, number: line.n })
  }

  gate(peer: Peer, line: ObserveLine, answer: (answer: Answer) => void): void {
    const heard = callOf(line)
    let admission: Admission | undefined
    const committed = (sequence: number) => answer({ ...(admission?.answer ?? unreadableCall), sequence })
    const isRepeat = this.#isRepeat(peer.sender, line.n)
    const prepare = () => {
      // Asked again after a lost answer: what it holds it holds already, by the same name.
      const call = this.#delegation.withPayer(heard)
      admission = admit(call, this.#guardedContext(peer, call), this.#placeOf(peer, line.n))
      const { events } = admission
      const [ledger, others] = [events.filter(({ type }) => isDecision(type)), events.filter(({ type }) => !isDecision(type))]
      let seen: readonly NewEvent[] = []
      const told = this.#mapped(() => (seen = this.#spending.breakers.withSessions(isRepeat ? others : this.#watched(peer, call, () => others))), peer)
      const isRefused = !told && mustBeOnRecord.has(heard.hook)
      if (isRefused) admission = undefined // what cannot be on record does not start, and holds nothing
      const undone = isRefused ? this.#spending.undo(ledger) : []
      const tripped = told && !isRepeat ? this.#spending.breakers.follow(seen) : []
      // What the ledger decided is written whatever becomes of the call's own record: its state has changed already.
      return [
        ...(isRepeat ? [] : (told ?? [this.#entry(unwritable(line), peer)])),
        ...[...ledger, ...undone, ...tripped].map((event) => this.#entry(event, peer)),
      ]
    }
    this.#queue.addGate({ prepare, committed, sender: peer.sender, number: line.n })
  }

  #watched(peer: Peer, call: CapturedCall, events: (call: CapturedCall) => readonly NewEvent[]): readonly NewEvent[] {
    const { surroundings, stamp } = this.#decided.get(peer) ?? {}
    const seen = withFindings(call, withTouch(call, events(call), surroundings), peer.config?.scan)
    return this.#switchedOff.pass(seen, stamp?.user ?? "")
  }

  /** What decides anything is on record before it decides: once, however many clients come and go with it by turns. */
  #load(config: ClientConfig, digest: string): void {
    const isOnRecord = this.#loaded.delete(digest)
    this.#loaded.add(digest)
    if (isOnRecord) {
      this.#heard?.heard(config)
      return
    }
    const [longestUnused] = this.#loaded
    if (this.#loaded.size > configsKept && longestUnused !== undefined) this.#loaded.delete(longestUnused)
    const prepare = () => {
      this.#lastLoaded = digest
      return [loadedEvent(config, digest), ...(this.#heard?.begin(config) ?? [])].map((event) => this.#entry(event))
    }
    this.#queue.addGate({ prepare, committed: () => this.#heard?.heard(config) }) // as a gate: observers come after the gates it decides
  }

  #isRepeat(sender: string, number: number): boolean {
    if (number <= this.markOf(sender)) return true
    this.#remember(sender, number)
    return false
  }

  /** Senders of lanes that are gone are forgotten in the end; while anything of theirs may wait for its commit they are not. */
  #remember(sender: string, number: number): void {
    this.#highest.delete(sender)
    this.#highest.set(sender, number)
    if (this.#highest.size <= sendersKept) return
    const [longestSilent] = this.#highest.keys()
    if (longestSilent !== undefined) this.#highest.delete(longestSilent)
  }

  /** Undefined when they cannot be written down, say for being nested too deep: one line must not take the writer along. */
  #mapped(events: () => readonly NewEvent[], peer: Peer): NewEntry[] | undefined {
    try {
      return events().map((event) => this.#entry(event, peer))
    } catch (error) {
      if (isDriverError(error)) throw error
      return undefined
    }
  }

  /** The entries of a line, and what they mean for the ledger. */
  #entries(events: () => readonly NewEvent[], peer: Peer, line: ObserveLine | GapLine): NewEntry[] | undefined {
    let told: readonly NewEvent[] = []
    const prices = this.#pricesOf(peer)
    const entries = this.#mapped(() => (told = this.#spending.breakers.withSessions(events().map((event) => withCost(event, prices)))), peer)
    if (!entries || "gap" in line) return entries
    const call = callOf(line)
    const context = this.#context(peer)
    const { outbound, orchestrator } = this.#decided.get(peer) ?? {}
    const delegated = this.#delegation.follow(call, orchestrator, { id: `${peer.sender}-${line.n}`, mayAnswer: false }).events
    const left = outbound ? this.#outbound.observed(call, outbound) : []
    const followed = [...left, ...delegated, ...this.#spending.follow(call, told, { prices, context })]
    return [...entries, ...followed.map((event) => this.#entry(event, peer))]
  }

  #entry(event: NewEvent, peer?: Peer): NewEntry {
    const decided = peer && this.#decided.get(peer)
    const config = decided?.config === this.#lastLoaded ? undefined : decided?.config
    return entryOf(event, this.#ledger.scopes, this.#nowMs(), { ...decided?.stamp, config })
  }

  /** The prices of settings as somebody states them; of nobody's, those that were loaded last. */
  pricesFor(settings: unknown): Prices {
    return settings === undefined ? (this.#lastPrices ?? this.#prices) : this.#priced(pricesAlone(settings))
  }

  #placeOf(peer: Peer, number: number) {
    const { ask, outbound, orchestrator } = this.#decided.get(peer) ?? {}
    return {
      spending: this.#spending,
      prices: this.#pricesOf(peer),
      ask,
      id: `${peer.sender}-${number}`,
      outbound: { book: this.#outbound, setting: outbound },
      delegation: { book: this.#delegation, setting: orchestrator },
    }
  }

  #pricesOf(peer: Peer): Prices {
    return this.#decided.get(peer)?.prices ?? this.#prices
  }

  /** A book of prices is on record before anything is held at them. */
  #priced(settings: SpendSettings | undefined): Prices {
    if (settings === undefined) return this.#prices
    const { prices, loaded } = parsePrices(settings)
    const asked = this.#spending.orders.inSettings(settings)
    if (asked) this.commit(asked)
    if (this.#books.has(prices.book.digest)) return prices
    this.#books.add(prices.book.digest)
    const before = this.#lastPrices
    this.#lastPrices = prices
    this.commit(() => loaded(this.#nowMs(), before))
    return prices
  }

  #guardedContext(peer: Peer, call: CapturedCall): MapContext {
    const { surroundings, outbound } = this.#decided.get(peer) ?? {}
    const guards = { outbound, surroundings: peer.config?.guard.self === true ? surroundings : undefined, scan: peer.config?.scan }
    return guardedContext(this.#context(peer), call, guards)
  }

  #context(peer: Peer): MapContext {
    const judge = this.#decided.get(peer)?.guard
    return {
      pseudonym: (text) => this.#ledger.scopes.pseudonym(text),
      judgeTool: (tool) => judge?.(tool) ?? { guarded: false, verdict: "allow" },
      fingerprint: (text) => this.#ledger.scopes.pseudonym(text).slice(1, 13),
    }
  }
}
