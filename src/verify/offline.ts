/**
 * Verifies an export with nothing but the file and a public key: no ledger, no network, none of our other code.
 * Every row is checked, its readable fields included; memory stays flat at any size. The file is taken as attacker-controlled.
 */
import { Fault, problemOf } from "../base/fault.ts"
import { nestsTooDeep, objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { parseSignedCheckpoint, type SignedCheckpoint } from "../format/checkpoint.ts"
import { anchoredNotes } from "../format/anchored-note.ts"
import { cosignedNotes } from "../format/cosigned-note.ts"
import { eventTypes } from "../format/event.ts"
import { bytesOfRow, exportFormat, exportRow, labelFields, wordsOfUnknown, type ExportEnd, type ExportedBytes, type RowWords } from "../format/export-row.ts"
import { noteTexts } from "../format/hand-over.ts"
import { leafHash, parseHeader } from "../format/header.ts"
import { rootFromInclusion } from "../format/merkle.ts"
import type { ByteSource } from "./byte-source.ts"
import { AnchorTally, type AnchorPin } from "./anchor-tally.ts"
import { ChainWalker, hasContent } from "./chain.ts"
import { commitmentProblems, oneSpelling, textProblems } from "./entry-texts.ts"
import { AnchorEntries, checkAnchored } from "./export-anchors.ts"
import { ExportKeys } from "./export-keys.ts"
import { tallyExport } from "./export-witnesses.ts"
import type { Trusted } from "./key-chain.ts"
import { lastLineOf, linesOf, textOf } from "./lines.ts"
import { Problems, type VerifyReport } from "./verdict.ts"
import { WitnessTally, type WitnessPin } from "./witness-tally.ts"

/** Room for more hand-overs of the signing key than anybody makes. */
const longestLastLineBytes = 1 << 24

/** Entries by which contents are gone. */
const erasing: ReadonlySet<string> = new Set(["content.erased", "erasure.repeated", "journal.closed"])
const mostErasures = 100

/** The key the reader of the export trusts is told by the operator by another way than the file. Without it nothing can be called valid. */
export type OfflineOptions = Trusted & {
  /** Keys of witnesses, by which their cosignatures are checked. */
  readonly witnesses?: readonly WitnessPin[]
  /** Certificates by which time-stamps are checked. */
  readonly anchors?: readonly AnchorPin[]
  readonly onProgress?: (rows: number) => void
}

/** @throws {Fault} `export.unreadable` when the file is not an export at all. */
export async function verifyExport(source: ByteSource, options: OfflineOptions): Promise<VerifyReport> {
  const { end, canonical } = readEnd(source)
  const problems = new Problems()
  const notes: string[] = ["Session, user and machine labels are shown for people; the proofs cover scope ids, not labels."]
  const checkpoint = checkpointOf(end)
  const keys = new ExportKeys(end, checkpoint, options, (what) => problems.note(0, Math.max(0, checkpoint.size - 1), what))
  notes.push(`The checkpoint covers ${checkpoint.size} entries of ${checkpoint.origin}.`, ...keys.words)
  if (!canonical) problems.note(0, Math.max(0, checkpoint.size - 1), "the last line is not written as an export writes it")
  const tally = new WitnessTally(options.witnesses ?? [])
  tallyExport(end.cosigned ?? [], checkpoint, tally, (what) => problems.note(0, Math.max(0, checkpoint.size - 1), what))
  const anchors = new AnchorTally(options.anchors ?? [])
  // Where every entry is in the file, they are all met among them, and these are counted once.
  const ofEnd = end.complete ? new AnchorTally([]) : anchors
  checkAnchored(end.anchored ?? [], checkpoint, ofEnd, (what) => problems.note(0, Math.max(0, checkpoint.size - 1), what))
  const entries = new AnchorEntries(anchors, (note) => keys.checkNote(note))
  const walk = new ExportWalk(source, { complete: end.complete, checkpoint, keys, anchors: entries, problems })
  walk.readRows(options.onProgress)
  if (end.complete) entries.compareRoots(source, (sequence, what) => problems.note(sequence, sequence, what))
  if (walk.rows !== end.rows) problems.note(0, Math.max(0, checkpoint.size - 1), `the file says it has ${end.rows} rows, and has ${walk.rows}`)
  walk.finish()
  const trusted = options.key !== undefined
  if (!trusted) notes.push(`Signed by ${end.verifierKey}. Nobody vouched for this key: ask the operator for it by another way and pass it with --key.`)
  notes.push(...anchors.words)
  if (!end.complete) notes.push("Entries were left out: every row is proven, but not that no other entry would have fitted the question.")
  if (walk.unknownTypes.size > 0)
    notes.push(`Only a newer version can check the words of these event types, whose recorded bytes are good: ${[...walk.unknownTypes].join(", ")}.`)
  return {
    verdict: !problems.none ? "invalid" : trusted && walk.unknownTypes.size === 0 && !tally.lacksRequired && !anchors.lacksRequired ? "valid" : "unverifiable",
    from: walk.first,
    to: walk.last,
    entries: walk.rows,
    contentsOpened: walk.contents,
    contentsErased: 0,
    entriesRemoved: 0,
    contentsRemoved: 0,
    checkpoints: 1,
    covered: checkpoint.size,
    root: checkpoint.root.toString("base64"),
    signedBy: end.verifierKey,
    witnesses: tally.rows,
    anchors: anchors.rows,
    problems: problems.list(),
    problemsNotListed: problems.left,
    contentsNotShown: walk.contentsNotShown,
    erasures: walk.erasures,
    notes,
  }
}

type WalkParts = {
  readonly complete: boolean
  readonly checkpoint: SignedCheckpoint
  readonly keys: ExportKeys
  readonly anchors: AnchorEntries
  readonly problems: Problems
}

class ExportWalk {
  rows = 0
  contents = 0
  contentsNotShown = 0
  readonly erasures: number[] = []
  first = 0
  last = -1
  /** Types whose words this version cannot compute; their proven bytes are checked as any other's. */
  readonly unknownTypes = new Set<string>()
  readonly #source: ByteSource
  readonly #complete: boolean
  readonly #checkpoint: SignedCheckpoint
  readonly #keys: ExportKeys
  readonly #anchors: AnchorEntries
  readonly #problems: Problems
  readonly #walker: ChainWalker

  constructor(source: ByteSource, { complete, checkpoint, keys, anchors, problems }: WalkParts) {
    this.#source = source
    this.#complete = complete
    this.#checkpoint = checkpoint
    this.#keys = keys
    this.#anchors = anchors
    this.#problems = problems
    this.#walker = new ChainWalker(problems)
  }

  readRows(onProgress: OfflineOptions["onProgress"]): void {
    let held: Buffer | undefined
    for (const line of linesOf(this.#source)) {
      if (held !== undefined) this.#row(held)
      held = line // the last line is the end, which was read before
      if (this.rows % 16_384 === 0) onProgress?.(this.rows)
    }
  }

  finish(): void {
    if (!this.#complete) return
    for (const sequence of this.#keys.missing) this.#problems.note(sequence, sequence, "the last line has a hand-over of the signing key that is no entry")
    const { size, root } = this.#checkpoint
    if (this.#walker.size !== size)
      this.#problems.note(this.#walker.size, Math.max(this.#walker.size, size - 1), `the checkpoint covers ${size} entries, the file has ${this.#walker.size}`)
    else if (!this.#walker.root().equals(root)) this.#problems.note(0, size - 1, "the entries are not the ones the checkpoint was signed over")
  }

  #row(bytes: Buffer): void {
    const at = this.#complete ? this.#walker.size : this.last + 1
    try {
      const line = textOf(bytes, this.#source.name)
      if (nestsTooDeep(line)) throw new Fault("export.unreadable", { file: this.#source.name, problem: "it is nested too deep" })
      const row = objectOf(JSON.parse(line))
      const exported = bytesOfRow(row, this.#source.name)
      const sequence = this.#complete ? this.#inOrder(exported) : this.#onItsOwn(exported)
      const header = parseHeader(exported.header, this.#source.name)
      for (const what of textProblems(header, exported, this.#checkpoint)) this.#problems.note(sequence, sequence, what)
      const facts = (oneSpelling(exported.saltedFacts) ?? {}) as JsonObject
      const fault = this.#keys.faultOfEntry(header.sequence, header.type, facts)
      const untrue = this.#complete ? this.#anchors.faultOf(sequence, header.type, facts) : undefined
      for (const what of [fault, untrue]) if (what !== undefined) this.#problems.note(sequence, sequence, what)
      this.#compareReadable(line, row, exported, sequence)
      if (this.rows === 0) this.first = sequence
      this.last = sequence
      if (exported.saltedContent) this.contents++
      else if (hasContent(exported.header)) this.contentsNotShown++
      if (erasing.has(header.type) && this.erasures.length < mostErasures) this.erasures.push(sequence)
    } catch (error) {
      // A RangeError is JSON nested deeper than anybody's stack.
      if (!(error instanceof Fault) && !(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error
      this.#problems.note(at, at, `row ${this.rows + 1} cannot be read: ${problemOf(error)}`)
    }
    this.rows++
  }

  #inOrder(bytes: ExportedBytes): number {
    const sequence = this.#walker.size
    const fault = this.#keys.faultOfRoot(sequence, () => this.#walker.root())
    if (fault !== undefined) this.#problems.note(sequence, sequence, fault)
    this.#walker.add(bytes)
    if (bytes.proof) this.#problems.note(sequence, sequence, "an inclusion proof stands where the whole tree is checked")
    return sequence
  }

  /** A row of an export that leaves entries out carries its own way to the root. */
  #onItsOwn(bytes: ExportedBytes): number {
    const header = parseHeader(bytes.header, this.#source.name)
    const { sequence } = header
    const note = (what: string) => this.#problems.note(sequence, sequence, what)
    if (sequence <= this.last) note("rows are repeated or out of order")
    const root = bytes.proof && rootFromInclusion(leafHash(bytes.header), sequence, this.#checkpoint.size, bytes.proof)
    if (!root?.equals(this.#checkpoint.root)) note("the entry is not in the tree the checkpoint was signed over")
    commitmentProblems(header, bytes).forEach(note)
    return sequence
  }

  /** What people read must be what the proof covers: the line is computed again, and has to be the same but for its labels. */
  #compareReadable(line: string, row: Readonly<Record<string, unknown>>, bytes: ExportedBytes, sequence: number): void {
    const label = (name: string) => stringOf(row[name]) ?? null
    const expected = exportRow(bytes, { session: label("sessionId"), sender: null, user: label("userId"), machine: label("machineId") })
    if (JSON.stringify(expected) === line || JSON.stringify({ ...expected, ...wordsOfUnknown(expected.type) }) === line) return
    if (!(expected.type in eventTypes) && JSON.stringify({ ...expected, ...wordsTold(row) }) === line) {
      this.unknownTypes.add(expected.type)
      return
    }
    let found = false
    for (const name of new Set([...Object.keys(expected), ...Object.keys(row)])) {
      if (JSON.stringify(row[name]) === JSON.stringify(expected[name as keyof typeof expected])) continue
      found = true
      const isLabel = (labelFields as readonly string[]).includes(name)
      this.#problems.note(sequence, sequence, isLabel ? `the label ${name} is not a text` : `the readable field ${name} does not say what was recorded`)
    }
    if (!found) this.#problems.note(sequence, sequence, "the row is not written as an export writes it")
  }
}

function wordsTold(row: Readonly<Record<string, unknown>>): RowWords {
  return { eventType: stringOf(row["eventType"]) ?? "", category: stringOf(row["category"]) ?? "", description: stringOf(row["description"]) ?? "" }
}

type End = Omit<ExportEnd, "exportFormat">

function checkpointOf(end: End): SignedCheckpoint {
  const parsed = parseSignedCheckpoint(end.checkpoint)
  if (!parsed) throw new Fault("export.unreadable", { file: "the export", problem: "its checkpoint is not a signed note" })
  return parsed
}

/** The last line, read from the end of the file: proofs need the root before the first row is checked. */
function readEnd(source: ByteSource): { readonly end: End; readonly canonical: boolean } {
  const refuse = (problem: string): never => {
    throw new Fault("export.unreadable", { file: source.name, problem })
  }
  let text = ""
  try {
    const open = source.open()
    try {
      text = textOf(lastLineOf(open.last(longestLastLineBytes)), source.name)
    } finally {
      open.close()
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    refuse(problemOf(error))
  }
  if (nestsTooDeep(text)) refuse("its last line is nested too deep")
  let end: Readonly<Record<string, unknown>> = {}
  try {
    end = objectOf(JSON.parse(text))
  } catch {
    refuse("its last line is not JSON, as if it were cut short")
  }
  const { rows, complete, checkpoint, verifierKey } = end
  if (end["exportFormat"] !== exportFormat) refuse("its last line is not the end of an export of this format, as if it were cut short")
  if (typeof rows !== "number" || typeof complete !== "boolean" || typeof checkpoint !== "string" || typeof verifierKey !== "string") {
    return refuse("a field of its last line is missing")
  }
  const handOvers = noteTexts(end["handOvers"])
  if (end["handOvers"] !== undefined && !handOvers) return refuse("the hand-overs in its last line are no list of notes")
  const cosigned = cosignedNotes(end["cosigned"])
  if (end["cosigned"] !== undefined && !cosigned) return refuse("what witnesses cosigned is no list of notes in its last line")
  const anchored = anchoredNotes(end["anchored"])
  if (end["anchored"] !== undefined && !anchored) return refuse("what was anchored is no list of notes in its last line")
  const fields = {
    rows,
    complete,
    checkpoint,
    verifierKey,
    ...(handOvers ? { handOvers } : {}),
    ...(cosigned ? { cosigned } : {}),
    ...(anchored ? { anchored } : {}),
  }
  return { end: fields, canonical: JSON.stringify({ exportFormat, ...fields }) === text }
}
