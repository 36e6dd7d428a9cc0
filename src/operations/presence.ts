/**
 * Whether the gateways that hand over events are still there. A process that ends in order says goodbye when everything it held is on disk; one that is
 * killed does not, and what it still held is lost with it. Then the gap is recorded by the writer, with what is known of it: what the gateway last said
 * that it held, less what arrived after that.
 */
import type { Gap } from "../format/gap.ts"
import type { Intake } from "./intake.ts"
import { gapEvent } from "./record.ts"
import type { Spending } from "./spend/spending.ts"

export type PresenceOptions = {
  readonly nowMs: () => number
  readonly record: (gap: Gap) => void
  /** Whether anything that a process told or asked is on record, by a lane of it. */
  readonly known: (sender: string) => boolean
  /** Somebody is gone who may have used what he asked for: this sender, or whoever had asked an earlier writer. */
  readonly departed?: (who: Departed) => void
  /** How long a gateway that lost its connection has to come back. */
  readonly backWithinMs?: number
}

export type Departed = { readonly sender: string } | "everybody of before"

/** Events that wait in a gateway, by hook. */
export type Held = Readonly<Record<string, number>>

/** That of a writer: who is gone goes on record, and to the ledger. */
export function presenceIn({ intake, spending, nowMs }: { readonly intake: Intake; readonly spending: Spending; readonly nowMs: () => number }): Presence {
  const departed = (who: Departed) => intake.commit(() => spending.departed(who))
  const known = (sender: string) => lanesOf(sender).some((lane) => intake.markOf(lane) > 0)
  return new Presence({ nowMs, departed, known, record: (gap) => intake.record(gapEvent(gap)) })
}

type Present = { readonly held: Map<string, number>; lastMs: number; timer: NodeJS.Timeout | undefined }

const backWithinMs = 3_000

/** Of the process that a sender is a lane of: all but the last digit is its name. */
function lanesOf(sender: string): readonly string[] {
  return ["0", "1"].map((lane) => sender.slice(0, -1) + lane)
}

export const goneWords = "the gateway's process ended without a word"
export const powerWords = "the writer ended without a word, and no gateway of that time is back"

export class Presence {
  readonly #options: PresenceOptions
  readonly #present = new Map<string, Present>()
  /** Who said goodbye and has told nothing since. */
  readonly #inOrder = new Set<string>()
  /** Since when nobody watched, after a writer that did not end in order: until a gateway of that time is back, or another one came. */
  #unwatchedFromMs: number | undefined
  #settling: NodeJS.Timeout | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  /** The writer before this one did not end in order; `lastMs` is the time of its last entry. */
  unwatched(lastMs: number): void {
    this.#unwatchedFromMs = lastMs
  }

  /** A gateway opened its lane. */
  joined(sender: string): void {
    const present = this.#present.get(sender)
    if (present) {
      clearTimeout(present.timer)
      present.timer = undefined
    }
    if (this.#unwatchedFromMs === undefined) return
    if (this.#options.known(sender)) this.#watchedAgain()
    else this.#settling ??= this.#later(() => this.#settle())
  }

  /** It handed over an event. */
  heard(sender: string, hook: string | undefined): void {
    const present = this.#at(sender)
    present.lastMs = this.#options.nowMs()
    const waiting = hook === undefined ? 0 : (present.held.get(hook) ?? 0)
    if (hook !== undefined && waiting > 0) present.held.set(hook, waiting - 1)
  }

  /** It said what waits in it, all of which it will send after this. */
  held(sender: string, held: Held): void {
    const present = this.#present.get(sender)
    if (!present) return
    present.held.clear()
    for (const [hook, count] of Object.entries(held)) present.held.set(hook, count)
  }

  /** It holds nothing, and may go. */
  goodbye(sender: string): void {
    const present = this.#present.get(sender)
    clearTimeout(present?.timer)
    this.#present.delete(sender)
    this.#inOrder.add(sender)
  }

  /** Its connection is gone. Who has told nothing yet may have asked, and used what he was given. */
  left(sender: string): void {
    if (this.#inOrder.delete(sender)) return
    const present = this.#present.get(sender) ?? (this.#options.known(sender) ? this.#at(sender) : undefined)
    if (present) present.timer ??= this.#later(() => this.#gone(sender, present))
  }

  /** The writer ends: who is not back by now is taken for gone. Gateways that are there say the rest to the next writer. */
  finish(): void {
    for (const [sender, present] of this.#present) if (present.timer) this.#gone(sender, present)
    if (this.#settling) this.#settle()
  }

  #at(sender: string): Present {
    this.#inOrder.delete(sender)
    const found = this.#present.get(sender) ?? { held: new Map<string, number>(), lastMs: this.#options.nowMs(), timer: undefined }
    this.#present.set(sender, found)
    return found
  }

  #gone(sender: string, { held, lastMs, timer }: Present): void {
    clearTimeout(timer)
    this.#present.delete(sender)
    const byType = Object.fromEntries([...held].filter(([, count]) => count > 0))
    this.#options.departed?.({ sender })
    this.#options.record({ reason: goneWords, byType, fromMs: lastMs, toMs: this.#options.nowMs(), uncounted: true })
  }

  #settle(): void {
    const fromMs = this.#unwatchedFromMs
    this.#watchedAgain()
    if (fromMs === undefined) return
    this.#options.departed?.("everybody of before")
    this.#options.record({ reason: powerWords, byType: {}, fromMs, toMs: this.#options.nowMs(), uncounted: true })
  }

  #watchedAgain(): void {
    clearTimeout(this.#settling)
    this.#settling = undefined
    this.#unwatchedFromMs = undefined
  }

  #later(work: () => void): NodeJS.Timeout {
    return setTimeout(work, this.#options.backWithinMs ?? backWithinMs).unref()
  }
}
