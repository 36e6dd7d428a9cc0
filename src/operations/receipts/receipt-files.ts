/** Receipts as files, one each, for who collects them: `<jti>.jws`. What stands in the journal is the receipt; a file that cannot be written is told, and missed by `receipts export` only. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { problemOf } from "../../base/fault.ts"
import { stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"

export class ReceiptFiles {
  #directory: string | undefined
  #problem: string | null = null

  /** Why the last one could not be written; null when it could. */
  get problem(): string | null {
    return this.#problem
  }

  use(directory: string | undefined): void {
    this.#directory = directory
    if (directory === undefined) this.#problem = null
  }

  write(events: readonly NewEvent<"receipt.issued">[]): void {
    if (this.#directory === undefined || events.length === 0) return
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      for (const { id, facts } of events) this.#writeOne(join(this.#directory, `${id.slice(id.indexOf(":") + 1)}.jws`), stringOf(facts.jws) ?? "")
      this.#problem = null
    } catch (error) {
      this.#problem = `receipts are not written to ${this.#directory}: ${problemOf(error)}`
    }
  }

  /** Never over one that is there, nor through a link. */
  #writeOne(path: string, jws: string): void {
    try {
      writeFileSync(path, `${jws}\n`, { flag: "wx", mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
  }
}
