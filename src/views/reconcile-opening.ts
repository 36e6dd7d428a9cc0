/**
 * Where a recount begins whose first entries are gone: with what the entry that closed them carries on. Read from its facts by code of its own, as everything
 * that is recounted: what keeps the live state is not asked.
 */
import { objectOf } from "../base/json.ts"
import type { Closing } from "../journal/closing.ts"
import { closedText } from "../projections/closed-state.ts"

type Row = Readonly<Record<string, unknown>>

/** What the balances of a closing entry say, by kind. */
export type Opening = {
  readonly lastMs: unknown
  /** Of the latest period of any budget: none that comes may be taken for one that was. */
  readonly serial: unknown
  readonly accounts: readonly Row[]
  readonly holds: readonly Row[]
  readonly budgets: readonly Row[]
  readonly allowances: readonly Row[]
  readonly extensions: readonly Row[]
  /** Ids that were closed, posted or charged before, each with what it came to. */
  readonly remembered: readonly (readonly [kind: "closed" | "posted" | "charged", id: string, what: unknown])[]
}

export function openingOf(closing: Closing): Opening {
  const [current = "{}", ...lines] = closedText(closing).split("\n")
  const balances = objectOf(JSON.parse(current))
  const list = (name: string): readonly Row[] => (Array.isArray(balances[name]) ? (balances[name] as readonly unknown[]).map(objectOf) : [])
  return {
    lastMs: balances["lastMs"],
    serial: balances["serial"],
    accounts: list("accounts"),
    holds: list("holds"),
    budgets: list("budgets"),
    allowances: list("allowances"),
    extensions: list("extensions"),
    remembered: lines.map((line) => JSON.parse(line) as Opening["remembered"][number]),
  }
}
