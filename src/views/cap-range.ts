/**
 * Which part of the journal proves a period of a budget: from an entry of before it, with the rule in force and what had been counted known from there on.
 * One pass over the journal, which looks at the entries about the budget and at no other.
 */
import { Fault } from "../base/fault.ts"
import { countOf, objectOf } from "../base/json.ts"
import { isTimed, type CapPeriod } from "../format/cap-proof.ts"
import type { FactsJson } from "../format/event.ts"
import type { BudgetRule } from "../format/facts/ledger.ts"
import { headerOffset } from "../format/header.ts"
import { closingOf, removedFault } from "../journal/closing.ts"
import { factsOf, type JournalReader } from "../journal/reader.ts"
import type { Progress } from "./current-views.ts"
import { openingOf } from "./reconcile-opening.ts"
import { labelBounds, type PeriodLabel } from "./period-label.ts"

export type CapRange = CapPeriod & { readonly budget: string; readonly first: number }

export type CapQuestion = { readonly budget: string; readonly label: PeriodLabel | undefined; readonly onProgress?: Progress }

const command = "sovereign-ledger cap-proof"
const progressEvery = 16_384

/** @throws {Fault} `cli.usage` where there is no such period, or none that can be proved; `retention.removed` where its beginning is gone. */
export function capRange(reader: JournalReader, size: number, { budget, label, onProgress }: CapQuestion): CapRange {
  const search = new PeriodSearch(budget, label)
  const closing = closingOf(reader)
  const kept = closing?.upTo ?? 0
  if (closing && kept > 0) search.begin(openingOf(closing).budgets, kept)
  for (const [sequence, header, saltedFacts] of reader.rawEntries(kept, size - 1)) {
    const letter = header[headerOffset.type]
    if (letter === letterB || letter === letterE) search.take(sequence, header.toString("latin1", headerOffset.type), () => factsOf({ saltedFacts }))
    if (sequence % progressEvery === 0) onProgress?.(sequence, size)
  }
  if (closing && search.wantedMs() <= closing.timeMs) throw removedFault(closing)
  const { period, from } = search.found()
  const first = from < kept ? from : anchor(reader, period.startMs, from, kept)
  // A proof begins before the period, with what was there to be counted on.
  if (closing && first < kept) throw removedFault(closing)
  return { ...period, budget, first }
}

/** Types that are not about budgets or extensions begin with another letter, all but a few. */
const [letterB, letterE] = [0x62, 0x65]

type Found = { readonly period: CapPeriod; readonly from: number; readonly rule: BudgetRule }

class PeriodSearch {
  readonly #budget: string
  readonly #label: PeriodLabel | undefined
  #rule: BudgetRule | undefined
  #isThere = false
  /** From which entry on the rule in force, and what was counted, are known. */
  #ruleFrom = 0
  #countFrom = 0
  #removedAt = 0
  #found: Found | undefined
  /** What was asked for beyond the budget and has not ended: holds of a later period may draw from it, and a proof shows what it is. */
  readonly #extensions = new Map<string, number>()
  /** Of another kind than the period that was asked for. */
  #other: BudgetRule | undefined

  constructor(budget: string, label: PeriodLabel | undefined) {
    this.#budget = budget
    this.#label = label
  }

  /** With what balances that were carried on say of it; where it began is gone. */
  begin(budgets: readonly Readonly<Record<string, unknown>>[], upTo: number): void {
    const told = budgets.find(({ rule }) => objectOf(rule)["name"] === this.#budget)
    if (!told) return
    this.#rule = objectOf(told["rule"]) as unknown as BudgetRule
    this.#isThere = true
    this.#ruleFrom = this.#countFrom = upTo - 1
    this.#look(this.#rule, told as FactsJson)
  }

  take(sequence: number, type: string, factsIn: () => FactsJson): void {
    if (type.startsWith("extension.")) return this.#extend(sequence, type, factsIn())
    if (type !== "budget.set" && type !== "budget.opened" && type !== "budget.removed") return
    const facts = factsIn()
    const told = facts["rule"] === undefined ? undefined : (objectOf(facts["rule"]) as unknown as BudgetRule)
    if ((type === "budget.set" ? told?.name : facts["budget"]) !== this.#budget) return
    if (type === "budget.removed") {
      this.#isThere = false
      this.#removedAt = sequence
      return
    }
    if (type === "budget.set" && !this.#isThere) this.#countFrom = facts["created"] === true ? sequence : this.#removedAt
    if (told) {
      this.#rule = told
      this.#ruleFrom = sequence
    }
    if (type === "budget.opened") this.#countFrom = Math.min(sequence, this.#ruleFrom)
    this.#isThere = true
    if (this.#rule) this.#look(this.#rule, facts)
  }

  /** When the period that was asked for begins, where the budget is known. */
  wantedMs(): number {
    return (this.#label && this.#rule && labelBounds(this.#label, this.#rule.period)?.startMs) ?? Infinity
  }

  found(): Found {
    const asked = this.#label?.text ?? ""
    if (!this.#found && this.#other) {
      const { period } = this.#other
      throw no(`The budget ${this.#budget} does not count by ${this.#label?.per}: its period is ${period.per === "rolling" ? "a rolling span" : period.per}`)
    }
    if (!this.#found)
      throw no(
        asked === "" || !this.#rule
          ? `There was never a budget ${this.#budget}`
          : `The budget ${this.#budget} counted nothing in ${asked}, so there is nothing to prove`,
      )
    if (this.#found.rule.period.per === "rolling")
      throw no(
        `The budget ${this.#budget} counts a rolling span, which begins nowhere: what stands in it depends on all that came before, so no part of the journal proves it. A budget for a day or a month can be proved`,
      )
    return this.#found
  }

  #extend(sequence: number, type: string, facts: FactsJson): void {
    const [id, names] = [String(facts["extension"]), facts["extends"]]
    if (type === "extension.asked" && Array.isArray(names) && names.includes(this.#budget)) this.#extensions.set(id, sequence)
    if (type === "extension.denied" || type === "extension.expired") this.#extensions.delete(id)
  }

  #look(rule: BudgetRule, facts: FactsJson): void {
    const startMs = countOf(facts["startMs"]) ?? 0
    const endMs = countOf(facts["endMs"])
    const period = { startMs, ...(endMs === undefined ? {} : { endMs }) }
    if (this.#label) {
      const wanted = labelBounds(this.#label, rule.period)
      if (!wanted) this.#other = rule
      if (wanted?.startMs !== startMs || wanted.endMs !== endMs) return
    }
    const before = this.#found
    const isSame = before?.period.startMs === startMs && before.period.endMs === endMs
    this.#found = { period, from: isSame ? before.from : Math.min(this.#countFrom, ...this.#extensions.values()), rule }
  }
}

/** The last entry of the ledger's of before the period, from `from` backwards; entry 0 where there is none, the one before `kept` where that is gone. */
function anchor(reader: JournalReader, startMs: number, from: number, kept: number): number {
  for (let sequence = from; sequence >= Math.max(kept, 1); sequence--) {
    const entry = reader.entry(sequence)
    if (!entry || !isTimed(entry.header.type)) continue
    const atMs = countOf(factsOf(entry)["atMs"])
    if (atMs !== undefined && atMs < startMs) return sequence
  }
  return Math.max(0, kept - 1)
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `${problem}.`, command })
}
