/**
 * Verifies an export with nothing but the file and a public key: no ledger, no network, none of our other code.
 * Every row is checked, its readable fields included; memory stays flat at any size. The file is taken as attacker-controlled.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { parseSignedCheckpoint, type SignedCheckpoint } from "../format/checkpoint.ts"
import { cosignedNotes } from "../format/cosigned-note.ts"
import { eventTypes } from "../format/event.ts"
import { bytesOfRow, exportFormat, exportRow, labelFields, wordsOfUnknown, type ExportEnd, type ExportedBytes, type RowWords } from "../format/export-row.ts"
import { noteTexts } from "../format/hand-over.ts"
import { leafHash, parseHeader } from "../format/header.ts"
import { rootFromInclusion } from "../format/merkle.ts"
import { ChainWalker } from "./chain.ts"
import { commitmentProblems, oneSpelling, textProblems } from "./entry-texts.ts"
import { ExportKeys } from "./export-keys.ts"
import { tallyExport } from "./export-witnesses.ts"
import type { Trusted } from "./key-chain.ts"
import { lastLineOf, linesOf, textOf } from "./lines.ts"
import { Problems, type VerifyReport } from "./verdict.ts"
import { WitnessTally, type WitnessPin } from "./witness-tally.ts"

/** Room for more hand-overs of the signing key than anybody makes. */
const longestLastLineBytes = 1 << 24

/** The key the reader of the export trusts is told by the operator by another way than the file. Without it nothing can be called valid. */
export type OfflineOptions = Trusted & {
  /** Keys of witnesses, by which their cosignatures are checked. */
  readonly witnesses?: readonly WitnessPin[]
  readonly onProgress?: (rows: number) => void
}

/** @throws {Fault} `export.unreadable` when the file is not an export at all. */
export async function verifyExport(file: string, options: OfflineOptions): Promise<VerifyReport> {
  const { end, canonical } = readEnd(file)
  const problems = new Problems()
  const notes: string[] = ["Session, user and machine labels are shown for people; the proofs cover scope ids, not labels."]
  const checkpoint = checkpointOf(end)
  const keys = new ExportKeys(end, checkpoint, options, (what) => problems.note(0, Math.max(0, checkpoint.size - 1), what))
  notes.push(`The checkpoint covers ${checkpoint.size} entries of ${checkpoint.origin}.`, ...keys.words)
  if (!canonical) problems.note(0, Math.max(0, checkpoint.size - 1), "the last line is not written as an export writes it")
  const tally = new WitnessTally(options.witnesses ?? [])
  tallyExport(end.cosigned ?? [], checkpoint, tally, (what) => problems.note(0, Math.max(0, checkpoint.size - 1), what))
  const walk = new ExportWalk(file, end.complete, checkpoint, keys, problems)
  await walk.readRows(options.onProgress)
  if (walk.rows !== end.rows) problems.note(0, Math.max(0, checkpoint.size - 1), `the file says it has ${end.rows} rows, and has ${walk.rows}`)
  walk.finish()
  const trusted = options.key !== undefined
  if (!trusted) notes.push(`Signed by ${end.verifierKey}. Nobody vouched for this key: ask the operator for it by another way and pass it with --key.`)
  if (!end.complete) notes.push("Entries were left out: every row is proven, but not that no other entry would have fitted the question.")
  if (walk.unknownTypes.size > 0)
    notes.push(`Only a newer version can check the words of these event types, whose recorded bytes are good: ${[...walk.unknownTypes].join(", ")}.`)
  return {
    verdict: !problems.none ? "invalid" : trusted && walk.unknownTypes.size === 0 && !tally.lacksRequired ? "valid" : "unverifiable",
    from: walk.first,
    to: walk.last,
    entries: walk.rows,
    contentsOpened: walk.contents,
    contentsErased: 0,
    checkpoints: 1,
    covered: checkpoint.size,
    root: checkpoint.root.toString("base64"),
    signedBy: end.verifierKey,
    witnesses: tally.rows,
    problems: problems.list(),
    problemsNotListed: problems.left,
    notes,
  }
}

class ExportWalk {
  rows = 0
  contents = 0
  first = 0
  last = -1
  /** Types whose words this version cannot compute; their proven bytes are checked as any other's. */
  readonly unknownTypes = new Set<string>()
  readonly #file: string
  readonly #complete: boolean
  readonly #checkpoint: SignedCheckpoint
  readonly #keys: ExportKeys
  readonly #problems: Problems
  readonly #walker: ChainWalker

  constructor(file: string, complete: boolean, checkpoint: SignedCheckpoint, keys: ExportKeys, problems: Problems) {
    this.#file = file
    this.#complete = complete
    this.#checkpoint = checkpoint
    this.#keys = keys
    this.#problems = problems
    this.#walker = new ChainWalker(problems)
  }

  async readRows(onProgress: OfflineOptions["onProgress"]): Promise<void> {
    let held: Buffer | undefined
    for await (const line of linesOf(this.#file)) {
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
      const line = textOf(bytes, this.#file)
      const row = objectOf(JSON.parse(line))
      const exported = bytesOfRow(row, this.#file)
      const sequence = this.#complete ? this.#inOrder(exported) : this.#onItsOwn(exported)
      const header = parseHeader(exported.header, this.#file)
      for (const what of textProblems(header, exported, this.#checkpoint)) this.#problems.note(sequence, sequence, what)
      const fault = this.#keys.faultOfEntry(header.sequence, header.type, (oneSpelling(exported.saltedFacts) ?? {}) as JsonObject)
      if (fault !== undefined) this.#problems.note(sequence, sequence, fault)
      this.#compareReadable(line, row, exported, sequence)
      if (this.rows === 0) this.first = sequence
      this.last = sequence
      if (exported.saltedContent) this.contents++
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
    const header = parseHeader(bytes.header, this.#file)
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
function readEnd(path: string): { readonly end: End; readonly canonical: boolean } {
  const refuse = (problem: string): never => {
    throw new Fault("export.unreadable", { file: path, problem })
  }
  let text = ""
  try {
    const file = openSync(path, "r")
    try {
      const { size } = fstatSync(file)
      const bytes = Buffer.alloc(Math.min(size, longestLastLineBytes))
      readSync(file, bytes, 0, bytes.length, size - bytes.length)
      text = textOf(lastLineOf(bytes), path)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    refuse(problemOf(error))
  }
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
  const fields = { rows, complete, checkpoint, verifierKey, ...(handOvers ? { handOvers } : {}), ...(cosigned ? { cosigned } : {}) }
  return { end: fields, canonical: JSON.stringify({ exportFormat, ...fields }) === text }
}
