/**
 * Ways to answer the person whose message is being answered, by session: what the host hands to plugins when it begins to make an answer. When a run is
 * stopped in the middle, the reason goes this way, in the place of the host's own words. Of the latest sessions, and not for long.
 */
export type ReplyWay = { readonly sendFinalReply: (payload: { readonly text: string }) => unknown }

const remembered = 256
const keptMs = 30 * 60_000

export class ReplyWays {
  readonly #ways = new Map<string, { readonly way: ReplyWay; readonly atMs: number }>()

  keep(session: unknown, dispatcher: unknown, nowMs: number): void {
    if (typeof session !== "string" || !isWay(dispatcher)) return
    this.#ways.delete(session)
    this.#ways.set(session, { way: dispatcher, atMs: nowMs })
    const [oldest] = this.#ways.keys()
    if (this.#ways.size > remembered && oldest !== undefined) this.#ways.delete(oldest)
  }

  /** Used once: the answer to that message is given. */
  take(session: string | undefined, nowMs: number): ReplyWay | undefined {
    const found = session === undefined ? undefined : this.#ways.get(session)
    if (session === undefined || !found) return undefined
    this.#ways.delete(session)
    return nowMs - found.atMs <= keptMs ? found.way : undefined
  }
}

function isWay(value: unknown): value is ReplyWay {
  return typeof value === "object" && value !== null && "sendFinalReply" in value && typeof value.sendFinalReply === "function"
}
