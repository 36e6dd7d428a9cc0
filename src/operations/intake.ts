/**
 * What clients hand over becomes work for the commit queue. A client numbers what it sends, per lane; a number that was taken before is a
 * repeat after a lost answer, and is acknowledged again without being recorded again.
 */
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import type { HashedParts } from "../capture/redact-hashed.ts"
import type { NewEvent } from "../format/event.ts"
import type { NewEntry } from "../journal/journal.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import { parseAsk, type AskRule } from "../ledger/ask-rule.ts"
import { isDenied, selfRule } from "../policy/self-protection/denied-touch.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import { toolGuard } from "../policy/tools.ts"
import { isDriverError } from "../vault/database.ts"
import { unreadableCall, type Admission } from "./admit-tool-call.ts"
import type { CommitQueue } from "./commit-queue.ts"
import { entryOf, type Stamp } from "./entry-of.ts"
import { admit } from "./gates.ts"
import { loadedEvent, type Decided, type IntakeLedger, type IntakeParts } from "./intake-parts.ts"
import { callOf, unwritable, type GapLine, type ObserveLine } from "./observed-line.ts"
import { eventsOf, gapEvent } from "./record.ts"
import { parsePrices, pricesAlone, type SpendSettings } from "./spend/parse-prices.ts"
import { Prices } from "./spend/prices.ts"
import { withCost } from "./spend/told-usage.ts"
import type { Spending } from "./spend/spending.ts"
import { SwitchedOff, type GatewayName } from "./switched-off.ts"
import { surroundingsFor, touchIn, withTouch, type GatewayPaths } from "./self-watch.ts"

/** The settings of a client that decide anything; journaled when they are loaded. */
export type ClientConfig = {
  readonly guard: { readonly tools: readonly string[]; readonly deny: readonly string[]; readonly self?: boolean }
  readonly userId: string | null
  /** Texts and arguments that are stored as salted hashes. */
  readonly hashed: HashedParts
  /** Prices and budgets. A client that does not say leaves them as they are. */
  readonly spend?: SpendSettings
  /** Who is to see the ledger's checkpoints, each as "KEY URL". A client that does not say leaves it as it is. */
  readonly witnesses?: readonly string[]
}

/** Who is on the other side of one lane. */
export type Peer = {
  readonly role: "plugin" | "cli"
  readonly lane: "observe" | "gate" | "control"
  /** 16 hex digits, random per lane and process. */
  readonly sender: string
  readonly config: ClientConfig | undefined
  /** What of the gateway's own an agent should not reach for. */
  readonly protect?: GatewayPaths | undefined
}

/** Events come from gateways, on this lane; everybody else asks or looks. */
export function isWatched({ role, lane }: Peer): boolean {
  return role === "plugin" && lane === "observe"
}

export type Answer = Admission["answer"] & { readonly sequence: number }

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
  readonly #heard: ((config: ClientConfig) => void) | undefined

  /** `loaded` hears of settings when they are on record, and not before. */
  constructor({ ledger, queue, spending, nowMs, prices, ask, surroundings }: IntakeParts, loaded?: (config: ClientConfig) => void) {
    this.#ledger = ledger
    this.#queue = queue
    this.#spending = spending
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
  commit(events: () => readonly NewEvent[], committed: () => void = () => {}): void {
    this.#queue.addGate({ prepare: () => events().map((event) => this.#entry(event)), committed })
  }

  /** Since when gateways are switched off, from what was on record when this writer began. */
  switchedOff(since: ReadonlyMap<GatewayName, number>): void {
    this.#switchedOff.known(since)
  }

  #record(event: NewEvent, stamp: Stamp): void {
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
    this.#decided.set(peer, {
      prices: this.#priced(peer.config.spend),
      ask: peer.config.spend === undefined ? this.#ask : parseAsk(peer.config.spend.ask),
      guard: toolGuard(guard),
      stamp,
      config,
      surroundings: this.#surroundings ?? surroundingsFor(this.#ledger, peer.protect),
    })
    this.#load(peer.config, config)
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
    const call = callOf(line)
    let admission: Admission | undefined
    const committed = (sequence: number) => answer({ ...(admission?.answer ?? unreadableCall), sequence })
    const isRepeat = this.#isRepeat(peer.sender, line.n)
    const prepare = () => {
      // Asked again after a lost answer: what it holds it holds already, by the same name.
      admission = admit(call, this.#guardedContext(peer, call), this.#placeOf(peer, line.n))
      const { events } = admission
      const [ledger, others] = [events.filter(({ type }) => isLedgerEvent(type)), events.filter(({ type }) => !isLedgerEvent(type))]
      let seen: readonly NewEvent[] = []
      const told = this.#mapped(() => (seen = this.#spending.breakers.withSessions(isRepeat ? others : this.#watched(peer, call, () => others))), peer)
      const isRefused = !told && call.hook === "before_tool_call"
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
    const decided = this.#decided.get(peer)
    return this.#switchedOff.pass(withTouch(call, events(call), decided?.surroundings), decided?.stamp.user ?? "")
  }

  /** What decides anything is on record before it decides: once, however many clients come and go with it by turns. */
  #load(config: ClientConfig, digest: string): void {
    const isOnRecord = this.#loaded.delete(digest)
    this.#loaded.add(digest)
    if (isOnRecord) {
      this.#heard?.(config)
      return
    }
    const [longestUnused] = this.#loaded
    if (this.#loaded.size > configsKept && longestUnused !== undefined) this.#loaded.delete(longestUnused)
    const prepare = () => {
      this.#lastLoaded = digest
      return [this.#entry(loadedEvent(config, digest))]
    }
    this.#queue.addGate({ prepare, committed: () => this.#heard?.(config) }) // as a gate: observers come after the gates it decides
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
    const followed = this.#spending.follow(callOf(line), told, { prices, context: this.#context(peer) })
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
    return { spending: this.#spending, prices: this.#pricesOf(peer), ask: this.#decided.get(peer)?.ask, id: `${peer.sender}-${number}` }
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

  /** Before the operator's list: what of the ledger's own a tool call reaches for. */
  #guardedContext(peer: Peer, call: CapturedCall): MapContext {
    const context = this.#context(peer)
    const { surroundings } = this.#decided.get(peer) ?? {}
    const touch = peer.config?.guard.self === true && surroundings ? touchIn(call, surroundings) : undefined
    return touch && isDenied(touch)
      ? { ...context, judgeTool: (tool) => ({ ...context.judgeTool(tool), guarded: true, verdict: "deny", rule: selfRule, touch }) }
      : context
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
