/** A disk in memory, and the writers that come to it. */
import assert from "node:assert/strict"
import type { AnyWriter, Machine } from "./any-writer.ts"
import { Disk, type Copy, type Snapshot } from "./disk.ts"
import { putBack } from "./put-back.ts"
import { SimWriter, stateOn, textOf } from "./sim-writer.ts"

export class SimMachine implements Machine {
  readonly disk = new Disk()
  #compared: Snapshot | undefined
  #copy: Copy | undefined

  begin(nowMs: () => number): AnyWriter {
    return new SimWriter(this.disk, nowMs)
  }

  keepCopy(): void {
    this.#copy = this.disk.copy()
  }

  putBack(nowMs: number): void {
    if (this.#copy) putBack(this.disk, this.#copy, nowMs)
  }

  /** Each snapshot once, with what came after it by the next restart. */
  check(): void {
    const { snapshot } = this.disk
    if (!snapshot || snapshot === this.#compared) return
    this.#compared = snapshot
    assert.equal(textOf(stateOn(this.disk)), textOf(stateOn(this.disk, false)), "a snapshot and the rest are the same state as all of it")
  }
}
