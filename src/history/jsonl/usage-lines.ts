/**
 * Finds the rows of a transcript that tell usage, and leaves the others unparsed: in a piece of lines, only those in which `usage"` stands are looked at.
 * Those are parsed as JSON, without what was said where that can be left out (`short-row.ts`): measured, the engine's parser is quicker than any walk
 * over a line that looks for the members it needs.
 */
import type { RunKind } from "../../format/event.ts"
import { transcriptRow, type TranscriptRow } from "../usage/read-row.ts"
import { RowShapes } from "./row-shapes.ts"
import { shortRow, usageMark } from "./short-row.ts"

const [newline, quote] = [0x0a, 0x22]
const heartbeatWord = Buffer.from("HEARTBEAT")
/** What the host's own words about a message stand under, by which channel it came among them. */
const ownWord = Buffer.from('"__openclaw"')
/** A part of it that is looked for at the speed of memory: what it begins with is rare in a transcript, and up to seven bytes are compared as they are. */
const ownMark = Buffer.from("__openc")

/** Of all files: a host writes them all in the same way. */
const shapes = new RowShapes()

export type OnRow = (row: TranscriptRow, kind: RunKind | undefined) => void

/** Scans pieces of one file in their order. */
export class UsageLines {
  /** Lines that hold the word and cannot be read: half-written, cut or damaged. */
  unreadable = 0
  readonly #onRow: OnRow
  /** What the session does now began with a heartbeat's prompt: set until somebody else speaks. */
  #isHeartbeat = false
  /** Messages say by which channel they came, and are told from the first that does. */
  #tellsTurns = false
  readonly #wantsTurns: boolean

  constructor(onRow: OnRow, wantsTurns = false) {
    this.#onRow = onRow
    this.#wantsTurns = wantsTurns
  }

  piece(bytes: Buffer): void {
    this.#tellsTurns ||= this.#wantsTurns && bytes.includes(ownMark) && bytes.includes(ownWord)
    if (this.#isHeartbeat || this.#tellsTurns || bytes.includes(heartbeatWord)) this.#eachLine(bytes)
    else this.#marked(bytes)
  }

  /** Lines with the word alone. */
  #marked(bytes: Buffer): void {
    let at = 0
    for (;;) {
      const hit = bytes.indexOf(usageMark, at)
      if (hit < 0) return
      if (bytes[hit - 1] !== quote) {
        at = hit + usageMark.length
        continue
      }
      const start = bytes.lastIndexOf(newline, hit) + 1
      const found = bytes.indexOf(newline, hit)
      const end = found < 0 ? bytes.length : found
      const short = shortRow(bytes, start, end, hit, shapes)
      if (short) this.#onRow(short, undefined)
      else this.#line(bytes.toString("utf8", start, end))
      at = end
    }
  }

  /** Every line, in order, where it matters who spoke before. */
  #eachLine(bytes: Buffer): void {
    let start = 0
    while (start < bytes.length) {
      const found = bytes.indexOf(newline, start)
      const end = found < 0 ? bytes.length : found
      const line = bytes.toString("utf8", start, end)
      if (line.includes('"usage"')) this.#line(line)
      else if (line.includes('"user"')) this.#message(line)
      start = end + 1
    }
  }

  #message(line: string): void {
    const row = rowIn(line)
    if (row?.message.role !== "user") return
    this.#isHeartbeat = isHeartbeatPrompt(line)
    if (this.#tellsTurns) this.#onRow(row, undefined)
  }

  #line(line: string): void {
    const row = rowIn(line)
    if (row?.message.role === "user") this.#isHeartbeat = isHeartbeatPrompt(line)
    if (row === undefined) this.unreadable++
    else this.#onRow(row, this.#isHeartbeat ? "heartbeat" : undefined)
  }
}

/** What the host asks an agent at every beat, in each of its versions, names the file or the answer that means that nothing is to be done. */
export function isHeartbeatPrompt(line: string): boolean {
  return line.includes("HEARTBEAT_OK") || line.includes("HEARTBEAT.md")
}

/** Undefined when the line is no JSON object. */
export function rowIn(line: string): TranscriptRow | undefined {
  try {
    return transcriptRow(JSON.parse(line))
  } catch {
    // Half-written, cut or damaged: the caller counts it.
    return undefined
  }
}
