/**
 * The one thing of ours that lives in the gateway: takes bounded strings from the hooks, hands them to the writer process, and remembers what
 * it has not acknowledged. Never throws into the host and never blocks it; what does not fit is counted, and the count is recorded.
 */
import { Fault, problemOf } from "../base/fault.ts"
import type { WriterConnection } from "../surfaces/socket/connection.ts"
import type { GateAnswer, ServerLine, TellLine, Welcome } from "../surfaces/socket/protocol.ts"
import { ensureWriter, randomSenders, type LinkOptions, type OwnBuild } from "../surfaces/socket/writer-link.ts"
import type { Doors } from "../ledger/doors.ts"
import { GapCounter } from "./gap-counter.ts"
import { openLanes } from "./open-lanes.ts"
import { Outbox } from "./outbox.ts"
import { PendingGates } from "./pending-gates.ts"
import { RepeatedGaps } from "./repeated-gaps.ts"

export type ClientOptions = {
  readonly link: () => LinkOptions | Promise<LinkOptions>
  /** Most bytes of events held while the writer is away or behind. */
  readonly queueBytes: number
  readonly gateWithinMs: number
  /** How often to try while recording is off; other than usual only in tests. */
  readonly retryOffMs?: number
  readonly log: (sentence: string) => void
  readonly nowMs: () => number
  /** What the client before this one was told last. */
  readonly doors?: Doors | undefined
  /** The writer has something said in a chat. */
  readonly tell?: (tell: TellLine["tell"]) => void
}

const postedAtOnce = 200
/** Waiting events that go without a word of how many they are. */
const heldWithoutAWord = 20
const retryFirstMs = 100
const retryMostMs = 5_000
/** While recording is off for want of a key there is nothing to hurry for. */
const retryOffMs = 10_000
/** After a hand-over somebody is starting a writer: ours, of an older version perhaps, would be in its way. */
const startNoneMs = 3_000
/** Connecting fails now and then while one writer follows another; that often in a row it is more than that. */
const attemptsBeforeAway = 4

const environmentKeyWarning =
  "The master key comes from the environment, where every command an agent runs can read it. A key file or a secret reference is safer: sovereign-ledger key status"

export class LedgerClient {
  readonly #options: ClientOptions
  readonly #senders = randomSenders()
  readonly #gaps = new GapCounter()
  readonly #pending = new PendingGates()
  readonly #outbox = new Outbox()
  #observeLane: WriterConnection | undefined
  #gateLane: WriterConnection | undefined
  #isLinking = false
  #linkAgain = false
  readonly #ownBuild: OwnBuild = { asked: false }
  #retryTimer: NodeJS.Timeout | undefined
  #retryMs = retryFirstMs
  #posting = false
  #off: Fault | undefined
  #attempts = 0
  #startNoneUntilMs = 0
  #told = false
  #doors: Doors | undefined
  #closed = false
  readonly #repeated = new RepeatedGaps((gaps) => {
    this.#gaps.add(gaps)
    this.#postSoon()
  })
  #flushed: (() => void)[] = []

  constructor(options: ClientOptions) {
    this.#options = options
    this.#doors = options.doors
  }

  /** What the writer said of the doors, last, or what is taken over; undefined when it was never reached. */
  get doors(): Doors | undefined {
    return this.#doors
  }

  get writerPid(): number | undefined {
    return this.#gateLane?.welcome.pid
  }

  /** Connects again with what the settings are by now. */
  relink(): void {
    this.#linkAgain = this.#isLinking // what is connecting at this moment says what the settings were
    if (this.#observeLane) this.#lost(undefined, true)
  }

  /** Why nothing is recorded at present, if so. */
  get fault(): Fault | undefined {
    return this.#off
  }

  /** Hands over one observed event; `rest` is its line after the number, from `,"h":` to the closing brace. Costs a push. */
  observe(hook: string, atMs: number, rest: string): void {
    if (this.#closed) return
    if (this.#off || this.#outbox.heldBytes + rest.length > this.#options.queueBytes) {
      this.#gaps.count(this.#off ? `recording was off: ${this.#off.code}` : "the queue was full", hook, atMs)
    } else {
      this.#outbox.push(hook, rest)
    }
    this.#postSoon()
  }

  /** Counts an event that could not be handed over at all. */
  lost(reason: string, hook: string, atMs: number): void {
    if (this.#closed) return
    this.#gaps.count(reason, hook, atMs)
    this.#postSoon()
  }

  /** Counts an event that is lost again and again for one reason: told at once the first time, then once a minute. */
  lostAgain(reason: string, hook: string, atMs: number): void {
    if (!this.#closed) this.#repeated.count(reason, hook, atMs)
  }

  /** Says that nothing is held any more, when that is so: a process that ends after it takes nothing along. */
  goodbye(): void {
    if (this.#isEmpty) this.#observeLane?.send('{"goodbye":true}\n')
  }

  get #isEmpty(): boolean {
    return this.#outbox.isEmpty && this.#gaps.empty
  }

  /** Asks and waits until the record is on disk. Resolves to the writer's answer, or to the fault that kept it from being recorded. */
  gate(rest: string): Promise<GateAnswer | Fault> {
    if (this.#closed) return Promise.resolve(this.#unreachable("the plugin is closing"))
    const { gateWithinMs, nowMs } = this.#options
    const refusal = this.#gateLane || this.#isLinking ? undefined : this.#pending.refusal(nowMs())
    if (refusal) return Promise.resolve(refusal)
    const { line, answer } = this.#pending.ask(rest, gateWithinMs, () => this.#unreachable(`no answer within ${gateWithinMs} ms`))
    if (this.#gateLane) this.#gateLane.send(line)
    else this.#connect(true)
    return answer
  }

  /** Resolves when everything handed over so far is on disk, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void> {
    this.#repeated.tellNow()
    if (this.#isEmpty) return Promise.resolve()
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
    this.goodbye()
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#repeated.stop()
    this.#observeLane?.finish()
    this.#gateLane?.close()
    this.#pending.settleAll(this.#unreachable("the plugin is closing"))
  }

  #unreachable(problem: string): Fault {
    return new Fault("writer.unreachable", { directory: "this gateway's ledger", problem })
  }

  #post(): void {
    this.#posting = false
    if (this.#closed) return
    const lane = this.#observeLane
    if (!lane) return this.#connect()
    const gaps = !this.#gaps.empty && this.#outbox.heldBytes < this.#options.queueBytes ? this.#gapLines() : ""
    // Said before they are sent: what a process that dies takes along is this, less what arrived.
    const held = this.#outbox.waitingCount > heldWithoutAWord ? `{"held":${JSON.stringify(this.#outbox.waitingByHook)}}\n` : ""
    const { lines, count } = this.#outbox.send(postedAtOnce)
    if (gaps || lines) lane.send(gaps + held + lines)
    if (count === postedAtOnce) this.#postSoon()
  }

  #postSoon(): void {
    if (this.#posting) return
    this.#posting = true
    setImmediate(() => this.#post())
  }

  #gapLines(): string {
    return this.#gaps
      .take()
      .map((gap) => this.#outbox.sendFirst("capture.gap", `,"gap":${JSON.stringify(gap)}}`))
      .join("")
  }

  #connect(forGate = false): void {
    if (this.#closed || (this.#retryTimer && !forGate)) return
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    if (this.#isLinking) return
    this.#isLinking = true
    void this.#link()
  }

  async #link(): Promise<void> {
    let fault: Fault | undefined
    this.#linkAgain = false
    try {
      const link = await this.#options.link()
      const started = await ensureWriter(this.#startsNone ? { ...link, program: undefined } : link, this.#ownBuild)
      if (started?.keySource === "environment") this.#log(environmentKeyWarning)
      const welcomed = ({ doors }: Welcome["welcome"]) => void (this.#doors = doors ?? this.#doors)
      const events = { welcomed, line: (line: ServerLine) => this.#line(line), closed: (why: Fault | undefined) => this.#lost(why) }
      const { observe, gate } = await openLanes(link, this.#senders, events)
      this.#opened(observe, gate)
    } catch (error) {
      fault = error instanceof Fault ? error : this.#unreachable(problemOf(error))
    }
    this.#isLinking = false // before anybody hears of it: whoever asks again at once must find that nobody is connecting
    if (fault) this.#failed(fault)
  }

  #opened(observe: WriterConnection, gate: WriterConnection): void {
    if (this.#closed || this.#linkAgain) {
      for (const lane of [observe, gate]) lane.close()
      return this.#closed ? undefined : this.#retry(retryFirstMs)
    }
    if (this.#told) this.#log("Recording is on again; what could not be recorded meanwhile is on record as a gap.")
    this.#told = false
    this.#off = undefined
    this.#attempts = 0
    this.#retryMs = retryFirstMs
    this.#ownBuild.asked = true // once served, by whichever build
    this.#observeLane = observe
    this.#gateLane = gate
    const again = this.#outbox.again()
    if (again) observe.send(again)
    this.#pending.forgetRefusal()
    if (this.#pending.count > 0) gate.send(this.#pending.lines())
    this.#post()
  }

  #lost(why: Fault | undefined, again = false): void {
    if (this.#closed) return
    for (const lane of [this.#observeLane, this.#gateLane]) lane?.close()
    this.#observeLane = this.#gateLane = undefined
    if (why?.code === "writer.unreachable") this.#startNoneUntilMs = this.#options.nowMs() + startNoneMs
    if (why && why.code !== "writer.unreachable") this.#failed(why)
    else if (again || !this.#outbox.isEmpty || this.#pending.count > 0) this.#retry(retryFirstMs)
  }

  #failed(fault: Fault): void {
    if (this.#closed) return
    const away = fault.code === "writer.unreachable"
    if (away && this.#startsNone) return this.#retry(retryFirstMs)
    this.#attempts++
    if (away ? this.#attempts === attemptsBeforeAway : this.#off?.code !== fault.code) {
      this.#told = true
      this.#log(`NOT RECORDING. ${fault.message} ${fault.remedy}`)
    }
    if (!away) this.#off = fault
    // A writer that was just leaving is no reason to refuse: gates wait for the next one, until their own time is up.
    if (!away || this.#off || this.#attempts >= attemptsBeforeAway) this.#pending.refuseAll(fault, this.#options.nowMs())
    this.#retry(this.#off ? (this.#options.retryOffMs ?? retryOffMs) : this.#retryMs)
    this.#retryMs = Math.min(retryMostMs, this.#retryMs * 2)
  }

  get #startsNone(): boolean {
    return this.#options.nowMs() < this.#startNoneUntilMs
  }

  /** The host's logger is not ours to trust. */
  #log(sentence: string): void {
    try {
      this.#options.log(sentence)
    } catch {
      // There is no better place to say it; the state shows in `fault` and in status.
    }
  }

  #retry(afterMs: number): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#connect()
    }, afterMs).unref()
  }

  #line(line: ServerLine): void {
    if ("doors" in line) this.#doors = line.doors
    else if ("tell" in line) this.#options.tell?.(line.tell)
    else if ("ack" in line) this.#acknowledged(line.ack)
    else if ("gate" in line) this.#pending.settle(line.gate, line)
  }

  #acknowledged(number: number): void {
    this.#outbox.acknowledged(number)
    if (this.#outbox.hasWaiting || !this.#gaps.empty) this.#postSoon()
    else if (this.#outbox.isEmpty) this.#flushed.splice(0).forEach((resolve) => resolve())
  }
}
