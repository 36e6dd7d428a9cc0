/** Mistakes about allowances: money that is handed out twice, taken from whom it does not belong to, or lost on its way. */
import type { PlantedBug } from "./planted-bug.ts"

const ledger = "src/ledger"
const spend = "src/operations/spend"

export const plantedInAllowances: readonly PlantedBug[] = [
  {
    name: "an allowance is handed out twice",
    file: `${ledger}/decide-allowance.ts`,
    from: "this.grant(rule, startMs, grant.granted)\n    const handed",
    to: "this.grant(rule, startMs, grant.granted)\n    this.grant(rule, startMs, grant.granted)\n    const handed",
  },
  {
    name: "what an account has from elsewhere is taken back, too",
    file: `${ledger}/decide-allowance.ts`,
    from: "lesser(take(unit, left[unit]), left[unit] - heldOf(this.#state, one, unit))",
    to: "unit === 'moneyNanos' && take === everything ? greater(availableOf(this.#state, rule.to, unit) ?? 0n, 0n) : lesser(take(unit, left[unit]), left[unit] - heldOf(this.#state, one, unit))",
  },
  {
    name: "what rolls over of an allowance is not bounded",
    file: `${ledger}/decide-allowance.ts`,
    from: "return (unit, left) => left - (amounts[unit] ?? 0n)",
    to: "return (unit, left) => 0n * left * (amounts[unit] ?? 0n)",
  },
  {
    name: "a quota is handed out beside all that rolled over",
    file: `${ledger}/decide-allowance.ts`,
    from: "(rule.rollover ? 2n * each : each) - left[unit]",
    to: "(rule.rollover ? 9n * each : each) - left[unit]",
  },
  {
    name: "nothing rolls over of missed periods",
    file: `${ledger}/decide-allowance.ts`,
    from: "rule.rollover && isOver && startMs !== one.endMs ? 2n : 1n",
    to: "1n",
  },
  {
    name: "what is held of an allowance is taken back",
    file: `${ledger}/decide-allowance.ts`,
    from: "lesser(take(unit, left[unit]), left[unit] - heldOf(this.#state, one, unit))",
    to: "lesser(take(unit, left[unit]), left[unit])",
  },
  {
    name: "a new quota comes beside what is held of the old one",
    file: `${ledger}/decide-allowance.ts`,
    from: "(rule.rollover ? 2n * each : each) - left[unit]",
    to: "(rule.rollover ? 2n * each - left[unit] : each)",
  },
  {
    name: "agents are fed before their pool is",
    file: `${ledger}/decide-allowance.ts`,
    from: "for (const one of rootsFirst) trial.open",
    to: "for (const one of rootsFirst.toReversed()) trial.open",
  },
  {
    name: "each allowance is opened before the next one gives back",
    file: `${ledger}/decide-allowance.ts`,
    from: "const returned = new Map(leavesFirst",
    to: "for (const one of leavesFirst) trial.open(one, trial.takeBack(one, one.rule.rollover ? aboveQuota(one) : everything))\n  if (leavesFirst.length > 0) return { events: trial.events }\n  const returned = new Map(leavesFirst",
  },
  { name: "a circle of allowances is let through", file: `${ledger}/decide-allowance.ts`, from: "if (circle) return", to: "if (circle?.length === 0) return" },
  {
    name: "a source that is frozen hands out all the same",
    file: `${ledger}/decide-allowance.ts`,
    from: "const waits = isAboveNothing(most) && isStill(this.#state, from)",
    to: "const waits = isAboveNothing(most) && !isStill(this.#state, from) && isStill(this.#state, from)",
  },
  {
    name: "a quota that waited is never handed out",
    file: `${ledger}/allowances.ts`,
    from: "one.endMs <= atMs || (one.waits && !isStill(state, one.rule.from))",
    to: "one.endMs <= atMs",
  },
  {
    name: "a pool hands out more than it has",
    file: `${ledger}/decide-allowance.ts`,
    from: "lesser(most[unit] ?? 0n, greater(availableOf(this.#state, from, unit) ?? most[unit] ?? 0n, 0n))",
    to: "greater(most[unit] ?? 0n, 0n)",
  },
  {
    name: "a pool hands out what it holds",
    file: `${ledger}/decide-allowance.ts`,
    from: "greater(availableOf(this.#state, from, unit) ?? most[unit] ?? 0n, 0n)",
    to: "greater((availableOf(this.#state, from, unit) ?? most[unit] ?? 0n) + (this.#state.accounts.get(from)?.held[unit] ?? 0n), 0n)",
  },
  {
    name: "a changed allowance is handed out again",
    file: `${ledger}/decide-allowance.ts`,
    from: "greater((quota[unit] ?? 0n) - (handed[unit] ?? 0n), 0n)",
    to: "quota[unit] ?? 0n",
  },
  {
    name: "an allowance that is lowered takes nothing back",
    file: `${ledger}/decide-allowance.ts`,
    from: "isElsewhere(before.rule, rule) ? everything : above(before, quota)",
    to: "isElsewhere(before.rule, rule) ? everything : above(before, { ...quota, moneyNanos: 1n << 60n })",
  },
  {
    name: "an allowance that gets another source keeps what the first one gave",
    file: `${ledger}/decide-allowance.ts`,
    from: "isElsewhere(before.rule, rule) ? everything : above(before, quota)",
    to: "above(before, quota)",
  },
  {
    name: "a removed allowance leaves what it gave",
    file: `${ledger}/decide-allowance.ts`,
    from: "const returned = trial.takeBack(allowance, everything)",
    to: "const returned = {}",
  },
  {
    name: "what an allowance gave is consumed last",
    file: `${ledger}/evolve-allowance.ts`,
    from: "else if (from) consume(from, amounts)",
    to: "",
  },
  {
    name: "what ends later is consumed first",
    file: `${ledger}/allowances.ts`,
    from: "(a, b) => a.endMs - b.endMs ||",
    to: "(a, b) => b.endMs - a.endMs ||",
  },
  {
    name: "what a correction gives back is no allowance's any more",
    file: `${ledger}/evolve-allowance.ts`,
    from: 'if (kind === "return" || credit.startsWith("spent:")) giveBack',
    to: 'if (kind === "return") giveBack',
  },
  {
    name: "what comes back to a pool is no allowance's any more",
    file: `${ledger}/evolve-allowance.ts`,
    from: 'if (kind === "return" || credit.startsWith("spent:")) giveBack',
    to: 'if (credit.startsWith("spent:")) giveBack',
  },
  {
    name: "a debt is forgotten when a quota comes",
    file: `${ledger}/allowances.ts`,
    from: "if (isAboveNothing(debt)) consume(feeders, debt)",
    to: "",
  },
  {
    name: "an account that an allowance feeds is not bounded where nothing came",
    file: `${ledger}/state.ts`,
    from: "return allotted[unit] > 0n || fed.has(unit)",
    to: "return allotted[unit] > 0n",
  },
  {
    name: "a period is opened after what is decided in it",
    file: `${spend}/ledger-book.ts`,
    from: "const opened = comesFirst(command) ? [] : this.openDue(command.atMs)",
    to: "const opened: readonly NewEvent[] = []",
  },
  {
    name: "time alone opens no period",
    file: `${spend}/spending.ts`,
    from: "...this.book.openDue(atMs), ",
    to: "",
  },
  {
    name: "a refusal in a new period loses that it was opened",
    file: `${spend}/admit-model-call.ts`,
    from: "const no = { answer, events: [...events, ...told] }",
    to: "const no = { answer, events: told }",
  },
  {
    name: "a refused order in a new period loses that it was opened",
    file: `${spend}/ledger-orders.ts`,
    from: "return { ...refused, events: [...events, ...refused.events] }",
    to: "return refused",
  },
  {
    name: "a snapshot forgets what was consumed of an allowance",
    file: `${ledger}/snapshot.ts`,
    from: "const tallies = { left: tallyOf(left), used: tallyOf(used), handed: tallyOf(handed) }",
    to: "const tallies = { left: tallyOf(left), used: emptyTally(), handed: tallyOf(handed ?? used) }",
  },
  {
    name: "a snapshot forgets that an allowance waits",
    file: `${ledger}/snapshot.ts`,
    from: "...tallies, waits: waits === true }",
    to: "...tallies, waits: waits === null }",
  },
  {
    name: "a snapshot forgets which accounts are bounded by allowances",
    file: `${ledger}/snapshot.ts`,
    from: "fed: new Set(fed), frozen }",
    to: "fed: new Set(fed.slice(fed.length)), frozen }",
  },
]
