/**
 * Transcripts the host took out of its tables: of sessions that were deleted or reset (zstd of a line an event, inside the store), and of old sessions
 * in cold storage (zstd of a line a record, inside the store or in a file beside it that is named by its hash).
 */
import { createHash } from "node:crypto"
import { basename, dirname, join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { zstdDecompressSync } from "node:zlib"
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import { readSmallFile } from "../read-small-file.ts"
import { rowsOf } from "./open-store.ts"
import type { Findings, TimeRange } from "./records.ts"
import { idOf, readTranscriptEvent } from "./transcript-event.ts"

/** The host's bound for cold archives is 64 MiB; it states none for the others. */
const mostArchiveBytes = 512 * 2 ** 20
const coldName = /^([0-9a-f]{64})\.jsonl\.zst$/

export type AgentStorePlace = { readonly agent: string; readonly path: string }

/** A few bytes may claim to be gigabytes: what unpacks to more than `mostBytes` is refused by the decompressor. */
export function unpacked(packed: Uint8Array, mostBytes: number): Buffer {
  return zstdDecompressSync(packed, { maxOutputLength: Math.max(1, Math.floor(mostBytes)) })
}

export function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the caller counts it as unreadable.
    return undefined
  }
}

export function readArchives(database: DatabaseSync, { agent }: AgentStorePlace, range: TimeRange, found: Findings): void {
  const rows = "SELECT session_id, encoding, archive_blob FROM session_transcript_archives WHERE created_at >= ?"
  for (const row of rowsOf(database, rows, range.fromMs)) {
    const packed = bytesOf(row["archive_blob"])
    const text = packed && textOf(packed, row["encoding"] !== "identity")
    readLines(text, row["session_id"], found, (line, session) => {
      readTranscriptEvent(parsedOrNothing(line), { agent, session, createdMs: undefined }, range, found)
    })
  }
}

export function readColdArchives(database: DatabaseSync, { agent, path }: AgentStorePlace, range: TimeRange, found: Findings): void {
  const rows = "SELECT session_id, archive_name, archive_blob FROM session_transcript_cold_archives WHERE archived_at >= ?"
  for (const row of rowsOf(database, rows, range.fromMs)) {
    const packed = bytesOf(row["archive_blob"]) ?? coldFile(path, stringOf(row["archive_name"]) ?? "")
    const text = packed && textOf(packed, true)
    readLines(text, row["session_id"], found, (line, session) => {
      const record = objectOf(parsedOrNothing(line))
      if (record["kind"] !== "event") return
      const event = objectOf(record["row"])
      readTranscriptEvent(parsedOrNothing(String(event["event_json"])), { agent, session, createdMs: numberOf(event["created_at"]) }, range, found)
    })
  }
}

function readLines(text: string | undefined, sessionId: unknown, found: Findings, read: (line: string, session: string) => void): void {
  const session = idOf(sessionId)
  if (text === undefined || session === undefined) {
    found.rows++
    found.unreadableRows++
    return
  }
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue
    found.rows++
    if (parsedOrNothing(line) === undefined) found.unreadableRows++
    else read(line, session)
  }
}

function textOf(packed: Uint8Array, compressed: boolean): string | undefined {
  try {
    return (compressed ? unpacked(packed, mostArchiveBytes) : Buffer.from(packed)).toString("utf8")
  } catch {
    // Damaged: counted as unreadable.
    return undefined
  }
}

/** Undefined when it is not there, or is not what the store says it is. */
export function coldFile(storePath: string, name: string): Uint8Array | undefined {
  const hash = coldName.exec(name)?.[1]
  if (hash === undefined) return undefined
  const beside = dirname(storePath)
  const sessions = basename(beside) === "agent" ? join(dirname(beside), "sessions") : beside
  try {
    const bytes = readSmallFile(join(sessions, "cold", name), mostArchiveBytes)
    return createHash("sha256").update(bytes).digest("hex") === hash ? bytes : undefined
  } catch {
    // Gone or unreadable: counted as unreadable.
    return undefined
  }
}

/** The lines of an archive that stands in a table; undefined when it cannot be read. */
export function textOfArchive(value: unknown, compressed: boolean): string | undefined {
  const packed = bytesOf(value)
  return packed && textOf(packed, compressed)
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}
