/** Budgets that match, by all names of a spend: rules change seldom, and agents spend for the same again and again. Of the latest spends only. */
import type { Spend } from "../format/facts/ledger.ts"
import type { Budget } from "./budgets.ts"

const mostKept = 4_096
const separators = 7

export class FoundBudgets {
  readonly #found = new Map<string, readonly Budget[]>()

  of(spend: Spend, look: () => readonly Budget[]): readonly Budget[] {
    const { agent, payer, model, provider, tool, channel, session, cron } = spend
    const key = `${part(agent)}\n${part(payer)}\n${part(model)}\n${part(provider)}\n${part(tool)}\n${part(channel)}\n${part(session)}\n${part(cron)}`
    const known = this.#found.get(key)
    if (known) return known
    const found = look()
    // A name with a line feed in it makes a key that no other spend can have, and is not worth a place.
    if (countOf(key, "\n") !== separators) return found
    if (this.#found.size >= mostKept) this.#found.clear()
    this.#found.set(key, found)
    return found
  }
}

/** Absent and empty are told apart: a named dimension matches no spend without it. */
function part(name: string | undefined): string {
  return name === undefined ? "" : `=${name}`
}

function countOf(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++
  return count
}
