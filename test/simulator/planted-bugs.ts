/**
 * Mistakes that systems of this kind have been seen to make, and others that are easily made, each as a change of one place of the sources. The simulator must
 * notice every one of them. A place that is not found any more, or is found twice, is a mistake of this list.
 */

export type PlantedBug = { readonly name: string; readonly file: string; readonly from: string; readonly to: string }

const ledger = "src/ledger"
const spend = "src/operations/spend"

export const plantedBugs: readonly PlantedBug[] = [
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
  // What the next writer knows.
  {
    name: "a snapshot forgets that a call began",
    file: `${ledger}/snapshot.ts`,
    from: "consumedAtMs === undefined ? {} : { consumedAtMs }",
    to: "consumedAtMs === undefined ? {} : {}",
  },
  {
    name: "reports of usage are counted by each writer anew",
    file: `${spend}/followed-spend.ts`,
    from: "if (book.state.charged.has(event.id) || book.state.posted.has(correctionOf(event.id))) return []",
    to: "",
  },
  {
    name: "the next writer knows no call that was posted in full",
    file: `${spend}/bound-spends.ts`,
    from: 'if (closed.outcome !== "settled" || corrected.has(hold)) continue',
    to: 'if (closed.outcome !== "settled" || !corrected.has(hold)) continue',
  },
  {
    name: "events of the ledger are decided and not recorded",
    file: `${spend}/ledger-book.ts`,
    from: "return { decision, events: decision.events.map(eventOf) }",
    to: "return { decision, events: decision.events.slice(0, 1).map(eventOf) }",
  },
  // What becomes of a call.
  {
    name: "a call that failed keeps its hold",
    file: `${spend}/followed-spend.ts`,
    from: 'if (!answered) return this.#release(hold, "it failed before an answer")',
    to: "",
  },
  { name: "a call given up half-way costs nothing", file: `${spend}/followed-spend.ts`, from: "|| leftAndGivenUp", to: "" },
  {
    name: "the end of a run lets go what has begun",
    file: `${spend}/followed-spend.ts`,
    from: 'if (hold.consumedAtMs === undefined && hold.basis?.door === "model") return',
    to: 'if (hold.basis?.door === "model") return',
  },
  {
    name: "the end of an attempt takes the next one's permit along",
    file: `${spend}/followed-spend.ts`,
    from: "if ((hold.basis?.askedAtMs ?? Infinity) >= before) return []",
    to: "",
  },
  {
    name: "a tool that was not run is paid for",
    file: `${spend}/followed-spend.ts`,
    from: 'if (event.type === "tool.denied") return this.#give(this.#release(hold, "the tool did not run"))',
    to: "",
  },
  {
    name: "usage is taken for another run's call",
    file: `${spend}/followed-spend.ts`,
    from: 'return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door !== "api" && basis?.run === run)',
    to: 'return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door !== "api")',
  },
  {
    name: "a permit dies with its gateway, and its call is free",
    file: `${spend}/followed-spend.ts`,
    from: 'return hold.consumedAtMs === undefined ? this.#give({ do: "consume", ...named(hold), atMs: this.#now }) : []',
    to: "return []",
  },
  { name: "nobody is waited for after the end of a run", file: `${spend}/followed-spend.ts`, from: "if (dueMs > atMs) return []", to: "" },
  {
    name: "usage that comes late is counted beside what was posted in full",
    file: `${spend}/followed-spend.ts`,
    from: "if (bound) return this.#correct(bound, told, spend)",
    to: "",
  },
  { name: "reading from a cache is left out of the price", file: "src/prices/price.ts", from: "cacheReadTokens * rates.cacheRead +", to: "" },
  {
    name: "writing to a cache is left out of the bound",
    file: `${spend}/model-bound.ts`,
    from: 'const promptClasses = ["input", "cacheRead", "cacheWrite"] as const',
    to: 'const promptClasses = ["input", "cacheRead"] as const',
  },
  {
    name: "an estimate stands in for the most a call can cost",
    file: `${spend}/model-bound.ts`,
    from: "knownBytes + (whole === true ? 0 : unseenBytes)",
    to: "Math.ceil((knownBytes * 1.1) / 4)",
  },
  {
    name: "a child's spend is billed to nobody",
    file: `${spend}/wanted-calls.ts`,
    from: 'const account = `agent:${agent ?? "unknown"}`',
    to: 'const account = `agent:${agent?.startsWith("sub") ? "unknown" : agent}`',
  },
  {
    name: "by which channel a run came is forgotten after its first call",
    file: `${spend}/wanted-calls.ts`,
    from: "channel: reading.channel ?? known?.channel",
    to: "channel: reading.channel",
  },
  {
    name: "a permit that is exchanged is not given back",
    file: `${spend}/spending.ts`,
    from: "if (id === undefined || attempt === undefined) return []",
    to: "if (id !== undefined || attempt === undefined) return []",
  },
  // Questions and answers.
  {
    name: "a question that is asked again is held again",
    file: "src/operations/intake.ts",
    from: "id: `${peer.sender}-${line.n}` })",
    to: 'id: `${peer.sender}-${line.n}${isRepeat ? "again" : ""}` })',
  },
  { name: "what is said again is recorded again", file: "src/operations/intake.ts", from: "if (number <= this.markOf(sender)) return true", to: "" },
  {
    name: "an answer leaves before it is on disk",
    file: "src/operations/commit-queue.ts",
    from: "    const first = this.#options.append(entries, marks)\n",
    to: "    works.forEach((work, index) => work.committed(starts[index] ?? 0))\n    const first = this.#options.append(entries, marks)\n",
  },
  {
    name: "what was observed goes before who waits",
    file: "src/operations/commit-queue.ts",
    from: "works.push(...this.#takeObservers(room))",
    to: "works.unshift(...this.#takeObservers(room))",
  },
  // In the gateway.
  {
    name: "a permit lets two calls leave",
    file: "src/host/permits.ts",
    from: "    found.waiting = undefined\n    found.granted = undefined\n    if (!sameModel",
    to: "    if (!sameModel",
  },
  { name: "a permit of one model lets another leave", file: "src/host/permits.ts", from: "if (!sameModel(granted.permit, model) || this", to: "if (this" },
  {
    name: "who gets no answer goes on",
    file: "src/host/model-door.ts",
    from: "if (permit || !hard) return { permit }",
    to: "if (permit || !hard || granted) return { permit }",
  },
  {
    name: "who has asked nobody goes on",
    file: "src/host/model-door.ts",
    from: 'return { permit, stopped: { why: "no permit"',
    to: 'if (!granted) return { permit }\n  return { permit, stopped: { why: "no permit"',
  },
]
