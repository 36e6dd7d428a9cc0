/**
 * The ledger counted again, another way: no state, every question scans the whole list of events. Slow, and written without a look at `evolve`.
 * Also a small driver that decides, records and evolves.
 */
import type { Command } from "../../src/ledger/commands.ts"
import { decide } from "../../src/ledger/decide.ts"
import type { Decision } from "../../src/ledger/decision.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import type { AccountName, DrawJson, LedgerEvent, LedgerEventFacts, MovementJson } from "../../src/format/facts/ledger.ts"
import { emptyState, type LedgerState } from "../../src/ledger/state.ts"
import type { Unit } from "../../src/ledger/units.ts"

export type Run = { readonly state: LedgerState; readonly events: LedgerEvent[] }

export function newRun(): Run {
  return { state: emptyState(), events: [] }
}

/** Events go through JSON, as they would through a journal. */
export function give(run: Run, command: Command): Decision {
  const decision = decide(run.state, command)
  if ("refused" in decision) return decision
  for (const event of decision.events) {
    const stored = JSON.parse(JSON.stringify(event)) as LedgerEvent
    run.events.push(stored)
    evolve(run.state, stored)
  }
  return decision
}

export function must(run: Run, command: Command): Extract<Decision, { events: unknown }> {
  const decision = give(run, command)
  if ("refused" in decision)
    throw new Error(`refused: ${JSON.stringify(decision.refused, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`)
  return decision
}

export function refusedBy(run: Run, command: Command): Extract<Decision, { refused: unknown }>["refused"] {
  const decision = give(run, command)
  if (!("refused" in decision)) throw new Error(`not refused: ${JSON.stringify(decision)}`)
  return decision.refused
}

export function recountedBalance(events: readonly LedgerEvent[], account: AccountName, unit: Unit): bigint {
  const all = events.flatMap(movementsOf)
  const side = (name: "debit" | "credit") => sum(all.filter((movement) => movement[name] === account).map(({ amounts }) => BigInt(amounts[unit] ?? 0)))
  return side("debit") - side("credit")
}

export function recountedHeld(events: readonly LedgerEvent[], account: AccountName, unit: Unit): bigint {
  const open = openHolds(events)
  const held = open.flatMap(({ movements }) => movements).filter(({ credit }) => credit === account)
  return sum(held.map(({ amounts }) => BigInt(amounts[unit] ?? 0))) - drawn(open, account, unit)
}

/** What extensions bear of holds, or of settlements, for one budget or account. */
function drawn(facts: readonly { readonly draws?: DrawJson; readonly drawn?: DrawJson }[], of: string, unit: Unit): bigint {
  const parts = facts.flatMap((one) => (one.drawn ?? one.draws)?.parts ?? []).filter((part) => part.of === of)
  return sum(parts.map(({ amounts }) => BigInt(amounts[unit] ?? 0)))
}

/** What was spent and is held in the period of a budget that was opened last. */
export function recountedBudget(events: readonly LedgerEvent[], name: string, unit: Unit): { readonly spent: bigint; readonly held: bigint } {
  const opened = events.findLastIndex((event) => event.type === "budget.opened" && event.facts.budget === name)
  const set = events.findIndex((event) => event.type === "budget.set" && event.facts.rule.name === name)
  const since = events.slice(Math.max(opened, set, 0))
  const placed = since.filter((event) => event.type === "hold.placed").filter(({ facts }) => facts.budgets.includes(name))
  const open = new Set(openHolds(events).map(({ hold, attempt }) => `${hold}#${attempt}`))
  const mine = new Set(placed.map(({ facts }) => `${facts.hold}#${facts.attempt}`))
  const stillOpen = placed.map(({ facts }) => facts).filter(({ hold, attempt }) => open.has(`${hold}#${attempt}`))
  const held = stillOpen.flatMap(({ movements }) => movements)
  const settled = since.filter((event) => event.type === "hold.settled").filter(({ facts }) => mine.has(`${facts.hold}#${facts.attempt}`))
  const posted = since.filter((event) => event.type === "transfer.posted").filter(({ facts }) => facts.budgets?.includes(name))
  const amountOf = (movements: readonly MovementJson[]) => sum(movements.map(({ amounts }) => BigInt(amounts[unit] ?? 0)))
  const spent = [...settled.map(({ facts }) => facts.movements), ...posted.map(({ facts }) => facts.movements)]
  const beyond = drawn(
    settled.map(({ facts }) => facts),
    name,
    unit,
  )
  return { spent: sum(spent.map(amountOf)) - beyond, held: amountOf(held) - drawn(stillOpen, name, unit) }
}

export function openHolds(events: readonly LedgerEvent[]): readonly LedgerEventFacts["hold.placed"][] {
  const ended = new Set<string>()
  for (const event of events) {
    if (event.type === "hold.settled" || event.type === "hold.released" || event.type === "hold.expired")
      ended.add(`${event.facts.hold}#${event.facts.attempt}`)
  }
  return events.flatMap((event) => (event.type === "hold.placed" && !ended.has(`${event.facts.hold}#${event.facts.attempt}`) ? [event.facts] : []))
}

/** Movements that are posted; what is held has not moved. */
function movementsOf(event: LedgerEvent): readonly MovementJson[] {
  return event.type === "transfer.posted" || event.type === "hold.settled" ? event.facts.movements : []
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
