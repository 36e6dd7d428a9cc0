/**
 * More than a budget has, for one run, as a verifier counts it (docs/spec/cap-proof.md, "Extensions"): what was asked for, when an owner let it, and what holds
 * drew and spent of it. Never more than was asked for, and nothing before it was granted: what says otherwise does not fit.
 */
import { objectOf, stringOf } from "../base/json.ts"
import type { CapExtension } from "../format/cap-proof.ts"
import { addTo, amountsIn, amountsJsonOf, type CapAmounts } from "./cap-amounts.ts"

type Facts = Readonly<Record<string, unknown>>
type Extension = {
  readonly asked: number
  readonly id: string
  readonly amounts: CapAmounts
  readonly held: CapAmounts
  readonly spent: CapAmounts
  granted: number | null
  /** A hold of the period drew from it. */
  isTold: boolean
}

/** What a hold draws of one extension, for the budget. */
export type Drawing = { readonly extension: Extension; readonly amounts: CapAmounts }

const nothing: CapAmounts = new Map()

export class CapExtensions {
  readonly #budget: string
  readonly #note: (sequence: number, what: string) => void
  readonly #known = new Map<string, Extension>()
  readonly #told: Extension[] = []

  constructor(budget: string, note: (sequence: number, what: string) => void) {
    this.#budget = budget
    this.#note = note
  }

  ask(sequence: number, facts: Facts): void {
    const names = facts["extends"]
    if (!Array.isArray(names) || !names.includes(this.#budget)) return
    const [id, amounts] = [stringOf(facts["extension"]), amountsIn(facts["amounts"])]
    if (id === undefined || !amounts) return this.#note(sequence, "its facts are not those of an extension")
    this.#known.set(id, { asked: sequence, id, amounts, held: new Map(), spent: new Map(), granted: null, isTold: false })
  }

  grant(sequence: number, facts: Facts): void {
    const extension = this.#known.get(stringOf(facts["extension"]) ?? "")
    if (extension) extension.granted ??= sequence
  }

  /** What a hold draws for the budget; undefined where it draws nothing for it. */
  draw(sequence: number, facts: Facts, isAsked: boolean): Drawing | undefined {
    const drawn = this.#partOf(sequence, facts["draws"])
    if (!drawn) return undefined
    const { extension, amounts } = drawn
    addTo(extension.held, amounts, 1n)
    for (const [unit, amount] of extension.held)
      if (amount + (extension.spent.get(unit) ?? 0n) > (extension.amounts.get(unit) ?? 0n)) this.#note(sequence, "it draws more than was asked for")
    if (isAsked && !extension.isTold) {
      extension.isTold = true
      this.#told.push(extension)
    }
    return drawn
  }

  /** A hold ends: what it drew is there again, but for what a settlement spent of it. */
  end(sequence: number, drawing: Drawing | undefined, spent: unknown): CapAmounts {
    if (drawing) addTo(drawing.extension.held, drawing.amounts, -1n)
    const used = this.#partOf(sequence, spent)
    if (!used) return nothing
    const { extension, amounts } = used
    const isWithin = drawing?.extension === extension && [...amounts].every(([unit, amount]) => amount <= (drawing.amounts.get(unit) ?? 0n))
    if (!isWithin) this.#note(sequence, "it spends what its hold did not draw")
    if (extension.granted === null) this.#note(sequence, "it spends from an extension that nobody granted")
    addTo(extension.spent, amounts, 1n)
    return amounts
  }

  /** Those that holds of the period drew from, in the order in which they first did. */
  get result(): readonly CapExtension[] {
    return this.#told.map(({ id, asked, granted, amounts, spent }) => ({
      extension: id,
      asked,
      granted,
      amounts: amountsJsonOf(amounts),
      spent: amountsJsonOf(spent),
    }))
  }

  #partOf(sequence: number, value: unknown): Drawing | undefined {
    if (value === undefined) return undefined
    const { extension: id, parts } = objectOf(value)
    const part: unknown = Array.isArray(parts) ? parts.find((one: unknown) => objectOf(one)["of"] === this.#budget) : undefined
    if (Array.isArray(parts) && part === undefined) return undefined
    const [extension, amounts] = [this.#known.get(stringOf(id) ?? ""), amountsIn(objectOf(part)["amounts"])]
    if (!extension || !amounts) {
      this.#note(sequence, "it draws from an extension that no entry shows")
      return undefined
    }
    return { extension, amounts }
  }
}
