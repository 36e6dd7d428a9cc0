/** What was posted, newest first: allocations, settlements of holds, spends nothing was held for, corrections; each with both sides of its movements. */
import type { AccountName, AmountsJson } from "../format/facts/ledger.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type Transfer = {
  readonly sequence: number
  readonly at: string
  /** hold, allocation, return, transfer, spend or correction. */
  readonly kind: string
  /** The transfer's id, or the hold's. */
  readonly id: string | null
  readonly reason: string | null
  readonly corrects: string | null
  readonly grade: string | null
  readonly late: boolean
  /** It came to more than was held. */
  readonly over: boolean
  readonly movements: readonly { readonly debit: string; readonly credit: string; readonly amounts: AmountsJson }[]
}

type Row = Omit<Transfer, "at" | "id" | "late" | "over" | "movements"> & {
  readonly at_ms: number
  readonly transfer: string | null
  readonly hold: string | null
  readonly late: number
  readonly over: number
}

type Amount = { readonly part: number; readonly unit: string; readonly debit: string; readonly credit: string; readonly amount: string }

export function transfers(access: LedgerAccess, question: { readonly last: number; readonly account?: AccountName | undefined }): readonly Transfer[] {
  return access.ask((views) => {
    const { account = null, last } = question
    const rows = views
      .prepare(
        `SELECT sequence, at_ms, kind, transfer, hold, reason, corrects, grade, late, over FROM posted_entries AS posted
         WHERE ? IS NULL OR EXISTS (SELECT 1 FROM posting_amounts WHERE sequence = posted.sequence AND ? IN (debit, credit))
         ORDER BY sequence DESC LIMIT ?`,
      )
      .all(account, account, last) as Row[]
    return rows.map((row) => transferOf(row, movementsOf(views, row.sequence)))
  })
}

function transferOf({ at_ms: atMs, transfer, hold, late, over, ...row }: Row, movements: Transfer["movements"]): Transfer {
  return { ...row, at: new Date(atMs).toISOString(), id: transfer ?? hold, late: late === 1, over: over === 1, movements }
}

function movementsOf(views: SqliteDatabase, sequence: number): Transfer["movements"] {
  const amounts = views
    .prepare("SELECT part, unit, debit, credit, CAST(amount AS TEXT) AS amount FROM posting_amounts WHERE sequence = ? ORDER BY part")
    .all(sequence) as Amount[]
  const parts = Map.groupBy(amounts, ({ part }) => part)
  return [...parts.values()].map((part) => ({
    debit: part[0]?.debit ?? "",
    credit: part[0]?.credit ?? "",
    amounts: Object.fromEntries(part.map(({ unit, amount }) => [unit, amount])),
  }))
}
