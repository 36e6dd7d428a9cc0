/**
 * Verifies an export with nothing but the file and a public key: no ledger, no network, none of our other code.
 * Every row is checked, its readable fields included; memory stays flat at any size. The file is taken as attacker-controlled.
 */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs"
import { createInterface } from "node:readline"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import type { SignedCheckpoint, VerifierKey } from "../format/checkpoint.ts"
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import { bytesOfRow, exportFormat, exportRow, labelFields, type ExportedBytes } from "../format/export-row.ts"
import { leafHash, parseHeader } from "../format/header.ts"
import { rootFromInclusion } from "../format/merkle.ts"
import { contentHash, factsHash, saltBytes } from "../format/commitment.ts"
import { ChainWalker } from "./chain.ts"
import { noteChecker } from "./signature.ts"
import { Problems, type VerifyReport } from "./verdict.ts"

const longestLastLineBytes = 1 << 20

export type OfflineOptions = {
  /** The key the reader of the export trusts, told by the operator by another way than the file. Without it nothing can be called valid. */
  readonly key: VerifierKey | undefined
  readonly onProgress?: (rows: number) => void
}

/** @throws {Fault} `export.unreadable` when the file is not an export at all. */
export async function verifyExport(file: string, options: OfflineOptions): Promise<VerifyReport> {
  const end = readEnd(file)
  const problems = new Problems()
  const notes: string[] = ["Session, user and machine labels are shown for people; the proofs cover scope ids, not labels."]
  const checkpoint = checkedCheckpoint(end, options.key, problems, notes)
  const walk = new ExportWalk(file, end.complete, checkpoint, problems)
  await walk.readRows(options.onProgress)
  if (walk.rows !== end.rows) problems.note(0, Math.max(0, checkpoint.size - 1), `the file says it has ${end.rows} rows, and has ${walk.rows}`)
  walk.finish()
  const trusted = options.key !== undefined
  if (!trusted) notes.push(`Signed by ${end.verifierKey}. Nobody vouched for this key: ask the operator for it by another way and pass it with --key.`)
  return {
    verdict: problems.none ? (trusted ? "valid" : "unverifiable") : "invalid",
    from: walk.first,
    to: walk.last,
    entries: walk.rows,
    contentsOpened: walk.contents,
    contentsErased: 0,
    checkpoints: 1,
    root: checkpoint.root.toString("base64"),
    signedBy: end.verifierKey,
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
  readonly #file: string
  readonly #complete: boolean
  readonly #checkpoint: SignedCheckpoint
  readonly #problems: Problems
  readonly #walker: ChainWalker

  constructor(file: string, complete: boolean, checkpoint: SignedCheckpoint, problems: Problems) {
    this.#file = file
    this.#complete = complete
    this.#checkpoint = checkpoint
    this.#problems = problems
    this.#walker = new ChainWalker(problems)
  }

  async readRows(onProgress: OfflineOptions["onProgress"]): Promise<void> {
    let held: string | undefined
    for await (const line of createInterface({ input: createReadStream(this.#file), crlfDelay: Infinity })) {
      if (line === "") continue
      if (held !== undefined) this.#row(held)
      held = line // the last line is the end, which was read before
      if (this.rows % 16_384 === 0) onProgress?.(this.rows)
    }
  }

  finish(): void {
    if (!this.#complete) return
    const { size, root } = this.#checkpoint
    if (this.#walker.size !== size)
      this.#problems.note(this.#walker.size, Math.max(this.#walker.size, size - 1), `the checkpoint covers ${size} entries, the file has ${this.#walker.size}`)
    else if (!this.#walker.root().equals(root)) this.#problems.note(0, size - 1, "the entries are not the ones the checkpoint was signed over")
  }

  #row(line: string): void {
    const at = this.#complete ? this.#walker.size : this.last + 1
    try {
      const row = objectOf(JSON.parse(line))
      const bytes = bytesOfRow(row, this.#file)
      const sequence = this.#complete ? this.#inOrder(bytes) : this.#onItsOwn(bytes)
      this.#compareReadable(row, bytes, sequence)
      if (this.rows === 0) this.first = sequence
      this.last = sequence
      if (bytes.saltedContent) this.contents++
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof SyntaxError)) throw error
      this.#problems.note(at, at, `row ${this.rows + 1} cannot be read: ${problemOf(error)}`)
    }
    this.rows++
  }

  #inOrder(bytes: ExportedBytes): number {
    const sequence = this.#walker.size
    this.#walker.add(bytes)
    return sequence
  }

  /** A row of an export that leaves entries out carries its own way to the root. */
  #onItsOwn(bytes: ExportedBytes): number {
    const header = parseHeader(bytes.header, this.#file)
    const { sequence } = header
    const note = (what: string) => this.#problems.note(sequence, sequence, what)
    if (sequence <= this.last) note("rows are repeated or out of order")
    const root = rootFromInclusion(leafHash(bytes.header), sequence, this.#checkpoint.size, bytes.proof ?? [])
    if (!root?.equals(this.#checkpoint.root)) note("the entry is not in the tree the checkpoint was signed over")
    if (!factsHash(bytes.saltedFacts.subarray(0, saltBytes), bytes.saltedFacts.toString("utf8", saltBytes)).equals(header.factsHash))
      note("the facts are not the ones that were recorded")
    const { saltedContent } = bytes
    if (saltedContent && !contentHash(saltedContent.subarray(0, saltBytes), saltedContent.toString("utf8", saltBytes)).equals(header.contentHash)) {
      note("the content is not the one that was recorded")
    }
    return sequence
  }

  /** What people read must be what the proof covers. */
  #compareReadable(row: Readonly<Record<string, unknown>>, bytes: ExportedBytes, sequence: number): void {
    const label = (name: string) => stringOf(row[name]) ?? null
    const expected = exportRow(bytes, { session: label("sessionId"), sender: null, user: label("userId"), machine: label("machineId") })
    for (const name of new Set([...Object.keys(expected), ...Object.keys(row)])) {
      if ((labelFields as readonly string[]).includes(name)) continue
      if (JSON.stringify(row[name]) !== JSON.stringify(expected[name as keyof typeof expected])) {
        this.#problems.note(sequence, sequence, `the readable field ${name} does not say what was recorded`)
      }
    }
  }
}

type End = { readonly rows: number; readonly complete: boolean; readonly checkpoint: string; readonly verifierKey: string }

function checkedCheckpoint(end: End, key: VerifierKey | undefined, problems: Problems, notes: string[]): SignedCheckpoint {
  const parsed = parseSignedCheckpoint(end.checkpoint)
  if (!parsed) throw new Fault("export.unreadable", { file: "the export", problem: "its checkpoint is not a signed note" })
  if (key) {
    const checked = noteChecker(key)(end.checkpoint)
    if (!checked.ok) problems.note(0, Math.max(0, parsed.size - 1), `the checkpoint cannot be trusted: ${checked.why}`)
  }
  notes.push(`The checkpoint covers ${parsed.size} entries of ${parsed.origin}.`)
  return parsed
}

/** The last line, read from the end of the file: proofs need the root before the first row is checked. */
function readEnd(path: string): End {
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
      text = bytes.toString("utf8").trimEnd()
    } finally {
      closeSync(file)
    }
  } catch (error) {
    refuse(problemOf(error))
  }
  const lastLine = text.slice(text.lastIndexOf("\n") + 1)
  let end: Readonly<Record<string, unknown>> = {}
  try {
    end = objectOf(JSON.parse(lastLine))
  } catch {
    refuse("its last line is not JSON; was it cut short?")
  }
  const { rows, complete, checkpoint, verifierKey } = end
  if (end["exportFormat"] !== exportFormat) refuse("its last line is not the end of an export of this format; was it cut short?")
  if (typeof rows !== "number" || typeof complete !== "boolean" || typeof checkpoint !== "string" || typeof verifierKey !== "string") {
    return refuse("a field of its last line is missing")
  }
  return { rows, complete, checkpoint, verifierKey }
}
