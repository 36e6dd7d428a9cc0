/** The anchors of a store under verification (docs/spec/anchor.md): each follows the one before it, proves what it says, and is about a checkpoint that stands here. */
import { objectOf } from "../base/json.ts"
import { anchoredType, parseAnchor } from "../format/anchor.ts"
import { saltBytes } from "../format/commitment.ts"
import { headerOffset } from "../format/header.ts"
import type { AnchorTally } from "../verify/anchor-tally.ts"
import type { NoteCheck } from "../verify/signature.ts"
import type { Problems } from "../verify/verdict.ts"
import type { CheckedNote } from "./checkpoint-notes.ts"
import type { JournalReader } from "./reader.ts"

const typeBytes = Buffer.from(anchoredType)

export type AnchorQuestion = {
  readonly reader: Pick<JournalReader, "rawEntry">
  /** The good ones that are stored are held against the tree by who walks it. */
  readonly checkpoints: readonly CheckedNote[]
  readonly checkNote: (note: string) => NoteCheck
  /** Entries before this one may be gone, and anchors with them. */
  readonly keptFrom: number
}

export class AnchorCheck {
  readonly #question: AnchorQuestion
  readonly #tally: AnchorTally
  readonly #problems: Problems
  readonly #roots: ReadonlyMap<number, Buffer>

  constructor(question: AnchorQuestion, tally: AnchorTally, problems: Problems) {
    this.#question = question
    this.#tally = tally
    this.#problems = problems
    this.#roots = new Map(question.checkpoints.filter(({ kept }) => kept === "stored").map(({ size, root }) => [size, root]))
  }

  /** Asked for each entry, in order. */
  entry(sequence: number, header: Buffer): void {
    if (header.length !== headerOffset.type + typeBytes.length || header.compare(typeBytes, 0, typeBytes.length, headerOffset.type) !== 0) return
    const anchor = parseAnchor(this.#factsAt(sequence))
    if (!anchor) return this.#problems.note(sequence, sequence, "an anchor is not well formed")
    const checked = this.#question.checkNote(anchor.note)
    const misplaced = this.#tally.placed(anchor, this.#question.keptFrom === 0)
    const why = misplaced ?? (checked.ok ? this.#faultOf(anchor.size, sequence, checked.checkpoint) : checked.why) ?? this.#tally.take(anchor)
    if (why !== undefined) this.#problems.note(sequence, sequence, `the anchor by ${anchor.authority} on ${anchor.size} entries cannot be trusted: ${why}`)
  }

  #faultOf(size: number, sequence: number, told: { readonly size: number; readonly root: Buffer }): string | undefined {
    if (told.size !== size || size > sequence) return "it is about another tree than it says, or one that was not there yet"
    return this.#roots.get(size)?.equals(told.root) ? undefined : "the checkpoint it is about does not stand here"
  }

  #factsAt(sequence: number): Readonly<Record<string, unknown>> {
    const [, , salted] = this.#question.reader.rawEntry(sequence) ?? []
    try {
      return objectOf(JSON.parse(salted?.toString("utf8", saltBytes) ?? ""))
    } catch {
      return {} // what does not fit its header is found where that is checked
    }
  }
}
