/**
 * A row of an export (docs/spec/export.md): the fields people read, and beside them the exact bytes that prove them.
 * Every readable field is computed from the proven bytes, so a verifier computes them again and compares; `labels` are the exception and say so.
 */
import { Fault } from "../base/fault.ts"
import { nestsTooDeep, objectOf, stringOf, type Json, type JsonObject } from "../base/json.ts"
import { saltBytes } from "./commitment.ts"
import type { AnchoredNote } from "./anchored-note.ts"
import type { CosignedNote } from "./cosigned-note.ts"
import { describe, unknownEventWords } from "./describe.ts"
import { categoryOf, eventTypes, type EventType } from "./event.ts"
import { parseHeader, zeroHash } from "./header.ts"

export const exportFormat = 1

/** What is known of an entry when it is exported. Salted bytes are salt and text. */
export type ExportedBytes = {
  readonly header: Buffer
  readonly saltedFacts: Buffer
  readonly saltedContent?: Buffer | undefined
  /** Inclusion proof, nearest sibling first; on rows of exports that leave entries out. */
  readonly proof?: readonly Buffer[] | undefined
}

/** Names that stand in scopes.db, not in the journal: shown for people, covered by no proof. */
export type Labels = { readonly session: string | null; readonly sender: string | null; readonly user: string | null; readonly machine: string | null }

export type ExportRow = {
  readonly id: string
  readonly sequence: number
  readonly source: string | null
  readonly machineId: string | null
  readonly sessionId: string | null
  readonly orgId: null
  readonly userId: string | null
  readonly eventType: string
  readonly type: string
  readonly category: string
  readonly description: string
  readonly contentHash: string | null
  readonly previousHash: string
  readonly createdAt: string
  readonly metadata: JsonObject
  readonly content?: Json
  /** The covering anchored checkpoint; null as long as nothing is anchored. */
  readonly anchor: null
  readonly proven: {
    /** Header bytes, base64url. */
    readonly entry: string
    readonly factsSalt: string
    readonly facts: string
    readonly contentSalt?: string
    readonly content?: string
    readonly inclusion?: readonly string[]
  }
}

/** The last line of an export. */
export type ExportEnd = {
  readonly exportFormat: typeof exportFormat
  readonly rows: number
  /** True when every entry up to the checkpoint is in the file, in order. */
  readonly complete: boolean
  readonly checkpoint: string
  readonly verifierKey: string
  /** How earlier keys gave their places away, as notes signed by both; absent when there were none. */
  readonly handOvers?: readonly string[]
  /** The newest checkpoints that each witness has cosigned, smaller ones first. */
  readonly cosigned?: readonly CosignedNote[]
  /** The newest that each third party has anchored, smaller ones first. */
  readonly anchored?: readonly AnchoredNote[]
}

/** Fields of a row that no proof covers. */
export const labelFields = ["sessionId", "userId", "machineId"] as const

/** The readable words of a row. */
export type RowWords = Pick<ExportRow, "eventType" | "category" | "description">

/** What an exporter says of a type it does not know: an older version that reads a journal of a newer one. */
export function wordsOfUnknown(type: string): RowWords {
  return { eventType: type, category: type.split(".")[0] ?? type, description: unknownEventWords }
}

export function exportRow(bytes: ExportedBytes, labels: Labels): ExportRow {
  const header = parseHeader(bytes.header)
  const factsText = bytes.saltedFacts.toString("utf8", saltBytes)
  const { id, ...metadata } = parseObject(factsText)
  const contentText = bytes.saltedContent?.toString("utf8", saltBytes)
  return {
    id: stringOf(id) ?? "",
    sequence: header.sequence,
    source: stringOf(metadata["via"]) ?? null,
    machineId: labels.machine,
    sessionId: labels.session,
    orgId: null,
    userId: labels.user,
    eventType: header.type in eventTypes ? eventTypes[header.type as EventType].alias : header.type,
    type: header.type,
    category: categoryOf(header.type),
    description: describe(header.type, metadata),
    contentHash: header.contentHash.equals(zeroHash) ? null : header.contentHash.toString("hex"),
    previousHash: header.previousHash.toString("hex"),
    createdAt: new Date(header.timeMs).toISOString(),
    metadata,
    ...(contentText === undefined ? {} : { content: JSON.parse(contentText) as Json }),
    anchor: null,
    proven: {
      entry: bytes.header.toString("base64url"),
      factsSalt: bytes.saltedFacts.toString("base64url", 0, saltBytes),
      facts: factsText,
      ...(bytes.saltedContent === undefined ? {} : { contentSalt: bytes.saltedContent.toString("base64url", 0, saltBytes), content: contentText ?? "" }),
      ...(bytes.proof === undefined ? {} : { inclusion: bytes.proof.map((hash) => hash.toString("base64url")) }),
    },
  }
}

/**
 * The bytes of a row nobody vouched for.
 * @throws {Fault} `export.unreadable` when a field is missing or not in its one encoding.
 */
export function bytesOfRow(row: Readonly<Record<string, unknown>>, file: string): ExportedBytes {
  const proven = objectOf(row["proven"])
  const decode = (name: string): Buffer => {
    const text = proven[name]
    const bytes = typeof text === "string" ? Buffer.from(text, "base64url") : undefined
    if (!bytes || bytes.toString("base64url") !== text) throw new Fault("export.unreadable", { file, problem: `a row's ${name} is missing or not base64url` })
    return bytes
  }
  const salted = (saltName: string, textName: string): Buffer => {
    const salt = decode(saltName)
    const text = proven[textName]
    if (salt.length !== saltBytes || typeof text !== "string")
      throw new Fault("export.unreadable", { file, problem: `a row's ${textName} or its salt is missing` })
    if (nestsTooDeep(text)) throw new Fault("export.unreadable", { file, problem: `a row's ${textName} is nested too deep` })
    return Buffer.concat([salt, Buffer.from(text)])
  }
  const inclusion = proven["inclusion"]
  if (inclusion !== undefined && !areTexts(inclusion)) throw new Fault("export.unreadable", { file, problem: "a row's inclusion proof is no list of texts" })
  return {
    header: decode("entry"),
    saltedFacts: salted("factsSalt", "facts"),
    saltedContent: proven["content"] === undefined ? undefined : salted("contentSalt", "content"),
    proof: inclusion?.map((hash) => Buffer.from(hash, "base64url")),
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string")
}

function parseObject(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text)) as JsonObject
  } catch {
    // Damaged facts are a finding of the commitment check, which covers these very bytes.
    return {}
  }
}
