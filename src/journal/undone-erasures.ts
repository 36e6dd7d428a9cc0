/** Erasures on record whose keys scopes.db still has: it was put back from a copy of before, or the erasure was cut off and no writer has completed it yet. */
import { countOf, stringOf } from "../base/json.ts"
import { headerOffset } from "../format/header.ts"
import { dayOf } from "../vault/scope.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { factsOf } from "./reader.ts"

const typeBytes = Buffer.from("content.erased")

/** Whether an entry tells of an erasure that `scopes` does not know of. */
export function isUndone(header: Buffer, saltedFacts: Buffer, scopes: ScopeSource | undefined): boolean {
  if (!scopes || header.length !== headerOffset.type + typeBytes.length || header.compare(typeBytes, 0, typeBytes.length, headerOffset.type) !== 0) return false
  const { scopeIds, beforeMs } = factsOf({ saltedFacts }) as Readonly<Record<string, unknown>>
  const before = countOf(beforeMs)
  const day = before === undefined ? undefined : dayOf(before)
  return Array.isArray(scopeIds) && scopeIds.some((id) => isOpen(scopes, stringOf(id) ?? "", day))
}

function isOpen(scopes: ScopeSource, id: string, beforeDay: number | undefined): boolean {
  const scope = scopes.byId(Buffer.from(id, "hex"))
  return scope !== undefined && scope !== "erased" && scope.hasKeyBefore(beforeDay)
}

export function undoneWords(sequence: number): string {
  return `#${sequence} says that contents were erased, and scopes.db still has keys of them: it was put back from a copy of before, or the erasure was cut off. Put the newest scopes.db back, or erase again: sovereign-ledger erase.`
}
