/** ledger.root, ledger.trees, ledger.proof, ledger.verify, ledger.chain: the map of event ids, asked about the own session's events. */
import { Fault } from "../../base/fault.ts"
import type { JsonObject } from "../../base/json.ts"
import { leafHash } from "../../format/header.ts"
import { mapProofText, parseMapProof } from "../../format/map-proof.ts"
import { factsOf } from "../../journal/reader.ts"
import { headCheckpoint } from "../../views/checkpoints.ts"
import { mapView, proveInMap, shortProofProblems } from "../../views/event-map.ts"
import { filteredSequences } from "../../views/event-list.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { refused } from "./refusal.ts"
import { fitting } from "./receipts-query.ts"
import { defaultResults } from "./tool-list.ts"
import { timeText, type Tool } from "./tool.ts"

/** Entries of the session that an id is looked for in, the newest first. */
const mostLookedAt = 20_000
const later = "Ask again later; the operator puts it there at once with: sovereign-ledger smt root --commit"

export const ledgerRoot: Tool = (_parameters, { reading }) =>
  reading((access) => {
    const { tree, root, size, committed } = mapView(access)
    return { status: "ok", tree, root, size, committed }
  })

export const ledgerTrees: Tool = (_parameters, { reading }) => reading((access) => ({ status: "ok", trees: [mapView(access) as unknown as JsonObject] }))

export const ledgerProof: Tool = (parameters, { session, reading }) =>
  reading((access) => {
    const id = parameters.text("event_id") ?? ""
    // That an event is on record is told of one's own alone: of another's it would be an answer about somebody else.
    if (!isOfSession(access, session, id)) throw refused("No event of this session has this id", "Pass one as ledger.chain lists it.")
    const proof = shortProof(access, id)
    return { status: "ok", proves: proof.proves, event_id: proof.id, size: proof.size, proof: mapProofText(proof) }
  })

export const ledgerVerify: Tool = (parameters, { reading }) =>
  reading((access) => {
    const parsed = parseMapProof(parameters.text("proof") ?? "")
    if (parsed === "other" || "wrong" in parsed) throw refused("It is no proof from a map of event ids", "Pass the text that ledger.proof gave as proof.")
    const { proof } = parsed
    const problems = shortProofProblems(access, proof)
    if (!problems) throw refused("No root is on record in this ledger to hold it against", later)
    const valid = problems.length === 0
    return { status: "ok", valid, proves: valid ? proof.proves : null, event_id: proof.id, size: proof.size, problems }
  })

export const ledgerChain: Tool = (parameters, { session, reading }) =>
  reading((access) => {
    const [limit, offset] = [parameters.count("limit") ?? defaultResults, parameters.count("offset") ?? 0]
    const sequences = filteredSequences(access, { session }, "DESC")
    const entries = fitting(sequences.slice(offset, offset + limit).flatMap((sequence) => entryOf(access, sequence)))
    return { status: "ok", total: sequences.length, offset, limit, entries, truncated: offset + entries.length < sequences.length }
  })

function shortProof(access: LedgerAccess, id: string) {
  try {
    const proof = proveInMap(access, { id, head: headCheckpoint(access, undefined), isShort: true })
    if (proof.proves === "recorded") return proof
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "map.uncommitted") throw error
  }
  throw refused("The event is recorded, and no root on record covers it yet", later)
}

function isOfSession(access: LedgerAccess, session: string, id: string): boolean {
  return filteredSequences(access, { session }, "DESC")
    .slice(0, mostLookedAt)
    .some((sequence) => {
      const entry = access.reader.entry(sequence)
      return entry !== undefined && factsOf(entry).id === id
    })
}

function entryOf({ reader }: LedgerAccess, sequence: number): readonly JsonObject[] {
  const entry = reader.entry(sequence)
  if (!entry) return []
  const { timeMs, type } = entry.header
  return [{ sequence, recorded_at: timeText(timeMs), type, event_id: factsOf(entry).id, leaf_hash: leafHash(entry.headerBytes).toString("hex") }]
}
