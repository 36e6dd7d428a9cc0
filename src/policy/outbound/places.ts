/** Lists of an operator's, as they are asked: made once for a channel, so that ten thousand entries cost no more than one. */
import { coreOf, identities, type Identities } from "./identity.ts"
import { covers, type OutboundRule } from "./outbound-rule.ts"

/** What a rule says of one channel. */
export type Place = {
  readonly identity: Identities
  /** One who may be, by a spelling that nobody here knows, counts as protected. */
  readonly isProtected: (to: string) => boolean
  /** May its messages arm? With an empty list nobody's. */
  readonly isAllowed: (sender: string) => boolean
  readonly isWrapped: (to: string) => boolean
}

/** Undefined for channels that are not watched over. */
export type Places = (channel: string) => Place | undefined

const mostKept = 256

export function placesOf(rule: OutboundRule): Places {
  const made = new Map<string, Place>()
  return (name) => {
    const channel = name.toLowerCase()
    if (!covers(rule, channel)) return undefined
    const known = made.get(channel)
    if (known) return known
    if (made.size >= mostKept) made.clear()
    const place = placeOf(rule, channel)
    made.set(channel, place)
    return place
  }
}

function placeOf({ phoneChannels, protectedTo, allowedFrom, wrapperTargets }: OutboundRule, channel: string): Place {
  const identity = identities(channel, phoneChannels.includes(channel))
  const among = (list: readonly string[]) => {
    const known = new Set(list.map(identity))
    return known.has("*") ? () => true : (id: string) => known.has(identity(id))
  }
  const named = new Set(protectedTo.map(identity))
  const cores = new Set([...named].map(coreOf))
  const isProtected = (to: string) => {
    const id = identity(to)
    return named.has("*") || named.has(id) || cores.has(coreOf(id))
  }
  return { identity, isProtected, isAllowed: among(allowedFrom), isWrapped: among(wrapperTargets) }
}

/** The text as it leaves, where it is to be wrapped and is not yet. */
export function wrapped({ wrapperPrefix, wrapperSuffix }: Pick<OutboundRule, "wrapperPrefix" | "wrapperSuffix">, text: string): string {
  const trimmed = text.trim()
  const isWrapped = trimmed.startsWith(wrapperPrefix) && trimmed.endsWith(wrapperSuffix) && trimmed.length >= wrapperPrefix.length + wrapperSuffix.length
  return trimmed === "" || isWrapped ? text : `${wrapperPrefix}\n${trimmed}\n${wrapperSuffix}`
}
