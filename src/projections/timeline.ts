/** Where in the journal the entries of a type or a scope are: what filters and counts ask for. */
import type { Projection } from "./projection.ts"

export const timeline: Projection = {
  name: "timeline",
  version: 1,
  tables: ["timeline", "types", "scope_numbers"],
  schema: `
    CREATE TABLE types(number INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE scope_numbers(number INTEGER PRIMARY KEY, scope_id BLOB NOT NULL UNIQUE) STRICT;
    CREATE TABLE timeline(sequence INTEGER PRIMARY KEY, type INTEGER NOT NULL, scope INTEGER NOT NULL) STRICT;
    CREATE INDEX timeline_by_type ON timeline(type);
    CREATE INDEX timeline_by_scope ON timeline(scope);`,
  prepare: (database) => {
    const insert = database.prepare("INSERT INTO timeline(sequence, type, scope) VALUES (?, ?, ?)")
    const types = numbering(database, "types", "type")
    const scopes = numbering(database, "scope_numbers", "scope_id")
    return ({ sequence, header }) => {
      insert.run(sequence, types(header.type, header.type), scopes(header.scopeId.toString("latin1"), header.scopeId))
    }
  },
}

/** Small numbers for values that repeat a million times; the number of a value is its order of first appearance. */
function numbering(database: Parameters<Projection["prepare"]>[0], table: string, column: string): (key: string, value: string | Buffer) => number {
  const find = database.prepare(`SELECT number FROM ${table} WHERE ${column} = ?`).pluck()
  const insert = database.prepare(`INSERT INTO ${table}(${column}) VALUES (?)`)
  const known = new Map<string, number>()
  return (key, value) => {
    let number = known.get(key)
    if (number === undefined) {
      number = (find.get(value) as number | undefined) ?? Number(insert.run(value).lastInsertRowid)
      if (known.size > 10_000) known.clear()
      known.set(key, number)
    }
    return number
  }
}
