/** What tables a store of the host's has, and what columns: many came and went within a version of its schema, so that the version alone does not say it. */
import type { DatabaseSync } from "node:sqlite"

export function tablesOf(database: DatabaseSync): ReadonlySet<unknown> {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return new Set(rows.map(({ name }) => name))
}

/** None where there is no such table. */
export function columnsOf(database: DatabaseSync, table: string): ReadonlySet<unknown> {
  const rows = database.prepare("SELECT name FROM pragma_table_info(?)").all(table)
  return new Set(rows.map(({ name }) => name))
}

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0)
}

/** Every version from the first that is known to the last. */
export function versionsUpTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
