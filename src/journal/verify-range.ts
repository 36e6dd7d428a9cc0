/**
 * Verifies some entries of a store: chain, commitments and payloads of the range, and that these very entries lead to the checkpoints, with the rest of the
 * tree taken from its stored tiles. What lies outside the range is not looked at, and the report says so.
 */
import { Fault, problemOf } from "../base/fault.ts"
import { rangeRoot, rootAround } from "../format/merkle.ts"
import { leafHash, parseHeader } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import { ChainWalker, type WalkStart } from "../verify/chain.ts"
import { Problems, type Verdict, type VerifyReport } from "../verify/verdict.ts"
import {
  checkedNotes,
  cutWords,
  forkWords,
  headNoteName,
  noHeadNote,
  readHeadNote,
  uncoveredWords,
  type CheckedNote,
  type KeptNote,
} from "./checkpoint-notes.ts"
import { checkClosing } from "./closed-part.ts"
import { closingOf, removedFault, type Closing } from "./closing.ts"
import { fileSaltAgrees, fileSaltWords } from "./file-salt.ts"
import { HandOverCheck } from "./hand-over-check.ts"
import { PayloadCheck } from "./payload-check.ts"
import type { VerifiedLedger, VerifyOptions } from "./verify-store.ts"

export type RangeOptions = VerifyOptions & {
  /** Sequences, inclusive; an end beyond the journal's is the journal's. */
  readonly from: number
  readonly to: number
  /** The head as the running writer has just signed it. */
  readonly head?: KeptNote | undefined
}

const progressEvery = 4_096

/** @throws {Fault} `cli.usage` when no entry is in the range. */
export function verifyRange(ledger: VerifiedLedger, options: RangeOptions): VerifyReport {
  const headNote = readHeadNote(ledger.files)
  return ledger.reader.snapshot(() => {
    const walk = new RangeWalk(ledger, options, headNote)
    try {
      return walk.report()
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "store.damaged") throw error
      return walk.brokenOff(error)
    }
  })
}

class RangeWalk {
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  readonly #ledger: VerifiedLedger
  readonly #options: RangeOptions
  readonly #headNote: string | undefined
  readonly #payloads: PayloadCheck
  readonly #handOvers: HandOverCheck
  readonly #closing: Closing | undefined
  /** Entries of the journal. */
  readonly #size: number
  readonly #from: number
  readonly #to: number
  readonly #leaves: Buffer
  #walked = 0
  #checkpoints = 0
  #covered = 0
  #root: Buffer = Buffer.alloc(0)

  constructor(ledger: VerifiedLedger, options: RangeOptions, headNote: string | undefined) {
    this.#ledger = ledger
    this.#options = options
    this.#headNote = headNote
    const closing = closingOf(ledger.reader, ledger.files.journal)
    this.#closing = closing
    this.#payloads = new PayloadCheck(ledger.reader, ledger.scopes, this.#problems, () => closing)
    this.#size = ledger.reader.size()
    this.#from = Math.max(options.from, closing?.upTo ?? 0)
    this.#to = Math.min(options.to, this.#size - 1)
    if (closing && options.to < closing.upTo) throw removedFault(closing)
    if (options.from > options.to) throw new Fault("cli.usage", { problem: `--from ${options.from} is after --to ${options.to}.` })
    if (this.#from >= this.#size) throw new Fault("cli.usage", { problem: `There is no entry #${this.#from}: the journal has ${this.#size} entries.` })
    this.#handOvers = new HandOverCheck(ledger.files.directory, ledger.keys, ledger.reader, this.#problems)
    this.#leaves = Buffer.alloc((this.#to - this.#from + 1) * hashBytes)
  }

  report(): VerifyReport {
    if (!fileSaltAgrees(this.#ledger.files, this.#ledger.keys)) this.#problems.note(0, 0, fileSaltWords)
    const notes = this.#checkedNotes()
    this.#notLookedAt()
    if (this.#walk()) this.#compareRoots(notes)
    const relied = this.#closing && (this.#payloads.removed > 0 || this.#closing.upTo === this.#from) ? this.#closing : undefined
    if (relied) checkClosing(relied, this.#covered, this.#ledger.reader, this.#problems)
    this.#notes.push(...this.#handOvers.words)
    const covering = this.#covered > this.#from
    if (!covering) this.#notes.push("No checkpoint covers any of these entries: they agree with each other, but nothing says who wrote them.")
    else if (this.#covered <= this.#to) this.#notes.push(uncoveredWords(this.#covered, this.#to))
    return this.#result()
  }

  /** What was found before the file could not be read any further. */
  brokenOff(fault: Fault): VerifyReport {
    const at = Math.min(this.#from + this.#walked, this.#to)
    this.#problems.note(at, this.#to, `the file cannot be read from here on: ${problemOf(fault)}`)
    return this.#result()
  }

  #result(): VerifyReport {
    return {
      verdict: this.#verdict(),
      from: this.#from,
      to: this.#from + this.#walked - 1,
      entries: this.#walked,
      contentsOpened: this.#payloads.opened,
      contentsErased: this.#payloads.erased,
      entriesRemoved: 0,
      contentsRemoved: this.#payloads.removed,
      checkpoints: this.#checkpoints,
      covered: this.#covered,
      root: this.#root.toString("base64"),
      signedBy: this.#handOvers.signedBy,
      witnesses: [], // of a part nobody says that it was witnessed
      anchors: [], // nor that it was anchored
      problems: this.#problems.list(),
      problemsNotListed: this.#problems.left,
      notes: this.#notes,
    }
  }

  #verdict(): Verdict {
    if (!this.#problems.none) return "invalid"
    if (this.#payloads.unreadable > 0 || this.#covered <= this.#from) return "unverifiable"
    return this.#payloads.erased > 0 ? "valid with erasures" : "valid"
  }

  /** The newest stored checkpoint, the signed head, the note outside, and those that were brought along. Older stored ones are not looked at. */
  #checkedNotes(): CheckedNote[] {
    const { reader, files } = this.#ledger
    const latest = reader.latestCheckpoint()
    const { head, against = [] } = this.#options
    if (this.#headNote === undefined && latest) this.#notes.push(noHeadNote(files))
    return checkedNotes(
      {
        check: (note) => this.#handOvers.checkNote(note),
        stored: latest ? [latest] : [],
        headNote: this.#headNote,
        headNoteName: headNoteName(files),
        kept: head ? [head, ...against] : against,
      },
      this.#problems,
    )
  }

  #notLookedAt(): void {
    if (this.#closing && this.#closing.upTo === this.#from) this.#notes.push(`Entries before #${this.#from} were removed by #${this.#closing.sequence}.`)
    const ranges = [
      ...(this.#from > 0 ? [rangeWords(0, this.#from - 1)] : []),
      ...(this.#to < this.#size - 1 ? [rangeWords(this.#to + 1, this.#size - 1)] : []),
    ]
    if (ranges.length > 0)
      this.#notes.push(`Not looked at: ${ranges.join(" and ")}, and checkpoints older than the last. verify without --from and --to looks at everything.`)
  }

  /** True when every entry of the range was there to be walked. */
  #walk(): boolean {
    const { reader } = this.#ledger
    const walker = new ChainWalker(this.#problems, this.#start())
    const total = this.#to - this.#from + 1
    for (const [sequence, header, saltedFacts, place] of reader.rawEntries(this.#from, this.#to)) {
      if (sequence !== walker.size) break
      this.#handOvers.before(sequence, header, () => rangeRoot(reader.subtrees(sequence), 0, sequence))
      walker.add(this.#options.payloads ? this.#payloads.entry(header, saltedFacts, place, sequence) : { header })
      walker.lastLeaf.copy(this.#leaves, this.#walked * hashBytes)
      if (++this.#walked % progressEvery === 0) this.#options.onProgress?.(this.#walked, total)
    }
    this.#options.onProgress?.(this.#walked, total)
    if (this.#walked === total) {
      this.#handOvers.finish(this.#from, this.#to)
      return true
    }
    this.#problems.note(walker.size, this.#to, "entries are missing")
    return false
  }

  #start(): WalkStart | undefined {
    if (this.#from === 0) return undefined
    const before = this.#ledger.reader.headerAt(this.#from - 1)
    if (this.#closing?.upTo === this.#from) {
      return { sequence: this.#from, previousLeaf: this.#ledger.reader.leafHash(this.#from - 1), previousTimeMs: this.#closing.timeMs }
    }
    if (!before) this.#problems.note(this.#from - 1, this.#from - 1, "entries are missing")
    return { sequence: this.#from, previousLeaf: before && leafHash(before), previousTimeMs: before ? timeOf(before) : 0 }
  }

  #compareRoots(notes: readonly CheckedNote[]): void {
    for (const note of notes) {
      if (note.size > this.#size) {
        this.#problems.note(this.#size, note.size - 1, cutWords(note, this.#size))
        continue
      }
      this.#checkpoints++
      this.#covered = Math.max(this.#covered, note.size)
      this.#root = this.#rootAt(note.size)
      if (!this.#root.equals(note.root)) this.#problems.note(0, note.size - 1, forkWords(note))
    }
  }

  /** The root at a size, with the leaf hashes of the entries that were walked in their places. */
  #rootAt(size: number): Buffer {
    const subtrees = this.#ledger.reader.subtrees(size)
    if (size <= this.#from) return rangeRoot(subtrees, 0, size)
    const leafAt = (sequence: number) => this.#leaves.subarray((sequence - this.#from) * hashBytes, (sequence - this.#from + 1) * hashBytes)
    return rootAround(subtrees, { from: this.#from, to: Math.min(this.#to + 1, size), size }, leafAt)
  }
}

/** 0 when the header is damaged, which the entry after it shows by its previous hash. */
function timeOf(header: Buffer): number {
  try {
    return parseHeader(header).timeMs
  } catch {
    return 0
  }
}

function rangeWords(from: number, to: number): string {
  return from === to ? `#${from}` : `#${from} to #${to}`
}
