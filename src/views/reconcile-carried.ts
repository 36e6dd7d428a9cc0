/** Accounts, holds and ids as a recount knows them, and as balances that were carried on tell of them. */
import { countOf, objectOf } from "../base/json.ts"
import type { AccountName } from "../ledger/accounts.ts"
import { emptyTally, type Tally } from "../ledger/amounts.ts"
import type { Unit } from "../ledger/units.ts"
import { modelIn, movementsIn, namesIn, totalOf, type CountedMovement } from "../projections/posting-facts.ts"
import type { Share } from "./reconcile-budgets.ts"
import { drawnIn, type Drawn } from "./reconcile-extensions.ts"
import type { Opening } from "./reconcile-opening.ts"
import { tallyIn } from "./reconcile-tally.ts"

type Facts = Readonly<Record<string, unknown>>

export type CountedAccount = {
  readonly debits: Tally
  readonly credits: Tally
  readonly held: Tally
  readonly allotted: Tally
  /** What allowances took back of it, and the units they ever fed. */
  readonly returned: Tally
  readonly fed: Set<string>
  readonly below: Map<Unit, number>
}

export type OpenHold = {
  readonly attempt: number
  readonly sequence: number
  readonly placedAtMs: number
  expiresAtMs: number
  readonly movements: readonly CountedMovement[]
  readonly total: Tally
  readonly shares: readonly Share[]
  readonly drawn: Drawn | undefined
  readonly model: string | null
  consumed: boolean
}

export type Carried = {
  readonly lastMs: number
  readonly accounts: ReadonlyMap<AccountName, CountedAccount>
  readonly open: ReadonlyMap<string, OpenHold>
  /** Ended by themselves; they may still be told of. */
  readonly expired: ReadonlyMap<string, OpenHold>
  /** Rules of allowances, by name. */
  readonly rules: ReadonlyMap<string, Facts>
  /** Names of what was placed, closed, posted and charged. */
  readonly ids: readonly string[]
  /** Whether there may have been more: of each kind the ledger keeps the latest. */
  readonly mayLackIds: boolean
}

/** As many of each kind as the ledger itself remembers, at least. */
export const rememberedIds = 16_384

export function newCounted(): CountedAccount {
  const tallies = { debits: emptyTally(), credits: emptyTally(), held: emptyTally(), allotted: emptyTally(), returned: emptyTally() }
  return { ...tallies, fed: new Set(), below: new Map() }
}

/** @param sequence stands for the entries that are gone. */
export function carriedOn({ lastMs, accounts, holds, allowances, remembered }: Opening, sequence: number): Carried {
  const open = new Map(holds.map((hold) => [String(hold["id"]), openHoldIn(hold, sequence)]))
  const expired = new Map<string, OpenHold>()
  const counts = { closed: 0, posted: 0, charged: 0 }
  const ids = [...open.keys()].map((id) => `placed ${id}`)
  for (const [kind, id, what] of remembered) {
    counts[kind]++
    if (kind === "posted") ids.push(`transfer ${id}`)
    else if (kind === "charged") ids.push(`usage ${id}`)
    else {
      const { outcome, attempt, hold } = objectOf(what)
      ids.push(`placed ${id}`, `closed ${id}#${countOf(attempt) ?? 0}`)
      if (outcome === "expired") expired.set(id, openHoldIn(objectOf(hold), sequence))
    }
  }
  return {
    lastMs: countOf(lastMs) ?? 0,
    accounts: new Map(accounts.map((account) => [String(account["name"]) as AccountName, accountIn(account)])),
    open,
    expired,
    rules: new Map(allowances.map(({ rule }) => [String(objectOf(rule)["name"]), objectOf(rule)])),
    ids,
    mayLackIds: counts.closed >= rememberedIds || counts.posted >= rememberedIds,
  }
}

function accountIn({ debits, credits, held, allotted, returned, fed }: Facts): CountedAccount {
  const tallies = { debits: tallyIn(debits), credits: tallyIn(credits), held: tallyIn(held), allotted: tallyIn(allotted), returned: tallyIn(returned) }
  return { ...tallies, fed: new Set(namesIn(fed)), below: new Map() }
}

function openHoldIn(told: Facts, sequence: number): OpenHold {
  const movements = movementsIn(told["movements"]) ?? []
  const shares = Array.isArray(told["shares"]) ? told["shares"].map(objectOf) : []
  return {
    attempt: countOf(told["attempt"]) ?? 0,
    sequence,
    placedAtMs: countOf(told["placedAtMs"]) ?? 0,
    expiresAtMs: countOf(told["expiresAtMs"]) ?? 0,
    movements,
    total: totalOf(movements),
    shares: shares.map(({ budget, serial }) => ({ budget: String(budget), period: countOf(serial) ?? 0 })),
    drawn: drawnIn(told["draw"]),
    model: modelIn(told["spend"]),
    consumed: told["consumedAtMs"] !== undefined,
  }
}
