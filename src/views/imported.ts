/** What is on record of the host's history: which sources were read up to where, and which rows are known. */
import { rowNameLength } from "../format/row-name.ts"
import { RowNameSet } from "../format/row-name-set.ts"
import { closingOf } from "../journal/closing.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type SourceStamp = { readonly kind: string; readonly sizeBytes: number; readonly modifiedMs: number; readonly inode: number }

/** Answers whether a source was read as it stands now, by its path. `all` asks for readings that took everything. */
export function sourcesRead(access: LedgerAccess, depth: "usage" | "all"): (path: string, stamp: SourceStamp) => boolean {
  const rows = access.ask((views) => views.prepare("SELECT source, kind, size_bytes, modified_ms, inode, depth FROM usage_sources").all()) as {
    readonly source: string
    readonly kind: string
    readonly size_bytes: number
    readonly modified_ms: number
    readonly inode: number
    readonly depth: string
  }[]
  const known = new Map(rows.map((row) => [row.source, row]))
  return (path, { kind, sizeBytes, modifiedMs, inode }) => {
    const found = access.scopes && known.get(access.scopes.pseudonym(`source:${path}`))
    if (found === undefined || (depth === "all" && found.depth !== "all")) return false
    return found.kind === kind && found.size_bytes === sizeBytes && found.modified_ms === Math.floor(modifiedMs) && found.inode === inode
  }
}

/** What happened before this instant may have been on record and be removed: it is not recorded again. */
export function keptSinceMs({ reader }: LedgerAccess): number {
  const closing = closingOf(reader)
  return closing && closing.upTo > 0 ? closing.timeMs + 1 : 0
}

/** Answers of the name that begins at a place of a text, of a row or an event, whether it is new: neither on record nor asked about before. */
export function freshRows(access: LedgerAccess): (names: string, at: number) => boolean {
  const seen = new RowNameSet()
  const find = access.ask((views) => {
    const isEmpty = views.prepare("SELECT 1 FROM usage_calls UNION ALL SELECT 1 FROM known_events LIMIT 1").get() === undefined
    return isEmpty ? undefined : views.prepare("SELECT 1 FROM usage_calls WHERE row = ? UNION ALL SELECT 1 FROM known_events WHERE name = ?").pluck()
  })
  return (names, at) => {
    if (!seen.add(names, at)) return false
    if (find === undefined) return true
    const name = names.slice(at, at + rowNameLength)
    return find.get(name, name) === undefined
  }
}
