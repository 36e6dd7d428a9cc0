/** The answer to a command: the events to record, or a refusal. */
import type { LedgerEvent } from "../format/facts/ledger.ts"
import type { Refusal } from "./refusals.ts"

export type Decision =
  | {
      readonly events: readonly LedgerEvent[]
      /** Of a hold: which attempt under its id it is. */
      readonly attempt?: number
      /** Of more for one run: the code it is known by. */
      readonly extension?: string
      /** The same command was decided before; nothing is recorded again. */
      readonly repeated?: true
    }
  | { readonly refused: Refusal }
