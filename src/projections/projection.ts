/**
 * A projection: tables computed from the journal, which may be deleted at will. Adding one is a row in `projection-list.ts` and a small file.
 * `apply` sees every entry once, in order, inside a transaction; rebuilt from nothing it must give the same rows as kept up to date.
 */
import type { FactsJson } from "../format/event.ts"
import type { Header } from "../format/header.ts"
import type { Closing } from "../journal/closing.ts"
import type { JournalReader } from "../journal/reader.ts"
import type { SqliteDatabase } from "../vault/database.ts"

export type ProjectedEntry = {
  readonly sequence: number
  readonly header: Header
  readonly headerBytes: Buffer
  /** Parsed when first asked for. */
  readonly facts: () => FactsJson
}

export type Projection = {
  readonly name: string
  /** Raised whenever tables or meaning change; the tables are then rebuilt. */
  readonly version: number
  readonly schema: string
  /** Names of its tables, dropped before a rebuild. */
  readonly tables: readonly string[]
  /** Rows that stand for entries that are gone, right after the tables are made: from what the entry that closed them carries on. */
  readonly begin?: (database: SqliteDatabase, closing: Closing, reader: JournalReader) => void
  readonly prepare: (database: SqliteDatabase) => ((entry: ProjectedEntry) => void) | Applying
}

/** Of a projection that adds up in memory: `finish` writes what is pending, in the same transaction. */
export type Applying = { readonly apply: (entry: ProjectedEntry) => void; readonly finish: () => void }
