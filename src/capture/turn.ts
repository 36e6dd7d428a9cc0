/**
 * Which channel a message came by, and whose it is. The host writes both into the row of the message (`message.__openclaw`, OpenClaw 2026.9) and nothing of
 * it into the rows that answer: in a session that several channels share, a row is of the last message before it.
 */
import { objectOf, stringOf } from "../base/json.ts"

export type Turn = { readonly channel?: string; readonly sender?: string }

const remembered = 1_024
const mostNameLength = 256

/** Undefined when the row is nobody's message; empty when it came by no channel, or the host does not say by which. */
export function turnOf(message: Readonly<Record<string, unknown>>): Turn | undefined {
  const told = objectOf(message["__openclaw"])
  // What is attached later belongs to the message that is there already.
  if (message["role"] !== "user" || told["lateMedia"] === true) return undefined
  const identity = objectOf(told["senderIdentity"])
  const observed = identity["type"] === "observation" ? identity["pluginId"] : undefined
  const channel = nameIn(objectOf(told["transport"])["channel"]) ?? nameIn(observed)
  const sender = nameIn(told["senderId"])
  return channel === undefined ? {} : { channel: channel.toLowerCase(), ...(sender === undefined ? {} : { sender }) }
}

function nameIn(value: unknown): string | undefined {
  const text = stringOf(value)
  return text !== undefined && text.length <= mostNameLength ? text : undefined
}

/** The latest turn of each of the latest sessions. */
export class LatestTurns {
  readonly #turns = new Map<unknown, Turn>()

  /** Answers the turn that a row of the session is of. */
  heard(session: unknown, message: Readonly<Record<string, unknown>>): Turn | undefined {
    const turn = turnOf(message)
    if (turn === undefined || session === undefined) return this.#turns.get(session)
    this.#turns.delete(session)
    this.#turns.set(session, turn)
    const [oldest] = this.#turns.keys()
    if (this.#turns.size > remembered) this.#turns.delete(oldest)
    return turn
  }
}
