/** Sums by a few keys, added up in memory while a slice of the journal is applied, and written once at its end. */
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"

/** Rows may be forged, and a sum that no column can hold would keep every view from being built: it stays at the most a number holds. */
const mostSum = Number.MAX_SAFE_INTEGER

export class RollUp<C extends string> {
  readonly #columns: readonly C[]
  readonly #write: SqliteStatement
  readonly #pending = new Map<string, { readonly key: readonly (number | string)[]; readonly sums: Record<C, number> }>()

  constructor(database: SqliteDatabase, table: string, keys: readonly string[], columns: readonly C[]) {
    this.#columns = columns
    const all = [...keys, ...columns]
    const added = columns.map((column) => `${column} = min(${column} + excluded.${column}, ${mostSum})`).join(", ")
    this.#write = database.prepare(`
      INSERT INTO ${table}(${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")}) ON CONFLICT(${keys.join(", ")}) DO UPDATE SET ${added}`)
  }

  add(key: readonly (number | string)[], sums: Readonly<Record<C, number>>): void {
    const name = key.join("\n")
    const pending = this.#pending.get(name)
    if (pending === undefined) this.#pending.set(name, { key, sums: { ...sums } })
    else for (const column of this.#columns) pending.sums[column] = Math.min(pending.sums[column] + sums[column], mostSum)
  }

  write(): void {
    for (const { key, sums } of this.#pending.values()) this.#write.run(...key, ...this.#columns.map((column) => sums[column]))
    this.#pending.clear()
  }
}
