/** Receipts in any number, issued as the writer issues them but without its process: a call on record for each. */
import type { NewEvent } from "../src/format/event.ts"
import { emptySpool } from "../src/format/peac/spool.ts"
import type { LedgerFiles } from "../src/journal/files.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import type { OpenLedger } from "../src/operations/open-ledger.ts"
import { ReceiptIssuer, signedBeside, type ReceiptCursor, type ReceiptDraft } from "../src/operations/receipts/issue.ts"

export const aCommit = 250

export type Many = {
  readonly total: number
  /** Over how many sessions; seven where it does not matter. */
  readonly sessions?: number
  /** Puts the calls on record. */
  readonly append: (events: readonly NewEvent[]) => void
}

/** Signed by this thread. Answers the milliseconds of each commit of receipts. */
export function issueMany(ledger: OpenLedger, files: LedgerFiles, many: Many): readonly number[] {
  const work = new ManyReceipts(ledger, files, many)
  const took: number[] = []
  for (let call = 0; call < many.total; call += aCommit) {
    const drafted = work.draft(call, false)
    work.append(work.issuer.signed(drafted))
    took.push(performance.now() - work.fromMs)
  }
  work.close()
  return took
}

/** Signed by other threads, as the writer has it. Answers the milliseconds of each commit of receipts. */
export async function issueManyBeside(ledger: OpenLedger, files: LedgerFiles, many: Many): Promise<readonly number[]> {
  const work = new ManyReceipts(ledger, files, many)
  const took: number[] = []
  for (let call = 0; call < many.total; call += aCommit) {
    const drafted = work.draft(call, true)
    work.append(await signedBeside(drafted))
    took.push(performance.now() - work.fromMs)
  }
  work.close()
  return took
}

class ManyReceipts {
  readonly issuer: ReceiptIssuer
  readonly #ledger: OpenLedger
  readonly #many: Many
  readonly #reader: JournalReader
  #cursor: ReceiptCursor = { next: 0, head: emptySpool }
  /** When the calls of the last piece were on record. */
  fromMs = 0

  constructor(ledger: OpenLedger, files: LedgerFiles, many: Many) {
    this.#ledger = ledger
    this.#many = many
    this.#reader = JournalReader.open(files, ledger.keys)
    const parts = { reader: this.#reader, scopes: ledger.scopes, origin: ledger.keys.store.origin }
    this.issuer = new ReceiptIssuer(parts, { issuer: undefined, digests: "plain", directory: undefined }, ledger.keys.signer)
  }

  draft(call: number, beside: boolean): readonly ReceiptDraft[] {
    const { total, append, sessions = 7 } = this.#many
    const some = Math.min(aCommit, total - call)
    append(Array.from({ length: some }, (_, at) => returned(call + at, sessions)))
    this.fromMs = performance.now()
    const drafts: ReceiptDraft[] = []
    while (drafts.length < some) {
      const drafted = this.issuer.next(this.#cursor, this.#ledger.journal.size, some - drafts.length, Date.now(), beside)
      this.#cursor = drafted.cursor
      drafts.push(...drafted.drafts)
    }
    return drafts
  }

  /** As the writer does. */
  append(events: readonly NewEvent[]): void {
    this.#cursor = { ...this.#cursor, next: appended(this.#ledger, events) + events.length }
  }

  close(): void {
    this.#reader.close()
  }
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
