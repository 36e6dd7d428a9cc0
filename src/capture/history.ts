/**
 * Several hooks hand over every message of a session. This remembers, session by session, how far the history was told, so that only what is new goes
 * on record: the cost of a turn follows the turn and not the session. It lives in the gateway's process, beside the hooks.
 *
 *   digest(n) = SHA-256(digest(n-1), 32 bytes | SHA-256(message n))        digest(0) = 32 zero bytes; each message is hashed as `textOf` shows it
 *
 * A history that does not go on where it stopped (a compaction, a reset, another process before us, somebody's edit) begins a new digest and says so.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { sha256 } from "../format/sha256.ts"
import { encodeBounded } from "./encode.ts"
import type { Picked } from "./hook-row.ts"
import { sizeOfContent } from "./hooks/lengths.ts"

export type NewPart = {
  /** The messages that were not told before; what tools were given and returned, and pictures, are not repeated here. */
  readonly messages: readonly Picked[]
  readonly count: number
  /** UTF-16 units of all texts told of this history so far. */
  readonly length: number
  readonly sha256: string
  /** True when the history did not go on where it had stopped: digest and length begin with the messages told now. */
  readonly restarted: boolean
}

type Told = { readonly count: number; readonly last: string; readonly digest: Buffer; readonly length: number }

/** Sessions that nobody spoke in for longest are forgotten when so many came after them. */
const mostSessions = 1000
/** How far back a history is looked through for the message at which it stopped, or for the turn's own beginning. */
const mostLookedAt = 64
/** One message of a model is far shorter; of a longer one this much is hashed, and its whole length. */
const hashedBytes = 32 * 1024
const start = Buffer.alloc(32)

export class Histories {
  readonly #bySession = new Map<string, Told>()

  /** What of a session's messages is new; from then on it counts as told. */
  tell(session: string, messages: readonly unknown[]): NewPart {
    const told = this.#bySession.get(session)
    const goesOn = told !== undefined && told.count <= messages.length && markOf(messages[told.count - 1]) === told.last
    const from = goesOn ? told.count : (placeAfter(told?.last, messages) ?? beginningOfTurn(messages))
    const fresh = messages.slice(from)
    let { digest, length } = goesOn ? told : { digest: start, length: 0 }
    for (const message of fresh) {
      digest = sha256(Buffer.concat([digest, sha256(textOf(message))]))
      length += sizeOfContent(objectOf(message)["content"]).length
    }
    this.#remember(session, { count: messages.length, last: markOf(messages.at(-1)), digest, length })
    return { messages: fresh.map(shownOf), count: fresh.length, length, sha256: digest.toString("hex"), restarted: !goesOn && from > 0 }
  }

  #remember(session: string, told: Told): void {
    this.#bySession.delete(session)
    this.#bySession.set(session, told)
    if (this.#bySession.size <= mostSessions) return
    const [longestSilent] = this.#bySession.keys()
    if (longestSilent !== undefined) this.#bySession.delete(longestSilent)
  }
}

/** Enough to know a message again: hosts copy messages, so that identity says nothing. */
export function markOf(value: unknown): string {
  const message = objectOf(value)
  const { length, blocks } = sizeOfContent(message["content"])
  return [message["role"], message["timestamp"], message["responseId"] ?? message["toolCallId"], length, blocks].join("/")
}

function placeAfter(last: string | undefined, messages: readonly unknown[]): number | undefined {
  if (last === undefined) return undefined
  for (let at = messages.length - 1; at >= 0 && at >= messages.length - mostLookedAt; at--) if (markOf(messages[at]) === last) return at + 1
  return undefined
}

/** The last message of a person: what came before it belongs to turns before this one. */
function beginningOfTurn(messages: readonly unknown[]): number {
  const first = Math.max(0, messages.length - mostLookedAt)
  for (let at = messages.length - 1; at >= first; at--) if (objectOf(messages[at])["role"] === "user") return at
  return first
}

function shownOf(value: unknown): Picked {
  const message = objectOf(value)
  const role = stringOf(message["role"])
  const common = { role, at: message["timestamp"], response: message["responseId"], call: message["toolCallId"] }
  return role === "toolResult"
    ? { ...common, tool: message["toolName"], length: sizeOfContent(message["content"]).length }
    : { ...common, content: shownContent(message["content"]) }
}

/** One message of a model has far fewer blocks. */
const mostBlocks = 1000

/** Texts as they are. A call's arguments stand in `tool.invoked`, and a picture is of no use in a record of what was said. */
function shownContent(content: unknown): unknown {
  if (!Array.isArray(content)) return content
  return content.slice(0, mostBlocks).map((value: unknown) => {
    const block = objectOf(value)
    const { type, text, thinking, id, name } = block
    if (type === "text" || type === "thinking") return { type, text: text ?? thinking }
    return { type, id, name }
  })
}

/** A message as it is hashed: JSON of its role and content, cut where it is very long. */
function textOf(value: unknown): string {
  const message = objectOf(value)
  return encodeBounded({ role: message["role"], content: message["content"] }, hashedBytes).text
}
