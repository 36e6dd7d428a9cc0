/** The cosignatures that stand beside a journal's checkpoints, as a reader finds them. Rows nobody vouched for: whoever believes them checks them. */
import { databaseFault, isDriverError, type SqliteDatabase } from "../vault/database.ts"

/** A line of a witness under a stored checkpoint, without its line feed. */
export type StoredCosignature = { readonly witness: string; readonly size: number; readonly line: string }

export class StoredCosignatures {
  readonly #database: SqliteDatabase
  readonly #file: string

  constructor(database: SqliteDatabase, file: string) {
    this.#database = database
    this.#file = file
  }

  /** All, by witness and size. */
  *all(): IterableIterator<StoredCosignature> {
    try {
      const rows = this.#database.prepare("SELECT witness, size, line FROM cosignatures ORDER BY witness, size")
      for (const row of rows.iterate()) yield row as StoredCosignature
    } catch (error) {
      throw this.#faultOf(error)
    }
  }

  /** Those under the checkpoint of one size, by witness. */
  under(size: number): readonly StoredCosignature[] {
    const witnesses = this.last().map(({ witness }) => witness)
    try {
      const one = this.#database.prepare("SELECT witness, size, line FROM cosignatures WHERE witness = ? AND size = ?")
      return witnesses.flatMap((witness) => (one.get(witness, size) as StoredCosignature | undefined) ?? [])
    } catch (error) {
      throw this.#faultOf(error)
    }
  }

  /** The last one of each witness up to a size, found without a walk over all of them. */
  last(upTo = Number.MAX_SAFE_INTEGER): readonly StoredCosignature[] {
    const found: StoredCosignature[] = []
    try {
      const following = this.#database.prepare("SELECT min(witness) FROM cosignatures WHERE witness > ?").pluck()
      const last = this.#database.prepare("SELECT witness, size, line FROM cosignatures WHERE witness = ? AND size <= ? ORDER BY size DESC LIMIT 1")
      for (let witness = following.get("") as string | null; witness !== null; witness = following.get(witness) as string | null) {
        const row = last.get(witness, upTo) as StoredCosignature | undefined
        if (row) found.push(row)
      }
      return found
    } catch (error) {
      throw this.#faultOf(error)
    }
  }

  #faultOf(error: unknown): unknown {
    return isDriverError(error) ? databaseFault(this.#file, error) : error
  }
}
