/** Events on their way to the writer: those that wait, and those that were sent and are not acknowledged. A number is given when an event is sent, and kept. */

/** An event as the hooks hand it over: its line after the number. */
type Item = { readonly hook: string; readonly rest: string }
type Sent = Item & { readonly number: number }

const inFlightMost = 2_000
const compactAfter = 4_096

export class Outbox {
  #waiting: Item[] = []
  readonly #waitingByHook: Record<string, number> = {}
  /** The queue has a moving front: shifting a large array one by one would cost its length each time. */
  #from = 0
  #sent: Sent[] = []
  #next = 1
  #heldBytes = 0

  /** Bytes of all that is held, waiting or sent. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0 && !this.hasWaiting
  }

  get hasWaiting(): boolean {
    return this.#from < this.#waiting.length
  }

  push(hook: string, rest: string): void {
    this.#waiting.push({ hook, rest })
    this.#waitingByHook[hook] = (this.#waitingByHook[hook] ?? 0) + 1
    this.#heldBytes += rest.length
  }

  /** How many events wait to be sent, by hook. */
  get waitingByHook(): Readonly<Record<string, number>> {
    return this.#waitingByHook
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#from
  }

  /** Numbers an event ahead of those that wait and answers its line. */
  sendFirst(hook: string, rest: string): string {
    this.#heldBytes += rest.length
    return this.#numbered({ hook, rest })
  }

  /** Numbers up to `most` waiting events, as many as may be under way, and answers their lines. */
  send(most: number): { readonly lines: string; readonly count: number } {
    const count = Math.max(0, Math.min(most, inFlightMost - this.#sent.length, this.#waiting.length - this.#from))
    let lines = ""
    for (const item of this.#waiting.slice(this.#from, this.#from + count)) {
      lines += this.#numbered(item)
      this.#waitingByHook[item.hook] = (this.#waitingByHook[item.hook] ?? 1) - 1
    }
    this.#from += count
    if (!this.hasWaiting || this.#from > compactAfter) {
      this.#waiting = this.#waiting.slice(this.#from)
      this.#from = 0
    }
    return { lines, count }
  }

  /** The lines of everything sent and not acknowledged, under their old numbers: the writer knows a repeat. */
  again(): string {
    return this.#sent.map(lineOf).join("")
  }

  /** Everything up to this number is on disk. */
  acknowledged(number: number): void {
    let done = 0
    for (const item of this.#sent) {
      if (item.number > number) break
      this.#heldBytes -= item.rest.length
      done++
    }
    this.#sent = this.#sent.slice(done)
  }

  #numbered(item: Item): string {
    const sent = { ...item, number: this.#next++ }
    this.#sent.push(sent)
    return lineOf(sent)
  }
}

function lineOf({ number, rest }: Sent): string {
  return `{"n":${number}${rest}\n`
}
