/** A crime is a row: who commits it with what in hand, what is done to the copy, and what must find it. `crime-list.ts` lists them. */
import type { Closing } from "../journal/closing.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import type { MasterSecret } from "../vault/master-key.ts"
import type { Chance } from "./chance.ts"
import type { Judgement } from "./judgement.ts"
import type { StoreCopy } from "./store-copy.ts"

/** What the criminal has in hand; of the ledger's keys only where it says so. */
export type Holding = "the disk" | "the page key" | "an older copy" | "the master key"

export type Scene = {
  readonly copy: StoreCopy
  readonly keys: OpenKeys
  readonly secret: MasterSecret
  /** Entries of the ledger. */
  readonly size: number
  /** What was removed from it, and by which entry. */
  readonly closing: Closing | undefined
  /** The first entries, as many as a checkpoint covers: what comes after them nothing but the chain holds yet, so no crime is tried there. */
  readonly covered: number
  /** What the note outside the directory covers; 0 when there is none. */
  readonly noted: number
  /** Sizes of the stored checkpoints, ascending. */
  readonly checkpoints: readonly number[]
  readonly chance: Chance
  /** Whether the key of a scope is there, so that its contents can be checked. */
  readonly opens: (scopeId: Buffer) => boolean
}

export type Crime = {
  readonly name: string
  /** One sentence: what is done. */
  readonly words: string
  readonly holds: Holding
  /** What must find it. */
  readonly foundBy: string
  /** The copy is also held against the newest checkpoint as somebody kept it elsewhere. */
  readonly against?: true
  /** How often it is committed, each time at another place and each time verified; once when absent. */
  readonly times?: number
  /** Commits it; answers why it cannot be committed on a ledger like this one. */
  readonly commit: (scene: Scene, time: number) => string | undefined
  /** Where verification has no part in it. */
  readonly judge?: (scene: Scene) => Judgement
}

export const tooSmall = {
  entries: "the ledger has too few entries",
  contents: "no entry has a content to be attacked",
  tiles: "the tree has no tile on disk yet: there is one from 256 entries on",
  checkpoints: "there is only one checkpoint: nothing older to put back",
  note: "there is no note outside the directory",
}
