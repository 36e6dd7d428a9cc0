/**
 * The writer without its process, its socket and its files: the real intake, queue, doors and book over a journal in memory. It dies with a commit that fails,
 * as a process would: nothing that waited is answered, and the next one starts from what is on disk.
 */
import { hash } from "node:crypto"
import type { Clocks } from "../../src/base/clock.ts"
import type { LedgerEvent, Restored } from "../../src/format/facts/ledger.ts"
import { ledgerFiles } from "../../src/journal/files.ts"
import type { NewEntry } from "../../src/journal/journal.ts"
import { parseAsk } from "../../src/ledger/ask-rule.ts"
import { isLookedAt, see } from "../../src/ledger/breakers/breakers.ts"
import { isLedgerEvent } from "../../src/ledger/event-types.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import type { Doors } from "../../src/ledger/doors.ts"
import { emptyState, type LedgerState } from "../../src/ledger/state.ts"
import { CommitQueue } from "../../src/operations/commit-queue.ts"
import { Intake, type Answer } from "../../src/operations/intake.ts"
import type { ClientConfig, Peer } from "../../src/operations/client-config.ts"
import type { ObserveLine } from "../../src/operations/observed-line.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import type { OrderAnswer } from "../../src/operations/spend/ledger-orders.ts"
import { surroundingsFor } from "../../src/operations/self-watch.ts"
import { parsePrices } from "../../src/operations/spend/parse-prices.ts"
import { Spending } from "../../src/operations/spend/spending.ts"
import type { Scope } from "../../src/vault/scope.ts"
import { fixedScope } from "./fixed-scope.ts"
import { died, type Disk } from "./disk.ts"
import type { AnyWriter, Committed, Dies } from "./any-writer.ts"

export const settings = {
  prices: [
    { model: "mock/big", input: "4", output: "16", contextTokens: 1_000_000, maxOutputTokens: 100_000 },
    { model: "mock/small", input: "0.4", output: "0.8", contextTokens: 1_000_000, maxOutputTokens: 100_000 },
  ],
  toolPrices: [
    { tool: "web_search", costs: ["0.01usd"] },
    { tool: "render", costs: ["0.02usd", "30s"], estimate: true },
  ],
  providers: {},
  budgets: [],
  ask: { amount: ["0.012usd", "2 calls"] },
}
const { prices } = parsePrices(settings)

const ask = parseAsk(settings.ask)

export const config: ClientConfig = { guard: { tools: ["exec"], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false } }

const files = ledgerFiles("/simulated/ledger", "/simulated/head.note")
const surroundings = surroundingsFor({ files, keyFile: "/simulated/key" })

/** Names that stand for sessions, the same in every run. */
const scopes = {
  resolve: ({ session = "", sender = "" }: { readonly session?: string; readonly sender?: string }) =>
    kept(sender === "" ? known.sessions : known.scopes, sender === "" ? session : `${session}/${sender}`, () => {
      const name = Buffer.from(`${session}/${sender}`).toString("hex").padEnd(32, "0").slice(0, 32)
      return fixedScope({ id: Buffer.from(name, "hex"), session, sender })
    }),
  pseudonym: (text: string) => kept(known.pseudonyms, text, () => `~${hash("sha256", text, "hex").slice(0, 19)}`),
  redactionHash: () => "",
}

const known = { sessions: new Map<string, Scope>(), scopes: new Map<string, Scope>(), pseudonyms: new Map<string, string>() }
const mostKept = 1_000

/** The same again, without the work. */
function kept<V>(values: Map<string, V>, name: string, make: (name: string) => V): V {
  const found = values.get(name)
  if (found !== undefined) return found
  const made = make(name)
  if (values.size < mostKept) values.set(name, made)
  return made
}

export class SimWriter implements AnyWriter {
  readonly spending: Spending
  readonly intake: Intake
  readonly disk: Disk
  isAlive = true
  readonly #queue: CommitQueue
  readonly #peers = new Map<string, Peer>()

  constructor(disk: Disk, clocks: Clocks, state: LedgerState = stateOn(disk)) {
    const nowMs = () => clocks.wallMs()
    this.disk = disk
    this.#queue = new CommitQueue({
      append: (entries, marks) => this.#append(entries, marks),
      idle: () => {},
      failed: (error) => {
        if (error !== died) throw error
        this.isAlive = false
      },
      gatherMs: 1e6,
    })
    this.spending = new Spending(
      { scopes, book: new LedgerBook(state, clocks), keepDoors: () => {} },
      { nowMs, gatewayPids: () => new Set(), doorsChanged: () => {}, newCode: () => codeOf(++disk.codes) },
    )
    this.intake = new Intake({
      ledger: { files, keyFile: "/simulated/key", scopes, journal: { senderMark: (sender) => disk.senderMark(sender) } },
      queue: this.#queue,
      spending: this.spending,
      nowMs,
      prices,
      ask,
      surroundings,
    })
  }

  #append(entries: readonly NewEntry[], marks: ReadonlyMap<string, number>): number {
    const first = this.disk.append(entries, marks)
    this.spending.committed()
    return first
  }

  get state(): LedgerState {
    return this.spending.book.state
  }

  ask(sender: string, line: ObserveLine, answer: (answer: Answer) => void): void {
    this.intake.gate(this.#peer(sender, "gate"), line, answer)
  }

  tell(sender: string, line: ObserveLine, done: () => void): void {
    this.intake.observe(this.#peer(sender, "observe"), line, done)
  }

  order(order: object, answer: (answer: OrderAnswer) => void): void {
    const asked = this.spending.orders.ask({ order })
    this.intake.commit(asked.events, () => answer(asked.answer()))
  }

  departed(sender: string): void {
    this.intake.commit(() => this.spending.departed({ sender }))
  }

  /** What a writer does at its beginning with what it sees outside of the ledger. */
  recognise(found: Restored): void {
    if (!this.spending.isKnown(found)) this.intake.commit(() => this.spending.recognise(found))
    this.commit(undefined)
  }

  /** What the writer does once a second. */
  tick(): void {
    if (this.spending.hasDue) this.intake.commit(() => this.spending.due())
  }

  commit(dies: Dies): Committed {
    const before = this.disk.entries.length
    this.disk.dies = dies
    this.#queue.drain()
    this.disk.dies = undefined
    const written = this.disk.entries.slice(before)
    return { written, isRecorded: () => this.isAlive || written.length > 0 }
  }

  get doors(): Doors {
    return this.spending.doors
  }

  keepSnapshot(): void {
    this.disk.snapshot = { next: this.disk.entries.length, body: this.spending.book.snapshot() }
  }

  stop(): void {
    this.isAlive = false
    this.#queue.stop()
  }

  #peer(sender: string, lane: "gate" | "observe"): Peer {
    const known = this.#peers.get(sender)
    if (known) return known
    const peer: Peer = { role: "plugin", lane, sender, config }
    this.#peers.set(sender, peer)
    this.intake.join(peer)
    return peer
  }
}

/** Others each time, and the same in every run of a schedule. */
function codeOf(n: number): string {
  return n
    .toString(8)
    .padStart(6, "0")
    .replace(/./g, (digit) => "ABCDEFGH"[Number(digit)] ?? "A")
}

/** What a start makes of the disk: from the snapshot, where there is one, and what came after it. */
export function stateOn({ entries, snapshot }: Disk, isWithSnapshot = true): LedgerState {
  const kept = isWithSnapshot && snapshot ? stateFrom(snapshot.body) : undefined
  const state = kept ?? emptyState()
  for (let place = kept ? (snapshot?.next ?? 0) : 0; place < entries.length; place++) {
    const entry = entries[place]
    if (entry && isLookedAt(entry.type))
      see(state.breakers, { type: entry.type, facts: (entry.read ??= withoutName(entry.facts)) as Readonly<Record<string, unknown>>, scope: entry.scope })
    else if (entry && isLedgerEvent(entry.type)) {
      evolve(state, { type: entry.type, facts: (entry.read ??= withoutName(entry.facts)) } as unknown as LedgerEvent)
    }
  }
  return state
}

const [idBegin, configBegin] = ['{"id":"', '"config":"']

/** Without what a writer puts before the facts: their id, and the digest of settings. Neither holds a quote. */
function withoutName(text: string): object {
  let from = text.indexOf('"', idBegin.length) + 2
  if (text.startsWith(configBegin, from)) from = text.indexOf('"', from + configBegin.length) + 2
  return from < text.length ? (JSON.parse(`{${text.slice(from)}`) as object) : {}
}

/** All of a state, to be compared with another. */
export function textOf(state: LedgerState): string {
  return snapshotText(state)
}
