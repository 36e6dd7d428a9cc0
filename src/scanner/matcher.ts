/** How far each pattern came in a text: a word moves those that wait for it, and no others. */
import { always, type Machine } from "./machine.ts"
import type { ScanSource } from "./row.ts"

export type Match = { readonly row: number; readonly from: number; readonly to: number }

export class PatternMatcher {
  /** How many words were read, and how many when the line began. */
  word = 0
  line = 0
  /** How many steps were looked at. */
  work = 0
  matches: Match[] = []
  readonly #machine: Machine
  readonly #coded: (at: number) => void
  /** By step: up to which word it may be taken; at which word it was; where in the text its match began. */
  readonly #until: Int32Array
  readonly #reached: Int32Array
  readonly #began: Int32Array
  #isSecret: (from: number) => boolean = () => false

  /** @param coded is told of places where codes of characters may follow. */
  constructor(machine: Machine, coded: (at: number) => void) {
    this.#machine = machine
    this.#coded = coded
    this.#until = new Int32Array(machine.steps.count)
    this.#reached = new Int32Array(machine.steps.count)
    this.#began = new Int32Array(machine.steps.count)
  }

  begin(source: ScanSource, isSecret: (from: number) => boolean): void {
    this.#until.set(this.#machine.begin[source])
    this.#isSecret = isSecret
    this.matches = []
    this.word = this.line = this.work = 0
  }

  fire(atom: number, at: number): void {
    if (atom === 0) return
    const list = this.#machine.waiting[atom]
    if (list === undefined) return
    const until = this.#until
    const word = this.word
    this.work += list.length
    for (let n = 0; n < list.length; n++) {
      const step = list[n] ?? 0
      if ((until[step] ?? 0) >= word) this.#take(step, word, at)
    }
    const undo = this.#machine.undone[atom]
    if (undo !== undefined) this.#undo(undo)
  }

  /** What was found without a pattern. */
  found(row: number, at: number): void {
    if (!this.matches.some((match) => match.row === row)) this.matches.push({ row, from: at, to: at })
  }

  #take(step: number, word: number, at: number): void {
    const { row, isFirst, isLast, least, most, inLine } = this.#machine.steps
    if (isFirst[step] === 1) this.#began[step] = at
    else {
      const from = this.#reached[step - 1] ?? 0
      if (word - from < (least[step] ?? 0) || (inLine[step] === 1 && from <= this.line)) return
      this.#began[step] = this.#began[step - 1] ?? at
    }
    if (isLast[step] === 1) return this.#matched(row[step] ?? 0, this.#began[step] ?? at, at)
    this.#reached[step] = word
    this.#until[step + 1] = word + (most[step + 1] ?? 0)
  }

  #undo(ranges: Int32Array): void {
    for (let n = 0; n < ranges.length; n += 2)
      for (let step = ranges[n] ?? 0; step < (ranges[n + 1] ?? 0); step++) if (this.#until[step] !== always) this.#until[step] = -1
  }

  #matched(row: number, from: number, to: number): void {
    const { place } = this.#machine.rows[row] ?? {}
    if (place === "codes") return this.#coded(to)
    if (place === "secret" && !this.#isSecret(from)) return
    const { steps } = this.#machine
    this.#until.fill(-1, steps.from[row], steps.to[row])
    this.matches.push({ row, from, to })
  }
}
