/** The rows of archives an agent's store keeps or names: of sessions that were deleted or reset, a line an event inside the store; of old ones, in cold storage. */
import type { DatabaseSync } from "node:sqlite"
import { stringOf } from "../../base/json.ts"
import type { Unseen } from "../usage/batch.ts"
import { transcriptRow, type TranscriptRow } from "../usage/read-row.ts"
import { coldFile, parsedOrNothing, textOfArchive } from "./archived-transcripts.ts"
import { coldRows } from "./cold-rows.ts"
import { rowsOf } from "./open-store.ts"

/** A row that cannot be read is told as such, and has nothing else. */
export type ArchivedRow = {
  readonly session: string
  readonly event: TranscriptRow
  readonly createdMs?: number | undefined
  readonly unseen?: Unseen
  readonly key?: string | undefined
}

export type ArchiveReading = {
  readonly database: DatabaseSync
  readonly tables: ReadonlySet<unknown>
  readonly isDeep: boolean
  readonly storePath: string
  /** Answers whether an archive is to be read, by a name of its own in its store. */
  readonly isWanted?: (name: string) => boolean
  readonly unreadable: (rows: number) => void
}

const [archives, coldArchives] = ["session_transcript_archives", "session_transcript_cold_archives"] as const

export function* archivedRows(reading: ArchiveReading): Generator<ArchivedRow> {
  if (reading.tables.has(archives)) yield* deletedOrReset(reading)
  if (reading.tables.has(coldArchives)) yield* cold(reading)
}

function* deletedOrReset({ database, isDeep, isWanted, unreadable }: ArchiveReading): Generator<ArchivedRow> {
  const [parameters, wanted] = wantedIn(database, archives, "archive_name", isWanted)
  const rows = `SELECT session_id, session_key, encoding, archive_blob, published_at FROM ${archives} ${wanted}`
  for (const row of rowsOf(database, rows, ...parameters)) {
    const session = stringOf(row["session_id"])
    const text = textOfArchive(row["archive_blob"], row["encoding"] !== "identity")
    if (text === undefined || session === undefined) {
      unreadable(1)
      continue
    }
    for (const line of text.split("\n")) {
      if (line === "" || (!isDeep && !line.includes('"usage"') && !line.includes('"role":"user"'))) continue
      const event = transcriptRow(parsedOrNothing(line))
      if (event === undefined) unreadable(1)
      else yield { session, event, unseen: row["published_at"] === null ? "archive" : "", key: stringOf(row["session_key"]) }
    }
  }
}

function* cold({ database, isDeep, storePath, isWanted, unreadable }: ArchiveReading): Generator<ArchivedRow> {
  const [parameters, wanted] = wantedIn(database, coldArchives, "archive_name", isWanted)
  for (const row of rowsOf(database, `SELECT session_id, archive_name, archive_blob FROM ${coldArchives} ${wanted}`, ...parameters)) {
    const session = stringOf(row["session_id"])
    const text = textOfArchive(row["archive_blob"] ?? coldFile(storePath, stringOf(row["archive_name"]) ?? ""), true)
    if (text === undefined || session === undefined) {
      unreadable(1)
      continue
    }
    const found = coldRows(text, isDeep)
    unreadable(found.unreadable)
    for (const { row: event, createdMs } of found.rows) yield { session, event, createdMs }
  }
}

/** Names are asked first, which are small: what was read stays where it is. */
function wantedIn(database: DatabaseSync, table: string, column: string, isWanted: ArchiveReading["isWanted"]): readonly [readonly string[], string] {
  if (isWanted === undefined) return [[], ""]
  const names = [...rowsOf(database, `SELECT ${column} AS name FROM ${table}`)].flatMap(({ name }) => stringOf(name) ?? [])
  return [[JSON.stringify(names.filter((name) => isWanted(name)))], `WHERE ${column} IN (SELECT value FROM json_each(?))`]
}
