/** A sealed database written anew under another key: its tables and indexes, as of one moment, beside whoever writes it. */
import { rmSync } from "node:fs"
import { attach } from "./copy-scopes.ts"
import { openDatabase } from "./database.ts"

export type SealedPath = { readonly path: string; readonly key: Uint8Array }

/** What is there already is made anew: a copy that was cut off is of no use. Not durable before it is closed by who opens it next. */
export function copyDatabase(from: SealedPath, to: SealedPath): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(to.path + suffix, { force: true })
  const database = openDatabase(to.path, { key: to.key })
  try {
    database.pragma("page_size = 4096")
    database.pragma("journal_mode = OFF")
    database.pragma("cache_size = -200000") // an index over hashes touches all of its pages in turn
    attach(database, from)
    database.exec("BEGIN IMMEDIATE")
    const made = database
      .prepare("SELECT type, name, sql FROM old.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY type = 'table' DESC")
      .all() as { type: string; name: string; sql: string }[]
    for (const { type, name, sql } of made) {
      database.exec(sql)
      if (type === "table") database.exec(`INSERT INTO main."${name}" SELECT * FROM old."${name}"`)
    }
    const format = database.pragma("old.user_version", { simple: true }) as number
    database.exec("COMMIT")
    database.exec("DETACH old")
    database.pragma(`user_version = ${format}`)
  } finally {
    database.close()
  }
}
