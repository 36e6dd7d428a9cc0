/**
 * Transcripts in cold storage: zstd of a JSON record a line, of which the first names the session and those of kind `event` are rows of the transcript
 * (https://docs.openclaw.ai/reference/session-management-compaction). Files stay when a transcript is taken back into its store, and when the store is gone.
 */
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import { readSmallFile } from "../read-small-file.ts"
import { UsageBatcher, type UsageBatch } from "../usage/batch.ts"
import type { SessionPlace } from "../usage/place.ts"
import { transcriptRow, usageRowOf, type TranscriptRow } from "../usage/read-row.ts"
import { parsedOrNothing, textOfArchive } from "./archived-transcripts.ts"

/** The host archives no transcript that is larger than 64 MiB. */
const mostFileBytes = 128 * 2 ** 20

export type ColdTask = { readonly source: number; readonly path: string; readonly place: SessionPlace; readonly latestMs: number; readonly otherwiseMs: number }
export type ColdRow = { readonly row: TranscriptRow; readonly createdMs: number | undefined }

/** Their rows count where no store has them: the store knows whose they are. */
export function readColdUsage(task: ColdTask, send: (batch: UsageBatch) => void) {
  const bytes = readSmallFile(task.path, mostFileBytes)
  const text = textOfArchive(bytes, true)
  if (text === undefined) throw new Error("it is no zstd, or larger than it may be")
  const { sessionId = task.place.sessionId, rows, unreadable } = coldRows(text)
  const batcher = new UsageBatcher(task.source, { ...task.place, sessionId }, true, send)
  let found = 0
  for (const { row, createdMs } of rows) {
    const usage = usageRowOf(row, { sessionId, otherwiseMs: task.otherwiseMs, latestMs: task.latestMs, kind: undefined }, createdMs)
    if (usage === undefined) continue
    found++
    batcher.add(usage)
  }
  batcher.flush()
  return { endByte: bytes.length, bytes: bytes.length, rows: found, unreadable }
}

export type ColdRows = { readonly sessionId: string | undefined; readonly rows: readonly ColdRow[]; readonly unreadable: number }

/** Rows of an archive in which the word stands. */
export function coldRows(text: string): ColdRows {
  let [sessionId, unreadable]: [string | undefined, number] = [undefined, 0]
  const rows: ColdRow[] = []
  for (const line of text.split("\n")) {
    const isHeader = sessionId === undefined && line.includes('"header"')
    if (!isHeader && !line.includes('\\"usage\\"')) continue
    const record = objectOf(parsedOrNothing(line))
    if (record["kind"] === "header") sessionId = stringOf(record["sessionId"])
    if (record["kind"] !== "event") continue
    const event = objectOf(record["row"])
    const row = transcriptRow(parsedOrNothing(stringOf(event["event_json"]) ?? ""))
    if (row === undefined) unreadable++
    else rows.push({ row, createdMs: numberOf(event["created_at"]) })
  }
  return { sessionId, rows, unreadable }
}
