/**
 * Verifies a cap proof with nothing but the file and a public key (docs/spec/cap-proof.md): that every entry of a stretch of the journal is there, and what
 * those that count in a budget add up to, at every moment. Read line by line, in memory that depends on the holds that are open at once. The file is taken
 * as attacker-controlled.
 */
import { Fault, problemOf } from "../base/fault.ts"
import type { JsonObject } from "../base/json.ts"
import {
  capStatementLine,
  isShown,
  parseCapEnd,
  parseCapEntry,
  isOften,
  objectIn,
  parseCapHead,
  type CapEnd,
  type CapEntry,
  type CapHead,
  type CapResult,
} from "../format/cap-proof.ts"
import { saltBytes } from "../format/commitment.ts"
import { parseSignatureLine, parseSignedCheckpoint, signatureBytes, type SignedCheckpoint } from "../format/checkpoint.ts"
import { isConsistent } from "../format/consistency.ts"
import { exactVerifierKey, handOverType } from "../format/hand-over.ts"
import { headerFormat, headerOffset } from "../format/header.ts"
import { Frontier } from "../format/merkle.ts"
import type { ByteSource } from "./byte-source.ts"
import { CapTally } from "./cap-tally.ts"
import { ChainWalker } from "./chain.ts"
import { objectSpelled } from "./entry-texts.ts"
import { ExportKeys } from "./export-keys.ts"
import { tallyExport } from "./export-witnesses.ts"
import { shortLinesOf, textOf } from "./lines.ts"
import { ed25519Checker } from "./ed25519.ts"
import type { OfflineOptions } from "./offline.ts"
import { Problems, type Problem, type WitnessSeen } from "./verdict.ts"
import { WitnessTally } from "./witness-tally.ts"

/** `valid`: the cap was not exceeded. `exceeded`: proved too, and it was. */
export type CapVerdict = "valid" | "exceeded" | "unverifiable" | "invalid"

export const capVerdictExit: { readonly [V in CapVerdict]: 0 | 1 | 2 } = { valid: 0, exceeded: 1, unverifiable: 2, invalid: 1 }

export type CapProofReport = {
  readonly verdict: CapVerdict
  readonly budget: string | null
  readonly startMs: number | null
  readonly endMs: number | null
  /** Counted again from the entries; null when there was nothing to count. */
  readonly result: CapResult | null
  /** When it was made, by the clock of who made it. */
  readonly signedAt: string | null
  readonly origin: string | null
  readonly entries: number
  /** Entries whose facts are shown. */
  readonly shown: number
  readonly covered: number
  readonly root: string | null
  readonly signedBy: string | null
  readonly witnesses: readonly WitnessSeen[]
  readonly problems: readonly Problem[]
  readonly problemsNotListed: number
  readonly notes: readonly string[]
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const brace = 0x7b
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** @throws {Fault} `export.unreadable` when the file cannot be read at all. */
export function verifyCapProof(source: ByteSource, options: OfflineOptions): CapProofReport {
  let check: CapProofCheck | undefined
  let end: Buffer | undefined
  try {
    for (const line of shortLinesOf(source)) {
      if (check === undefined) {
        const parsed = parseCapHead(textOf(line, source.name))
        if ("unreadable" in parsed) return nothing("unverifiable", `This is no cap proof that can be checked: ${parsed.unreadable}.`)
        if ("wrong" in parsed) return nothing("invalid", parsed.wrong)
        check = new CapProofCheck(parsed.head, options)
        continue
      }
      // Something stands behind it, so it was no end.
      if (end !== undefined) check.entry(end)
      end = line[0] === brace ? Buffer.from(line) : undefined
      if (end === undefined) check.entry(line)
    }
  } catch (error) {
    // What cannot be read as text is no proof; a file that is not there is somebody's mistake.
    if (error instanceof Fault) return nothing("unverifiable", `This is no cap proof that can be checked: ${error.message}`)
    throw error instanceof Error && "code" in error ? new Fault("export.unreadable", { file: source.name, problem: problemOf(error) }, error) : error
  }
  if (check === undefined) return nothing("unverifiable", "This is no cap proof that can be checked: it is empty.")
  return check.end(end ?? Buffer.alloc(0))
}

/** Line by line, for who has the lines from wherever. */
export class CapProofCheck {
  readonly #head: CapHead
  readonly #options: OfflineOptions
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  readonly #checkpoint: SignedCheckpoint | undefined
  readonly #keys: ExportKeys | undefined
  readonly #witnesses: WitnessTally
  readonly #walker: ChainWalker
  readonly #tally: CapTally
  #entries = 0
  #shown = 0

  constructor(head: CapHead, options: OfflineOptions) {
    this.#head = head
    this.#options = options
    const { first, before, cosigned = [] } = head
    const whole = (what: string) => this.#problems.note(first, first, what)
    this.#checkpoint = parseSignedCheckpoint(head.checkpoint)
    this.#witnesses = new WitnessTally(options.witnesses ?? [])
    if (this.#checkpoint) {
      this.#keys = new ExportKeys(head, this.#checkpoint, options, whole)
      this.#notes.push(...this.#keys.words)
      tallyExport(cosigned, this.#checkpoint, this.#witnesses, whole)
    } else whole("the checkpoint is not a well-formed signed checkpoint")
    const frontier = Frontier.over(first, before)
    if (!frontier) whole("the subtrees before the first entry are not those of a tree of that size")
    this.#walker = new ChainWalker(this.#problems, { sequence: first, previousLeaf: undefined, previousTimeMs: 0, ...(frontier ? { frontier } : {}) })
    this.#tally = new CapTally(head, (sequence, what) => this.#problems.note(sequence, sequence, what))
  }

  /** A line between the first one and the last. */
  entry(line: Buffer): void {
    const sequence = this.#walker.size
    const entry = parseCapEntry(line)
    this.#entries++
    if (!entry) return this.#problems.note(sequence, sequence, "the line is not written as a cap proof writes it")
    const fault = this.#keys?.faultOfRoot(sequence, () => this.#walker.root())
    if (fault !== undefined) this.#problems.note(sequence, sequence, fault)
    this.#walker.add(entry)
    this.#take(sequence, entry)
    if (this.#entries % 16_384 === 0) this.#options.onProgress?.(this.#entries)
  }

  end(line: Buffer): CapProofReport {
    const text = decoded(line)
    const end = text === undefined ? undefined : parseCapEnd(text)
    const { first } = this.#head
    const last = this.#walker.size - 1
    const note = (what: string) => this.#problems.note(first, Math.max(first, last), what)
    const result = this.#tally.result
    let signedAt: string | undefined
    if (!end) note("the last line is not the end of a cap proof, as if it were cut short")
    else signedAt = this.#checkEnd(end, result, note)
    this.#checkBounds(last, result, note)
    const isTrusted = this.#options.key !== undefined
    if (!isTrusted)
      this.#notes.push(`Signed by ${this.#head.verifierKey}. Nobody vouched for this key: ask the operator for it by another way and pass it with --key.`)
    const exceeds = result.counts.some(({ timesExceeded }) => timesExceeded > 0)
    const isUnsure = !isTrusted || this.#witnesses.lacksRequired
    return {
      verdict: !this.#problems.none ? "invalid" : isUnsure ? "unverifiable" : exceeds ? "exceeded" : "valid",
      budget: this.#head.budget,
      startMs: this.#head.startMs,
      endMs: this.#head.endMs ?? null,
      result,
      signedAt: signedAt ?? null,
      origin: this.#checkpoint?.origin ?? null,
      entries: this.#entries,
      shown: this.#shown,
      covered: this.#checkpoint?.size ?? 0,
      root: this.#checkpoint?.root.toString("base64") ?? null,
      signedBy: this.#head.verifierKey,
      witnesses: this.#witnesses.rows,
      problems: this.#problems.list(),
      problemsNotListed: this.#problems.left,
      notes: this.#notes,
    }
  }

  #take(sequence: number, { header, saltedFacts }: CapEntry): void {
    const note = (what: string) => this.#problems.note(sequence, sequence, what)
    const type = header.toString("latin1", headerOffset.type)
    if (isShown(type) !== (saltedFacts !== undefined)) note(saltedFacts ? "facts are shown that are none of the ledger's" : "its facts are not shown")
    if ((sequence === 0) !== (type === "journal.opened")) note("a journal begins with one journal.opened, and has no other")
    const text = saltedFacts && decoded(saltedFacts.subarray(saltBytes))
    const facts = text === undefined ? undefined : isOften(type) ? objectIn(text) : objectSpelled(text)
    if (saltedFacts) {
      this.#shown++
      if (!facts) return note("the facts are not one JSON object, spelled as its type asks for")
      this.#checkKeys(sequence, type, facts as JsonObject)
    }
    this.#tally.take(sequence, type, facts)
  }

  /** Entries that say which journal this is, and which key signs it. */
  #checkKeys(sequence: number, type: string, facts: JsonObject): void {
    if (sequence !== 0 && type !== handOverType) return
    const note = (what: string) => this.#problems.note(sequence, sequence, what)
    const fault = this.#keys?.faultOfEntry(sequence, type, facts)
    if (fault !== undefined) note(fault)
    if (sequence === 0 && (facts["origin"] !== this.#checkpoint?.origin || facts["format"] !== headerFormat)) note("entry 0 is that of another journal")
  }

  #checkBounds(last: number, result: CapResult, note: (what: string) => void): void {
    const size = this.#checkpoint?.size ?? 0
    if (!this.#tally.beginsBefore) note("the first entry is not one of before the period: entries of it may be missing at its beginning")
    if (result.counts.length === 0) note("no period of the budget with these bounds begins in it")
    if (!this.#tally.isOver && last !== size - 1)
      note("it ends before the period is over and every hold of it closed, and not with the last entry: entries of it may be missing at its end")
    for (const sequence of this.#keys?.missing ?? [])
      if (sequence >= this.#head.first && sequence <= last) note("the first line has a hand-over of the signing key that is no entry")
  }

  /** The tree, and what was signed about it; answers when it was signed. */
  #checkEnd({ entries, after, statement }: CapEnd, result: CapResult, note: (what: string) => void): string | undefined {
    if (entries !== this.#entries) note(`the file says it has ${entries} entries, and has ${this.#entries}`)
    const checkpoint = this.#checkpoint
    if (!checkpoint) return undefined
    if (!isConsistent(this.#walker.size, checkpoint.size, this.#walker.root(), checkpoint.root, after))
      note("the entries are not those the checkpoint was signed over")
    const generatedAt = generatedIn(statement)
    const text = `${capStatementLine(generatedAt ?? "", this.#head, checkpoint.origin, result)}\n${checkpoint.size}\n${checkpoint.root.toString("base64")}\n`
    const line = statement.slice(text.length + 1)
    if (generatedAt === undefined || statement !== `${text}\n${line}`) note("the signed statement does not say what the entries add up to")
    else if (!this.#isSigned(text, line)) note("the statement is not signed by the key in force at its size")
    return generatedAt
  }

  /** One signature line, by the key that signed the checkpoint. */
  #isSigned(text: string, line: string): boolean {
    const key = exactVerifierKey(this.#head.verifierKey)
    const parsed = line.endsWith("\n") ? parseSignatureLine(line.slice(0, -1)) : undefined
    const isBy = key && parsed?.name === key.name && parsed.keyHash.equals(key.keyHash) && parsed.signature.length === signatureBytes
    return isBy === true && ed25519Checker(key)(Buffer.from(text), parsed.signature)
  }
}

/** Its place in the statement is fixed; everything else there is computed again and compared. */
function generatedIn(statement: string): string | undefined {
  const from = statement.indexOf("\n") + 1
  const found = /^\{"schemaVersion":1,"generatedAt":"([^"]{24})"/.exec(statement.slice(from, from + 80))?.[1]
  return found !== undefined && instant.test(found) ? found : undefined
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    // That is how a decoder says that it is not UTF-8.
    return undefined
  }
}

function nothing(verdict: "invalid" | "unverifiable", why: string): CapProofReport {
  const none = { budget: null, startMs: null, endMs: null, result: null, signedAt: null, origin: null, entries: 0, shown: 0, covered: 0, root: null }
  const problems = verdict === "invalid" ? [{ from: 0, to: 0, what: why }] : []
  const rest = { signedBy: null, witnesses: [], problemsNotListed: 0, notes: verdict === "invalid" ? [] : [why] }
  return { verdict, ...none, ...rest, problems }
}
