/**
 * Verifies a store from end to end: every entry, the chain, the tree and its stored tiles, every checkpoint and its signature, every payload,
 * the file's uncovered bytes, and the note kept outside the directory. It walks all there is; nothing is sampled and nothing is excused.
 */
import { Fault, problemOf } from "../base/fault.ts"
import { hashBytes } from "../format/sha256.ts"
import { ChainWalker } from "../verify/chain.ts"
import { Problems, type Verdict, type VerifyReport } from "../verify/verdict.ts"
import { AnchorTally, type AnchorPin } from "../verify/anchor-tally.ts"
import { WitnessTally, type WitnessPin } from "../verify/witness-tally.ts"
import type { OpenKeys } from "../vault/key-store.ts"
import {
  checkedNotes,
  cutWords,
  forkWords,
  goneWords,
  headNoteName,
  noHeadNote,
  readHeadNote,
  uncoveredWords,
  type CheckedNote,
  type KeptNote,
} from "./checkpoint-notes.ts"
import { AnchorCheck } from "./anchor-check.ts"
import { checkCosignatures } from "./cosignature-check.ts"
import { ClosedPart } from "./closed-part.ts"
import { fileSaltAgrees, fileSaltWords } from "./file-salt.ts"
import type { LedgerFiles } from "./files.ts"
import { HandOverCheck } from "./hand-over-check.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { PayloadCheck } from "./payload-check.ts"
import { keptNotePaths } from "./head-note.ts"
import { isRestoration, keptWords, restoredWords } from "./restorations.ts"
import type { JournalReader, RawEntry } from "./reader.ts"
import { TileCheck } from "./tile-check.ts"
import { tileBytes, tileWidth } from "./tiles.ts"
import { ErasureCheck, undoneWords } from "./undone-erasures.ts"
import { UnusedRows } from "./unused-rows.ts"

export type VerifyOptions = {
  /** Opens and checks every payload too; without it, headers, chain, tree and checkpoints only. */
  readonly payloads: boolean
  /** Checkpoints that somebody kept elsewhere, to be compared with. */
  readonly against?: readonly KeptNote[] | undefined
  /** Who asks opens the ledger for writing next, and so erases again what is there and was erased. */
  readonly erasesAgain?: boolean
  /** Keys of witnesses, by which their cosignatures are checked. */
  readonly witnesses?: readonly WitnessPin[]
  /** Certificates by which time-stamps are checked. */
  readonly anchors?: readonly AnchorPin[]
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What a verification reads; `scopes` is undefined when scopes.db is not there. */
export type VerifiedLedger = {
  readonly files: LedgerFiles
  readonly keys: OpenKeys
  readonly reader: JournalReader
  readonly scopes: ScopeSource | undefined
}

/** What is held against the entries while they are walked. */
type WalkChecks = {
  readonly tiles: TileCheck
  readonly handOvers: HandOverCheck
  readonly unused: UnusedRows
  readonly erasures: ErasureCheck
  readonly anchors: AnchorCheck
  readonly closed: ClosedPart
}

const progressEvery = 16_384

export function verifyStore(ledger: VerifiedLedger, options: VerifyOptions): VerifyReport {
  const walk = new StoreWalk(ledger, options)
  try {
    return ledger.reader.snapshot(() => walk.report())
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "store.damaged") throw error
    return walk.brokenOff(error)
  }
}

class StoreWalk {
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  readonly #walker = new ChainWalker(this.#problems)
  readonly #files: LedgerFiles
  readonly #keys: OpenKeys
  readonly #reader: JournalReader
  readonly #options: VerifyOptions
  readonly #headNote: string | undefined
  readonly #payloads: PayloadCheck
  /** Entries that say the ledger was put back from a copy. */
  readonly #restorations: number[] = []
  readonly #scopes: ScopeSource | undefined
  #undone: readonly number[] = []
  #checkpoints = 0
  #covered = 0
  #handOvers: HandOverCheck | undefined
  #closed: ClosedPart | undefined
  readonly #tally: WitnessTally
  readonly #anchors: AnchorTally

  constructor({ files, keys, reader, scopes }: VerifiedLedger, options: VerifyOptions) {
    this.#files = files
    this.#keys = keys
    this.#reader = reader
    this.#options = options
    this.#tally = new WitnessTally(options.witnesses ?? [])
    this.#anchors = new AnchorTally(options.anchors ?? [])
    // Before the snapshot: a running writer stores a checkpoint in the journal first, so what the note says is in any snapshot taken after it was read.
    this.#headNote = readHeadNote(files)
    this.#scopes = scopes
    this.#payloads = new PayloadCheck(reader, scopes, this.#problems, () => this.#closed?.closing)
  }

  report(): VerifyReport {
    const total = this.#reader.size()
    if (!fileSaltAgrees(this.#files, this.#keys)) this.#problems.note(0, 0, fileSaltWords)
    const closed = new ClosedPart(this.#reader, this.#problems)
    this.#closed = closed
    const unused = new UnusedRows(this.#reader, total, this.#problems)
    const handOvers = new HandOverCheck(this.#files.directory, this.#keys, this.#reader, this.#problems)
    this.#handOvers = handOvers
    const checkpoints = this.#checkedNotes(handOvers)
    this.#checkCosignatures(checkpoints)
    const erasures = new ErasureCheck(this.#reader, this.#scopes, this.#problems)
    this.#undone = erasures.undone
    const anchored = { reader: this.#reader, checkpoints, checkNote: handOvers.checkNote.bind(handOvers), keptFrom: closed.closing?.upTo ?? 0 }
    const anchors = new AnchorCheck(anchored, this.#anchors, this.#problems)
    this.#walk(total, checkpoints, { handOvers, unused, erasures, anchors, closed })
    closed.finish(this.#covered)
    this.#notes.push(
      ...closed.words(this.#payloads.removed),
      ...handOvers.words,
      ...this.#restorations.map(restoredWords),
      ...this.#undone.map(undoneWords),
      ...this.#anchors.words,
      ...keptNotePaths(this.#files.headNote).map(keptWords),
    )
    if (this.#unsigned) this.#notes.push("No checkpoint covers any of these entries: they agree with each other, but nothing says who wrote them.")
    else if (this.#walker.size > this.#covered) this.#notes.push(uncoveredWords(this.#covered, this.#walker.size - 1))
    return this.#result()
  }

  /** What was found before the file could not be read any further. */
  brokenOff(fault: Fault): VerifyReport {
    this.#problems.note(this.#walker.size, this.#walker.size, `the file cannot be read from here on: ${problemOf(fault)}`)
    return this.#result()
  }

  #result(): VerifyReport {
    return {
      verdict: this.#verdict(),
      from: 0,
      to: this.#walker.size - 1,
      entries: this.#walker.size - (this.#closed?.gone ?? 0),
      contentsOpened: this.#payloads.opened,
      contentsErased: this.#payloads.erased,
      entriesRemoved: this.#closed?.gone ?? 0,
      contentsRemoved: this.#payloads.removed,
      checkpoints: this.#checkpoints,
      covered: this.#covered,
      root: this.#walker.root().toString("base64"),
      signedBy: this.#handOvers?.signedBy ?? this.#keys.store.verifierKey,
      witnesses: this.#tally.rows,
      anchors: this.#anchors.rows,
      problems: this.#problems.list(),
      problemsNotListed: this.#problems.left,
      erasuresUndone: this.#undone,
      notes: this.#notes,
    }
  }

  /** Entries that no signature covers agree with each other, and with nothing else. */
  get #unsigned(): boolean {
    return this.#walker.size > 0 && this.#checkpoints === 0
  }

  #verdict(): Verdict {
    if (!this.#problems.none) return "invalid"
    if (this.#payloads.unreadable > 0 || this.#unsigned || this.#tally.lacksRequired || this.#anchors.lacksRequired) return "unverifiable"
    if (this.#undone.length > 0 && !this.#options.erasesAgain) return "unverifiable"
    return this.#payloads.erased > 0 ? "valid with erasures" : "valid"
  }

  #walk(total: number, checkpoints: readonly CheckedNote[], checks: Omit<WalkChecks, "tiles">): void {
    const tiles = new TileCheck(this.#reader.tiles(), this.#problems)
    try {
      this.#walkEntries(total, checkpoints, { ...checks, tiles })
      checks.handOvers.finish()
    } finally {
      tiles.close()
    }
  }

  #rows(): IterableIterator<RawEntry> {
    const first = Number.MIN_SAFE_INTEGER // an entry before the first one would be a finding
    return this.#options.payloads ? this.#reader.rawEntries(first, Number.MAX_SAFE_INTEGER) : this.#reader.rawHeaders(first)
  }

  #walkEntries(total: number, checkpoints: readonly CheckedNote[], checks: WalkChecks): void {
    const { handOvers, unused, erasures, anchors, closed } = checks
    const step = this.#stepper(total, checkpoints, checks)
    for (const [sequence, header, saltedFacts, place] of this.#rows()) {
      if (sequence < 0) {
        this.#problems.note(0, 0, "an entry stands before the first one")
        continue
      }
      for (let leaf; this.#walker.size < sequence && (leaf = closed.leafOf(this.#walker.size));) {
        this.#walker.pass(leaf)
        step()
      }
      const at = this.#walker.size
      if (sequence !== at) {
        this.#problems.note(at, sequence - 1, "entries are missing")
        return
      }
      handOvers.before(at, header, () => this.#walker.root())
      unused.entry(place)
      if (isRestoration(header)) this.#restorations.push(at)
      erasures.entry(at, header, place)
      anchors.entry(at, header)
      this.#walker.add(this.#options.payloads ? this.#payloads.entry(header, saltedFacts, place, at) : { header })
      step()
    }
    this.#options.onProgress?.(this.#walker.size, total)
    for (const note of checkpoints.filter(({ size }) => size > this.#walker.size)) {
      this.#problems.note(this.#walker.size, note.size - 1, cutWords(note, this.#walker.size))
    }
    checks.tiles.finish(this.#walker.size)
    unused.finish()
    erasures.finish()
  }

  /** What is compared after each leaf, whether its entry is there or gone. */
  #stepper(total: number, checkpoints: readonly CheckedNote[], { tiles, closed }: WalkChecks): () => void {
    const leaves = Buffer.alloc(tileBytes)
    let due = 0
    return () => {
      const size = this.#walker.size
      this.#walker.lastLeaf.copy(leaves, ((size - 1) % tileWidth) * hashBytes)
      if (size % tileWidth === 0) tiles.expectLeaves(size / tileWidth - 1, leaves, this.#walker.tileRoot)
      if (size === closed.closing?.upTo) closed.compare(() => this.#walker.root())
      for (let note = checkpoints[due]; note && note.size <= size; note = checkpoints[++due]) this.#compareRoot(note, checkpoints)
      if (size % progressEvery === 0) this.#options.onProgress?.(size, total)
    }
  }

  #compareRoot(note: CheckedNote, all: readonly CheckedNote[]): void {
    if (this.#walker.size !== note.size) return
    this.#checkpoints++
    this.#covered = note.size
    if (!this.#walker.root().equals(note.root)) {
      const before = all.findLast((other) => other.size < note.size)
      this.#problems.note(before?.size ?? 0, note.size - 1, forkWords(note))
    }
  }

  /** Every stored checkpoint, the outside note and those kept elsewhere, signatures checked, by size. */
  #checkedNotes(handOvers: HandOverCheck): CheckedNote[] {
    const notes = checkedNotes(
      {
        check: (note) => handOvers.checkNote(note),
        stored: this.#reader.checkpoints(),
        headNote: this.#headNote,
        headNoteName: headNoteName(this.#files),
        kept: this.#options.against ?? [],
      },
      this.#problems,
    )
    const sizes = new Set(notes.flatMap(({ kept, size }) => (kept === "stored" ? [size] : [])))
    if (this.#headNote === undefined && sizes.size > 0) this.#notes.push(noHeadNote(this.#files))
    const gone = notes.find(({ kept, size }) => kept === "outside" && !sizes.has(size)) // stored in the journal first: somebody took it away
    if (gone) this.#problems.note(0, gone.size - 1, goneWords(gone))
    return notes
  }

  #checkCosignatures(checkpoints: readonly CheckedNote[]): void {
    const { origin } = this.#keys.store
    checkCosignatures({ origin, cosignatures: this.#reader.cosignatures.all(), checkpoints, headNote: this.#headNote }, this.#tally, this.#problems)
  }
}
