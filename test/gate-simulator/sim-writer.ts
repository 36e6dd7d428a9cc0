/** A writer that keeps the gate in memory and its journal on a disk that may fail, and is killed where it hurts: before it decides, before its commit, before its answer. */
import { callOf, type ObserveLine } from "../../src/operations/observed-line.ts"
import { admit } from "../../src/operations/gates.ts"
import { OutboundBook } from "../../src/operations/outbound/outbound-book.ts"
import { Fault } from "../../src/base/fault.ts"
import type { MapContext } from "../../src/capture/hook-row.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { evolveOutbound, sawMessage } from "../../src/policy/outbound/evolve.ts"
import type { OutboundEvent } from "../../src/policy/outbound/events.ts"
import type { OutboundSetting } from "../../src/policy/outbound/outbound-setting.ts"
import { emptyOutbound } from "../../src/policy/outbound/state.ts"

export const accidents = ["away", "killed first", "killed before the commit", "killed before the answer", "full disk", "breaks"] as const
export type Accident = (typeof accidents)[number]

type Place = Parameters<typeof admit>[2]

/** Names nobody, and is the same for the same text. */
const pseudonym = (text: string) => `p-${text}`
const context: MapContext = { pseudonym, judgeTool: () => ({ guarded: false, verdict: "allow" }) }

export class SimWriter {
  readonly #nowMs: () => number
  readonly #journal: NewEvent[] = []
  readonly #recorded = new Set<string>()
  #book: OutboundBook

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#book = this.#restarted()
  }

  /** A question with its number, as a client asks it: once more on a new connection when its writer was killed. */
  ask(id: string, line: string, setting: OutboundSetting, accident?: Accident): { readonly verdict: "allow" | "deny"; readonly words?: string } | Fault {
    if (accident === "away") return gone()
    if (accident === "killed first") this.#book = this.#restarted()
    const call = callOf(JSON.parse(`{"n":1${line}`) as ObserveLine)
    const decide = () => admit(call, context, { id, outbound: { book: this.#book, setting } } as unknown as Place)
    if (accident === "killed before the commit" || accident === "full disk") {
      decide()
      this.#book = this.#restarted()
      if (accident === "full disk") return gone()
    }
    const decided = decide()
    this.#commit(id, decided.events)
    if (accident !== "killed before the answer") return decided.answer
    this.#book = this.#restarted()
    const again = decide()
    this.#commit(id, again.events)
    return again.answer
  }

  /** What a hook that nobody waits for told. */
  told(line: string, setting: OutboundSetting): void {
    this.#journal.push(...this.#book.told(callOf(JSON.parse(`{"n":1${line}`) as ObserveLine), setting))
  }

  order(event: OutboundEvent): void {
    this.#journal.push(...this.#book.order(event, {}))
  }

  /** What decides is written each time, the call's own record once. */
  #commit(id: string, events: readonly NewEvent[]): void {
    const isRepeat = this.#recorded.has(id)
    this.#recorded.add(id)
    this.#journal.push(...events.filter(({ type }) => !isRepeat || type.startsWith("outbound.")))
  }

  /** From the journal alone. */
  #restarted(): OutboundBook {
    const state = emptyOutbound()
    for (const event of this.#journal) {
      const { guarded } = event.facts as { readonly guarded?: string }
      if (event.type === "message.received" && guarded !== undefined) sawMessage(state, guarded, 0)
      if (event.type.startsWith("outbound.")) evolveOutbound(state, event as unknown as OutboundEvent)
    }
    return new OutboundBook(state, { nowMs: this.#nowMs, pseudonym })
  }
}

function gone(): Fault {
  return new Fault("writer.unreachable", { directory: "the ledger", problem: "it is away" })
}
