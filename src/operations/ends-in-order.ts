/**
 * Whether the last word of a writer, if one ever ran, is that it stops. That a checkpoint covers everything does not tell: a writer that was killed may have
 * stored its own a moment before.
 */
import type { JournalReader } from "../journal/reader.ts"

export function endsInOrder(reader: JournalReader, size: number): boolean {
  for (let sequence = size - 1; sequence >= 0; sequence--) {
    const type = reader.entry(sequence)?.header.type
    if (type !== "journal.opened" && type !== "signer.replaced") return type === "writer.stopped" // those two are written without a writer, too
  }
  return true
}
