/**
 * `doors.json` in the data directory: there while anything may refuse a spend, so that a gateway which cannot reach the writer knows that it has to ask. It
 * may be deleted at any time: the next writer puts it back.
 */
import { rmSync } from "node:fs"
import { Fault } from "../../base/fault.ts"
import type { Doors } from "../../ledger/doors.ts"
import { writeDurably } from "../../vault/durable-file.ts"

export function keepDoors(file: string, doors: Doors): void {
  try {
    if (doors.hard) writeDurably(file, `${JSON.stringify(doors)}\n`)
    else rmSync(file, { force: true })
  } catch (error) {
    // A disk that is full stops the journal, and says so; this file only speeds up a gateway's first answer.
    if (!(error instanceof Fault) && !(error instanceof Error && "code" in error)) throw error
  }
}
