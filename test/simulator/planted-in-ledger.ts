/** Mistakes in what a cap counts, in how holds end, and in periods. */
import type { PlantedBug } from "./planted-bug.ts"

const ledger = "src/ledger"
const spend = "src/operations/spend"

export const plantedInLedger: readonly PlantedBug[] = [
  // What a cap counts.
  { name: "what is held does not count in a cap", file: `${ledger}/decide-hold.ts`, from: "spent[unit] + held[unit] + needed >", to: "spent[unit] + needed >" },
  {
    name: "a cap is passed by one",
    file: `${ledger}/decide-hold.ts`,
    from: "+ needed > (room[unit] ?? 0n)) return unit",
    to: "+ needed > (room[unit] ?? 0n) + 1n) return unit",
  },
  {
    name: "the last one that fits exactly is refused",
    file: `${ledger}/decide-hold.ts`,
    from: "+ needed > (room[unit] ?? 0n)) return unit",
    to: "+ needed >= (room[unit] ?? 0n)) return unit",
  },
  {
    name: "what is not priced is free",
    file: `${ledger}/decide-hold.ts`,
    from: "for (const unit of limited) if (total[unit] === undefined) return",
    to: "for (const unit of limited) if (total[unit] === null) return",
  },
  {
    name: "a budget that only warns refuses",
    file: `${ledger}/decide-hold.ts`,
    from: 'if (budget.rule.mode === "warn") above.push',
    to: "if (budget.rule.mode === null) above.push",
  },
  { name: "a frozen budget lets calls through", file: `${ledger}/decide-hold.ts`, from: "?? frozenBudget(budgets) ??", to: "??" },
  { name: "a frozen account lets calls through", file: `${ledger}/decide-hold.ts`, from: "frozenPart(state, parts) ??", to: "" },
  { name: "an account may hold more than it has", file: `${ledger}/decide-hold.ts`, from: "if (left < needed) return", to: "if (left < 0n) return" },
  {
    name: "what an account holds already is not seen",
    file: `${ledger}/decide-hold.ts`,
    from: "found.debits[unit] - found.credits[unit] - found.held[unit]",
    to: "found.debits[unit] - found.credits[unit]",
  },
  { name: "a new hold of an id is taken for its first", file: `${ledger}/decide-hold.ts`, from: "(state.closed.get(id)?.attempt ?? 0) + 1", to: "1" },
  {
    name: "a new period is never opened",
    file: `${ledger}/decide-hold.ts`,
    from: "if (standing.opens) events.push",
    to: "if (standing.opens && !standing.opens) events.push",
  },
  // How holds end.
  {
    name: "a hold is settled at nothing",
    file: `${ledger}/decide-close.ts`,
    from: "amounts: amountsJson(amounts) })\n  }\n  const missing",
    to: "amounts: amountsJson({ ...amounts, moneyNanos: 0n }) })\n  }\n  const missing",
  },
  {
    name: "a settlement above its hold is cut to it",
    file: `${ledger}/decide-close.ts`,
    from: "const marks = { ...(isOver ? { over: amountsJson(over) } : {})",
    to: "if (isOver) movements = hold.movements.map((one) => ({ ...one, amounts: amountsJson(one.amounts) }))\n  const marks = { ...(isOver ? { over: amountsJson(over) } : {})",
  },
  { name: "a settlement above its hold stops nothing", file: `${ledger}/decide-close.ts`, from: 'return "settled above its hold"', to: "return undefined" },
  {
    name: "a settlement that comes late and does not fit stops nothing",
    file: `${ledger}/decide-close.ts`,
    from: 'return tooLate ? "settled late and above the limit" : undefined',
    to: "return undefined",
  },
  {
    name: "a call that began is let go for nothing when its time is over",
    file: `${spend}/followed-spend.ts`,
    from: "hold.consumedAtMs !== undefined ? this.#settleInFull(hold) : []",
    to: 'hold.consumedAtMs !== undefined ? this.#give(this.#release(hold, "time is over")) : []',
  },
  {
    name: "a settlement that comes again is posted again",
    file: `${ledger}/decide-close.ts`,
    from: 'if (found.outcome === "settled") return sameSettlement(found, command)',
    to: 'if (found.outcome === "settled") return { events: [], attempt, repeated: true }',
  },
  { name: "a hold leaks when it is settled", file: `${ledger}/evolve.ts`, from: "if (!facts.late && hold) letGo(state, hold)", to: "" },
  {
    name: "what a hold kept stays in its budgets",
    file: `${ledger}/evolve.ts`,
    from: "if (budget?.serial === serial) subtract(budget.held, hold.total)",
    to: "",
  },
  {
    name: "what a hold kept stays in its account",
    file: `${ledger}/evolve.ts`,
    from: "for (const { credit, amounts } of hold.movements) subtract(accountAt(state, credit).held, amounts)",
    to: "",
  },
  {
    name: "a settlement counts in the period it comes in",
    file: `${ledger}/evolve.ts`,
    from: "if (budget?.serial !== serial) continue\n    age(",
    to: "if (!budget) continue\n    age(",
  },
  {
    name: "a late settlement lets go a second time",
    file: `${ledger}/evolve.ts`,
    from: "if (!facts.late && hold) letGo(state, hold)",
    to: "if (hold) letGo(state, hold)",
  },
  {
    name: "that a call began is forgotten",
    file: `${ledger}/evolve.ts`,
    from: "if (hold?.attempt === event.facts.attempt) hold.consumedAtMs = event.facts.atMs",
    to: "",
  },
  {
    name: "a changed budget is filled again",
    file: `${ledger}/evolve.ts`,
    from: "if (budget) {\n    age(budget, atMs)",
    to: "if (budget && !budget) {\n    age(budget, atMs)",
  },
  {
    name: "a period that opens keeps what was spent",
    file: `${ledger}/evolve.ts`,
    from: "const { serial, room, spent, held, slices } = before",
    to: "const { serial, room, held, slices } = before\n  const { spent } = budget",
  },
  {
    name: "a removed budget is still found",
    file: `${ledger}/evolve.ts`,
    from: "state.budgets.delete(event.facts.budget)\n      state.index = indexOf(state.budgets.values())",
    to: "state.budgets.delete(event.facts.budget)",
  },
  { name: "a correction does not give a budget back", file: `${ledger}/evolve.ts`, from: "[unit, -amount]", to: "[unit, 0n * amount]" },
  // Periods and rollover.
  { name: "what rolls over is not bounded", file: `${ledger}/budgets.ts`, from: "carried[unit] = left < most ? left : most", to: "carried[unit] = left" },
  {
    name: "a pause carries what was left before it",
    file: `${ledger}/budgets.ts`,
    from: "const left = bounds.startMs === budget.endMs ? (leftOf(budget, unit) ?? 0n) : most",
    to: "const left = leftOf(budget, unit) ?? 0n",
  },
  {
    name: "a rolling span is a sixtieth too short",
    file: `${ledger}/budgets.ts`,
    from: "const ageMs = sliceMs(rule.period.spanMs) + rule.period.spanMs",
    to: "const ageMs = rule.period.spanMs",
  },
  {
    name: "a day has 24 hours, whatever clocks do",
    file: `${ledger}/periods.ts`,
    from: "endMs: midnight(period.zone, Date.UTC(year, next[0] ?? 0, next[1])) }",
    to: 'endMs: period.per === "day" ? midnight(period.zone, Date.UTC(year, month, from)) + dayMs : midnight(period.zone, Date.UTC(year, next[0] ?? 0, next[1])) }',
  },
  { name: "a month has 30 days", file: `${ledger}/periods.ts`, from: 'period.per === "month" ? [month + 1, 1]', to: 'period.per === "month" ? [month, 31]' },
  { name: "a week begins on Sunday", file: `${ledger}/periods.ts`, from: "getUTCDay() + 6) % 7", to: "getUTCDay()) % 7" },
]
