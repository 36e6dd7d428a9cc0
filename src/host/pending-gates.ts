/**
 * Questions that wait for the writer's answer, each with the line that asks it: asked again on a new connection, and given up when their time is over.
 * When nobody can answer they are refused, and so are those that come within a second after it: another attempt would only repeat the fault and costs half
 * a second of a processor, while an agent that is refused asks again at once.
 */
import type { Fault } from "../base/fault.ts"
import type { GateAnswer } from "../surfaces/socket/protocol.ts"

type Pending = { readonly settle: (answer: GateAnswer | Fault) => void; readonly line: string; readonly timer: NodeJS.Timeout }

const refusedForMs = 1_000

export class PendingGates {
  readonly #pending = new Map<number, Pending>()
  #next = 1
  #refused: { readonly fault: Fault; readonly atMs: number } | undefined

  get count(): number {
    return this.#pending.size
  }

  /** `rest` is the line after the numbers. Answers the whole line, and what will be the answer: `tooLate` after `withinMs`. */
  ask(rest: string, withinMs: number, tooLate: () => Fault): { readonly line: string; readonly answer: Promise<GateAnswer | Fault> } {
    const number = this.#next++
    const line = `{"gate":${number},"n":${number}${rest}\n`
    const answer = new Promise<GateAnswer | Fault>((resolve) => {
      const timer = setTimeout(() => this.settle(number, tooLate()), withinMs)
      this.#pending.set(number, { settle: resolve, line, timer })
    })
    return { line, answer }
  }

  /** The lines of all that wait. */
  lines(): string {
    return [...this.#pending.values()].map(({ line }) => line).join("")
  }

  settle(number: number, answer: GateAnswer | Fault): void {
    const pending = this.#pending.get(number)
    if (!pending) return
    clearTimeout(pending.timer)
    this.#pending.delete(number)
    pending.settle(answer)
  }

  refuseAll(fault: Fault, nowMs: number): void {
    this.#refused = { fault, atMs: nowMs }
    this.settleAll(fault)
  }

  /** Why whoever asks now is refused like those before; undefined when it is time for another attempt, also when the clock was put back. */
  refusal(nowMs: number): Fault | undefined {
    const sinceMs = nowMs - (this.#refused?.atMs ?? 0)
    return sinceMs >= 0 && sinceMs < refusedForMs ? this.#refused?.fault : undefined
  }

  /** Somebody can answer again. */
  forgetRefusal(): void {
    this.#refused = undefined
  }

  settleAll(fault: Fault): void {
    for (const number of [...this.#pending.keys()]) this.settle(number, fault)
  }
}
