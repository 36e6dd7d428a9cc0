/**
 * One schedule from one seed: people write, agents answer, hosts reload, clocks jump and writers die, by turns; of each message it is known beforehand whether it
 * leaves. The host is as it is: what a hook that throws was asked about leaves, and what is cancelled is followed by words of the host's own, which ask again.
 */
import assert from "node:assert/strict"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import type { HookHandler } from "../../src/host/host-api.ts"
import { hookLine } from "../../src/host/hook-line.ts"
import { receivedHandler, sendingHandler } from "../../src/host/outbound-door.ts"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"
import { outboundSetting, type OutboundSetting } from "../../src/policy/outbound/outbound-setting.ts"
import { Chance } from "../simulator/chance.ts"
import { Predictor, type Rules } from "./predictor.ts"
import { accidents, SimWriter, type Accident } from "./sim-writer.ts"

export type GateOutcome = { readonly steps: number; readonly faults: number; readonly left: number; readonly kept: number }

const fewestSteps = 40
const fewestFaults = 3
const [protectedPerson, protectedGroup, stranger] = ["1", "-7", "9"]
const people = ["1", "5", "6"] as const
const mayAsk: ReadonlySet<string> = new Set(["1", "5"])
const isProtected = (to: string) => to !== stranger
const fallback = "⚠️ no answer could be delivered"

const rowOf = (hook: string) => hookRows.find((row) => row.hook === hook) ?? assert.fail(hook)
const [receivedRow, sendingRow, sentRow] = ["message_received", "message_sending", "message_sent"].map(rowOf) as [
  ReturnType<typeof rowOf>,
  ReturnType<typeof rowOf>,
  ReturnType<typeof rowOf>,
]

export async function runGateSchedule(seed: number): Promise<GateOutcome> {
  const schedule = new Schedule(new Chance(seed))
  try {
    return await schedule.run()
  } catch (error) {
    throw new Error(`gate schedule ${seed}\n${schedule.story()}`, { cause: error })
  }
}

class Schedule {
  readonly #chance: Chance
  readonly #predictor = new Predictor()
  readonly #writer: SimWriter
  readonly #told: string[] = []
  #nowMs = 1_790_000_000_000
  #rules!: Rules
  #setting!: OutboundSetting
  #received!: HookHandler
  #sending!: HookHandler
  #accident: Accident | undefined
  #asked = 0
  #messages = 0
  #pending: Promise<unknown>[] = []
  #outcome = { steps: 0, faults: 0, left: 0, kept: 0 }

  constructor(chance: Chance) {
    this.#chance = chance
    this.#writer = new SimWriter(() => this.#nowMs)
    this.#load()
  }

  story(): string {
    return this.#told.join("\n")
  }

  async run(): Promise<GateOutcome> {
    const steps = fewestSteps + this.#chance.below(20)
    for (; this.#outcome.steps < steps || this.#outcome.faults < fewestFaults; this.#outcome.steps++) {
      this.#nowMs += this.#chance.below(9_000)
      const step = this.#chance.below(20)
      if (step < 6) await this.#hears()
      else if (step < 15) await this.#sends()
      else if (step < 17) this.#jumps()
      else if (step === 17) this.#load()
      else this.#orders()
    }
    return this.#outcome
  }

  /** The plugin is loaded anew, perhaps with other settings: other copies of its handlers, the same writer. */
  #load(): void {
    const { uses, armTtlMs, missedResponseTtlMs, duplicateWindowMs, needsBody } = {
      uses: 1 + this.#chance.below(3),
      armTtlMs: this.#chance.of([15_000, 60_000, 120_000]),
      missedResponseTtlMs: this.#chance.of([30_000, 600_000]),
      duplicateWindowMs: this.#chance.of([0, 10_000]),
      needsBody: !this.#chance.oneIn(4),
    }
    this.#rules = { uses, openMs: armTtlMs, lateMs: missedResponseTtlMs, repeatMs: duplicateWindowMs, needsBody }
    const lists = { channel: "telegram", protectedTo: [protectedPerson, `telegram:${protectedGroup}`], allowedFrom: [...mayAsk] }
    const setting = outboundSetting({ ...lists, maxUsesPerArm: uses, armTtlMs, missedResponseTtlMs, duplicateWindowMs, requireBodyAfterTrigger: needsBody })
    assert.ok(setting)
    this.#setting = setting
    const ledger = () =>
      ({
        gate: setting,
        maxPayloadBytes: 65_536,
        memory: new CaptureMemory(),
        client: { gate: (line: string) => this.#gate(line), lost: () => {} },
      }) as unknown as SharedLedger
    this.#received = receivedHandler(receivedRow, ledger, () => {})
    this.#sending = sendingHandler(
      sendingRow,
      ledger,
      () => {},
      () => true,
    )
    this.#note(`loaded: ${JSON.stringify(this.#rules)}`)
  }

  #gate(line: string): Promise<unknown> {
    if (this.#accident === "breaks") return Promise.reject(new Error("the client broke"))
    const answer = this.#writer.ask(`q${++this.#asked}`, line, this.#setting, this.#accident)
    const asking = Promise.resolve(answer)
    this.#pending.push(asking)
    return asking
  }

  async #hears(): Promise<void> {
    const from = this.#chance.of(people)
    const to = this.#chance.oneIn(3) ? protectedGroup : this.#chance.oneIn(4) ? stranger : from === "1" ? protectedPerson : protectedGroup
    const isOld = this.#messages > 0 && this.#chance.oneIn(5)
    const id = String(isOld ? 1 + this.#chance.below(this.#messages) : ++this.#messages)
    const asks = this.#chance.of(["yes", "yes", "without a body", "no"] as const)
    const content = { yes: "friday: tell me", "without a body": "Friday: 👍", no: "hello friday: no" }[asks]
    const accident = this.#accidentOr("throws")
    const event = accident === "throws" ? hostile("from") : { from: `telegram:${from}`, senderId: from, messageId: id, content }
    this.#note(`${from} writes ${JSON.stringify(content)} in ${to} as ${id}${accident ? ` (${accident})` : ""}`)
    for (let times = this.#chance.oneIn(6) ? 2 : 1; times > 0; times--) {
      this.#received(event, { channelId: "telegram", conversationId: `telegram:${to}` })
      await Promise.all(this.#pending.splice(0))
      if (isLost(accident)) continue
      this.#predictor.heard({ to, mayAsk: isProtected(to) && mayAsk.has(from), id, asks }, this.#rules, this.#nowMs)
    }
    this.#accident = undefined
  }

  async #sends(): Promise<void> {
    const to = this.#chance.of([protectedPerson, protectedPerson, protectedGroup, stranger])
    const words = this.#chance.oneIn(3) ? "the same words" : `words ${this.#outcome.steps}`
    const accident = this.#accidentOr("throws")
    const didLeave = await this.#offered(to, words, accident)
    this.#accident = undefined
    if (didLeave) return
    // The host's own words that there was no answer: the accident may be over by then.
    await this.#offered(to, fallback, undefined)
  }

  async #offered(to: string, words: string, accident: Accident | "throws" | undefined): Promise<boolean> {
    const event = accident === "throws" ? hostile("content") : { to: `telegram:${to}`, content: words }
    const expected = !isProtected(to) ? accident !== "throws" : !isLost(accident) && this.#predictor.offered(to, words, this.#rules, this.#nowMs)
    let didLeave: boolean
    try {
      const result = (await this.#sending(event, { channelId: "telegram", conversationId: `telegram:${to}` })) as { readonly cancel?: boolean } | undefined
      didLeave = result?.cancel !== true
    } catch {
      didLeave = true // fail-open, as the host is
    }
    this.#note(`to ${to}: ${JSON.stringify(words)}${accident ? ` (${accident})` : ""} ${didLeave ? "left" : "stayed"}`)
    assert.equal(didLeave, expected, `${words} to ${to}`)
    this.#outcome[didLeave ? "left" : "kept"]++
    if (didLeave && isProtected(to) && !this.#chance.oneIn(3)) this.#outcomeOf(to, words)
    return didLeave
  }

  /** Whether it arrived, where the host tells. */
  #outcomeOf(to: string, words: string): void {
    const success = !this.#chance.oneIn(3)
    const line = hookLine(sentRow, { to: `telegram:${to}`, content: words, success }, { channelId: "telegram" }, { atMs: this.#nowMs, maxBytes: 65_536 })
    this.#writer.told(line ?? "", this.#setting)
    this.#predictor.told(to, words, success)
    this.#note(`told: ${success ? "arrived" : "failed"}`)
  }

  #orders(): void {
    const to = this.#chance.of([protectedPerson, protectedGroup])
    const of = { atMs: this.#nowMs, channel: "telegram", peer: `p-peer:telegram:${to}` }
    if (this.#chance.oneIn(2)) {
      this.#writer.order({ type: "outbound.disarmed", facts: of })
      this.#predictor.disarmed(to)
      this.#note(`disarmed ${to}`)
    } else {
      const expiresAtMs = this.#nowMs + 30_000
      this.#writer.order({ type: "outbound.armed", facts: { ...of, uses: 1, expiresAtMs } })
      this.#predictor.armed(to, 1, expiresAtMs)
      this.#note(`armed ${to}`)
    }
  }

  #jumps(): void {
    this.#nowMs += this.#chance.of([-3_600_000, -20_000, 14_000, 31_000, 119_000, 601_000, 86_400_000])
    this.#outcome.faults++
    this.#note(`the clock jumps to ${this.#nowMs}`)
  }

  #accidentOr<O extends string>(other: O): Accident | O | undefined {
    if (!this.#chance.oneIn(4)) return undefined
    this.#outcome.faults++
    const found = this.#chance.of([...accidents, other] as unknown as readonly [Accident | O, ...(Accident | O)[]])
    this.#accident = found === other ? undefined : (found as Accident)
    return found
  }

  #note(words: string): void {
    this.#told.push(`${this.#outcome.steps} at ${this.#nowMs}: ${words}`)
  }
}

/** Nothing of it is on record, and nobody was answered. */
function isLost(accident: Accident | "throws" | undefined): boolean {
  return accident === "away" || accident === "full disk" || accident === "breaks" || accident === "throws"
}

/** A payload that cannot be read. */
function hostile(member: string): object {
  return Object.defineProperty({}, member, {
    enumerable: true,
    get: () => {
      throw new Error("this payload throws")
    },
  })
}
