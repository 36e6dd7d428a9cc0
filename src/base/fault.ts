/**
 * A fault: something outside the program is wrong (disk full, bad key, bad flag).
 * Refusals (over budget, denied) are values, and bugs are assertions; neither is a fault.
 */
import { faultCatalogue, type FaultCode, type FaultRow } from "./fault-catalogue.ts"

export type FaultDetails = Readonly<Record<string, string | number>>

/** The serialised form of a fault, as it crosses a socket or stands in `--json` output. */
export type FaultJson = {
  readonly code: FaultCode
  readonly message: string
  readonly remedy: string
}

export class Fault extends Error {
  readonly code: FaultCode
  readonly remedy: string
  readonly exitStatus: 1 | 2

  constructor(code: FaultCode, details: FaultDetails = {}, cause?: unknown) {
    const row: FaultRow = faultCatalogue[code]
    super(fill(row.sentence, details), cause === undefined ? undefined : { cause })
    this.name = "Fault"
    this.code = code
    this.remedy = fill(row.remedy, details)
    this.exitStatus = row.exit
  }

  /** Also a fault of another built file: the command line is bundled in several, and each has a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "Fault" && "remedy" in value
  }

  toJSON(): FaultJson {
    return { code: this.code, message: this.message, remedy: this.remedy }
  }
}

/** A fault that arrived from another process keeps that process's words. */
export function faultFromJson(json: FaultJson): Fault {
  const fault = new Fault(json.code in faultCatalogue ? json.code : "writer.unreachable")
  Object.assign(fault, { message: json.message, remedy: json.remedy })
  return fault
}

/** The words of any thrown value, on one line, for a fault's `problem`. A text that is no JSON is not quoted: it may be somebody's key. */
export function problemOf(error: unknown): string {
  const words = error instanceof SyntaxError && /JSON/.test(error.message) ? jsonProblem(error.message) : error instanceof Error ? error.message : String(error)
  return words.replace(/\s+/g, " ").replace(/[.\s]+$/, "")
}

function jsonProblem(words: string): string {
  const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(words)
  return place ? `it is not JSON (${place[0]})` : "it is not JSON"
}

/** A bug of ours: stops the process that has it. Never used for what a user or a host can cause. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

function fill(template: string, details: FaultDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? `(${name} unknown)`))
}
