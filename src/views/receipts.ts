/** Receipts that are on record: which there are, one by its number or id, and the records themselves. */
import { Fault } from "../base/fault.ts"
import type { PeacRecord } from "../format/peac/record.ts"
import { receiptColumns, type ReceiptRow } from "../projections/receipts.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type ReceiptFilter = {
  readonly run?: string | undefined
  readonly tool?: string | undefined
  readonly status?: string | undefined
  /** Key of a session, as the host has it. */
  readonly session?: string | undefined
  /** When the action ended, milliseconds since 1970: from, and up to but not including. */
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
}

type Conditions = { readonly where: string; readonly parameters: readonly (string | number)[] }

/** Newest first. */
export function listReceipts(
  access: LedgerAccess,
  filter: ReceiptFilter,
  limit: number,
  offset = 0,
): { readonly receipts: readonly ReceiptRow[]; readonly total: number } {
  const { where, parameters } = conditions(access, filter)
  return access.ask((views) => ({
    total: views
      .prepare(`SELECT count(*) FROM receipts ${where}`)
      .pluck()
      .get(...parameters) as number,
    receipts: views
      .prepare(`SELECT ${receiptColumns} FROM receipts ${where} ORDER BY number DESC LIMIT ? OFFSET ?`)
      .all(...parameters, limit, offset) as ReceiptRow[],
  }))
}

/** Of those that a filter lets through: how many, and when the first and the last were issued, milliseconds since 1970. */
export type ReceiptCount = { readonly count: number; readonly oldestMs: number | null; readonly latestMs: number | null }

export function countReceipts(access: LedgerAccess, filter: ReceiptFilter): ReceiptCount {
  const { where, parameters } = conditions(access, filter)
  return access.ask((views) => {
    const counted = views.prepare(`SELECT count(*) AS count, min(issued_ms) AS oldestMs, max(issued_ms) AS latestMs FROM receipts ${where}`)
    return counted.get(...parameters) as ReceiptCount
  })
}

/** Sequences of a session's entries from one on, `most` of them, in order. */
export function entriesOfSession(access: LedgerAccess, session: string, from: number, most: number): readonly number[] {
  const asked = `SELECT sequence FROM timeline WHERE scope IN ${scopesOf(access, session)} AND sequence >= ? ORDER BY sequence LIMIT ?`
  return access.ask((views) => views.prepare(asked).pluck().all(from, most) as number[])
}

/** @param wanted its number, or its `jti`. @throws {Fault} `receipt.unknown` */
export function receiptNamed(access: LedgerAccess, wanted: string): ReceiptRow {
  const column = /^\d+$/.test(wanted) ? "number" : "jti"
  const row = access.ask((views) => views.prepare(`SELECT ${receiptColumns} FROM receipts WHERE ${column} = ?`).get(wanted)) as ReceiptRow | undefined
  if (!row) throw new Fault("receipt.unknown", { wanted })
  return row
}

/** The record, as it was signed; undefined when its entry is gone. */
export function recordOf(access: LedgerAccess, { sequence }: Pick<ReceiptRow, "sequence">): string | undefined {
  const row = access.reader.rawEntry(sequence)
  return row && jwsPattern.exec(row[2].toString("latin1"))?.[1]
}

/** Whether a record stands in the journal, byte for byte, and before its key was revoked there: the place in the journal is what nobody who has that key can write. */
export function isOnRecord(access: LedgerAccess, { jti, kid }: Pick<PeacRecord, "jti" | "kid">, jws: string): boolean {
  const place = access.ask((views) =>
    views
      .prepare("SELECT sequence FROM receipts WHERE jti = ? AND sequence < (SELECT coalesce(min(sequence), ?) FROM revoked_keys WHERE kid = ?)")
      .pluck()
      .get(jti, Number.MAX_SAFE_INTEGER, kid),
  )
  return typeof place === "number" && recordOf(access, { sequence: place }) === jws
}

/** In the text of the facts, which need not be taken apart for it: ten thousand are asked for at once. */
const jwsPattern = /"jws":"([A-Za-z0-9._-]+)"/

function conditions(access: LedgerAccess, { run, tool, status, session, sinceMs, untilMs }: ReceiptFilter): Conditions {
  const told: [string, string | number | undefined][] = [
    ["run = ?", run],
    ["tool = ?", tool],
    ["status = ?", status],
    ["occurred_ms >= ?", sinceMs],
    ["occurred_ms < ?", untilMs],
  ]
  const given = told.flatMap(([clause, value]) => (value === undefined ? [] : [{ clause, value }]))
  const clauses = given.map(({ clause }) => clause)
  if (session !== undefined) clauses.push(`of IN (SELECT sequence FROM timeline WHERE scope IN ${scopesOf(access, session)})`)
  return { where: clauses.length === 0 ? "" : `WHERE ${clauses.join(" AND ")}`, parameters: given.map(({ value }) => value) }
}

/** The numbers of a session's scopes in the projections, as a part of a question. */
function scopesOf(access: LedgerAccess, session: string): string {
  const ids = (access.scopes?.idsOfSession(session) ?? []).map((id) => `x'${id.toString("hex")}'`).join(", ")
  return `(SELECT number FROM scope_numbers WHERE scope_id IN (${ids}))`
}
