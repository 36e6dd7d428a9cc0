/** How much of the record is of some scopes: entries, and from when to when. */
import { scopeIdBytes } from "../format/header.ts"
import { firstFrom } from "../journal/first-from.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type ScopeEntries = { readonly entries: number; readonly from: string | null; readonly to: string | null }

const idsAQuestion = 500

/** @param beforeMs entries recorded before this time only. */
export function entriesOfScopes({ reader, ask }: LedgerAccess, ids: readonly Buffer[], beforeMs: number | undefined): ScopeEntries {
  const end = beforeMs === undefined ? Number.MAX_SAFE_INTEGER : firstFrom(reader, beforeMs)
  const rows = ask((views) =>
    Array.from({ length: Math.ceil(ids.length / idsAQuestion) }, (_, part) => {
      const some = ids.slice(part * idsAQuestion, (part + 1) * idsAQuestion).filter(({ length }) => length === scopeIdBytes)
      const list = some.map((id) => `x'${id.toString("hex")}'`).join(", ")
      return views
        .prepare(
          `SELECT count(*), min(sequence), max(sequence) FROM timeline WHERE sequence < ? AND scope IN (SELECT number FROM scope_numbers WHERE scope_id IN (${list}))`,
        )
        .raw()
        .get(end) as [number, number | null, number | null]
    }),
  ).filter(([count]) => count > 0)
  const time = (sequence: number) => new Date(reader.entry(sequence)?.header.timeMs ?? 0).toISOString()
  const entries = rows.reduce((sum, [count]) => sum + count, 0)
  if (entries === 0) return { entries, from: null, to: null }
  return { entries, from: time(Math.min(...rows.map(([, first]) => first ?? 0))), to: time(Math.max(...rows.map(([, , last]) => last ?? 0))) }
}
