/**
 * A writer that is a process, with its sockets and its files, under clocks that stand still until a schedule moves them. What a world gives it goes over the
 * lanes of a gateway's client, and it dies by SIGKILL: over what it was just given, or when that is on disk and before anybody has heard of it.
 */
import assert from "node:assert/strict"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { openJournalDatabase } from "../../src/journal/schema.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { doorsOf, type Doors } from "../../src/ledger/doors.ts"
import type { LedgerState } from "../../src/ledger/state.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { ObserveLine } from "../../src/operations/observed-line.ts"
import type { OrderAnswer } from "../../src/operations/spend/ledger-orders.ts"
import { ledgerState } from "../../src/projections/ledger-state.ts"
import { openForReading, type LedgerAccess } from "../../src/views/ledger-access.ts"
import type { WriterConnection } from "../../src/surfaces/socket/connection.ts"
import type { ServerLine } from "../../src/surfaces/socket/protocol.ts"
import { openLane } from "../../src/surfaces/socket/writer-link.ts"
import { makeRig, until, type Rig, type Started } from "../writer/rig.ts"
import type { AnyWriter, Committed, Dies, Machine } from "./any-writer.ts"
import type { SimClocks } from "./sim-clocks.ts"
import { config, settings } from "./sim-writer.ts"

/** Longer than the writer waits for a gateway that lost its connection, on a machine that has other work. */
const eventuallyMs = 60_000
const lookEveryMs = 150

type Asked = { readonly sender: string; readonly line: object; readonly answer: (answer: unknown) => void }

export class RealMachine implements Machine {
  readonly rig: Rig = makeRig(undefined)
  readonly #clocks = join(this.rig.root, "clocks.json")
  #senders: readonly string[] = []
  #last: RealWriter | undefined
  #access: LedgerAccess | undefined

  /** Open for all of a schedule: a reader sees what was committed since. */
  get access(): LedgerAccess {
    return (this.#access ??= openForReading(this.rig.files, { keyFile: this.rig.keyFile, environment: {} }))
  }

  async begin(): Promise<AnyWriter> {
    await this.#last?.gone
    // As a service: hours pass in which nobody is connected, and it stays until it is killed.
    const started = await this.rig.writer(["--clock-file", this.#clocks, "--service"])
    this.#last = new RealWriter(this.rig, this.access, started, (sender) => (this.#senders = [...new Set([...this.#senders, sender])]))
    // As clients do, before they have anything to say.
    for (const sender of this.#senders) await this.#last.lane(sender)
    return this.#last
  }

  /** Replaced at once: it may be read at any moment. */
  moved(clocks: SimClocks): void {
    const [wallMs, steadyMs, uptimeMs] = [clocks.wallMs(), clocks.steadyMs(), clocks.uptimeMs()]
    writeFileSync(`${this.#clocks}.next`, JSON.stringify({ stands: true, wallMs, steadyMs, uptimeMs }))
    renameSync(`${this.#clocks}.next`, this.#clocks)
  }

  /** What time brings comes by the writer's own clockwork, a second later and of a gateway that is gone three. */
  async eventually(look: () => void): Promise<void> {
    for (const endMs = Date.now() + eventuallyMs; ; await sleep(lookEveryMs)) {
      try {
        return look()
      } catch (error) {
        if (Date.now() > endMs) throw error
      }
    }
  }

  async end(): Promise<void> {
    this.#last?.stop()
    this.#access?.close()
    await this.rig.end()
  }
}

class RealWriter implements AnyWriter {
  isAlive = true
  readonly gone: Promise<unknown>
  readonly #rig: Rig
  readonly #access: LedgerAccess
  readonly #process: Started
  readonly #opened: (sender: string) => void
  readonly #lanes = new Map<string, Promise<WriterConnection>>()
  readonly #acked = new Map<string, number>()
  readonly #waiting = new Map<string, (answer: unknown) => void>()
  #leaving: string[] = []
  #gates: Asked[] = []
  #told: { readonly sender: string; readonly line: ObserveLine; readonly done: () => void }[] = []
  #orders = 0
  #seen: number

  constructor(rig: Rig, access: LedgerAccess, started: Started, opened: (sender: string) => void) {
    this.#rig = rig
    this.#access = access
    this.#process = started
    this.#opened = opened
    this.gone = started.ended
    this.#seen = this.#size()
  }

  get state(): LedgerState {
    return ledgerState(this.#access.reader, undefined)
  }

  get doors(): Doors {
    return doorsOf(this.state)
  }

  ask(sender: string, line: ObserveLine, answer: (answer: Answer) => void): void {
    this.#gates.push({ sender, line: { ...line, gate: line.n }, answer: (given) => answer(given as Answer) })
  }

  tell(sender: string, line: ObserveLine, done: () => void): void {
    this.#told.push({ sender, line, done })
  }

  order(order: object, answer: (answer: OrderAnswer) => void): void {
    const line = { ask: ++this.#orders, do: "order", order }
    this.#gates.push({ sender: control, line, answer: (given) => answer((given as { readonly result: OrderAnswer }).result) })
  }

  /** Without a goodbye; the writer gives it a while to come back. */
  departed(sender: string): void {
    this.#leaving.push(sender)
  }

  /** Of one that has told and asked nothing there is nothing to notice. */
  async #leaves(sender: string): Promise<void> {
    const lanes = ["0", "1"].map((lane) => sender.slice(0, -1) + lane)
    const marks = this.#marks()
    const gaps = () => [...this.#access.reader.entries(0, Number.MAX_SAFE_INTEGER)].filter(({ header }) => header.type === "capture.gap").length
    const before = gaps()
    for (const lane of lanes) {
      ;(await this.lane(lane)).close()
      this.#lanes.delete(lane)
    }
    if (lanes.some((lane) => marks.has(lane))) await until(() => gaps() > before, "the writer notices that a gateway is gone")
  }

  tick(): void {}

  keepSnapshot(): void {}

  async commit(dies: Dies): Promise<Committed> {
    const [gates, told] = [this.#gates.splice(0), this.#told.splice(0)]
    // Of what it dies over, part may be on disk: the last question, or what it was told. Of an order nobody could say.
    const isQuestion = gates.at(-1)?.sender !== control
    const over = dies !== "before" ? [] : told.length > 0 ? told : isQuestion ? gates.splice(-1) : []
    for (const { sender, line, answer } of gates) {
      const given = await this.#answerTo(sender, line)
      if (dies === undefined) answer(given)
    }
    if (dies !== "before") await this.#tellAll(told, dies === undefined)
    for (const sender of this.#leaving.splice(0)) await this.#leaves(sender)
    for (const { sender, line } of over) (await this.lane(sender)).send(`${JSON.stringify(line)}\n`)
    if (dies !== undefined) {
      if (over.length > 0) await sleep(over.length % 4)
      await this.#kill()
    }
    return this.#committed(dies)
  }

  async #tellAll(told: readonly { readonly sender: string; readonly line: ObserveLine; readonly done: () => void }[], hears: boolean): Promise<void> {
    for (const { sender, line } of told) (await this.lane(sender)).send(`${JSON.stringify(line)}\n`)
    for (const { sender, line, done } of told) {
      while ((this.#acked.get(sender) ?? 0) < line.n) await sleep(1)
      if (hears) done()
    }
  }

  #committed(dies: Dies): Committed {
    const before = this.#seen
    this.#seen = this.#size()
    const found = before === this.#seen ? [] : [...this.#access.reader.entries(before, this.#seen - 1)]
    const written = found.map((entry) => ({ type: entry.header.type, facts: JSON.stringify(factsOf(entry)) }))
    if (dies !== "before") return { written, isRecorded: () => true }
    const marks = this.#marks()
    return { written, isRecorded: (line) => line === undefined || line.n <= (marks.get(line.sender) ?? 0) }
  }

  stop(): void {
    if (this.isAlive) void this.#kill()
  }

  async #kill(): Promise<void> {
    this.isAlive = false
    process.kill(this.#process.pid, "SIGKILL")
    await this.gone
  }

  lane(sender: string): Promise<WriterConnection> {
    const known = this.#lanes.get(sender)
    if (known) return known
    const name = sender === control ? controlSender : sender
    const lane = sender === control ? "control" : sender.endsWith("1") ? "gate" : "observe"
    const link = this.#rig.link({ program: undefined, role: lane === "control" ? "cli" : "plugin", config: { ...config, spend: settings } })
    const opened = openLane(link, lane, name, { line: (line) => this.#heard(sender, line), closed: () => this.#lanes.delete(sender) })
    this.#lanes.set(sender, opened)
    if (lane !== "control") this.#opened(sender)
    return opened
  }

  async #answerTo(sender: string, line: object): Promise<unknown> {
    const connection = await this.lane(sender)
    const number = (line as { readonly gate?: number; readonly ask?: number }).gate ?? (line as { readonly ask?: number }).ask
    const answered = new Promise((resolve) => this.#waiting.set(`${sender} ${number}`, resolve))
    connection.send(`${JSON.stringify(line)}\n`)
    return answered
  }

  #heard(sender: string, line: ServerLine): void {
    if ("ack" in line) this.#acked.set(sender, line.ack)
    else if ("gate" in line) this.#waiting.get(`${sender} ${line.gate}`)?.(line)
    else if ("ask" in line) this.#waiting.get(`${sender} ${line.ask}`)?.(line)
    else assert.ok("doors" in line, JSON.stringify(line))
  }

  #size(): number {
    return this.#access.reader.size()
  }

  #marks(): ReadonlyMap<string, number> {
    const database = openJournalDatabase(this.#access.files, this.#access.keys, { readonly: true })
    try {
      const rows = database.prepare("SELECT lower(hex(sender)), number FROM senders").raw().all() as readonly (readonly [string, number])[]
      return new Map(rows)
    } finally {
      database.close()
    }
  }
}

const control = "control"
const controlSender = "00000000000000c0"
