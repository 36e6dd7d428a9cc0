/**
 * A month of the ledger: what accounts had, were given, consumed and have left; for which models, tools and budgets; how well it is known; what was refused.
 * Counted from the journal alone, in one pass, so that it may be signed: no projection is asked. Amounts are decimal strings by unit, in JSON as in facts;
 * one that a correction or an overrun took below nothing begins with a minus.
 */
import { countOf, stringOf } from "../base/json.ts"
import { rangeRoot } from "../format/merkle.ts"
import { closingOf, removedFault } from "../journal/closing.ts"
import { factsOf } from "../journal/reader.ts"
import type { AmountsJson } from "../ledger/amounts.ts"
import { isLedgerEvent } from "../ledger/event-types.ts"
import { boundsAt } from "../ledger/periods.ts"
import type { Progress } from "./current-views.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { openingOf } from "./reconcile-opening.ts"
import { StatementCount } from "./statement-count.ts"

export type AccountRow = {
  readonly account: string
  readonly opening: AmountsJson
  /** What allocations brought. */
  readonly allocated: AmountsJson
  /** What transfers brought, less what they took. */
  readonly transferred: AmountsJson
  readonly consumed: AmountsJson
  /** What corrections gave back, less what they took. */
  readonly corrected: AmountsJson
  readonly closing: AmountsJson
}

/** `name` is null for what names none. `times` counts settlements and spends. */
export type ConsumptionRow = { readonly name: string | null; readonly times: number; readonly amounts: AmountsJson }

export type CorrectionRow = {
  readonly sequence: number
  readonly transfer: string
  readonly corrects: string
  readonly reason: string
  readonly debit: string
  readonly credit: string
  readonly amounts: AmountsJson
}

export type Statement = {
  readonly month: string
  readonly zone: string
  /** From this instant up to but not including the other. */
  readonly from: string
  readonly until: string
  /** The month is not over: more may come. */
  readonly provisional: boolean
  readonly totals: Omit<AccountRow, "account">
  readonly accounts: readonly AccountRow[]
  readonly byModel: readonly ConsumptionRow[]
  readonly byTool: readonly ConsumptionRow[]
  /** A spend counts in every budget it matched, so these do not add up to the total. */
  readonly byBudget: readonly ConsumptionRow[]
  readonly byGrade: readonly ConsumptionRow[]
  readonly corrections: readonly CorrectionRow[]
  readonly totalCorrections: number
  readonly refused: { readonly total: number; readonly byReason: readonly { readonly why: string; readonly count: number }[]; readonly stopped: number }
}

export type StatementQuestion = { readonly month: string; readonly zone: string; readonly nowMs: number; readonly onProgress?: Progress }
export type CountedStatement = { readonly statement: Statement; readonly size: number; readonly root: Buffer }

const progressEvery = 5_000

/** The instants a month goes from and to by the clocks of a zone. `2026-11` */
export function monthBounds(month: string, zone: string): { readonly fromMs: number; readonly toMs: number } {
  const [year = 0, number = 1] = month.split("-").map(Number)
  const { startMs, endMs = Infinity } = boundsAt({ per: "month", zone }, Date.UTC(year, number - 1, 15, 12))
  return { fromMs: startMs, toMs: endMs }
}

/** @throws {Fault} `retention.removed` when entries of the month are gone. */
export function monthStatement(access: LedgerAccess, { month, zone, nowMs, onProgress }: StatementQuestion): CountedStatement {
  const { reader } = access
  const { fromMs, toMs } = monthBounds(month, zone)
  const count = new StatementCount(fromMs, toMs)
  return reader.snapshot(() => {
    const size = reader.size()
    const closing = closingOf(reader)
    if (closing && closing.upTo > 0) {
      if (closing.timeMs >= fromMs) throw removedFault(closing)
      count.begin(openingOf(closing))
    }
    for (const stored of reader.entries(closing?.upTo ?? 0, size - 1)) {
      const { type, timeMs } = stored.header
      if (isLedgerEvent(type)) {
        const facts = factsOf(stored)
        count.take({ sequence: stored.sequence, type, facts, atMs: countOf(facts["atMs"]) ?? timeMs })
      } else if (timeMs >= fromMs && timeMs < toMs) {
        if (type === "spend.refused") count.refuse(stringOf(factsOf(stored)["why"]) ?? "unknown")
        if (type === "call.stopped") count.stop()
      }
      if (stored.sequence % progressEvery === 0) onProgress?.(stored.sequence, size)
    }
    const times = { from: new Date(fromMs).toISOString(), until: new Date(toMs).toISOString(), provisional: nowMs < toMs }
    return { statement: { month, zone, ...times, ...count.counted() }, size, root: rangeRoot(reader.subtrees(size), 0, size) }
  })
}
