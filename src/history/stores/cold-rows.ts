/**
 * Transcripts in cold storage: zstd of a JSON record a line, of which the first names the session and those of kind `event` are rows of the transcript
 * (https://docs.openclaw.ai/reference/session-management-compaction). Files stay when a transcript is taken back into its store, and when the store is gone.
 */
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import { readSmallFile } from "../read-small-file.ts"
import type { Sinks } from "../sinks.ts"
import type { SessionPlace } from "../usage/place.ts"
import { transcriptRow, type TranscriptRow } from "../usage/read-row.ts"
import { parsedOrNothing, textOfArchive } from "./archived-transcripts.ts"

/** The host archives no transcript that is larger than 64 MiB. */
const mostFileBytes = 128 * 2 ** 20

export type ColdTask = { readonly path: string; readonly place: SessionPlace; readonly latestMs: number; readonly otherwiseMs: number }
export type ColdRow = { readonly row: TranscriptRow; readonly createdMs: number | undefined }

/** Their rows count where no store has them: the store knows whose they are. */
export function readCold(task: ColdTask, sinks: Sinks) {
  const bytes = readSmallFile(task.path, mostFileBytes)
  const text = textOfArchive(bytes, true)
  if (text === undefined) throw new Error("it is no zstd, or larger than it may be")
  const { sessionId = task.place.sessionId, rows, unreadable } = coldRows(text, sinks.isDeep)
  const sink = sinks.of({ ...task.place, sessionId }, Number.NaN)
  const setting = { sessionId, otherwiseMs: task.otherwiseMs, latestMs: task.latestMs, kind: undefined }
  const found = rows.filter(({ row, createdMs }) => sink.add(row, setting, createdMs)).length
  sink.flush()
  return { endByte: bytes.length, rows: found, unreadable }
}

export type ColdRows = { readonly sessionId: string | undefined; readonly rows: readonly ColdRow[]; readonly unreadable: number }

/** Rows of an archive: those in which the word stands, and messages, or all of them. */
export function coldRows(text: string, isDeep: boolean): ColdRows {
  let [sessionId, unreadable]: [string | undefined, number] = [undefined, 0]
  const rows: ColdRow[] = []
  for (const line of text.split("\n")) {
    const isHeader = sessionId === undefined && line.includes('"header"')
    const isWanted = isHeader || isDeep || line.includes('\\"usage\\"') || line.includes('\\"role\\":\\"user\\"')
    if (line === "" || !isWanted) continue
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
