/** Entries as rows for other programs: NDJSON that a stranger can verify, or CSV that a spreadsheet can read. Streamed in one snapshot. */
import type { JsonObject } from "../base/json.ts"
import { exportFormat, exportRow, type ExportEnd, type ExportRow, type Labels } from "../format/export-row.ts"
import { consistencyProof } from "../format/consistency.ts"
import { inclusionProof, rangeRoot, type SubtreeSource } from "../format/merkle.ts"
import { closingOf } from "../journal/closing.ts"
import { factsOf, type StoredEntry } from "../journal/reader.ts"
import { contentOf, filteredSequences, isFiltered, type EventFilter } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { anchoredUpTo } from "./anchors.ts"
import { cosignedNotesUpTo } from "./checkpoints.ts"
import { signedHead } from "./signed-head.ts"

export type ExportQuestion = EventFilter & {
  readonly limit?: number | undefined
  readonly includeContent: boolean
}

/** The rows, then the end line. */
export function* exportRows(access: LedgerAccess, question: ExportQuestion): Generator<ExportRow | ExportEnd> {
  const { size, signer, chain } = signedHead(access)
  const subtrees = access.reader.subtrees(size)
  const isWhole = (closingOf(access.reader)?.upTo ?? 0) === 0
  const complete = isWhole && !isFiltered(question) && (question.from ?? 0) === 0 && (question.to ?? Infinity) >= size - 1 && question.limit === undefined
  const labels = new LabelSource(access)
  let rows = 0
  for (const entry of chosenEntries(access, question, size)) {
    if (rows === question.limit) break
    const content = question.includeContent ? contentOf(access, entry).salted : undefined
    const proof = complete ? undefined : inclusionProof(subtrees, entry.sequence, size)
    yield exportRow({ header: entry.headerBytes, saltedFacts: entry.saltedFacts, saltedContent: content, proof }, labels.of(entry))
    rows++
  }
  const checkpoint = signer.note({ origin: chain.origin, size, root: rangeRoot(subtrees, 0, size) })
  const handOvers = chain.notes.length === 0 ? {} : { handOvers: chain.notes }
  const anchored = anchoredUpTo(access, size, subtrees)
  const seen = { ...cosignedUpTo(access, size, subtrees), ...(anchored.length === 0 ? {} : { anchored }) }
  yield { exportFormat, rows, complete, checkpoint, verifierKey: signer.verifierKey, ...handOvers, ...seen }
}

/** What witnesses have seen of it, each note with the way to the export's own tree. */
export function cosignedUpTo(access: LedgerAccess, size: number, subtrees: SubtreeSource): Pick<ExportEnd, "cosigned"> {
  const cosigned = cosignedNotesUpTo(access, size).map(({ size: seen, note }) => {
    return { note, consistency: consistencyProof(subtrees, seen, size).map((hash) => hash.toString("base64url")) }
  })
  return cosigned.length === 0 ? {} : { cosigned }
}

export function* chosenEntries(access: LedgerAccess, question: EventFilter, size: number): Generator<StoredEntry> {
  const to = Math.min(question.to ?? size - 1, size - 1)
  if (!isFiltered(question)) {
    yield* access.reader.entries(question.from ?? 0, to)
    return
  }
  for (const sequence of filteredSequences(access, { ...question, to }, "ASC")) {
    const entry = access.reader.entry(sequence)
    if (entry) yield entry
  }
}

/** Labels come from scopes.db and from the settings that were journaled; none of them is proven. */
class LabelSource {
  readonly #access: LedgerAccess
  readonly #users = new Map<string, string>()
  #machine: string | null = null

  constructor(access: LedgerAccess) {
    this.#access = access
  }

  of(entry: StoredEntry): Labels {
    const scope = this.#access.scopes?.byId(entry.header.scopeId)
    const facts = factsOf(entry)
    if (entry.header.type === "writer.started" && typeof facts["machine"] === "string") this.#machine = facts["machine"]
    if (entry.header.type === "config.loaded") this.#learnUser(entry)
    const open = typeof scope === "object" ? scope : undefined
    return {
      session: open?.session || null,
      sender: open?.sender || null,
      user: (typeof facts["user"] === "string" ? this.#users.get(facts["user"]) : undefined) ?? null,
      machine: this.#machine,
    }
  }

  #learnUser(entry: StoredEntry): void {
    const { text } = contentOf(this.#access, entry)
    const { userId } = text === undefined ? { userId: undefined } : (JSON.parse(text) as JsonObject)
    if (typeof userId === "string" && this.#access.scopes) this.#users.set(this.#access.scopes.pseudonym(`user:${userId}`), userId)
  }
}

export const csvColumns = [
  "sequence",
  "id",
  "createdAt",
  "eventType",
  "type",
  "category",
  "description",
  "sessionId",
  "userId",
  "machineId",
  "orgId",
  "source",
  "contentHash",
  "previousHash",
  "metadata",
  "content",
  "anchor_checkpointId",
  "anchor_txHash",
  "anchor_smtRoot",
  "anchor_sequenceStart",
  "anchor_sequenceEnd",
  "anchor_createdAt",
] as const

export function csvHeader(): string {
  return csvColumns.join(",")
}

export function csvRow(row: ExportRow): string {
  return csvColumns.map((column) => csvCell(column.startsWith("anchor_") ? null : row[column as keyof ExportRow])).join(",")
}

/** RFC 4180 quoting; a cell a spreadsheet would run as a formula gets a leading apostrophe. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ""
  const text = typeof value === "string" ? value : JSON.stringify(value)
  const guarded = typeof value !== "number" && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
