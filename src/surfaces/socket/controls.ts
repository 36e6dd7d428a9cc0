/** What commands ask of a writer on the control lane, one row an action. Each is answered when what it wrote is on disk. */
import { Fault } from "../../base/fault.ts"
import { countOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { eraseContent, type Erased } from "../../operations/erase/erase-content.ts"
import { liftHold, placeHold } from "../../operations/erase/legal-holds.ts"
import { prepareHandOver, type HandedOver, type HandOverOptions } from "../../operations/hand-over-key.ts"
import type { Importing } from "../../operations/import/importing.ts"
import type { Intake } from "../../operations/intake.ts"
import type { MapRoots } from "../../operations/map-roots.ts"
import type { OpenLedger } from "../../operations/open-ledger.ts"
import type { KeyRevocations, Revoked } from "../../operations/receipts/key-revocations.ts"
import { takeMasterStep, type MasterStepDone } from "../../operations/replace-master.ts"
import type { OrderAnswer } from "../../operations/spend/ledger-orders.ts"
import type { Spending } from "../../operations/spend/spending.ts"
import type { Upkeep } from "../../operations/upkeep.ts"
import { parseWho, type LegalHold } from "../../vault/erasures.ts"
import { protocolVersion, type ControlAction, type WriterStatus } from "./protocol.ts"

export type ControlParts = {
  readonly ledger: OpenLedger
  readonly intake: Pick<Intake, "record" | "commit">
  readonly spending: Pick<Spending, "orders">
  readonly importing: Pick<Importing, "take">
  readonly upkeep: Pick<Upkeep, "storeCheckpoint" | "replaceSigner">
  readonly revocations: Pick<KeyRevocations, "published" | "revoke">
  /** Tells everybody who is told of alerts. */
  readonly testAlerts: () => object
  readonly maps: Pick<MapRoots, "commit">
  readonly nowMs: () => number
  readonly status: () => WriterStatus
  /** Commits what waits; throws what the disk refused. */
  readonly settle: () => void
  /** An order was carried out. */
  readonly ordered: () => void
  readonly failed: (error: unknown) => void
  /** Whether a command that removes what is old was started by this writer. */
  readonly mayPrune: (token: unknown) => boolean
  readonly leave: (action: "stop" | "hand-over") => void
  /** Of a hand-over of the signing key; in tests and benches. */
  readonly reached?: HandOverOptions["reached"]
}

/** What commands do by themselves, and the operator alone may. */
const changes = { rekey: "sealing all data anew", prune: "removing old entries" } as const
const unknownChange = "what is not known"

type Line = Readonly<Record<string, unknown>>

/** Answers one question, or throws what is wrong with it. */
export function controlsOf(parts: ControlParts): (action: ControlAction, line: Line) => unknown {
  const rows: { readonly [A in ControlAction]: (line: Line) => unknown } = {
    status: parts.status,
    sign: () => {
      parts.settle()
      const { checkpoint, note } = parts.ledger.journal.checkpoint()
      return { note, size: checkpoint.size }
    },
    checkpoint: () => {
      parts.settle()
      return parts.upkeep.storeCheckpoint()
    },
    order: (line) => order(parts, line),
    import: (line) => parts.importing.take(line),
    "commit-map": () => {
      parts.settle()
      return parts.maps.commit()
    },
    "receipt-keys": () => parts.revocations.published(),
    "revoke-key": (line) => revokeKey(parts, line),
    "test-alerts": () => {
      const told = parts.testAlerts()
      parts.settle()
      return told
    },
    "replace-signer": ({ successor }) => replaceSigner(parts, successor),
    "replace-master": (line) => replaceMaster(parts, line),
    erase: (line) => erase(parts, line),
    may: (line) => may(parts, line),
    "legal-hold": (line) => legalHold(parts, line),
    "hand-over": () => leaving(parts, "hand-over"),
    stop: () => leaving(parts, "stop"),
  }
  return (action, line) => {
    if (!Object.hasOwn(rows, action)) throw new Fault("writer.protocol", { found: protocolVersion, known: String(action) })
    return rows[action](line)
  }
}

/** The answer leaves first. */
function leaving({ leave }: ControlParts, action: "stop" | "hand-over"): { readonly leaving: true; readonly pid: number } {
  setImmediate(() => leave(action))
  return { leaving: true, pid: process.pid }
}

/** Decided right before its commit, and answered after it. */
function order({ spending, intake, settle, ordered }: ControlParts, line: Line): OrderAnswer {
  const asked = spending.orders.ask(line)
  intake.commit(asked.events)
  settle()
  ordered()
  return asked.answer()
}

/** Keys that are half written are for the next writer to settle. */
function replaceSigner({ ledger, upkeep, settle, failed, reached }: ControlParts, successor: unknown): HandedOver {
  settle()
  const prepared = prepareHandOver(ledger, successor)
  try {
    return upkeep.replaceSigner(prepared, reached)
  } catch (error) {
    failed(error)
    throw error
  }
}

function replaceMaster(parts: ControlParts, line: Line): MasterStepDone | OrderAnswer {
  const { ledger, settle, nowMs } = parts
  settle()
  // The step after the first one only brings to its end what was allowed.
  const refused = line["step"] === "promote" ? undefined : refusalOf(parts, line, "another master key")
  if (refused) return refused
  return takeMasterStep(ledger, line, nowMs(), enterBy(parts))
}

/** Destroys keys that nothing waiting was sealed under: what waits is committed first. */
function erase(parts: ControlParts, line: Line): Erased | OrderAnswer {
  const { ledger, settle } = parts
  settle()
  const who = parseWho(line["who"])
  if (!who) throw new Fault("cli.usage", { problem: "An erasure is of a session, a sender or an agent." })
  const refused = refusalOf(parts, line, `erasing contents of ${who.by === "agent" ? "an agent" : `a ${who.by}`}`)
  if (refused) return refused
  const { beforeMs, reason } = line
  return eraseContent(ledger.scopes, { who, beforeMs: countOf(beforeMs), reason: stringOf(reason), enter: enterBy(parts) })
}

function legalHold(parts: ControlParts, line: Line): LegalHold | OrderAnswer {
  const { ledger, nowMs, settle } = parts
  settle()
  const who = parseWho(line["who"])
  if (who) return placeHold(ledger.scopes, { who, reason: stringOf(line["reason"]) ?? "", nowMs: nowMs() }, enterBy(parts))
  return refusalOf(parts, line, "lifting a legal hold") ?? liftHold(ledger.scopes, stringOf(line["lift"]) ?? "", enterBy(parts))
}

/** A record by a revoked key may not be believed any more: that is weakened by the operator alone. */
function revokeKey(parts: ControlParts, line: Line): Revoked | OrderAnswer {
  const { revocations, nowMs, settle } = parts
  settle()
  return refusalOf(parts, line, "revoking a key of receipts") ?? revocations.revoke(line["kid"], line["reason"], nowMs(), enterBy(parts))
}

/** What the writer itself started has the operator's word by the settings. */
function may(parts: ControlParts, line: Line): { readonly may: true } | OrderAnswer {
  const change = stringOf(line["change"]) ?? ""
  if (change === "prune" && parts.mayPrune(line["token"])) return { may: true }
  return refusalOf(parts, line, Object.hasOwn(changes, change) ? changes[change as keyof typeof changes] : unknownChange) ?? { may: true }
}

/** What only the operator may do; a refusal is on record when it is answered. */
function refusalOf({ spending, intake, settle }: ControlParts, line: Line, change: string): OrderAnswer | undefined {
  const refused = spending.orders.refusal(line, change)
  if (!refused) return undefined
  intake.commit(() => refused.events)
  settle()
  return refused.answer
}

/** Puts events on record, durably. */
function enterBy({ intake, settle }: ControlParts): (events: readonly NewEvent[]) => void {
  return (events) => {
    for (const event of events) intake.record(event)
    settle()
  }
}
