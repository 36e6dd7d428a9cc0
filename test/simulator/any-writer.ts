/** What a world gives to a writer, and sees of it: one in memory, or a process with files. */
import type { Doors } from "../../src/ledger/doors.ts"
import type { LedgerState } from "../../src/ledger/state.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { ObserveLine } from "../../src/operations/observed-line.ts"
import type { OrderAnswer } from "../../src/operations/spend/ledger-orders.ts"
import type { Kept } from "./disk.ts"
import type { SimClocks } from "./sim-clocks.ts"

/** Over a commit: before it is on disk, or after, when nobody has heard of it. */
export type Dies = "before" | "after" | undefined

export type Committed = {
  readonly written: readonly Pick<Kept, "type">[]
  /** Whether what a sender gave by this number is on disk; of orders, that all of it is. */
  readonly isRecorded: (line?: { readonly sender: string; readonly n: number }) => boolean
}

export type AnyWriter = {
  readonly isAlive: boolean
  readonly state: LedgerState
  readonly doors: Doors
  readonly ask: (sender: string, line: ObserveLine, answer: (answer: Answer) => void) => void
  readonly tell: (sender: string, line: ObserveLine, done: () => void) => void
  readonly order: (order: object, answer: (answer: OrderAnswer) => void) => void
  /** A gateway is gone, whose lane this is. */
  readonly departed: (sender: string) => void
  /** Time has passed. */
  readonly tick: () => void
  /** Everything that was given is on disk and answered, or it dies over it. */
  readonly commit: (dies: Dies) => Committed | Promise<Committed>
  readonly keepSnapshot: () => void
  readonly stop: () => void
}

/** Where writers begin one after the other, each from what the one before it left. */
export type Machine = {
  readonly begin: (clocks: SimClocks) => AnyWriter | Promise<AnyWriter>
  /** The clocks of the machine show another time. */
  readonly moved?: (clocks: SimClocks) => void
  /** A copy is taken of all there is, and at the end put in its place. */
  readonly keepCopy?: () => void
  readonly putBack?: (clocks: SimClocks) => void
  /** Until the state that is looked at is that of everything that was to happen; tries again where it is not yet. */
  readonly eventually?: (look: () => void) => Promise<void>
}
