/** Whose contents an erasure or a legal hold is about: scopes by the labels that the host gave them. */
import { placeOfKey } from "../../capture/session-key.ts"
import { agentOf } from "../../format/session-agent.ts"
import { dayOf } from "../../vault/scope.ts"
import { legalHolds, openScopes, withKeysBefore, type ErasureWho, type LegalHold, type OpenScope } from "../../vault/erasures.ts"
import type { ScopeStore } from "../../vault/scopes.ts"

export type Found = {
  readonly scopes: readonly OpenScope[]
  /** Days before this one (UTC, since 1970-01-01): where a time was named, the day that it falls into and what comes after stay. */
  readonly beforeDay?: number
  /** Holds that one of them stands under. */
  readonly held: readonly LegalHold[]
}

/** @param beforeMs contents recorded on days before that of this time; all contents when it is left out. */
export function findErasable(scopes: ScopeStore, who: ErasureWho, beforeMs: number | undefined): Found {
  const beforeDay = beforeMs === undefined ? undefined : dayOf(beforeMs)
  const found = withKeysBefore(
    scopes,
    openScopes(scopes).filter((scope) => isOf(who, scope)),
    beforeDay,
  )
  const holds = legalHolds(scopes).filter(({ state }) => state !== "lifted")
  const held = holds.filter(({ who: kept }) => found.some((scope) => isOf(kept, scope)))
  return { scopes: found, held, ...(beforeDay === undefined ? {} : { beforeDay }) }
}

/**
 * Whether what stands in a scope is of a session, an agent, or a sender. Of a sender is what he sent, wherever that was, and every direct chat with
 * him: there, the key of the session names him, and what was said to him is about him, too.
 */
export function isOf({ by, value, channel }: ErasureWho, { session, sender }: Pick<OpenScope, "session" | "sender">): boolean {
  switch (by) {
    case "session":
      return session === value || session === value.toLowerCase() // the host writes its keys in small letters, whoever writes them otherwise
    case "agent":
      return agentOf(session) === value
    case "sender": {
      const place = placeOfKey(session)
      return (sender === value || place.sender === value) && (channel === undefined || place.channel === channel)
    }
  }
}
