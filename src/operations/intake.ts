/**
 * What clients hand over becomes work for the commit queue. A client numbers what it sends, per lane; a number that was taken before is a
 * repeat after a lost answer, and is acknowledged again without being recorded again.
 */
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import { redactPicked } from "../capture/redact.ts"
import type { HashedParts } from "../capture/redact-hashed.ts"
import type { NewEvent } from "../format/event.ts"
import type { Gap } from "../format/gap.ts"
import { sha256 } from "../format/sha256.ts"
import type { NewEntry } from "../journal/journal.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import { toolGuard, type ToolGuard } from "../policy/tools.ts"
import { isDriverError } from "../vault/database.ts"
import { admitToolCall, unreadableCall, type Admission } from "./admit-tool-call.ts"
import type { CommitQueue } from "./commit-queue.ts"
import { entryOf, type Stamp } from "./entry-of.ts"
import type { OpenLedger } from "./open-ledger.ts"
import { eventsOf, gapEvent, lostCall } from "./record.ts"
import { SwitchedOff, type GatewayName } from "./switched-off.ts"
import { surroundingsFor, withTouch, type GatewayPaths } from "./self-watch.ts"

/** The settings of a client that decide anything; journaled when they are loaded. */
export type ClientConfig = {
  readonly guard: { readonly tools: readonly string[]; readonly deny: readonly string[] }
  readonly userId: string | null
  /** Texts and arguments that are stored as salted hashes. */
  readonly hashed: HashedParts
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

/** An observed call: sender's number, hook, time, picked fields, and the original size when they were cut. */
export type ObserveLine = {
  readonly n: number
  readonly h: string
  readonly t: number
  readonly p: Readonly<Record<string, unknown>>
  readonly cutFromBytes?: number
}

export type GapLine = { readonly n: number; readonly gap: Gap }

/** What a peer's settings come to: the guard of its tools, what is done to its events, the digest they are on record under, and what is watched over. */
type Decided = { readonly guard: ToolGuard; readonly stamp: Stamp; readonly config: string; readonly surroundings: Surroundings }

export type Answer = Admission["answer"] & { readonly sequence: number }

const sendersKept = 10_000
const configsKept = 64

export class Intake {
  readonly #ledger: OpenLedger
  readonly #queue: CommitQueue
  readonly #nowMs: () => number
  readonly #decided = new WeakMap<Peer, Decided>()
  readonly #highest = new Map<string, number>()
  /** Settings on record in this writer's life, or on their way there. */
  readonly #loaded = new Set<string>()
  /** Those of the last `config.loaded`, in the order of entries: what comes after it and carries no other digest was recorded under them. */
  #lastLoaded = ""
  readonly #switchedOff = new SwitchedOff((gap, user) => this.#record(gapEvent(gap), user === "" ? {} : { user }))
  readonly #heard: ((config: ClientConfig) => void) | undefined

  /** `loaded` hears of settings when they are on record, and not before. */
  constructor(ledger: OpenLedger, queue: CommitQueue, nowMs: () => number, loaded?: (config: ClientConfig) => void) {
    this.#ledger = ledger
    this.#queue = queue
    this.#nowMs = nowMs
    this.#heard = loaded
  }

  /** Records an event of our own. */
  record(event: NewEvent): void {
    this.#record(event, {})
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
    this.#decided.set(peer, { guard: toolGuard(guard), stamp, config, surroundings: surroundingsFor(this.#ledger, peer.protect) })
    this.#load(peer.config, config)
  }

  observe(peer: Peer, line: ObserveLine | GapLine, done: () => void): void {
    if (this.#isRepeat(peer.sender, line.n)) {
      this.#queue.addObserver({ prepare: () => [], committed: done })
      return
    }
    const context = this.#context(peer)
    const events = () => ("gap" in line ? [gapEvent(line.gap)] : this.#watched(peer, callOf(line), (call) => eventsOf(call, context)))
    const prepare = () => this.#entries(events, peer) ?? [this.#entry(unwritable(line), peer)]
    this.#queue.addObserver({ prepare, committed: done, sender: peer.sender, number: line.n })
  }

  gate(peer: Peer, line: ObserveLine, answer: (answer: Answer) => void): void {
    const call = callOf(line)
    const admission = admitToolCall(call, this.#context(peer))
    let written = true
    const committed = (sequence: number) => answer({ ...(written ? admission.answer : unreadableCall), sequence })
    if (this.#isRepeat(peer.sender, line.n)) {
      this.#queue.addGate({ prepare: () => [], committed })
      return
    }
    const prepare = () => {
      const entries = this.#entries(() => this.#watched(peer, call, () => admission.events), peer)
      written = entries !== undefined
      return entries ?? [this.#entry(unwritable(line), peer)]
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
    const loaded: NewEvent = {
      type: "config.loaded",
      id: `config.loaded:${digest}`,
      facts: {
        digest,
        guardedPatterns: config.guard.tools.length,
        deniedPatterns: config.guard.deny.length,
        hashesPrompts: config.hashed.promptText,
        hashesArguments: config.hashed.toolArgs,
        ...(config.witnesses?.length ? { witnesses: config.witnesses.length } : {}),
      },
      content: {
        guard: { tools: config.guard.tools, deny: config.guard.deny },
        userId: config.userId,
        ...(config.witnesses?.length ? { witnesses: config.witnesses } : {}),
      },
    }
    const prepare = () => {
      this.#lastLoaded = digest
      return [this.#entry(loaded)]
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
  #entries(events: () => readonly NewEvent[], peer: Peer): NewEntry[] | undefined {
    try {
      return events().map((event) => this.#entry(event, peer))
    } catch (error) {
      if (isDriverError(error)) throw error
      return undefined
    }
  }

  #entry(event: NewEvent, peer?: Peer): NewEntry {
    const decided = peer && this.#decided.get(peer)
    const config = decided?.config === this.#lastLoaded ? undefined : decided?.config
    return entryOf(event, this.#ledger.scopes, this.#nowMs(), { ...decided?.stamp, config })
  }

  #context(peer: Peer): MapContext {
    const judge = this.#decided.get(peer)?.guard
    return {
      pseudonym: (text) => this.#ledger.scopes.pseudonym(text),
      judgeTool: (tool) => judge?.(tool) ?? { guarded: false, verdict: "allow" },
    }
  }
}

function unwritable(line: ObserveLine | GapLine): NewEvent {
  return "gap" in line ? gapEvent(line.gap) : lostCall({ hook: String(line.h), atMs: Number(line.t), picked: {} }, "the event could not be written down")
}

function callOf(line: ObserveLine): CapturedCall {
  const call = { hook: String(line.h), atMs: Number(line.t), picked: line.p }
  if (line.cutFromBytes === undefined) return call
  // Of what was kept as it is stored: a hash over a secret that was taken out would confirm a guess at it.
  const { picked } = redactPicked(line.p)
  return { ...call, cut: { fromBytes: line.cutFromBytes, keptSha256: sha256(JSON.stringify(picked)).toString("hex") } }
}
