/** How well what was posted as spent is known: by each call's own usage (exact), by the most it could cost (bound), by usage without a hold (counted). */
import { storedCounters } from "../projections/counters.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** Decimal strings of nano-dollars, since the first entry, corrections left out. What was never seen is in none of them: `completeness` holds the record against the host. */
export type Grades = { readonly exactNanos: string; readonly boundNanos: string; readonly countedNanos: string }

export function gradesOf(access: LedgerAccess): Grades {
  const posted = new Map(access.ask(storedCounters).flatMap(({ name, label, value }) => (name === "postedNanos" ? [[label, value] as const] : [])))
  const nanos = (grade: string) => String(posted.get(grade) ?? 0)
  return { exactNanos: nanos("exact"), boundNanos: nanos("bound"), countedNanos: nanos("counted") }
}
