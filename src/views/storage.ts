/** What a ledger takes of the disk, how fast it grows, how far back it goes, and what is kept of it. */
import { statSync } from "node:fs"
import { countOf, objectOf, stringOf, type Json } from "../base/json.ts"
import { closingOf } from "../journal/closing.ts"
import type { LedgerFiles } from "../journal/files.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type Storage = {
  readonly bytes: number
  /** What a day has taken on average; null while there is less than an hour of it. */
  readonly bytesADay: number | null
  readonly files: Readonly<Record<string, number>>
  /** All that were ever recorded. */
  readonly entries: number
  readonly oldest: string | null
  readonly newest: string | null
  /** Entries before this one are gone, or contents, by the entry that says so; null when nothing is. */
  readonly removed: { readonly before: number; readonly by: number; readonly at: string } | null
  /** By the settings of gateways that the writer has seen: days and megabytes (0: no bound), what kept it from being done, and in how long it is looked again. Null where everything is kept. */
  readonly retention: {
    readonly days: number
    readonly maxSizeMb: number
    readonly contentDays: Json
    readonly problem: string | null
    readonly nextInMs: number | null
  } | null
}

export const noStorage: Storage = { bytes: 0, bytesADay: null, files: {}, entries: 0, oldest: null, newest: null, removed: null, retention: null }

const dayMs = 86_400_000
/** From less nobody can tell how much a day takes. */
const leastMs = 3_600_000

/** @param writer what a running writer says of itself. */
export function storageOf({ reader, files: paths }: LedgerAccess, writer: Json): Storage {
  const entries = reader.size()
  const files = sizes(paths)
  const bytes = Object.values(files).reduce((sum, size) => sum + size, 0)
  const closing = closingOf(reader)
  const [oldestMs, newestMs, closedMs] = [closing?.upTo ?? 0, entries - 1, closing?.sequence ?? -1].map((at) => reader.entry(at)?.header.timeMs)
  const spanMs = (newestMs ?? 0) - (oldestMs ?? 0)
  return {
    bytes,
    bytesADay: spanMs < leastMs ? null : Math.round((bytes / spanMs) * dayMs),
    files,
    entries,
    oldest: isoOf(oldestMs),
    newest: isoOf(newestMs),
    removed: closing ? { before: closing.upTo, by: closing.sequence, at: isoOf(closedMs) ?? "" } : null,
    retention: retentionIn(writer),
  }
}

function retentionIn(writer: Json): Storage["retention"] {
  const told = objectOf(objectOf(writer)["retention"])
  const [days, maxSizeMb] = [countOf(told["days"]), countOf(told["maxSizeMb"])]
  if (days === undefined || maxSizeMb === undefined) return null
  return {
    days,
    maxSizeMb,
    contentDays: (told["contentDays"] ?? {}) as Json,
    problem: stringOf(told["problem"]) ?? null,
    nextInMs: countOf(told["nextInMs"]) ?? null,
  }
}

function isoOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

function sizes(files: LedgerFiles): Record<string, number> {
  const names = { "journal.db": files.journal, "views.db": files.views, "scopes.db": files.scopes, "keys.json": files.keys }
  const found: Record<string, number> = {}
  for (const [name, path] of Object.entries(names)) {
    for (const suffix of ["", "-wal", "-shm"]) {
      const size = statSync(path + suffix, { throwIfNoEntry: false })?.size
      if (size !== undefined) found[name + suffix] = size
    }
  }
  return found
}
