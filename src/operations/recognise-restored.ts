/**
 * Recognises a ledger that was put back from a copy, by the note outside it when a writer begins and by its witnesses whenever they say so; and sets the note
 * aside when the operator has accepted what it tells, also when that was the last thing an earlier writer recorded.
 */
import type { NewEvent } from "../format/event.ts"
import type { Restored } from "../format/facts/ledger.ts"
import type { Spending } from "./spend/spending.ts"
import type { Upkeep } from "./upkeep.ts"

export type RestoredParts = {
  readonly spending: Spending
  readonly upkeep: Upkeep
  readonly commit: (events: () => readonly NewEvent[]) => void
}

export class RestoredLedger {
  readonly #parts: RestoredParts

  constructor(parts: RestoredParts) {
    this.#parts = parts
  }

  begin(): void {
    const { evidence } = this.#parts.upkeep.note
    if (evidence) this.recognise(evidence)
  }

  recognise(found: Restored): void {
    const { spending, commit } = this.#parts
    if (!spending.isKnown(found)) commit(() => spending.recognise(found))
  }

  /** Sets the note aside once what it tells is accepted. */
  settle(): void {
    const { spending, upkeep } = this.#parts
    const { evidence } = upkeep.note
    if (!evidence || !spending.isAccepted(evidence)) return
    upkeep.note.setAside()
    upkeep.storeCheckpoint()
  }
}
