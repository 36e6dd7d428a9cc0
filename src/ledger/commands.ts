/** What may be asked of the ledger. Texts were parsed before; what a program can still get wrong is refused as malformed. */
import { isContra, type AccountName } from "./accounts.ts"
import { amountsOf, mostOfAUnit, type Amounts } from "./amounts.ts"
import type {
  AllowanceRule,
  Basis,
  BreakerRule,
  BudgetRule,
  Credential,
  DowngradeStep,
  Grade,
  LedgerEventFacts,
  Restored,
  Spend,
  WindowUse,
} from "../format/facts/ledger.ts"
import type { Trip } from "./breakers/trip.ts"
import type { Movement } from "./state.ts"
import { units } from "./units.ts"

type At = { readonly atMs: number }
type OfHold = At & { readonly id: string; readonly attempt: number }

/** The report an amount was made from, when there was one: counted once, however often it comes. */
type Reported = { readonly usage?: string; readonly basis?: Basis }

/** What one freezes: an account, a budget, or everything. */
export type Target = { readonly account: AccountName } | { readonly budget: string } | "all"

/** One spending account's part of a hold or a settlement; `against` is where the consumption goes, `spent:unattributed` when nobody says. */
export type Part = { readonly account: AccountName; readonly against?: AccountName; readonly amounts: Amounts }

type ClockEventType = "clock.anchored" | "clock.jumped" | "clock.accepted"

/** What was found of the clocks, to be put on record. */
export type NoteClock = {
  [T in ClockEventType]: At & { readonly do: "note-clock"; readonly type: T; readonly facts: Omit<LedgerEventFacts[T], "atMs"> }
}[ClockEventType]

export type Command =
  | NoteClock
  | (At & {
      readonly do: "allocate"
      readonly id: string
      readonly account: AccountName
      readonly from?: AccountName
      readonly amounts: Amounts
      readonly reason?: string
    })
  | (At & { readonly do: "transfer"; readonly id: string; readonly reason?: string } & Movement)
  /** Consumption that no hold preceded: it happened, so it is posted whatever is left. */
  | (At & { readonly do: "spend"; readonly id: string; readonly spend: Spend; readonly spentAtMs?: number; readonly reason?: string } & Part & Reported)
  | (At & {
      readonly do: "correct"
      readonly id: string
      readonly corrects: string
      readonly reason: string
      readonly spend?: Spend
      readonly spentAtMs?: number
    } & Movement)
  | (At & {
      readonly do: "hold"
      readonly id: string
      readonly parts: readonly Part[]
      readonly spend: Spend
      readonly ttlMs: number
      readonly basis?: Basis
      /** Whose extensions may make up for what it lacks; `extension`: also this one, which an owner is asked for. */
      readonly draw?: { readonly run: string; readonly session?: string | undefined; readonly extension?: string }
    })
  /** Of a hold that had no room: may it have up to `most` more? `id` is the code an owner answers by. */
  | (At & {
      readonly do: "ask"
      readonly id: string
      readonly door: "model" | "tool"
      readonly parts: readonly Part[]
      readonly spend: Spend
      readonly session?: string | undefined
      readonly run?: string | undefined
      readonly most: Amounts
      readonly ttlMs: number
    })
  | (At & { readonly do: "grant"; readonly id: string; readonly reason: string })
  | (At & { readonly do: "deny"; readonly id: string; readonly reason: string })
  | (At & { readonly do: "end-extension"; readonly id: string })
  /** What it was placed for begins. */
  | (OfHold & { readonly do: "consume" })
  | (OfHold & { readonly do: "settle"; readonly parts: readonly Omit<Part, "against">[]; readonly grade: Exclude<Grade, "counted"> } & Reported)
  | (OfHold & { readonly do: "release"; readonly reason: string })
  | (OfHold & { readonly do: "expire" })
  | (At & { readonly do: "set-budget"; readonly rule: BudgetRule })
  | (At & { readonly do: "remove-budget"; readonly budget: string })
  | (At & { readonly do: "set-allowance"; readonly rule: AllowanceRule })
  | (At & { readonly do: "remove-allowance"; readonly allowance: string })
  /** Every allowance whose period is over, or which waits for nothing any more. */
  | (At & { readonly do: "open-allowances" })
  | (At & { readonly do: "freeze" | "unfreeze"; readonly target: Target; readonly reason: string })
  | (At & { readonly do: "report-windows"; readonly uses: readonly WindowUse[] })
  /** Something outside tells that this ledger was put back from a copy. */
  | (At & { readonly do: "recognise" } & Restored)
  | (At & { readonly do: "set-breakers"; readonly rule: BreakerRule })
  | (At & { readonly do: "trip"; readonly trip: Trip })
  | (At & { readonly do: "reset-breaker"; readonly cut: string; readonly reason: string })
  | (At & { readonly do: "set-downgrades"; readonly steps: readonly DowngradeStep[] })
  /**
   * Which model is a run to use, that would have `from`? `dearer` and `unpriced` are the models of the steps that cost more than that one, and that nobody
   * priced; `tells`: somebody waits for the answer who can be told.
   */
  | (At & {
      readonly do: "downgrade"
      readonly run?: string | undefined
      readonly from?: string | undefined
      readonly spend: Spend
      readonly account: AccountName
      readonly dearer: readonly string[]
      readonly unpriced: readonly string[]
      readonly tells: boolean
    })
  | (At & { readonly do: "set-credential" } & Credential)

export type CommandOf<D extends Command["do"]> = Extract<Command, { readonly do: D }>

/** What makes a command unusable whatever the state, in words; undefined when nothing does. */
export function flawOf(command: Command): string | undefined {
  if (!isTime(command.atMs)) return "its time is not a number of milliseconds"
  if ("id" in command && (command.id === "" || command.id.length > 256)) return "its id is empty or longer than 256 characters"
  if ("attempt" in command && !(Number.isSafeInteger(command.attempt) && command.attempt > 0)) return "its attempt is not a number from 1"
  switch (command.do) {
    case "allocate":
      return flawOfAmounts(command.amounts) ?? (command.account === command.from ? sameSides : isContra(command.account) ? onlySpending : undefined)
    case "transfer":
      return (
        flawOfAmounts(command.amounts) ??
        (command.debit === command.credit ? sameSides : undefined) ??
        (command.debit.startsWith("spent:") || command.credit.startsWith("spent:") ? "a transfer does not spend; spend or correct does" : undefined)
      )
    case "set-allowance": {
      const { from, to, amounts } = command.rule
      return flawOfAmounts(amountsOf(amounts)) ?? (from === to ? sameSides : isContra(to) ? onlySpending : from.startsWith("spent:") ? fromSpent : undefined)
    }
    case "report-windows":
      return command.uses.every(isWindowUse) ? undefined : "a window is not used from 0 to 1,000 percent at a time, or has no short name"
    case "correct":
      return flawOfAmounts(command.amounts) ?? (command.debit === command.credit ? sameSides : undefined) ?? flawOfTime(command)
    case "spend":
      return flawOfParts([command]) ?? flawOfTime(command)
    case "ask":
      return flawOfTtl(command) ?? flawOfParts(command.parts) ?? flawOfAmounts(command.most)
    case "hold":
      return flawOfTtl(command) ?? flawOfParts(command.parts)
    case "settle":
      return flawOfParts(command.parts)
    default:
      return undefined
  }
}

function flawOfTtl({ ttlMs }: { readonly ttlMs: number }): string | undefined {
  return Number.isSafeInteger(ttlMs) && ttlMs > 0 ? undefined : "it does not say for how long it holds"
}

const sameSides = "both sides are one account"
const fromSpent = "what was spent gives no allowance"
const onlySpending = "only spending accounts hold, spend and get allocations"

function flawOfParts(parts: readonly Part[]): string | undefined {
  if (parts.length === 0) return "it names no account"
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]
    if (!part) continue
    const { account, against, amounts } = part
    if (isContra(account)) return onlySpending
    if (against !== undefined && !against.startsWith("spent:")) return "consumption goes to an account of kind spent"
    for (let other = 0; other < index; other++) if (parts[other]?.account === account) return `it names ${account} twice`
    const flaw = flawOfAmounts(amounts)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

function flawOfAmounts(amounts: Amounts): string | undefined {
  let states = false
  for (const unit of units) {
    const amount = amounts[unit]
    if (amount === undefined) continue
    states = true
    if (amount < 0n) return "an amount is negative"
    if (amount > mostOfAUnit) return "an amount is too large"
  }
  return states ? undefined : "it states no amount"
}

function flawOfTime({ spentAtMs }: { readonly spentAtMs?: number }): string | undefined {
  return spentAtMs === undefined || isTime(spentAtMs) ? undefined : "the time of the spend is not a number of milliseconds"
}

function isWindowUse({ provider, label, usedMillipercent, sampledAtMs, resetsAtMs, plan = "" }: WindowUse): boolean {
  const names = [provider, label].every((name) => name !== "" && name.length <= 64) && plan.length <= 64
  const used = Number.isSafeInteger(usedMillipercent) && usedMillipercent >= 0 && usedMillipercent <= 1_000_000
  return names && used && isTime(sampledAtMs) && (resetsAtMs === undefined || isTime(resetsAtMs))
}

function isTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0
}
