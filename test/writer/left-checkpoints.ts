/** Checkpoints that left the writer, and what holds of them for ever: each is signed by the key in force at its size, and any two are consistent. */
import assert from "node:assert/strict"
import { consistencyProof, isConsistent } from "../../src/format/consistency.ts"
import { rangeRoot } from "../../src/format/merkle.ts"
import { storedKeyChain } from "../../src/journal/hand-overs.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"

type Root = { readonly size: number; readonly root: Buffer }

export class LeftCheckpoints {
  readonly #notes = new Set<string>()
  /** Those that were held against each other before; new ones are held against all of them. */
  readonly #held: Root[] = []
  /** Pairs that were proven consistent. */
  pairs = 0

  take(note: string): void {
    this.#notes.add(note)
  }

  get count(): number {
    return this.#notes.size
  }

  /** Holds all of them against the journal as it is now, and every pair that was not held against each other before. */
  assertConsistent({ reader, files }: LedgerAccess): void {
    const entries = reader.size()
    const chain = storedKeyChain(reader, files.journal)
    const subtrees = reader.subtrees(entries)
    const roots = [...this.#notes].map((note): Root => {
      const checked = chain.check(note)
      assert.ok(checked.ok, `a checkpoint that left the writer is not good: ${checked.ok ? "" : checked.why}\n${note}`)
      const { size, root } = checked.checkpoint
      assert.ok(size <= entries, `a checkpoint of ${size} entries left the writer, and the journal has ${entries}`)
      assert.ok(rangeRoot(subtrees, 0, size).equals(root), `the checkpoint of size ${size} is of another tree`)
      return { size, root }
    })
    for (const root of roots.slice(this.#held.length)) {
      for (const other of this.#held) {
        const [older, newer] = other.size <= root.size ? [other, root] : [root, other]
        const proof = consistencyProof(subtrees, older.size, newer.size)
        assert.ok(isConsistent(older.size, newer.size, older.root, newer.root, proof), `${older.size} and ${newer.size} are not consistent`)
        this.pairs++
      }
      this.#held.push(root)
    }
  }
}
