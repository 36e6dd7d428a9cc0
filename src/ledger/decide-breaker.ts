/** Breakers as the ledger decides on them: when they trip, that one does, and that what it cut may go on. */
import { canonicalJson } from "../base/canonical-json.ts"
import type { LedgerEvent } from "../format/facts/ledger.ts"
import { isInForce } from "./breakers/breakers.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { somethingBlocks } from "./doors.ts"
import type { LedgerState } from "./state.ts"

export function decideBreakers({ breakers }: LedgerState, { rule }: CommandOf<"set-breakers">, atMs: number): Decision {
  if (canonicalJson(breakers.rule) === canonicalJson(rule)) return { events: [], repeated: true }
  return { events: [{ type: "breaker.set", facts: { atMs, ...rule } }] }
}

/** Whether it cuts is decided when it trips: a budget that comes later cuts nothing that was only told of. */
export function decideTrip(state: LedgerState, { trip }: CommandOf<"trip">, atMs: number): Decision {
  const { mode } = state.breakers.rule
  const blocks = mode === "block" || (mode === "auto" && somethingBlocks(state))
  return { events: [{ type: "breaker.tripped", facts: { atMs, mode: blocks ? "block" : "warn", ...trip } }] }
}

export function decideReset({ breakers }: LedgerState, { cut, reason }: CommandOf<"reset-breaker">, atMs: number): Decision {
  const cuts = [...breakers.cuts.values()].filter((one) => isInForce(one, atMs) && (cut === "all" || one.cut === cut))
  if (cuts.length === 0 && cut !== "all") return { refused: { why: "not-cut", cut } }
  return { events: cuts.map((one): LedgerEvent => ({ type: "breaker.reset", facts: { atMs, cut: one.cut, reason } })) }
}
