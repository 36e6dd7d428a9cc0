/** The rules of a ledger as they are in force, and what they speak of: accounts, amounts, periods, spends. Plain JSON, as it stands in facts. See docs/spec/ledger.md. */

/** `kind:name`, of the kinds in `accounts.ts`. */
export type AccountName = `${string}:${string}`

/** Decimal strings, because JSON has no such integers. A unit that is absent was not stated. */
export type AmountsJson = {
  readonly moneyNanos?: string
  readonly tokens?: string
  readonly wallMs?: string
  readonly bytesRead?: string
  readonly bytesWritten?: string
  readonly calls?: string
}

export type CalendarPeriod = { readonly per: "hour" | "day" | "week" | "month"; readonly zone: string }

export type Period = CalendarPeriod | { readonly per: "rolling"; readonly spanMs: number } | { readonly per: "lifetime" }

/** A budget as it is in force. */
export type BudgetRule = {
  readonly name: string
  readonly limit: AmountsJson
  readonly period: Period
  /** Patterns; a dimension that is not named matches everything, one that is named matches no spend without it. */
  readonly match: Spend
  /** Shares of the limit at which `budget.warned` is recorded. */
  readonly warnPercents: readonly number[]
  readonly mode: "block" | "warn"
  /** What a period leaves is added to the next one, at most one limit's worth. */
  readonly rollover: boolean
  /** Of the provider that is matched: how far its subscription's windows may be used; all of them, or those of one label. Nothing of it is ever held. */
  readonly window?: { readonly limitMillipercent: number; readonly label?: string }
}

/** How far a window of a provider's subscription is used, as the host was told by the provider. */
export type WindowUse = {
  readonly provider: string
  readonly label: string
  readonly usedMillipercent: number
  /** When the host was told, by its clock: what it was told before that changes nothing. */
  readonly sampledAtMs: number
  /** From then on it counts as empty. */
  readonly resetsAtMs?: number
  readonly plan?: string
}

/** A quota that is handed from one account to another whenever a period begins. */
export type AllowanceRule = {
  readonly name: string
  readonly from: AccountName
  readonly to: AccountName
  readonly amounts: AmountsJson
  readonly period: CalendarPeriod
  /** What a period leaves stays where it is, at most one quota's worth; otherwise it goes back. */
  readonly rollover: boolean
}

/** What a spend is for. Budgets match on these; the session is a scope id. */
export type Spend = {
  readonly agent?: string
  /** The agent at the beginning of it, where `agent` works as somebody's subagent: a budget of either counts it. */
  readonly payer?: string
  readonly model?: string
  readonly provider?: string
  readonly tool?: string
  readonly channel?: string
  readonly session?: string
  readonly cron?: string
}

export type BreakerName = "identical-calls" | "similar-calls" | "silent-spend" | "unattended-spend"

/** When breakers trip, as it is in force; 0 is never. `auto` cuts while any budget blocks, and only tells otherwise. */
export type BreakerRule = {
  readonly mode: "auto" | "warn" | "block" | "off"
  readonly identicalCalls: number
  readonly similarCalls: number
  /** Since the last message a user could see. */
  readonly silentNanos: string
  readonly silentCalls: number
  /** Of heartbeats of an agent, or of a job, in a day of which nobody was told anything. */
  readonly unattendedNanos: string
  readonly unattendedCalls: number
  readonly zone: string
}

/** One step of a chain of downgrades: while the budget is used to `at` percent, runs that match use the model. */
export type DowngradeStep = {
  readonly budget: string
  readonly at: number
  /** `provider/model` */
  readonly model: string
  readonly match: Pick<Spend, "agent" | "channel" | "cron">
}

/** What a breaker cuts: `run:ID`, `session:SCOPE`, `heartbeat:AGENT`, `cron:JOB`. */
export type CutName = `${"run" | "session" | "heartbeat" | "cron"}:${string}`
