/**
 * Whether the last word of a writer, if one ever ran, is that it stops. That a checkpoint covers everything does not tell: a writer that was killed may have
 * stored its own a moment before.
 */
import type { JournalReader } from "../journal/reader.ts"

/** Written by whoever opens the ledger, before a writer begins. */
const withoutWriter: ReadonlySet<string> = new Set([
  "journal.opened",
  "signer.replaced",
  "master.replaced",
  "vault.rekeyed",
  "journal.closed",
  "content.erased",
  "erasure.repeated",
  "legal-hold.placed",
  "legal-hold.lifted",
])

export function endsInOrder(reader: JournalReader, size: number): boolean {
  for (let sequence = size - 1; sequence >= 0; sequence--) {
    const type = reader.entry(sequence)?.header.type
    if (type === undefined || !withoutWriter.has(type)) return type === "writer.stopped"
  }
  return true
}
