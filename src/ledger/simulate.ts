/**
 * What budgets would have refused of calls that were made: the ledger's own decisions, in the order in which the calls came. A call is held at what it
 * came to, so a real budget, which holds the most that it can come to, refuses a little earlier. A run that is refused a call makes no further one.
 */
import type { AccountName, BudgetRule, Spend } from "../format/facts/ledger.ts"
import type { Amounts } from "./amounts.ts"
import { boundsAt } from "./periods.ts"
import type { Command } from "./commands.ts"
import { decide } from "./decide.ts"
import { evolve } from "./evolve.ts"
import type { Refusal } from "./refusals.ts"
import { emptyState } from "./state.ts"

export type PastCall = {
  readonly atMs: number
  readonly spend: Spend
  /** Undefined when nobody knows what it came to. */
  readonly moneyNanos: bigint | undefined
  readonly tokens: bigint
  /** Empty when it is not known. */
  readonly run: string
}

export type Blocked = {
  /** The budget, or why there is none to name. */
  readonly by: string
  calls: number
  /** Calls that runs would not have made after it. */
  following: number
  savedNanos: bigint
  readonly firstMs: number
  lastMs: number
  /** Starts of the periods in which it refused. */
  readonly periods: Set<number>
}

export type SimulationReport = {
  readonly calls: number
  readonly spentNanos: bigint
  readonly allowedCalls: number
  readonly allowedNanos: bigint
  readonly savedNanos: bigint
  readonly blocked: readonly Blocked[]
  /** The first refusals, as they would have been worded. */
  readonly examples: readonly { readonly atMs: number; readonly spend: Spend; readonly refusal: Refusal }[]
}

const account = "agent:simulated" as AccountName
const mostExamples = 20

export class Simulation {
  readonly #state = emptyState()
  readonly #rules: ReadonlyMap<string, BudgetRule>
  readonly #blocked = new Map<string, Blocked>()
  readonly #stopped = new Map<string, string>()
  readonly #examples: SimulationReport["examples"][number][] = []
  #calls = 0
  #spentNanos = 0n
  #allowedCalls = 0
  #allowedNanos = 0n

  constructor(rules: readonly BudgetRule[], startMs: number) {
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]))
    for (const rule of rules) this.#give({ do: "set-budget", rule, atMs: startMs })
  }

  /** Calls come in the order of their times. */
  add(call: PastCall): void {
    const { atMs, spend, moneyNanos = 0n } = call
    this.#calls++
    this.#spentNanos += moneyNanos
    const stoppedBy = call.run === "" ? undefined : this.#stopped.get(call.run)
    if (stoppedBy !== undefined) {
      this.#block(stoppedBy, call, true)
      return
    }
    const amounts: Amounts = { ...(call.moneyNanos === undefined ? {} : { moneyNanos: call.moneyNanos }), tokens: call.tokens, calls: 1n }
    const id = `call-${this.#calls}`
    const held = decide(this.#state, { do: "hold", id, parts: [{ account, amounts }], spend, ttlMs: 1, atMs })
    if ("refused" in held) {
      const by = budgetOf(held.refused)
      if (call.run !== "") this.#stopped.set(call.run, by)
      if (this.#examples.length < mostExamples) this.#examples.push({ atMs, spend, refusal: held.refused })
      this.#block(by, call, false)
      return
    }
    this.#give({ do: "spend", id, account, amounts, spend, atMs })
    this.#allowedCalls++
    this.#allowedNanos += moneyNanos
  }

  report(): SimulationReport {
    return {
      calls: this.#calls,
      spentNanos: this.#spentNanos,
      allowedCalls: this.#allowedCalls,
      allowedNanos: this.#allowedNanos,
      savedNanos: this.#spentNanos - this.#allowedNanos,
      blocked: [...this.#blocked.values()].sort((a, b) => (a.savedNanos < b.savedNanos ? 1 : -1)),
      examples: this.#examples,
    }
  }

  #block(by: string, { atMs, moneyNanos = 0n }: PastCall, isFollowing: boolean): void {
    let blocked = this.#blocked.get(by)
    if (blocked === undefined) {
      blocked = { by, calls: 0, following: 0, savedNanos: 0n, firstMs: atMs, lastMs: atMs, periods: new Set() }
      this.#blocked.set(by, blocked)
    }
    if (isFollowing) blocked.following++
    else blocked.calls++
    blocked.savedNanos += moneyNanos
    blocked.lastMs = atMs
    const rule = this.#rules.get(by)
    if (rule && rule.period.per !== "rolling" && rule.period.per !== "lifetime") blocked.periods.add(boundsAt(rule.period, atMs).startMs)
  }

  #give(command: Command): void {
    const decision = decide(this.#state, command)
    if (!("refused" in decision)) for (const event of decision.events) evolve(this.#state, event)
  }
}

function budgetOf(refusal: Refusal): string {
  if (refusal.why === "over-budget") return refusal.budget
  return refusal.why === "unstated" ? "no price" : refusal.why
}
