/** The content of one entry, as the writer opens it itself. */
import { objectOf, type JsonObject } from "../base/json.ts"
import { JournalReader, saltedTextOf } from "../journal/reader.ts"
import type { OpenLedger } from "./open-ledger.ts"

/** Undefined where there is none, or it is erased. */
export function contentAt({ files, keys, scopes }: Pick<OpenLedger, "files" | "keys" | "scopes">, sequence: number): JsonObject | undefined {
  return JournalReader.ask(files, keys, (reader) => {
    const entry = reader.entry(sequence)
    const content = entry && reader.content(entry, scopes)
    return Buffer.isBuffer(content) ? (objectOf(JSON.parse(saltedTextOf(content))) as JsonObject) : undefined
  })
}
