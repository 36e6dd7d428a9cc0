/** Receipts in any number, issued as the writer issues them but without its process: a call on record for each. */
import type { NewEvent } from "../src/format/event.ts"
import { emptySpool } from "../src/format/peac/spool.ts"
import type { LedgerFiles } from "../src/journal/files.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import type { OpenLedger } from "../src/operations/open-ledger.ts"
import { ReceiptIssuer, type ReceiptCursor } from "../src/operations/receipts/issue.ts"

export const aCommit = 250

export type Many = {
  readonly total: number
  /** Over how many sessions; seven where it does not matter. */
  readonly sessions?: number
  /** Puts the calls on record. */
  readonly append: (events: readonly NewEvent[]) => void
}

/** Answers the milliseconds of each commit of receipts. */
export function issueMany(ledger: OpenLedger, files: LedgerFiles, { total, append, sessions = 7 }: Many): readonly number[] {
  const took: number[] = []
  const parts = { reader: JournalReader.open(files, ledger.keys), scopes: ledger.scopes, origin: ledger.keys.store.origin }
  const issuer = new ReceiptIssuer(parts, { issuer: undefined, digests: "plain", directory: undefined }, ledger.keys.signer)
  let cursor: ReceiptCursor = { next: 0, head: emptySpool }
  for (let call = 0; call < total; call += aCommit) {
    const some = Math.min(aCommit, total - call)
    append(Array.from({ length: some }, (_, at) => returned(call + at, sessions)))
    const from = performance.now()
    const events: NewEvent[] = []
    while (events.length < some) {
      const issued = issuer.next(cursor, ledger.journal.size, some - events.length, Date.now())
      cursor = issued.cursor
      events.push(...issued.events)
    }
    cursor = { ...cursor, next: appended(ledger, events) + events.length } // as the writer does
    took.push(performance.now() - from)
  }
  parts.reader.close()
  return took
}

/** Puts them on record as they are; answers the number of the first. */
export function appended({ journal, scopes }: OpenLedger, events: readonly NewEvent[]): number {
  const nowMs = Date.now()
  return journal.append(
    events.map((event) => entryOf(event, scopes, nowMs)),
    nowMs,
  )
}

function returned(call: number, sessions: number): NewEvent {
  const facts = { tool: "exec", call: `call-${call}`, run: `run-${call >> 5}`, agent: "main", failed: false, resultBytes: 60, atMs: Date.now(), durationMs: 12 }
  const content = { params: { command: `ls /srv/data/${call}` }, result: { content: [{ type: "text", text: `twelve files in /srv/data/${call}` }] } }
  return { type: "tool.returned", id: `tool.returned:${call}`, scope: { session: `agent:main:${call % sessions}`, sender: "" }, facts, content }
}
