/**
 * The facts of everything that happens in the ledger: plain JSON, amounts as decimal strings, enough to rebuild every balance and counter.
 * They hold what was decided, also what follows from a time zone (`startMs`, `endMs`), so that a replay needs no calendar. See docs/spec/ledger.md.
 */

import type { JsonObject } from "../../base/json.ts"
import type { AccountName, AllowanceRule, AmountsJson, BreakerName, BreakerRule, BudgetRule, CutName, DowngradeStep, Spend, WindowUse } from "./ledger-rules.ts"

export type {
  AccountName,
  AllowanceRule,
  AmountsJson,
  BreakerName,
  BreakerRule,
  BudgetRule,
  CalendarPeriod,
  CutName,
  DowngradeStep,
  Period,
  Spend,
  WindowUse,
} from "./ledger-rules.ts"

/** One movement: the debit account gets what the credit account gives. It sums to zero by its shape. */
export type MovementJson = { readonly debit: AccountName; readonly credit: AccountName; readonly amounts: AmountsJson }

/** `exact`: that call's own usage. `bound`: no usage came, so the most it could cost. `counted`: usage without a hold. */
export type Grade = "exact" | "bound" | "counted"

/**
 * What a hold or a spend is for, as far as the ledger need not know it: passed through, so that an auditor can compute the amount again
 * and find the call. Token counts are JSON numbers.
 */
export type Basis = {
  /** Where it was asked for: before a model call, a tool call, or by another program. */
  readonly door?: "model" | "tool" | "api"
  readonly run?: string
  /** Of a tool call: the call. */
  readonly call?: string
  /** When a gateway asked, by its own clock: what it told before that is not about this. */
  readonly askedAtMs?: number
  /** Of what was posted in full: the ledger time at which its hold was placed, in whose period it counts. */
  readonly placedAtMs?: number
  /** Of a model call: one of a compaction, which the host makes by itself. */
  readonly compaction?: true
  /** What a bound was made of, or the usage that was told. */
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  /** Of `cacheWriteTokens`, those written for an hour. */
  readonly cacheWrite1hTokens?: number
  /** The price in force. */
  readonly price?: JsonObject
  /** What the host says it cost, in nano-dollars. */
  readonly reportedNanos?: string
}

export type Credential = { readonly salt: string; readonly verifier: string }

type At = { readonly atMs: number }
type HoldFacts = At & { readonly hold: string; readonly attempt: number }
type Frozen = At & { readonly reason: string }

/**
 * Where ledger time was tied to the clocks that nobody sets: `trustedMs` is the time by them, the other two are what they showed. `boot` is the pseudonym of
 * the life of the machine they belong to.
 */
export type ClockAnchor = {
  readonly trustedMs: number
  readonly steadyMs: number
  readonly uptimeMs: number
  readonly boot?: string
  /** In this life of the machine a first setting of its clock was believed. */
  readonly settled?: true
}
/** What is outside of a journal and cannot have grown from it, or that it was put back by command. `evidence` names it. */
export type Restored = {
  readonly evidence: string
  readonly by: "head note" | "witness" | "restore"
  readonly finding: "ahead" | "other history" | "put back"
  /** Entries it knows of, and entries that stood here; of one that was put back, those of the backup at least. */
  readonly seenSize: number
  readonly size: number
}
type ClockFacts = At & ClockAnchor & { readonly wallMs: number }

/** `return`: what an allowance takes back of what it gave. */
export type TransferKind = "allocation" | "transfer" | "spend" | "correction" | "return"

/** What moved when an allowance was set, opened or removed; absent where nothing did. */
type Handed = {
  readonly granted?: AmountsJson
  readonly returned?: AmountsJson
  /** What the account it comes from could not give. */
  readonly short?: AmountsJson
  /** It comes from where nothing moves; it is handed out when that is over. */
  readonly waits?: true
}
/** What part of a hold an extension bears: of each budget (`daily`) or account (`agent:main`) that had no room for it. */
export type DrawJson = {
  readonly extension: string
  readonly parts: readonly { readonly of: string; readonly amounts: AmountsJson }[]
}

export type LedgerEventFacts = {
  "transfer.posted": At & {
    readonly transfer: string
    readonly kind: TransferKind
    readonly movements: readonly MovementJson[]
    readonly reason?: string
    /** Of a correction: what it corrects, a transfer or a hold. */
    readonly corrects?: string
    /** Of an allocation or a return: the allowance it is of. */
    readonly allowance?: string
    /** Of what counts in budgets: what for, when it was spent, and in which budgets. */
    readonly spend?: Spend
    readonly spentAtMs?: number
    readonly budgets?: readonly string[]
    readonly grade?: Grade
    /** Of a spend: the report it was made from; no report is counted twice. */
    readonly usage?: string
    readonly basis?: Basis
  }
  "hold.placed": HoldFacts & {
    readonly movements: readonly MovementJson[]
    readonly spend: Spend
    readonly expiresAtMs: number
    readonly budgets: readonly string[]
    /** Budgets that only warn and had no room for it. */
    readonly above?: readonly string[]
    /** What had no room, and is held in an extension instead; the run it belongs to from then on. */
    readonly draws?: DrawJson & { readonly run: string }
    readonly basis?: Basis
  }
  "hold.consumed": HoldFacts
  "hold.settled": HoldFacts & {
    readonly movements: readonly MovementJson[]
    readonly grade: Grade
    /** By how much it was above what was held. */
    readonly over?: AmountsJson
    /** It came after the hold had expired. */
    readonly late?: true
    /** What of it was spent in the extension that the hold drew from; it counts in no budget. */
    readonly drawn?: DrawJson
    /** The report it was made from; no report is counted twice. */
    readonly usage?: string
    readonly basis?: Basis
  }
  "hold.released": HoldFacts & { readonly reason: string }
  "hold.expired": HoldFacts
  /** `created`: there was none of the name; without it the rule changes one that goes on counting. */
  "budget.set": At & { readonly rule: BudgetRule; readonly startMs: number; readonly endMs?: number; readonly created?: true }
  "budget.removed": At & { readonly budget: string }
  /** A new period of a budget, opened by the first spend in it; `carried` is what rolled over, `rule` the one in force, so that who reads from here on knows it. */
  "budget.opened": At & {
    readonly budget: string
    readonly startMs: number
    readonly endMs?: number
    readonly carried?: AmountsJson
    readonly rule?: BudgetRule
  }
  "budget.warned": At & { readonly budget: string; readonly unit: string; readonly levelPercent: number; readonly spent: string; readonly limit: string }
  /** `handed`: what of this period's quota is out before the grant that comes with it. */
  "allowance.set": At &
    Handed & { readonly rule: AllowanceRule; readonly startMs: number; readonly endMs: number; readonly handed: AmountsJson; readonly created?: true }
  "allowance.removed": At & { readonly allowance: string; readonly returned?: AmountsJson }
  /** A new period of an allowance, or what waited in it; `handed`: what of its quota is out then, what is held of the last one included. */
  "allowance.opened": At & Handed & { readonly allowance: string; readonly startMs: number; readonly endMs: number; readonly handed: AmountsJson }
  "window.reported": At & WindowUse
  "budget.frozen": Frozen & { readonly budget: string }
  "budget.unfrozen": Frozen & { readonly budget: string }
  "account.frozen": Frozen & { readonly account: AccountName }
  "account.unfrozen": Frozen & { readonly account: AccountName }
  "ledger.frozen": Frozen
  /** `accepts` names the evidence the operator goes on in spite of. */
  "ledger.unfrozen": Frozen & { readonly accepts?: readonly string[] }
  /** The ledger was put back from a copy, or is one of two that went on. `limited` when anything ever limited spending in it: then everything is frozen. */
  "ledger.restored": At & Restored & { readonly limited: boolean }
  /** Once in each life of a machine, and once a day, with what else the ledger records. */
  "clock.anchored": ClockFacts
  /** The wall clock was set: by how much it is ahead of ledger time, or behind it with a minus. */
  "clock.jumped": ClockFacts & { readonly aheadMs: number }
  /** Ledger time is that of the wall clock again. Holds that were open last as much longer as it leapt. */
  "clock.accepted": ClockFacts & { readonly aheadMs: number; readonly leapMs: number; readonly by: "operator" | "boot" }
  /** What had no room was asked for: of each of `extends` up to `amounts` more, for one run. `run` is the one that was refused, or waits. */
  "extension.asked": At & {
    readonly extension: string
    readonly door: "model" | "tool"
    /** Names of budgets, and accounts. */
    readonly extends: readonly string[]
    readonly amounts: AmountsJson
    readonly expiresAtMs: number
    /** Scope id of the session. */
    readonly session?: string
    readonly run?: string
  }
  "extension.granted": At & { readonly extension: string; readonly expiresAtMs: number; readonly reason: string }
  "extension.denied": At & { readonly extension: string; readonly reason: string }
  "extension.expired": At & { readonly extension: string }
  "breaker.set": At & BreakerRule
  /** What it counted, since when, and the threshold it reached: calls, or dollars as decimal texts. With the mode `warn` nothing was cut. */
  "breaker.tripped": At & {
    readonly breaker: BreakerName
    readonly cut: CutName
    readonly mode: "block" | "warn"
    readonly counted: string
    readonly threshold: string
    readonly unit: "calls" | "usd"
    readonly sinceMs: number
    /** When it lifts by itself. */
    readonly untilMs?: number
    readonly tool?: string
    readonly run?: string
    /** Scope id of the session. */
    readonly session?: string
    readonly agent?: string
    readonly job?: string
  }
  "breaker.reset": At & { readonly cut: CutName; readonly reason: string }
  /** The steps in force; none where nothing is downgraded any more. */
  "downgrades.set": At & { readonly steps: readonly DowngradeStep[] }
  /** A run was to have the model `from`, and was told to use `to`: the step of the budget that was reached, by what is spent and held of the unit. */
  "model.downgraded": At & {
    readonly run?: string
    readonly agent?: string
    /** Scope id of the session. */
    readonly session?: string
    readonly from?: string
    readonly to: string
    readonly budget: string
    readonly levelPercent: number
    readonly unit: string
    readonly usedPercent: number
    /** Whoever waits for the answer is told: the first time in a session, for each step and period. */
    readonly told?: true
  }
  /** The verifier is a keyed hash of a slow hash: it cannot be guessed at without the ledger's keys. Both are empty when the credential was taken away. */
  "operator.credential-set": At & Credential
}

export type LedgerEventType = keyof LedgerEventFacts

export type LedgerEvent<T extends LedgerEventType = LedgerEventType> = { [K in T]: { readonly type: K; readonly facts: LedgerEventFacts[K] } }[T]
