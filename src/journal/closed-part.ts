/** What is gone from the beginning of a journal, as a walk over all of it meets it: leaf hashes from the tree, where entries were. */
import { hashBytes } from "../format/sha256.ts"
import type { Problems } from "../verify/verdict.ts"
import { closingOf, type Closing } from "./closing.ts"
import type { JournalReader } from "./reader.ts"
import { removedIdsProblem } from "./removed-ids.ts"
import { tileBytes, tileWidth } from "./tiles.ts"

export class ClosedPart {
  readonly closing: Closing | undefined
  /** Entries that are gone. */
  gone = 0
  readonly #reader: JournalReader
  readonly #problems: Problems
  #tile: { readonly index: number; readonly leaves: Buffer } | undefined

  constructor(reader: JournalReader, problems: Problems) {
    this.#reader = reader
    this.#problems = problems
    this.closing = closingOf(reader)
  }

  /** The leaf hash of an entry that may be gone; undefined when it may not, or the tree does not have it. */
  leafOf(sequence: number): Buffer | undefined {
    if (sequence >= (this.closing?.upTo ?? 0)) return undefined
    const index = Math.floor(sequence / tileWidth)
    if (this.#tile?.index !== index) {
      const leaves = this.#reader.leafTile(index)
      if (leaves?.length !== tileBytes) return undefined
      this.#tile = { index, leaves }
    }
    this.gone++
    return this.#tile.leaves.subarray((sequence % tileWidth) * hashBytes, ((sequence % tileWidth) + 1) * hashBytes)
  }

  /** Asked where the closed entries end: `root` is that of the tree over them. */
  compare(root: () => Buffer): void {
    const { closing } = this
    if (closing && closing.upTo > 0 && !root().equals(closing.root))
      this.#problems.note(0, closing.upTo - 1, `these entries are gone, and #${closing.sequence}, which closes them, tells of others`)
  }

  /** Anybody may write an entry that closes others: what is gone by one that was signed over was removed by the ledger. */
  finish(covered: number): void {
    const ids = removedIdsProblem(this.#reader, this.closing)
    if (ids !== undefined) this.#problems.note(0, Math.max(0, (this.closing?.upTo ?? 0) - 1), ids)
    if (this.closing) noteUncovered(this.closing, covered, this.#problems)
  }

  words(contentsGone: number): readonly string[] {
    const { closing } = this
    if (!closing) return []
    const entries =
      this.gone === 0 ? "" : `${this.gone.toLocaleString("en")} entries before #${closing.upTo} were removed: the tree still has their leaf hashes`
    const contents = contentsGone === 0 ? "" : `contents of ${contentsGone.toLocaleString("en")} entries were removed`
    const both = [entries, contents].filter((one) => one !== "").join("; ")
    return both === "" ? [] : [`By #${closing.sequence}, ${both}.`]
  }
}

function noteUncovered({ sequence }: Closing, covered: number, problems: Problems): void {
  if (covered <= sequence) problems.note(0, sequence, `no checkpoint covers #${sequence}, by which entries or contents are gone`)
}

/** For who walks a part only, and relies on an entry outside of it for what is gone: it is signed over, and the one the tree has. */
export function checkClosing(closing: Closing, covered: number, reader: JournalReader, problems: Problems): void {
  const { sequence } = closing
  noteUncovered(closing, covered, problems)
  const at = (sequence % tileWidth) * hashBytes
  // Of the last entries, whose tile is not full, the root is made of what stands there.
  const leaf =
    sequence < reader.size() - (reader.size() % tileWidth) ? reader.leafTile(Math.floor(sequence / tileWidth))?.subarray(at, at + hashBytes) : undefined
  if (leaf && !leaf.equals(reader.leafHash(sequence)))
    problems.note(sequence, sequence, "the entry by which entries or contents are gone is not the one that was recorded")
}
