/**
 * The one thing of ours that lives in the gateway: takes bounded strings from the hooks, hands them to the writer process, and remembers what
 * it has not acknowledged. Never throws into the host and never blocks it; what does not fit is counted, and the count is recorded.
 */
import { Fault } from "../base/fault.ts"
import type { WriterConnection } from "../surfaces/socket/connection.ts"
import type { GateAnswer, ServerLine } from "../surfaces/socket/protocol.ts"
import { ensureWriter, openLane, randomSender, type LinkOptions } from "../surfaces/socket/writer-link.ts"
import { GapCounter } from "./gap-counter.ts"

export type ClientOptions = {
  readonly link: () => LinkOptions
  /** Most bytes of events held while the writer is away or behind. */
  readonly queueBytes: number
  readonly gateWithinMs: number
  readonly log: (sentence: string) => void
  readonly nowMs: () => number
}

/** An event as the hooks hand it over: everything of its line but the number. */
type Item = { readonly hook: string; readonly atMs: number; readonly rest: string }
type Sent = Item & { readonly number: number }
type Pending = { readonly settle: (answer: GateAnswer | Fault) => void; readonly line: string; readonly timer: NodeJS.Timeout }

const postedAtOnce = 200
const inFlightMost = 2_000
const retryFirstMs = 100
const retryMostMs = 5_000
/** While recording is off for want of a key there is nothing to hurry for. */
const retryOffMs = 10_000

const environmentKeyWarning =
  "The master key comes from the environment, where every command an agent runs can read it. A key file or a secret reference is safer: sovereign-ledger key status"

export class LedgerClient {
  readonly #options: ClientOptions
  readonly #observeSender = randomSender()
  readonly #gateSender = randomSender()
  readonly #gaps = new GapCounter()
  readonly #pending = new Map<number, Pending>()
  #waiting: Item[] = []
  #waitingFrom = 0
  #sent: Sent[] = []
  #heldBytes = 0
  #nextObserve = 1
  #nextGate = 1
  #observeLane: WriterConnection | undefined
  #gateLane: WriterConnection | undefined
  #isLinking = false
  #retryTimer: NodeJS.Timeout | undefined
  #retryMs = retryFirstMs
  #posting = false
  #off: Fault | undefined
  #closed = false
  #flushed: (() => void)[] = []

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Why nothing is recorded at present, if so. */
  get fault(): Fault | undefined {
    return this.#off
  }

  /** Hands over one observed event; `rest` is its line after the number, from `,"h":` to the closing brace. Costs a push. */
  observe(hook: string, atMs: number, rest: string): void {
    if (this.#closed) return
    const held = this.#heldBytes + rest.length
    if (this.#off || held > this.#options.queueBytes) {
      this.#gaps.count(this.#off ? `recording was off: ${this.#off.code}` : "the queue was full", hook, atMs)
    } else {
      this.#waiting.push({ hook, atMs, rest })
      this.#heldBytes = held
    }
    if (!this.#posting) {
      this.#posting = true
      setImmediate(() => this.#post())
    }
  }

  /** Counts an event that could not be handed over at all. */
  lost(reason: string, hook: string, atMs: number): void {
    if (this.#closed) return
    this.#gaps.count(reason, hook, atMs)
    if (!this.#posting) this.#postSoon()
  }

  /** Asks and waits until the record is on disk. Resolves to the writer's answer, or to the fault that kept it from being recorded. */
  gate(rest: string): Promise<GateAnswer | Fault> {
    return new Promise((resolve) => {
      const number = this.#nextGate++
      const timer = setTimeout(() => {
        this.#settle(number, this.#unreachable(`no answer within ${this.#options.gateWithinMs} ms`))
      }, this.#options.gateWithinMs)
      this.#pending.set(number, { settle: resolve, line: `{"gate":${number},"n":${number}${rest}\n`, timer })
      if (this.#gateLane) this.#gateLane.send(this.#pending.get(number)?.line ?? "")
      else this.#connect(number)
    })
  }

  /** Resolves when everything handed over so far is on disk, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void> {
    if (this.#heldBytes === 0 && this.#gaps.empty) return Promise.resolve()
    this.#post()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#flushed.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Lets go of the writer. What is not acknowledged by then is lost with the process, as after a crash. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#observeLane?.close()
    this.#gateLane?.close()
    for (const number of [...this.#pending.keys()]) this.#settle(number, this.#unreachable("the plugin is closing"))
  }

  #unreachable(problem: string): Fault {
    return new Fault("writer.unreachable", { directory: "this gateway's ledger", problem })
  }

  #post(): void {
    this.#posting = false
    if (this.#closed) return
    const lane = this.#observeLane
    if (!lane) {
      this.#connect()
      return
    }
    let lines = ""
    if (!this.#gaps.empty && this.#heldBytes < this.#options.queueBytes) lines += this.#gapLine()
    const room = Math.min(postedAtOnce, inFlightMost - this.#sent.length, this.#waiting.length - this.#waitingFrom)
    for (let i = 0; i < room; i++) lines += this.#numbered(this.#waiting[this.#waitingFrom++] as Item)
    if (this.#waitingFrom === this.#waiting.length || this.#waitingFrom > 4_096) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom)
      this.#waitingFrom = 0
    }
    if (lines) lane.send(lines)
    if (room === postedAtOnce) this.#postSoon()
  }

  #postSoon(): void {
    if (this.#posting) return
    this.#posting = true
    setImmediate(() => this.#post())
  }

  #numbered(item: Item): string {
    const number = this.#nextObserve++
    this.#sent.push({ ...item, number })
    return `{"n":${number}${item.rest}\n`
  }

  #gapLine(): string {
    return this.#gaps
      .take()
      .map((gap) => {
        const rest = `,"gap":${JSON.stringify(gap)}}`
        this.#heldBytes += rest.length
        return this.#numbered({ hook: "capture.gap", atMs: gap.toMs, rest })
      })
      .join("")
  }

  #connect(forGate?: number): void {
    if (this.#closed) return
    if (this.#retryTimer && forGate === undefined) return
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    if (this.#isLinking) return
    this.#isLinking = true
    void this.#link().finally(() => (this.#isLinking = false))
  }

  async #link(): Promise<void> {
    try {
      const link = this.#options.link()
      const started = await ensureWriter(link)
      if (started?.keySource === "environment") this.#options.log(environmentKeyWarning)
      const [observe, gate] = await Promise.all([
        openLane(link, "observe", this.#observeSender, { line: (line) => this.#line(line), closed: (why) => this.#lost(why) }),
        openLane(link, "gate", this.#gateSender, { line: (line) => this.#line(line), closed: (why) => this.#lost(why) }),
      ])
      observe.hold(false)
      gate.hold(false)
      this.#opened(observe, gate)
    } catch (error) {
      this.#failed(error instanceof Fault ? error : this.#unreachable(String(error)))
    }
  }

  #opened(observe: WriterConnection, gate: WriterConnection): void {
    if (this.#off) this.#options.log("Recording is on again; the gap is on record.")
    this.#off = undefined
    this.#retryMs = retryFirstMs
    this.#observeLane = observe
    this.#gateLane = gate
    // What was sent and never acknowledged goes again under its old number; the writer knows a repeat.
    if (this.#sent.length > 0) observe.send(this.#sent.map((item) => `{"n":${item.number}${item.rest}\n`).join(""))
    for (const pending of this.#pending.values()) gate.send(pending.line)
    this.#post()
  }

  #lost(why: Fault | undefined): void {
    if (this.#closed) return
    this.#observeLane?.close()
    this.#gateLane?.close()
    this.#observeLane = undefined
    this.#gateLane = undefined
    if (why && why.code !== "writer.unreachable") this.#failed(why)
    else if (this.#sent.length + this.#waiting.length + this.#pending.size > 0) this.#retry(retryFirstMs)
  }

  #failed(fault: Fault): void {
    if (this.#closed) return
    if (this.#off?.code !== fault.code && fault.code !== "writer.unreachable") {
      this.#off = fault
      this.#options.log(`NOT RECORDING. ${fault.message} ${fault.remedy}`)
    }
    for (const number of [...this.#pending.keys()]) this.#settle(number, fault)
    this.#retry(this.#off ? retryOffMs : this.#retryMs)
    this.#retryMs = Math.min(retryMostMs, this.#retryMs * 2)
  }

  #retry(afterMs: number): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#connect()
    }, afterMs).unref()
  }

  #line(line: ServerLine): void {
    if ("ack" in line) this.#acknowledged(line.ack)
    else if ("gate" in line) this.#settle(line.gate, line)
  }

  #acknowledged(number: number): void {
    let done = 0
    for (const item of this.#sent) {
      if (item.number > number) break
      this.#heldBytes -= item.rest.length
      done++
    }
    this.#sent = this.#sent.slice(done)
    if (this.#waitingFrom < this.#waiting.length || !this.#gaps.empty) this.#postSoon()
    else if (this.#sent.length === 0) this.#flushed.splice(0).forEach((resolve) => resolve())
  }

  #settle(number: number, answer: GateAnswer | Fault): void {
    const pending = this.#pending.get(number)
    if (!pending) return
    clearTimeout(pending.timer)
    this.#pending.delete(number)
    pending.settle(answer)
  }
}
