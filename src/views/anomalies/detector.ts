/**
 * A detector: one thing that is looked for in a stretch of time, a small file each and a line in `detector-list.ts`. What it finds stands in reports under its name.
 * It asks projections, and opens only so many contents that a report of a day stays quick; where that bites it says so.
 */
import type { Json } from "../../base/json.ts"
import type { AnomalyThresholds } from "../../policy/anomalies/thresholds.ts"
import type { LedgerAccess } from "../ledger-access.ts"

export type Watched = {
  readonly fromMs: number
  readonly toMs: number
  /** Whose days are meant. */
  readonly zone: string
  /** Sends of the same words within so long are duplicates. */
  readonly dupWindowMs: number
  /** Before the first day of the stretch. */
  readonly lookbackDays: number
  readonly thresholds: AnomalyThresholds
}

export type Found<F extends Json> = { readonly found: readonly F[]; readonly truncated: boolean }

/** Called by its place in `detector-list.ts`. */
export type Detector<F extends Json = Json> = (access: LedgerAccess, watched: Watched) => Found<F>
