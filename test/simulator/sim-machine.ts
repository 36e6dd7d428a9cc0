/** A disk in memory, and the writers that come to it. */
import assert from "node:assert/strict"
import type { LedgerState } from "../../src/ledger/state.ts"
import type { AnyWriter, Machine } from "./any-writer.ts"
import { Disk, type Copy, type Snapshot } from "./disk.ts"
import { putBack } from "./put-back.ts"
import type { SimClocks } from "./sim-clocks.ts"
import { SimWriter, stateOn, textOf } from "./sim-writer.ts"

export class SimMachine implements Machine {
  readonly disk = new Disk()
  #compared: Snapshot | undefined
  #copy: Copy | undefined

  begin(clocks: SimClocks): AnyWriter {
    const state = stateOn(this.disk)
    this.#compare(state)
    return new SimWriter(this.disk, clocks, state)
  }

  keepCopy(): void {
    this.#copy = this.disk.copy()
  }

  putBack(clocks: SimClocks): void {
    if (this.#copy) putBack(this.disk, this.#copy, clocks)
  }

  /** Each snapshot once, with what came after it by the next start. */
  #compare(state: LedgerState): void {
    const { snapshot } = this.disk
    if (!snapshot || snapshot === this.#compared) return
    this.#compared = snapshot
    assert.equal(textOf(state), textOf(stateOn(this.disk, false)), "a snapshot and the rest are the same state as all of it")
  }
}
