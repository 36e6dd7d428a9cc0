/**
 * A gateway without its host and its socket: the real permits and the real doors of model calls. What it asked and got no answer to, and what it told and was
 * not acknowledged, it says again to the next writer, by the same numbers.
 */
import { Fault } from "../../src/base/fault.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import type { HookRow } from "../../src/capture/hook-row.ts"
import { beginCall, wantCall, type Begun, type DoorLedger } from "../../src/host/model-door.ts"
import { Permits, type Granted } from "../../src/host/permits.ts"
import type { Doors } from "../../src/ledger/doors.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { ObserveLine } from "../../src/operations/observed-line.ts"

export type Fields = Readonly<Record<string, unknown>>
export type Post = {
  readonly ask: (sender: string, line: ObserveLine, answer: (answer: Answer) => void) => void
  readonly tell: (sender: string, line: ObserveLine, done: () => void) => void
}

const begins = hookRows.find(({ hook }) => hook === "before_agent_run")

/** What the wall shows, and what nobody sets. */
export type GatewayClocks = { readonly nowMs: () => number; readonly steadyMs: () => number }

type Waiting = { readonly line: ObserveLine; readonly answer: (answer: Answer | Fault) => void }

/** A class and no literal with a getter: V8 keeps what such a getter sees until its next full collection, which would be every schedule's world. */
class DoorClient {
  readonly #gateway: Pick<SimGateway, "doors">
  readonly gate: DoorLedger["client"]["gate"]
  /** It hears of its writer's doors at once, or of its end. */
  readonly writerPid = 1

  constructor(gateway: Pick<SimGateway, "doors">, gate: (rest: string) => Promise<Answer | Fault>) {
    this.#gateway = gateway
    this.gate = gate as DoorLedger["client"]["gate"]
  }

  get doors(): Doors {
    return this.#gateway.doors ?? { hard: true }
  }
}

export class SimGateway {
  readonly name: string
  doors: Doors | undefined
  readonly memory = new CaptureMemory()
  readonly permits: Permits
  readonly #nowMs: () => number
  readonly #post: Post
  readonly #ledger: DoorLedger
  #asked = 0
  #told = 0
  #unanswered = new Map<number, Waiting>()
  #unacknowledged = new Map<number, ObserveLine>()

  constructor(name: string, { nowMs, steadyMs }: GatewayClocks, post: Post) {
    this.name = name
    this.#nowMs = nowMs
    this.#post = post
    this.permits = new Permits({ steadyMs, uptimeMs: steadyMs })
    this.#ledger = {
      client: new DoorClient(this, (rest) => this.#gate(rest)),
      nowMs,
      blocks: false,
      doorsFile: undefined,
      permits: this.permits,
      maxPayloadBytes: 100_000,
      memory: this.memory,
    }
  }

  get gateLane(): string {
    return `${this.name}1`
  }

  get observeLane(): string {
    return `${this.name}0`
  }

  /** A run begins: whatever was asked for before it is not for this. */
  begins(run: string, event: Fields, ctx: Fields): Promise<Granted> {
    return wantCall(this.#ledger, { place: run, event, ctx, ...(begins && { row: begins as HookRow }), anew: true })
  }

  /** Before a request leaves, in sight of all of it; or where a tool is called, with nothing known. */
  wants(run: string, event: Fields, ctx: Fields, anew: boolean): Promise<Granted> {
    return wantCall(this.#ledger, { place: run, event, ctx, anew })
  }

  callBegins(event: Fields, ctx: Fields): Begun {
    return beginCall(this.#ledger, event, ctx)
  }

  #gate(rest: string): Promise<Answer | Fault> {
    const n = ++this.#asked
    const line = JSON.parse(`{"n":${n}${rest}`) as ObserveLine
    return new Promise((resolve) => this.#ask(line, resolve))
  }

  tool(picked: Fields): Promise<Answer | Fault> {
    const line = { n: ++this.#asked, h: "before_tool_call", t: this.#nowMs(), p: picked }
    return new Promise((resolve) => this.#ask(line, resolve))
  }

  #ask(line: ObserveLine, answer: (answer: Answer | Fault) => void): void {
    this.#unanswered.set(line.n, { line, answer })
    this.#sendGate(line)
  }

  #sendGate(line: ObserveLine): void {
    this.#post.ask(this.gateLane, line, (given) => {
      const waiting = this.#unanswered.get(line.n)
      this.#unanswered.delete(line.n)
      waiting?.answer(given)
    })
  }

  tell(hook: string, picked: Fields): void {
    const line = { n: ++this.#told, h: hook, t: this.#nowMs(), p: picked }
    this.#unacknowledged.set(line.n, line)
    this.#sendObserved(line)
  }

  #sendObserved(line: ObserveLine): void {
    this.#post.tell(this.observeLane, line, () => this.#unacknowledged.delete(line.n))
  }

  /** Another writer is there. */
  reconnected(doors: Doors): void {
    this.doors = doors
    for (const line of this.#unacknowledged.values()) this.#sendObserved(line)
    for (const { line } of this.#unanswered.values()) this.#sendGate(line)
  }

  /** Nobody has answered for too long: whoever waits is refused. */
  givesUp(): void {
    const waiting = [...this.#unanswered.values()]
    this.#unanswered = new Map()
    for (const { answer } of waiting) answer(new Fault("writer.unreachable", { directory: "the ledger", problem: "it did not answer in time" }))
  }
}
