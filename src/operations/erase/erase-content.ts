/**
 * Erasing content: the keys of its scopes are destroyed. The sealed bytes stay where they are, in the journal and in every copy of it, and nobody can
 * open them; headers, facts, proofs and balances are what they were. In steps that a crash may come between:
 *
 *   begun        scopes.db says what will be erased
 *   entered      the journal says so, by ids of scopes: `content.erased`
 *   destroyed    the keys are gone, and with them what scopes.db said
 *
 * An erasure that was begun is carried out: whoever opens the ledger for writing next completes it, and may put it on record twice.
 */
import { randomBytes } from "node:crypto"
import { Fault } from "../../base/fault.ts"
import type { NewEvent } from "../../format/event.ts"
import { beginErasure, begunErasures, destroyKeys, type Erasure, type ErasureWho } from "../../vault/erasures.ts"
import { dayStartMs } from "../../vault/scope.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { findErasable } from "./find-scopes.ts"

export type EraseStep = "begun" | "entered" | "destroyed"

export type EraseOptions = {
  readonly who: ErasureWho
  readonly beforeMs?: number | undefined
  readonly reason?: string | undefined
  /** Puts events on record, durably. */
  readonly enter: (events: readonly NewEvent[]) => void
  /** Called when a step is done: a test ends the process there. */
  readonly reached?: ((step: EraseStep) => void) | undefined
}

export type Erased = { readonly erasure: string | null; readonly scopes: number; readonly beforeMs?: number }

/** Scope ids of one entry: 32 characters each. */
const idsAnEntry = 500

/** @throws {Fault} `erase.held` when any of it stands under a legal hold; nothing is erased then. */
export function eraseContent(scopes: ScopeStore, { who, beforeMs, reason, enter, reached }: EraseOptions): Erased {
  const found = findErasable(scopes, who, beforeMs)
  const [hold] = found.held
  if (hold) throw new Fault("erase.held", { hold: hold.id, reason: hold.reason })
  const { beforeDay } = found
  const until = beforeDay === undefined ? {} : { beforeMs: dayStartMs(beforeDay) }
  if (found.scopes.length === 0) return { erasure: null, scopes: 0, ...until }
  const erasure: Erasure = {
    id: randomBytes(8).toString("hex"),
    by: who.by,
    who: nameOf(scopes, who),
    scopes: found.scopes.map(({ id }) => id.toString("hex")),
    ...(beforeDay === undefined ? {} : { beforeDay }),
    ...(reason === undefined ? {} : { reason }),
  }
  beginErasure(scopes, erasure)
  reached?.("begun")
  carryOut(scopes, erasure, enter, reached)
  return { erasure: erasure.id, scopes: erasure.scopes.length, ...until }
}

/** Completes what a crash interrupted, before anything else is recorded. */
export function settleErasures(scopes: ScopeStore, enter: EraseOptions["enter"]): void {
  for (const erasure of begunErasures(scopes)) carryOut(scopes, erasure, enter)
}

function carryOut(scopes: ScopeStore, erasure: Erasure, enter: EraseOptions["enter"], reached?: EraseOptions["reached"]): void {
  enter(entriesOf(erasure))
  reached?.("entered")
  destroyKeys(scopes, erasure)
  reached?.("destroyed")
}

function entriesOf({ id, by, who, beforeDay, reason, scopes }: Erasure): readonly NewEvent<"content.erased">[] {
  const parts = Math.ceil(scopes.length / idsAnEntry)
  return Array.from({ length: parts }, (_, part) => ({
    type: "content.erased",
    id: `content.erased:${id}:${part + 1}`,
    facts: {
      erasure: id,
      by,
      who,
      ...(beforeDay === undefined ? {} : { beforeMs: dayStartMs(beforeDay) }),
      scopes: scopes.length,
      scopeIds: scopes.slice(part * idsAnEntry, (part + 1) * idsAnEntry),
    },
    ...(reason === undefined ? {} : { content: { reason } }),
  }))
}

/** What stands for a person or a session on record after their name is gone. */
export function nameOf(scopes: Pick<ScopeStore, "pseudonym">, { by, value }: ErasureWho): string {
  return by === "agent" ? value : scopes.pseudonym(value)
}
