/**
 * Content that must not be erased, for a lawsuit or an audit, until the hold is lifted. A hold stands in scopes.db, where the labels are by which content is
 * found, and on record as `legal-hold.placed` and `legal-hold.lifted`; what a crash kept from being recorded is recorded by who opens the ledger next.
 */
import { randomBytes } from "node:crypto"
import { Fault } from "../../base/fault.ts"
import type { NewEvent } from "../../format/event.ts"
import { dropHold, legalHolds, putHold, type ErasureWho, type LegalHold } from "../../vault/erasures.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { nameOf } from "./erase-content.ts"

type Enter = (events: readonly NewEvent[]) => void

export function placeHold(scopes: ScopeStore, asked: { readonly who: ErasureWho; readonly reason: string; readonly nowMs: number }, enter: Enter): LegalHold {
  const hold: LegalHold = { id: randomBytes(4).toString("hex"), who: asked.who, reason: asked.reason, placedMs: asked.nowMs, state: "placed" }
  putHold(scopes, hold)
  return settled(scopes, hold, enter)
}

/** @throws {Fault} `erase.no-hold` */
export function liftHold(scopes: ScopeStore, id: string, enter: Enter): LegalHold {
  const hold = legalHolds(scopes).find((one) => one.id === id)
  if (!hold) throw new Fault("erase.no-hold", { hold: id })
  const lifted: LegalHold = { ...hold, state: "lifted" }
  putHold(scopes, lifted)
  return settled(scopes, lifted, enter)
}

export function settleHolds(scopes: ScopeStore, enter: Enter): void {
  for (const hold of legalHolds(scopes)) if (hold.state !== "standing") settled(scopes, hold, enter)
}

function settled(scopes: ScopeStore, hold: LegalHold, enter: Enter): LegalHold {
  const type = hold.state === "lifted" ? "legal-hold.lifted" : "legal-hold.placed"
  const { id, who, reason } = hold
  enter([{ type, id: `${type}:${id}`, facts: { hold: id, by: who.by, who: nameOf(scopes, who) }, content: { reason } }])
  if (hold.state === "lifted") dropHold(scopes, id)
  else putHold(scopes, { ...hold, state: "standing" })
  return hold
}
