/**
 * Walks entries in order and checks each against the one before: sequence, time, chain link, commitments, and the tree they make.
 * Knows nothing of stores or files; whoever has the bytes feeds it. Attacker-controlled input: every byte is checked before it is used.
 */
import { contentHashInto, factsHashInto } from "../format/commitment.ts"
import { headerFormat, headerMagic, headerOffset, headerFixedBytes, latestTimeMs, leafHashInto, readUint64, typeShape, zeroHash } from "../format/header.ts"
import { Frontier } from "../format/merkle.ts"
import { hashBytes } from "../format/sha256.ts"
import type { Problems } from "./verdict.ts"

/** What may be known of an entry beside its header. Salted bytes are salt and text as the commitment covers them. */
export type EntryBytes = {
  readonly header: Buffer
  readonly saltedFacts?: Buffer | undefined
  readonly saltedContent?: Buffer | undefined
}

const typesKept = 1_000

/** Where a walk begins that does not begin at entry 0: after which entry. */
export type WalkStart = {
  readonly sequence: number
  /** Leaf hash of the entry before; undefined when that is not there to be compared with. */
  readonly previousLeaf: Buffer | undefined
  readonly previousTimeMs: number
  /** The tree over the entries before, where its subtrees are known: then `root` is that of the tree, wherever the walk began. */
  readonly frontier?: Frontier
}

export class ChainWalker {
  readonly #frontier: Frontier
  readonly #first: number
  #linked = true
  readonly #previous: Buffer = Buffer.alloc(hashBytes)
  readonly #computed: Buffer = Buffer.alloc(hashBytes)
  readonly #problems: Problems
  readonly #types = new Set<string>()
  #lastTimeMs = 0

  /** Without `start`, from entry 0 on. */
  constructor(problems: Problems, start?: WalkStart) {
    this.#problems = problems
    this.#frontier = start?.frontier ?? new Frontier()
    this.#first = start?.frontier ? 0 : (start?.sequence ?? 0)
    this.#lastTimeMs = start?.previousTimeMs ?? 0
    start?.previousLeaf?.copy(this.#previous)
    this.#linked = start === undefined || start.previousLeaf !== undefined
  }

  /** The sequence the next entry must have; the number of entries walked, when the walk began at entry 0. */
  get size(): number {
    return this.#first + this.#frontier.size
  }

  /** True when every entry from the first one on was walked, so that `root` is that of the tree. */
  get fromFirst(): boolean {
    return this.#first === 0
  }

  /** Root over the entries walked: that of the tree when the walk began at entry 0. */
  root(): Buffer {
    return this.#frontier.root()
  }

  /** Root over the last 256 entries, right after the size became a multiple of 256; valid until the next `add`. */
  get tileRoot(): Buffer {
    return this.#frontier.tileRoot
  }

  /** Leaf hash of the last entry walked; valid until the next `add`. */
  get lastLeaf(): Buffer {
    return this.#previous
  }

  /** Checks one entry. A problem is noted and the walk goes on from what was found, so that every damaged range is named. */
  add(entry: EntryBytes): void {
    const { header } = entry
    const expected = this.size
    if (this.#checkFrame(header, expected)) {
      if (this.#linked && header.compare(this.#previous, 0, hashBytes, headerOffset.previousHash, headerOffset.typeLength) !== 0) {
        this.#problems.note(Math.max(0, expected - 1), expected, "the chain is broken: the entry does not follow the one before it")
      }
      this.#checkCommitments(entry, expected)
    }
    this.#linked = true
    leafHashInto(this.#previous, 0, header)
    this.#frontier.push(this.#previous)
  }

  /** Goes past an entry of which only the leaf hash is there. */
  pass(leaf: Buffer): void {
    leaf.copy(this.#previous)
    this.#frontier.push(this.#previous)
  }

  #checkFrame(header: Buffer, expected: number): boolean {
    const note = (what: string) => this.#problems.note(expected, expected, what)
    if (header.length <= headerFixedBytes || header.length !== headerFixedBytes + (header[headerOffset.typeLength] ?? 0)) {
      note("the header has the wrong length")
      return false
    }
    if (header.readUInt32BE(0) !== headerMagic) {
      note(`the header is not of format ${headerFormat}`)
      return false
    }
    const sequence = readUint64(header, headerOffset.sequence)
    if (sequence !== expected) note(`the header says sequence ${sequence}`)
    const timeMs = readUint64(header, headerOffset.time)
    if (timeMs < this.#lastTimeMs) note("the time runs backwards")
    if (timeMs > latestTimeMs) note("the time is after the year 9999")
    if (!this.#isType(header.toString("latin1", headerOffset.type))) note("the type has characters a type cannot have")
    this.#lastTimeMs = timeMs
    return true
  }

  /** A journal has few types and many entries: the ones found good are remembered. */
  #isType(type: string): boolean {
    if (this.#types.has(type)) return true
    const good = typeShape.test(type)
    if (good && this.#types.size < typesKept) this.#types.add(type)
    return good
  }

  #checkCommitments(entry: EntryBytes, expected: number): void {
    const { header, saltedFacts, saltedContent } = entry
    if (saltedFacts) {
      factsHashInto(this.#computed, 0, saltedFacts)
      if (header.compare(this.#computed, 0, hashBytes, headerOffset.factsHash, headerOffset.contentHash) !== 0) {
        this.#problems.note(expected, expected, "the facts are not the ones that were recorded")
      }
    }
    if (saltedContent) {
      contentHashInto(this.#computed, 0, saltedContent)
      if (header.compare(this.#computed, 0, hashBytes, headerOffset.contentHash, headerOffset.previousHash) !== 0) {
        this.#problems.note(expected, expected, "the content is not the one that was recorded")
      }
    }
  }
}

/** Whether a header commits to content; one that is too short to be a header commits to none. */
export function hasContent(header: Buffer): boolean {
  if (header.length < headerOffset.previousHash) return false
  return header.compare(zeroHash, 0, hashBytes, headerOffset.contentHash, headerOffset.previousHash) !== 0
}
