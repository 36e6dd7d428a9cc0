/** What an accident with keys is, and what several of them have in common. */
import type { TestLedger } from "../ledger-fixture.ts"
import type { CommandName } from "./accident-rig.ts"

/** Exit status, and what stands in the first lines; `works`: status 0; `left out`: another accident shows the same, and writing takes long. */
export type Answer = readonly [0 | 1 | 2, RegExp] | "works" | "left out"

export type Accident = {
  readonly name: string
  readonly happens: (ledger: TestLedger) => void | Promise<void>
  /** Of every command that is not named in `but`: `status` has it in its report, and ends with 1. */
  readonly says: Answer
  readonly but?: Partial<Readonly<Record<CommandName, Answer>>>
}

export const keyOf = (ledger: TestLedger): string => ledger.places.keyFile
export const unseen = { fsck: [2, /NOT ALL OF IT COULD BE LOOKED AT/], "vault check": "works" } as const
export const wrong = [2, /^The master key from \S+ \(fingerprint \w{16}\) does not open this ledger, which was sealed under \w{16}\.$/m] as const
