/** What holds draw from extensions, counted again from what events say: never more than an owner was asked for, and nothing spent that none granted. */
import { objectOf, stringOf } from "../base/json.ts"
import { add, emptyTally, subtract, type Amounts, type Tally } from "../ledger/amounts.ts"
import { units } from "../ledger/units.ts"
import { amountsIn } from "../projections/posting-facts.ts"
import { tallyIn } from "./reconcile-tally.ts"
import type { Violations } from "./reconcile-violations.ts"

type Facts = Readonly<Record<string, unknown>>
type Counted = { readonly most: Amounts; granted: boolean; readonly used: Map<string, { readonly held: Tally; readonly spent: Tally }> }

/** By budget (`daily`) or account (`agent:main`): how much of it. */
export type Drawn = { readonly extension: string; readonly of: ReadonlyMap<string, Amounts> }

const nothing: Amounts = {}

export function drawnFor(drawn: Drawn | undefined, name: string): Amounts {
  return drawn?.of.get(name) ?? nothing
}

/** The rest of a tally, where an extension bears some of it. */
export function withoutDrawn(total: Tally, drawn: Drawn | undefined, name: string): Tally {
  if (!drawn) return total
  const rest = { ...total }
  subtract(rest, drawnFor(drawn, name))
  return rest
}

export class ExtensionRecount {
  readonly #extensions = new Map<string, Counted>()
  readonly #violations: Violations

  constructor(violations: Violations) {
    this.#violations = violations
  }

  /** As balances that were carried on tell of them. */
  begin(rows: readonly Facts[]): void {
    for (const { id, amounts, grantedAtMs, drawn } of rows) {
      const parts = Array.isArray(drawn) ? drawn.map(objectOf) : []
      const used = new Map(parts.map(({ of, held, spent }) => [String(of), { held: tallyIn(held), spent: tallyIn(spent) }]))
      this.#extensions.set(String(id), { most: amountsIn(amounts) ?? nothing, granted: grantedAtMs !== undefined, used })
    }
  }

  take(sequence: number, type: string, facts: Facts): void {
    const id = stringOf(facts["extension"])
    if (id === undefined) return
    if (type === "extension.asked") {
      const names = Array.isArray(facts["extends"]) ? facts["extends"].map(String) : []
      const used = new Map(names.map((name) => [name, { held: emptyTally(), spent: emptyTally() }]))
      this.#extensions.set(id, { most: amountsIn(facts["amounts"]) ?? nothing, granted: false, used })
    }
    const found = this.#extensions.get(id)
    if (type === "extension.granted" && found) found.granted = true
    if (!found) this.#violations.add("drawn-too-much", sequence, id, "It was never asked for.")
  }

  /** What a hold draws, if it draws anything. */
  place(sequence: number, hold: string, draws: unknown): Drawn | undefined {
    const drawn = drawnIn(draws)
    if (!drawn) return undefined
    for (const [name, amounts] of drawn.of) {
      const use = this.#extensions.get(drawn.extension)?.used.get(name)
      if (!use) this.#violations.add("drawn-too-much", sequence, hold, `It draws for ${name}, which the extension ${drawn.extension} does not extend.`)
      else {
        add(use.held, amounts)
        this.#look(sequence, hold, drawn.extension, use)
      }
    }
    return drawn
  }

  letGo(drawn: Drawn | undefined): void {
    for (const [name, amounts] of drawn?.of ?? []) {
      const use = this.#extensions.get(drawn?.extension ?? "")?.used.get(name)
      if (use) subtract(use.held, amounts)
    }
  }

  /** What of a settlement was spent in the extension its hold drew from. */
  settle(sequence: number, hold: string, spent: unknown, draws: Drawn | undefined): Drawn | undefined {
    const drawn = drawnIn(spent)
    if (!drawn) return undefined
    const extension = this.#extensions.get(drawn.extension)
    if (extension?.granted !== true || draws?.extension !== drawn.extension)
      this.#violations.add("drawn-too-much", sequence, hold, `It spends from the extension ${drawn.extension}, which nobody granted it.`)
    for (const [name, amounts] of drawn.of) {
      const use = extension?.used.get(name)
      if (!use) continue
      add(use.spent, amounts)
      this.#look(sequence, hold, drawn.extension, use)
    }
    return drawn
  }

  #look(sequence: number, hold: string, id: string, { held, spent }: { readonly held: Tally; readonly spent: Tally }): void {
    const most = this.#extensions.get(id)?.most ?? nothing
    if (units.some((unit) => held[unit] + spent[unit] > (most[unit] ?? 0n)))
      this.#violations.add("drawn-too-much", sequence, hold, `More than was asked for is drawn from the extension ${id}.`)
  }
}

export function drawnIn(value: unknown): Drawn | undefined {
  const { extension, parts } = objectOf(value)
  if (typeof extension !== "string" || !Array.isArray(parts)) return undefined
  return { extension, of: new Map(parts.map((part: unknown) => [String(objectOf(part)["of"]), amountsIn(objectOf(part)["amounts"]) ?? nothing])) }
}
