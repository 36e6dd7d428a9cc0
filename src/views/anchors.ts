/** The anchors of a ledger: who has anchored it last, all of them one by one, and what each was given as. */
import { Fault } from "../base/fault.ts"
import { countOf, objectOf, stringOf, type Json } from "../base/json.ts"
import { parseAnchor, type AnchorFacts, type AnchorKind } from "../format/anchor.ts"
import type { AnchoredNote } from "../format/anchored-note.ts"
import { consistencyProof } from "../format/consistency.ts"
import type { SubtreeSource } from "../format/merkle.ts"
import { factsOf } from "../journal/reader.ts"
import { anchorNumbered, anchorSequences, countAnchors, lastAnchors, newestAnchors, type AnchorRow } from "../projections/anchors.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** One who anchors, as `status` shows it. */
export type AnchorStanding = {
  readonly kind: AnchorKind
  readonly authority: string
  /** The largest size that was anchored, as it stands here, and when, by the other side's clock. */
  readonly size: number
  readonly at: string | null
  readonly reference: string | null
  /** What the running writer last heard; null without a writer, or when it is asked no more. */
  readonly state: string | null
  readonly pending: number | null
  readonly today: number | null
  readonly mostADay: number | null
  readonly failures: number | null
  readonly circuit: string | null
  readonly problem: string | null
}

/** What keeps a ledger from being anchored by one that is asked, whatever the reason is; a false answer accuses the other side. */
export function isFalse(state: string | null): boolean {
  return state === "answers falsely"
}

export function anchorStandings(access: LedgerAccess, writer: Json): readonly AnchorStanding[] {
  const rows = access.ask((views) => newestAnchors(views))
  const told = objectOf(writer)["anchors"]
  const asked = Array.isArray(told) ? told.map(objectOf) : []
  const names = new Map<string, { readonly kind: AnchorKind; readonly authority: string }>()
  for (const { kind, authority } of [...rows, ...asked.flatMap(named)]) names.set(`${kind} ${authority}`, { kind, authority })
  return [...names.values()].map(({ kind, authority }) => {
    const row = rows.find((one) => one.kind === kind && one.authority === authority)
    const word = asked.find((one) => one["kind"] === kind && one["authority"] === authority)
    return {
      kind,
      authority,
      size: row?.size ?? 0,
      at: row ? new Date(row.atMs).toISOString() : null,
      reference: row?.reference ?? null,
      state: stringOf(word?.["state"]) ?? null,
      pending: countOf(word?.["pending"]) ?? null,
      today: countOf(word?.["today"]) ?? null,
      mostADay: countOf(word?.["mostADay"]) ?? null,
      failures: countOf(word?.["failures"]) ?? null,
      circuit: stringOf(word?.["circuit"]) ?? null,
      problem: stringOf(word?.["problem"]) ?? null,
    }
  })
}

function named({ kind, authority }: Readonly<Record<string, unknown>>): readonly { readonly kind: AnchorKind; readonly authority: string }[] {
  const isKind = kind === "rfc3161" || kind === "digital-evidence"
  return isKind && typeof authority === "string" ? [{ kind, authority }] : []
}

export type AnchorView = Omit<AnchorRow, "atMs" | "recordedMs" | "digest"> & { readonly at: string; readonly recordedAt: string }

/** The newest first. */
export function listAnchors(access: LedgerAccess, most: number): { readonly anchors: readonly AnchorView[]; readonly total: number } {
  return access.ask((views) => ({ anchors: lastAnchors(views, most).map(viewOf), total: countAnchors(views) }))
}

/**
 * The facts of one anchor, by its number; of the newest without one.
 * @throws {Fault} `anchor.unknown`
 */
export function anchorOf(access: LedgerAccess, number: number | undefined): AnchorFacts {
  const row = access.ask((views) => (number === undefined ? lastAnchors(views, 1)[0] : anchorNumbered(views, number)))
  const facts = row && storedAnchor(access, row)
  if (!facts) throw new Fault("anchor.unknown", { number: number ?? "any" })
  return facts
}

/** The newest of each who anchors, of those up to a size, each with the way from its tree to that one. */
export function anchoredUpTo(access: LedgerAccess, size: number, subtrees: SubtreeSource): readonly AnchoredNote[] {
  // As they stand: an export is not kept waiting for tables, and what is newer than they are is in its rows.
  const rows = access.glance((views) => newestAnchors(views, size)) ?? []
  return rows.flatMap((row) => {
    const anchor = storedAnchor(access, row)
    if (!anchor) return []
    const { kind, authority, size: seen, atMs, reference, note, proof } = anchor
    const consistency = consistencyProof(subtrees, seen, size).map((hash) => hash.toString("base64url"))
    return [{ kind, authority, size: seen, atMs, reference, note, proof, consistency }]
  })
}

/** All of them, the oldest first, as they stand; undefined for one that is not well formed. */
export function* keptAnchors(access: LedgerAccess): Generator<{ readonly sequence: number; readonly anchor: AnchorFacts | undefined }> {
  for (const sequence of access.ask(anchorSequences)) {
    const entry = access.reader.entry(sequence)
    yield { sequence, anchor: entry && parseAnchor(factsOf(entry)) }
  }
}

function storedAnchor({ reader }: LedgerAccess, { sequence }: AnchorRow): AnchorFacts | undefined {
  const entry = reader.entry(sequence)
  return entry && parseAnchor(factsOf(entry))
}

function viewOf({ atMs, recordedMs, digest: _, ...row }: AnchorRow): AnchorView {
  return { ...row, at: new Date(atMs).toISOString(), recordedAt: new Date(recordedMs).toISOString() }
}
