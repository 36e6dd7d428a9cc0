/** The state of a ledger: what all its events add up to. Only `evolve` changes it; `decide` reads it. */
import { isContra, type AccountName } from "./accounts.ts"
import { emptyTally, type Amounts, type Tally } from "./amounts.ts"
import type { Allowance } from "./allowances.ts"
import { indexOf, type Budget, type BudgetIndex } from "./budgets.ts"
import type { Basis, ClockAnchor, Credential, LedgerEventFacts, Restored, Spend } from "../format/facts/ledger.ts"
import type { Draw, Extension } from "./extensions.ts"
import { Remembered } from "./remembered.ts"
import { emptyBreakers, type BreakerState } from "./breakers/breaker-state.ts"
import { emptyDowngrades, type DowngradeState } from "./downgrades.ts"
import { units, type Unit } from "./units.ts"
import type { Windows } from "./windows.ts"

export type Account = {
  readonly debits: Tally
  readonly credits: Tally
  readonly held: Tally
  /** What allocations and transfers brought. An account that was ever allotted a unit cannot hold more of it than it has. */
  readonly allotted: Tally
  /** What allowances took back of that. */
  readonly returned: Tally
  /** Units that an allowance ever fed: the account is bounded in them, also where nothing came. */
  readonly fed: Set<Unit>
  frozen: string | undefined
}

export type Movement = { readonly debit: AccountName; readonly credit: AccountName; readonly amounts: Amounts }

export type Hold = {
  readonly id: string
  readonly attempt: number
  readonly placedAtMs: number
  /** Later, when ledger time leaps. */
  expiresAtMs: number
  readonly movements: readonly Movement[]
  readonly total: Amounts
  readonly spend: Spend
  /** When what it was placed for began; from then on it is not given back for want of a word. */
  consumedAtMs: number | undefined
  readonly basis: Basis | undefined
  /** What of it an extension bears. */
  readonly draw: Draw | undefined
  /** The budgets it counts in, each with the period it was placed in. */
  readonly shares: readonly { readonly budget: string; readonly serial: number }[]
}

export type ClosedHold =
  | { readonly outcome: "settled"; readonly attempt: number; readonly facts: LedgerEventFacts["hold.settled"] }
  | { readonly outcome: "released"; readonly attempt: number }
  | { readonly outcome: "expired"; readonly attempt: number; readonly hold: Hold }

/** Where ledger time was last tied to the clocks, and on which side of it the wall clock was found. */
export type KnownClock = ClockAnchor & { readonly jumped?: "ahead" | "behind" }

export type Restoration = Restored & {
  readonly atMs: number
  /** When the operator went on in spite of it. */
  readonly acceptedAtMs?: number
}

export type LedgerState = {
  /** Ledger time: that of the last event, which no later one goes behind. */
  lastMs: number
  serial: number
  frozen: string | undefined
  readonly accounts: Map<AccountName, Account>
  readonly holds: Map<string, Hold>
  readonly closed: Remembered<ClosedHold>
  readonly posted: Remembered<LedgerEventFacts["transfer.posted"]>
  /** Reports of usage that were counted, each with what it was counted in: a transfer or a hold. */
  readonly charged: Remembered<string>
  readonly budgets: Map<string, Budget>
  /** More for one run: asked for, granted, and the latest that ended. */
  readonly extensions: Map<string, Extension>
  index: BudgetIndex
  readonly windows: Windows
  readonly allowances: Map<string, Allowance>
  /** By the account they feed, in the order in which they are consumed. */
  readonly feeders: Map<AccountName, readonly Allowance[]>
  /** What loosening asks for, once an operator has set one. */
  credential: Credential | undefined
  clock: KnownClock | undefined
  /** Something limits spending, or did once: a budget that blocks, an allotment, a credential, a standstill. */
  limited: boolean
  /** Evidence that this ledger was put back from a copy, by its name. */
  readonly restored: Map<string, Restoration>
  /** What breakers have seen besides, and what they have cut. */
  breakers: BreakerState
  /** Which models runs use while a budget runs low. */
  downgrades: DowngradeState
}

export function emptyState(): LedgerState {
  const maps = {
    accounts: new Map(),
    holds: new Map(),
    budgets: new Map(),
    extensions: new Map(),
    restored: new Map(),
    allowances: new Map(),
    windows: new Map(),
    feeders: new Map(),
  }
  const ended = { closed: new Remembered<ClosedHold>(), posted: new Remembered<LedgerEventFacts["transfer.posted"]>(), charged: new Remembered<string>() }
  const begun = { lastMs: 0, serial: 0, frozen: undefined, credential: undefined, clock: undefined, limited: false }
  return { ...begun, ...maps, ...ended, index: indexOf([]), breakers: emptyBreakers(), downgrades: emptyDowngrades() }
}

export function newAccount(): Account {
  return { debits: emptyTally(), credits: emptyTally(), held: emptyTally(), allotted: emptyTally(), returned: emptyTally(), fed: new Set(), frozen: undefined }
}

/** Another with the same numbers, to try something on. */
export function copyOfAccount({ debits, credits, held, allotted, returned, fed, frozen }: Account): Account {
  const tallies = { debits: { ...debits }, credits: { ...credits }, held: { ...held }, allotted: { ...allotted }, returned: { ...returned } }
  return { ...tallies, fed: new Set(fed), frozen }
}

/** The account, made where there is none: for `evolve`. */
export function accountAt({ accounts }: Pick<LedgerState, "accounts">, name: AccountName): Account {
  let account = accounts.get(name)
  if (!account) accounts.set(name, (account = newAccount()))
  return account
}

/** Whether anything was ever allotted to it, in whatever unit. */
export function isAllotted(account: Account | undefined): boolean {
  return account !== undefined && units.some((unit) => isBounded(account, unit))
}

/** An account that was ever allotted a unit, or that an allowance feeds, has no more of it than that; others are bounded by budgets alone. */
export function isBounded({ allotted, fed }: Account, unit: Unit): boolean {
  return allotted[unit] > 0n || fed.has(unit)
}

/** Debits less credits: of a spending account what remains, of a contra account what passed through it. */
export function balanceOf(state: LedgerState, name: AccountName, unit: Unit): bigint {
  const account = state.accounts.get(name)
  return account ? account.debits[unit] - account.credits[unit] : 0n
}

/** What can be moved away: the balance less what is held. Contra accounts do not run out: undefined. */
export function availableOf(state: LedgerState, name: AccountName, unit: Unit): bigint | undefined {
  if (isContra(name)) return undefined
  return balanceOf(state, name, unit) - (state.accounts.get(name)?.held[unit] ?? 0n)
}

/** Holds whose time is over, for whoever expires them. */
export function dueHolds(state: LedgerState, atMs: number): readonly Hold[] {
  return [...state.holds.values()].filter(({ expiresAtMs }) => expiresAtMs <= atMs)
}

/** Evidence that nobody has accepted. */
export function unaccepted({ restored }: Pick<LedgerState, "restored">): readonly Restoration[] {
  return [...restored.values()].filter(({ acceptedAtMs }) => acceptedAtMs === undefined)
}
