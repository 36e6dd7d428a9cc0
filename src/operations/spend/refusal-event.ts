/** A refusal of the ledger as it goes on record: with its numbers, without anything a person wrote. */
import type { NewEvent } from "../../format/event.ts"
import type { Refusal } from "../../ledger/refusals.ts"

export function refusalEvent(refused: Refusal, about: Omit<NewEvent<"spend.refused">["facts"], "why">, key: string): NewEvent {
  return { type: "spend.refused", id: `spend.refused:${key}`, facts: { ...about, ...refusedFacts(refused) } }
}

function refusedFacts(refused: Refusal) {
  switch (refused.why) {
    case "over-budget": {
      const { why, budget, unit, needed, left, limit, resetsAtMs } = refused
      return { why, budget, unit, needed: `${needed}`, left: `${left}`, limit: `${limit}`, ...(resetsAtMs === undefined ? {} : { resetsAtMs }) }
    }
    case "over-window": {
      const { why, budget, window } = refused
      return { why, budget, ...(window.resetsAtMs === undefined ? {} : { resetsAtMs: window.resetsAtMs }) }
    }
    case "over-account":
      return { why: refused.why, account: refused.account, unit: refused.unit, needed: `${refused.needed}`, left: `${refused.left}` }
    case "unstated":
      return { why: refused.why, unit: refused.unit }
    case "frozen":
      return { why: refused.why, ...(refused.what === "budget" ? { budget: refused.name } : refused.what === "account" ? { account: refused.name } : {}) }
    case "breaker":
      return { why: refused.why, breaker: refused.cut.breaker, cut: refused.cut.cut }
    default:
      return { why: refused.why }
  }
}
