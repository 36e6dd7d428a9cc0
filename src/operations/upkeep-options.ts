/** What the writer tells `Upkeep`, and wants to hear of it. */
import type { SqliteDatabase } from "../vault/database.ts"
import type { StartBeside } from "./beside.ts"
import type { MapReport } from "./map-roots.ts"
import type { LedgerBook } from "./spend/ledger-book.ts"

export type UpkeepOptions = {
  readonly nowMs: () => number
  /** True while something waits for a commit. */
  readonly busy: () => boolean
  /** A step that nobody called for went wrong. */
  readonly failed: (error: unknown) => void
  /** Left out, the writer's thread does everything. */
  readonly startBeside?: StartBeside | undefined
  /** Called once, when the projections hold all that was on record at the start. */
  readonly caughtUp?: (views: SqliteDatabase) => void
  /** The ledger, whose state is kept so that a start need not replay all of it. */
  readonly book?: LedgerBook | undefined
  /** A checkpoint was stored; witnesses are asked about it. */
  readonly stored?: (checkpoint: { readonly note: string; readonly size: number }) => void
  /** What came of `askMap`. */
  readonly mapped?: (report: MapReport) => void
}
