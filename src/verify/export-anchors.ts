/**
 * The anchors of an export: those in its last line, each with the way from its tree to that of the export's checkpoint; and, where every entry is in the file, all
 * there ever were, each beside the tree it is about. The file is attacker-controlled.
 */
import { objectOf, stringOf } from "../base/json.ts"
import type { AnchoredNote } from "../format/anchored-note.ts"
import { anchoredType, parseAnchor } from "../format/anchor.ts"
import { parseSignedCheckpoint, type SignedCheckpoint } from "../format/checkpoint.ts"
import { isConsistent } from "../format/consistency.ts"
import { leafHash } from "../format/header.ts"
import { Frontier } from "../format/merkle.ts"
import { hashBytes } from "../format/sha256.ts"
import type { AnchorTally } from "./anchor-tally.ts"
import type { ByteSource } from "./byte-source.ts"
import { linesOf } from "./lines.ts"
import type { NoteCheck } from "./signature.ts"

type CheckNote = (note: string) => NoteCheck

/** Those of the last line. They are counted where not every entry is in the file. */
export function checkAnchored(anchored: readonly AnchoredNote[], whole: SignedCheckpoint, tally: AnchorTally, note: (what: string) => void): void {
  for (const one of anchored) {
    const why = faultOf(one, whole) ?? tally.take(one)
    if (why !== undefined) note(`the anchor by ${one.authority} on ${one.size} entries cannot be trusted: ${why}`)
  }
}

function faultOf({ note, size, consistency }: AnchoredNote, whole: SignedCheckpoint): string | undefined {
  const seen = parseSignedCheckpoint(note)
  if (!seen) return "what was anchored is not a well-formed signed checkpoint"
  if (seen.origin !== whole.origin) return `what was anchored is of another log, ${seen.origin}`
  if (seen.size !== size || size > whole.size) return "its size is not that of the checkpoint, or larger than the export's"
  const proof = consistency.map((text) => Buffer.from(text, "base64url"))
  const isSpelled = proof.every((hash, index) => hash.toString("base64url") === consistency[index])
  if (!isSpelled || !isConsistent(size, whole.size, seen.root, whole.root, proof)) return `its tree of ${size} entries is not the beginning of the export's`
  return undefined
}

/** Anchors among the entries of a complete export. */
export class AnchorEntries {
  readonly #tally: AnchorTally
  readonly #check: CheckNote
  /** What trees were anchored, by their size. */
  readonly #roots = new Map<number, { readonly root: Buffer; readonly sequence: number }[]>()

  constructor(tally: AnchorTally, check: CheckNote) {
    this.#tally = tally
    this.#check = check
  }

  /** What is wrong with an entry that is an anchor; nothing of others. */
  faultOf(sequence: number, type: string, facts: Readonly<Record<string, unknown>>): string | undefined {
    if (type !== anchoredType) return undefined
    const anchor = parseAnchor(facts)
    if (!anchor) return "an anchor is not well formed"
    const misplaced = this.#tally.placed(anchor, true)
    const checked = this.#check(anchor.note)
    const why = misplaced ?? (checked.ok ? undefined : checked.why) ?? this.#tally.take(anchor)
    if (why !== undefined || !checked.ok) return `the anchor by ${anchor.authority} on ${anchor.size} entries cannot be trusted: ${why}`
    const { size, root } = checked.checkpoint
    if (size !== anchor.size || size > sequence) return "an anchor is about another tree than it says, or one that was not there yet"
    this.#roots.set(size, [...(this.#roots.get(size) ?? []), { root, sequence }])
    return undefined
  }

  /** Grows the tree once more from the file, and holds against it what was anchored. `note` hears of each that is about other entries. */
  compareRoots(source: ByteSource, note: (sequence: number, what: string) => void): void {
    if (this.#roots.size === 0) return
    const [frontier, last] = [new Frontier(), Math.max(...this.#roots.keys())]
    const leaf = Buffer.alloc(hashBytes)
    for (const line of linesOf(source)) {
      leafHash(headerIn(line)).copy(leaf)
      frontier.push(leaf)
      const told = this.#roots.get(frontier.size) ?? []
      for (const { root, sequence } of told) if (!frontier.root().equals(root)) note(sequence, "an anchor is about other entries than those before it")
      if (frontier.size === last) return
    }
  }
}

/** Of a row that was found good, or named as bad, before. */
function headerIn(line: Buffer): Buffer {
  try {
    return Buffer.from(stringOf(objectOf(objectOf(JSON.parse(line.toString()))["proven"])["entry"]) ?? "", "base64url")
  } catch {
    return Buffer.alloc(0)
  }
}
