/** What was consumed in each quarter of an hour, by what it was for: so that how fast it goes can be asked without adding up postings. Part of `postings`. */
import type { SqliteDatabase, SqliteStatement } from "../vault/database.ts"
import { units, type Unit } from "../ledger/units.ts"
import { consumptionOf, type CountedMovement } from "./posting-facts.ts"
import { Names } from "./usage.ts"
import { quarterMs } from "./usage-schema.ts"

/** In the order in which a posting has them. */
export const spendNames = ["session", "agent", "model", "provider", "tool", "channel", "cron", "payer"] as const

export const consumptionTables = ["consumed_cells", "consumed_quarters"]

export const consumptionSchema = `
    CREATE TABLE consumed_cells(id INTEGER PRIMARY KEY, ${spendNames.map((name) => `${name} TEXT NOT NULL`).join(", ")}, UNIQUE(${spendNames.join(", ")})) STRICT;
    CREATE TABLE consumed_quarters(quarter INTEGER NOT NULL, cell INTEGER NOT NULL, unit TEXT NOT NULL, amount INTEGER NOT NULL,
      PRIMARY KEY(quarter, cell, unit)) STRICT, WITHOUT ROWID;`

/** Amounts may be forged, and a sum that no column can hold would keep every view from being built: it stays at the most a number holds. */
const most = Number.MAX_SAFE_INTEGER
const bounded = (amount: number) => Math.max(-most, Math.min(most, amount))

type Pending = { readonly quarter: number; readonly cell: number; readonly unit: Unit; amount: number }

export class Consumption {
  readonly #cells: Names
  readonly #ofHold: SqliteStatement
  readonly #write: SqliteStatement
  readonly #pending = new Map<string, Pending>()

  constructor(database: SqliteDatabase) {
    this.#cells = new Names(database, "consumed_cells", spendNames)
    this.#ofHold = database.prepare(`SELECT ${spendNames.join(", ")} FROM posted_holds WHERE placed = ?`).raw()
    this.#write = database.prepare(`
      INSERT INTO consumed_quarters(quarter, cell, unit, amount) VALUES (?, ?, ?, ?)
      ON CONFLICT(quarter, cell, unit) DO UPDATE SET amount = max(${-most}, min(amount + excluded.amount, ${most}))`)
  }

  /** `names` in the order of `spendNames`; more may follow. */
  add(atMs: number, names: readonly (string | null)[], movements: readonly CountedMovement[]): void {
    const consumed = consumptionOf(movements)
    const told = units.filter((unit) => consumed[unit] !== 0n)
    if (told.length === 0) return
    const cell = this.#cells.idOf(spendNames.map((_, at) => names[at] ?? ""))
    const quarter = Math.floor(atMs / quarterMs)
    for (const unit of told) {
      const key = `${quarter},${cell},${unit}`
      const pending = this.#pending.get(key)
      const amount = bounded(Number(consumed[unit]))
      if (pending) pending.amount = bounded(pending.amount + amount)
      else this.#pending.set(key, { quarter, cell, unit, amount })
    }
  }

  /** What a settlement was for stands with its hold. */
  addOfHold(atMs: number, placed: number | null, movements: readonly CountedMovement[]): void {
    const names = placed === null ? undefined : (this.#ofHold.get(placed) as readonly (string | null)[] | undefined)
    this.add(atMs, names ?? [], movements)
  }

  write(): void {
    for (const { quarter, cell, unit, amount } of this.#pending.values()) this.#write.run(quarter, cell, unit, amount)
    this.#pending.clear()
  }
}
