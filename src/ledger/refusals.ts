/** Why the ledger refuses, as values; the words people read are made of them here and nowhere else. */
import type { AccountName } from "./accounts.ts"
import { amountWords } from "./amounts.ts"
import type { Cut } from "./breakers/breaker-state.ts"
import { tripWords } from "./breakers/trip.ts"
import { localText } from "./periods.ts"
import type { WindowUse } from "../format/facts/ledger.ts"
import type { Unit } from "./units.ts"
import { percentWords } from "./windows.ts"

export type Refusal =
  | { readonly why: "malformed"; readonly problem: string }
  | { readonly why: "id-taken"; readonly id: string; readonly of: "hold" | "transfer" | "settlement" | "extension" }
  | { readonly why: "hold-unknown"; readonly id: string; readonly attempt: number }
  | { readonly why: "hold-closed"; readonly id: string; readonly attempt: number; readonly outcome: "settled" | "released" | "expired" | "superseded" }
  | { readonly why: "hold-not-due"; readonly id: string; readonly expiresAtMs: number }
  | { readonly why: "frozen"; readonly what: "ledger" | "account" | "budget"; readonly name: string; readonly reason: string }
  | { readonly why: "unstated"; readonly unit: Unit; readonly by: string }
  | {
      readonly why: "over-account"
      readonly account: AccountName
      readonly unit: Unit
      readonly needed: bigint
      readonly left: bigint
      readonly more?: MoreToCome
    }
  | {
      readonly why: "over-budget"
      readonly budget: string
      readonly unit: Unit
      readonly needed: bigint
      readonly left: bigint
      readonly limit: bigint
      readonly atMs: number
      /** Absent when nothing resets by itself. */
      readonly resetsAtMs?: number
      readonly zone: string
      /** Other budgets without room for it. */
      readonly others: readonly string[]
    }
  | {
      readonly why: "over-window"
      readonly budget: string
      readonly window: WindowUse
      readonly limitMillipercent: number
      readonly atMs: number
      readonly zone: string
    }
  | { readonly why: "budget-unknown"; readonly budget: string }
  | { readonly why: "allowance-unknown"; readonly allowance: string }
  /** It would be fed by what it feeds. */
  | { readonly why: "allowance-cycle"; readonly path: readonly AccountName[] }
  | { readonly why: "not-extended"; readonly problem: string }
  | { readonly why: "extension-unknown"; readonly id: string }
  | { readonly why: "extension-closed"; readonly id: string; readonly state: "granted" | "denied" | "expired" }
  | { readonly why: "breaker"; readonly cut: Cut }
  | { readonly why: "not-cut"; readonly cut: string }

/** The next that an account is given, by which allowance. */
export type MoreToCome = { readonly allowance: string; readonly atMs: number; readonly resetsAtMs: number; readonly zone: string }

const dayMs = 86_400_000

/** One sentence without a full stop, for a user, a model or an operator. */
export function refusalWords(refusal: Refusal): string {
  switch (refusal.why) {
    case "malformed":
      return refusal.problem
    case "id-taken":
      return `the ${refusal.of} ${refusal.id} is on record with other content`
    case "hold-unknown":
      return `there is no hold ${refusal.id}, attempt ${refusal.attempt}`
    case "hold-closed":
      return `the hold ${refusal.id}, attempt ${refusal.attempt}, is closed already: ${refusal.outcome}`
    case "hold-not-due":
      return `the hold ${refusal.id} has not expired yet`
    case "frozen":
      return `${refusal.what === "ledger" ? "all spending" : `the ${refusal.what} ${refusal.name}`} is frozen (${refusal.reason})`
    case "unstated":
      return `it does not say how much it needs at most of ${unitWords[refusal.unit]}, which ${refusal.by} counts; unknown is not nothing`
    case "over-account": {
      const { unit, needed, left, account, more } = refusal
      const next = more ? `, more at ${clockWords(more)} (allowance ${more.allowance})` : ""
      return `needs up to ${amountWords(unit, needed)}, ${amountWords(unit, left)} left in ${account}${next}`
    }
    case "over-budget": {
      const { unit, needed, left, limit, budget, others } = refusal
      const also = others.length > 0 ? `; no room in ${others.join(", ")} either` : ""
      return `needs up to ${amountWords(unit, needed)}, ${amountWords(unit, left)} left of ${amountWords(unit, limit)}${resets(refusal)} (budget ${budget}${also})`
    }
    case "over-window": {
      const { window, limitMillipercent, budget, atMs, zone } = refusal
      const resets = window.resetsAtMs === undefined ? "" : `, resets ${clockWords({ resetsAtMs: window.resetsAtMs, atMs, zone })}`
      return `the window ${window.label} of ${window.provider} is used to ${percentWords(window.usedMillipercent)}, the limit is ${percentWords(limitMillipercent)}${resets} (budget ${budget})`
    }
    case "budget-unknown":
      return `there is no budget ${refusal.budget}`
    case "allowance-unknown":
      return `there is no allowance ${refusal.allowance}`
    case "allowance-cycle":
      return `money would go round in a circle: ${refusal.path.join(" to ")}`
    case "not-extended":
      return refusal.problem
    case "extension-unknown":
      return `nothing was asked for under the code ${refusal.id}`
    case "extension-closed":
      return `what was asked for under the code ${refusal.id} is ${refusal.state} already`
    case "breaker":
      return tripWords(refusal.cut)
    case "not-cut":
      return `no breaker has cut off ${refusal.cut}`
  }
}

export const unitWords: { readonly [U in Unit]: string } = {
  moneyNanos: "money",
  tokens: "tokens",
  wallMs: "time",
  bytesRead: "bytes read",
  bytesWritten: "bytes written",
  calls: "calls",
}

function resets({ resetsAtMs, atMs, zone }: Extract<Refusal, { why: "over-budget" }>): string {
  return resetsAtMs === undefined ? ", which does not reset" : `, resets ${clockWords({ resetsAtMs, atMs, zone })}`
}

/** The time alone within a day, else with its date; the zone where it is not UTC is the rule's own, which its owner chose. */
function clockWords({ resetsAtMs, atMs, zone }: Pick<MoreToCome, "atMs" | "resetsAtMs" | "zone">): string {
  const text = localText(zone, resetsAtMs)
  return resetsAtMs - atMs <= dayMs ? text.slice(11) : text
}
