/** Receipts by number: where each is, what it is about, and whether actions have them now. What is asked for by members of a record is read out of it once. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { agentActionGroup, interactionGroup, parseRecord, type PeacRecord } from "../format/peac/record.ts"
import { anchorOf } from "../format/peac/spool-of-record.ts"
import { emptySpool, type SpoolHead } from "../format/peac/spool.ts"
import { correlationGroup } from "../format/peac/write-record.ts"
import { withRevoked, type RevokedKey } from "../format/peac/revocation.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection } from "./projection.ts"

export const receipts: Projection = {
  name: "receipts",
  version: 2,
  tables: ["receipts", "receipt_rules", "revoked_keys"],
  schema: `
    CREATE TABLE receipts(
      number INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, of INTEGER NOT NULL, jti TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, issued_ms INTEGER NOT NULL,
      occurred_ms INTEGER NOT NULL, observed TEXT NOT NULL, action TEXT NOT NULL, tool TEXT, status TEXT, run TEXT
    ) STRICT;
    CREATE INDEX receipts_by_time ON receipts(occurred_ms);
    CREATE INDEX receipts_by_run ON receipts(run);
    CREATE TABLE receipt_rules(sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, place INTEGER NOT NULL, words TEXT NOT NULL) STRICT;
    CREATE TABLE revoked_keys(sequence INTEGER PRIMARY KEY, kid TEXT NOT NULL, revoked_at TEXT NOT NULL, reason TEXT NOT NULL) STRICT;`,
  prepare: (database) => {
    const issued = database.prepare(`
      INSERT OR IGNORE INTO receipts(number, sequence, of, jti, digest, issued_ms, occurred_ms, observed, action, tool, status, run)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    const rule = database.prepare("INSERT INTO receipt_rules(sequence, type, place, words) VALUES (?, ?, ?, ?)")
    const revoked = database.prepare("INSERT INTO revoked_keys(sequence, kid, revoked_at, reason) VALUES (?, ?, ?, ?)")
    return ({ sequence, header, facts }) => {
      if (header.type === "receipt.issued") {
        const { number, of, jws } = facts()
        const parsed = parseRecord(stringOf(jws) ?? "")
        if ("problem" in parsed) return // who checks the chain misses it
        issued.run(countOf(number) ?? 0, sequence, countOf(of) ?? 0, ...columnsOf(parsed.value))
      } else if (header.type === "receipt-key.revoked") {
        const { kid, revokedAt, reason } = facts()
        revoked.run(sequence, stringOf(kid) ?? "", stringOf(revokedAt) ?? "", stringOf(reason) ?? "")
      } else if (header.type.startsWith("receipts.")) {
        const { upTo, digests, issuer } = facts()
        rule.run(sequence, header.type, countOf(upTo) ?? sequence, JSON.stringify([digests ?? null, issuer ?? null]))
      }
    }
  },
}

function columnsOf(record: PeacRecord): readonly (string | number | null)[] {
  const extensions = objectOf(record.claims["extensions"])
  const evidence = objectOf(extensions[interactionGroup])
  const observed = stringOf(objectOf(extensions[agentActionGroup])["event_kind"]) ?? ""
  const occurredMs = Date.parse(stringOf(record.claims["occurred_at"]) ?? "")
  return [
    ...[record.jti, anchorOf(record) ?? "", record.iat * 1_000, Number.isNaN(occurredMs) ? 0 : occurredMs],
    ...[observed.replace(/^agent-action-|-observed$/g, ""), record.sub ?? ""],
    ...[stringOf(objectOf(evidence["tool"])["name"]) ?? null, stringOf(objectOf(evidence["result"])["status"]) ?? null],
    stringOf(objectOf(extensions[correlationGroup])["workflow_id"]) ?? null,
  ]
}

export type ReceiptRow = {
  readonly number: number
  readonly sequence: number
  readonly of: number
  readonly jti: string
  readonly digest: string
  readonly issuedMs: number
  readonly occurredMs: number
  readonly observed: string
  readonly action: string
  readonly tool: string | null
  readonly status: string | null
  readonly run: string | null
}

export const receiptColumns = `number, receipts.sequence AS sequence, of, jti, digest, issued_ms AS issuedMs, occurred_ms AS occurredMs, observed, action, tool, status, run`

/** The last of them, newest first. */
export function lastReceipts(views: SqliteDatabase, most: number): readonly ReceiptRow[] {
  return views.prepare(`SELECT ${receiptColumns} FROM receipts ORDER BY number DESC LIMIT ?`).all(most) as ReceiptRow[]
}

/** In the order in which they were revoked; one that was found stolen later is there once, as stolen, from the first time on. */
export function revokedKeys(views: SqliteDatabase): readonly RevokedKey[] {
  const rows = views.prepare("SELECT kid, revoked_at, reason FROM revoked_keys ORDER BY sequence").all() as RevokedKey[]
  return rows.reduce(withRevoked, [])
}

/** Whether actions have receipts, since when, and why not any more. */
export type ReceiptState = {
  readonly state: "on" | "off" | "halted"
  /** From the entry on from which the next action may be; 0 while there were never any. */
  readonly from: number
  readonly head: SpoolHead
  /** Digests and issuer, as they are on record; empty while none were issued. */
  readonly words: string
}

export function receiptState(views: SqliteDatabase): ReceiptState {
  const [last] = lastReceipts(views, 1)
  const row = views.prepare("SELECT type, words FROM receipt_rules ORDER BY sequence DESC LIMIT 1").get()
  const { type, words = "" } = (row ?? {}) as { type?: string; words?: string }
  const state = type === "receipts.begun" ? "on" : type === "receipts.halted" ? "halted" : "off"
  return {
    ...{ state, from: Math.max(begunAt(views), last === undefined ? 0 : last.of + 1), words: state === "on" ? words : "" },
    head: last === undefined ? emptySpool : { sequence: last.number, digest: last.digest },
  }
}

/** Since when they are on, or until when they were. */
function begunAt(views: SqliteDatabase): number {
  const place = views
    .prepare(`
      SELECT place FROM receipt_rules WHERE sequence >= (SELECT coalesce(max(sequence), 0) FROM receipt_rules WHERE type = 'receipts.ended')
      ORDER BY type = 'receipts.ended', sequence LIMIT 1`)
    .pluck()
    .get() as number | undefined
  return place ?? 0
}
