/**
 * `evolve(state, event)`: the only change of a ledger's state, live and when a journal is replayed. It decides nothing and refuses nothing:
 * what an event says has happened. It knows no calendar and no pattern; both were applied when the event was made.
 */
import { isContra } from "./accounts.ts"
import { add, amountsOf, subtract, sumOf, without, type Amounts, type Tally } from "./amounts.ts"
import { limitWith } from "./budget-rule.ts"
import { age, count, indexOf, newBudget, respread, setRule } from "./budgets.ts"
import { drawnOf, drawOf } from "./extension-snapshot.ts"
import { drawnFor, giveBack, newExtension, remember, spendDrawn, takeDraw } from "./extensions.ts"
import { keepLatest, mostCuts } from "./breakers/breaker-state.ts"
import { resetCut } from "./breakers/breakers.ts"
import { downgradeRun, setSteps } from "./downgrades.ts"
import type { ClockAnchor, LedgerEvent, LedgerEventFacts, MovementJson } from "../format/facts/ledger.ts"
import { flow, openAllowance, removeAllowance, setAllowance, type Posting } from "./evolve-allowance.ts"
import { reportWindow } from "./windows.ts"
import { accountAt, type Hold, type LedgerState, type Movement } from "./state.ts"

export function evolve(state: LedgerState, event: LedgerEvent): void {
  state.lastMs = event.facts.atMs
  state.limited ||= limits(event)
  switch (event.type) {
    case "transfer.posted":
      return postTransfer(state, event.facts)
    case "hold.placed":
      return placeHold(state, event.facts)
    case "hold.consumed": {
      const hold = state.holds.get(event.facts.hold)
      if (hold?.attempt === event.facts.attempt) hold.consumedAtMs = event.facts.atMs
      return
    }
    case "hold.settled":
      return settleHold(state, event.facts)
    case "hold.released":
      return endHold(state, event.facts.hold, "released")
    case "hold.expired":
      return endHold(state, event.facts.hold, "expired")
    case "budget.set":
      return setBudget(state, event.facts)
    case "budget.removed":
      state.budgets.delete(event.facts.budget)
      state.index = indexOf(state.budgets.values())
      return
    case "budget.opened":
      return openPeriod(state, event.facts)
    case "budget.warned":
      return
    case "allowance.set":
      return setAllowance(state, event.facts)
    case "allowance.removed":
      return removeAllowance(state, event.facts)
    case "allowance.opened":
      return openAllowance(state, event.facts)
    case "window.reported": {
      const { atMs: _atMs, ...use } = event.facts
      return reportWindow(state.windows, use)
    }
    case "budget.frozen":
    case "budget.unfrozen": {
      const budget = state.budgets.get(event.facts.budget)
      if (budget) budget.frozen = event.type === "budget.frozen" ? event.facts.reason : undefined
      return
    }
    case "account.frozen":
    case "account.unfrozen":
      accountAt(state, event.facts.account).frozen = event.type === "account.frozen" ? event.facts.reason : undefined
      return
    case "ledger.frozen":
      state.frozen = event.facts.reason
      return
    case "ledger.unfrozen":
      state.frozen = undefined
      for (const name of event.facts.accepts ?? []) acceptEvidence(state, name, event.facts.atMs)
      return
    case "ledger.restored": {
      const { atMs, evidence, by, finding, seenSize, size } = event.facts
      state.restored.set(evidence, { atMs, evidence, by, finding, seenSize, size })
      return
    }
    case "clock.anchored":
      state.clock = anchorOf(event.facts)
      return
    case "clock.jumped":
      state.clock = { ...anchorOf(event.facts), jumped: event.facts.aheadMs > 0 ? "ahead" : "behind" }
      return
    case "clock.accepted":
      state.clock = anchorOf(event.facts)
      for (const hold of state.holds.values()) hold.expiresAtMs += event.facts.leapMs
      for (const extension of state.extensions.values()) extension.expiresAtMs += event.facts.leapMs
      return
    case "extension.asked":
      return remember(state.extensions, newExtension(event.facts))
    case "extension.granted":
    case "extension.denied":
    case "extension.expired":
      return answerExtension(state, event)
    case "breaker.set": {
      const { atMs: _atMs, ...rule } = event.facts
      state.breakers.rule = rule
      return
    }
    case "breaker.tripped":
      keepLatest(state.breakers.cuts, event.facts.cut, event.facts, mostCuts)
      return
    case "breaker.reset":
      return resetCut(state.breakers, event.facts.cut)
    case "downgrades.set":
      return setSteps(state.downgrades, event.facts.steps)
    case "model.downgraded":
      return downgradeRun(state, event.facts)
    case "operator.credential-set": {
      const { salt, verifier } = event.facts
      state.credential = verifier === "" ? undefined : { salt, verifier }
    }
  }
}

function limits({ type, facts }: LedgerEvent): boolean {
  if (type === "budget.set") return facts.rule.mode === "block"
  if (type === "transfer.posted") return facts.kind === "allocation"
  return type === "allowance.set" || type === "operator.credential-set" || type.endsWith(".frozen")
}

function postTransfer(state: LedgerState, facts: LedgerEventFacts["transfer.posted"]): void {
  const movements = facts.movements.map(movementOf)
  for (const movement of movements) {
    post(state, movement, facts)
    const allots = facts.kind === "allocation" || facts.kind === "transfer"
    if (allots && !isContra(movement.debit)) add(accountAt(state, movement.debit).allotted, movement.amounts)
  }
  const consumed = sumOf(movements.map(consumedBy))
  for (const name of facts.budgets ?? []) {
    const budget = state.budgets.get(name)
    if (!budget) continue
    age(budget, facts.atMs)
    count(budget, consumed, { spentAtMs: facts.spentAtMs ?? facts.atMs, nowMs: facts.atMs })
  }
  state.posted.remember(facts.transfer, facts)
  if (facts.usage !== undefined) state.charged.remember(facts.usage, facts.transfer)
}

function placeHold(state: LedgerState, facts: LedgerEventFacts["hold.placed"]): void {
  const movements = facts.movements.map(movementOf)
  const total = sumOf(movements.map(({ amounts }) => amounts))
  for (const { credit, amounts } of movements) add(accountAt(state, credit).held, amounts)
  const shares: { readonly budget: string; readonly serial: number }[] = []
  for (const name of facts.budgets) {
    const budget = state.budgets.get(name)
    if (!budget) continue
    age(budget, facts.atMs)
    add(budget.held, total)
    shares.push({ budget: name, serial: budget.serial })
  }
  const { hold: id, attempt, atMs: placedAtMs, expiresAtMs, spend, basis } = facts
  const draw = facts.draws && drawOf(facts.draws)
  const hold: Hold = { id, attempt, placedAtMs, expiresAtMs, movements, total, spend, consumedAtMs: undefined, basis, draw, shares }
  state.holds.set(id, hold)
  if (!draw) return
  for (const [held, amounts] of borne(state, hold)) subtract(held, amounts)
  takeDraw(state, draw)
}

function settleHold(state: LedgerState, facts: LedgerEventFacts["hold.settled"]): void {
  const expired = state.closed.get(facts.hold)
  const hold = facts.late && expired?.outcome === "expired" ? expired.hold : state.holds.get(facts.hold)
  if (!facts.late && hold) letGo(state, hold)
  const drawn = facts.drawn && drawnOf(facts.drawn)
  if (drawn) spendDrawn(state, drawn)
  const movements = facts.movements.map(movementOf)
  for (const movement of movements) post(state, movement, { kind: "spend" })
  const actual = sumOf(movements.map(({ amounts }) => amounts))
  for (const { budget: name, serial } of hold?.shares ?? []) {
    const budget = state.budgets.get(name)
    // A period that is over is counted no more, and the next one is not charged for it.
    if (budget?.serial !== serial) continue
    age(budget, facts.atMs)
    count(budget, without(actual, drawnFor(drawn, name)), { spentAtMs: hold?.placedAtMs ?? facts.atMs, nowMs: facts.atMs })
  }
  state.closed.remember(facts.hold, { outcome: "settled", attempt: facts.attempt, facts })
  if (facts.usage !== undefined) state.charged.remember(facts.usage, facts.hold)
}

function endHold(state: LedgerState, id: string, outcome: "released" | "expired"): void {
  const hold = state.holds.get(id)
  if (!hold) return
  letGo(state, hold)
  const { attempt } = hold
  state.closed.remember(id, outcome === "released" ? { outcome, attempt } : { outcome, attempt, hold })
}

/** What the hold kept is free again, in its accounts and in the budgets whose period still runs. */
function letGo(state: LedgerState, hold: Hold): void {
  state.holds.delete(hold.id)
  for (const { credit, amounts } of hold.movements) subtract(accountAt(state, credit).held, amounts)
  for (const { budget: name, serial } of hold.shares) {
    const budget = state.budgets.get(name)
    if (budget?.serial === serial) subtract(budget.held, hold.total)
  }
  if (!hold.draw) return
  for (const [held, amounts] of borne(state, hold)) add(held, amounts)
  giveBack(state, hold.draw)
}

/** What an extension bears of a hold: that much less of it is held in its accounts, and in its budgets whose period still runs. */
function borne(state: LedgerState, { draw, movements, shares }: Hold): readonly (readonly [held: Tally, amounts: Amounts])[] {
  const accounts = movements.map(({ credit }) => [accountAt(state, credit).held, drawnFor(draw, credit)] as const)
  const budgets = shares.flatMap(({ budget: name, serial }) => {
    const budget = state.budgets.get(name)
    return budget?.serial === serial ? [[budget.held, drawnFor(draw, name)] as const] : []
  })
  return [...accounts, ...budgets]
}

type Answered = Extract<LedgerEvent, { type: "extension.granted" | "extension.denied" | "extension.expired" }>

function answerExtension(state: LedgerState, { type, facts }: Answered): void {
  const extension = state.extensions.get(facts.extension)
  if (!extension) return
  extension.state = type === "extension.granted" ? "granted" : type === "extension.denied" ? "denied" : "expired"
  if (type === "extension.granted") Object.assign(extension, { grantedAtMs: facts.atMs, expiresAtMs: facts.expiresAtMs })
}

function setBudget(state: LedgerState, { rule, startMs, endMs, atMs }: LedgerEventFacts["budget.set"]): void {
  const budget = state.budgets.get(rule.name)
  const bounds = { startMs, ...(endMs === undefined ? {} : { endMs }) }
  if (budget) {
    age(budget, atMs)
    const before = JSON.stringify(budget.rule.period)
    if (!rule.rollover) budget.carried = {}
    setRule(budget, rule)
    Object.assign(budget, { startMs, endMs: endMs ?? Infinity })
    if (JSON.stringify(rule.period) !== before) respread(budget, atMs)
  } else {
    state.budgets.set(rule.name, newBudget(rule, bounds, ++state.serial))
  }
  state.index = indexOf(state.budgets.values())
}

function openPeriod(state: LedgerState, { budget: name, startMs, endMs = Infinity, carried = {} }: LedgerEventFacts["budget.opened"]): void {
  const budget = state.budgets.get(name)
  if (!budget) return
  const before = newBudget(budget.rule, { startMs, endMs }, ++state.serial)
  before.carried = amountsOf(carried)
  before.room = limitWith(amountsOf(budget.rule.limit), before.carried)
  const { serial, room, spent, held, slices } = before
  Object.assign(budget, { serial, startMs, endMs, carried: before.carried, room, spent, held, slices })
}

function post(state: LedgerState, movement: Movement, facts: Posting): void {
  const { debit, credit, amounts } = movement
  add(accountAt(state, debit).debits, amounts)
  add(accountAt(state, credit).credits, amounts)
  if (facts.kind === "return") add(accountAt(state, credit).returned, amounts)
  if (state.feeders.size > 0) flow(state, movement, facts)
}

/** What a movement adds to consumption: it is negative when a correction gives back. */
function consumedBy({ debit, credit, amounts }: Movement): Amounts {
  const into = debit.startsWith("spent:")
  const from = credit.startsWith("spent:")
  if (into === from) return {}
  return into ? amounts : Object.fromEntries(Object.entries(amounts).map(([unit, amount]) => [unit, -amount]))
}

function acceptEvidence(state: LedgerState, name: string, acceptedAtMs: number): void {
  const known = state.restored.get(name)
  if (known) state.restored.set(name, { ...known, acceptedAtMs })
}

function anchorOf({ trustedMs, steadyMs, uptimeMs, boot, settled }: ClockAnchor): ClockAnchor {
  return { trustedMs, steadyMs, uptimeMs, ...(boot === undefined ? {} : { boot }), ...(settled === undefined ? {} : { settled }) }
}

function movementOf({ debit, credit, amounts }: MovementJson): Movement {
  return { debit, credit, amounts: amountsOf(amounts) }
}
