/**
 * Ways to answer the person whose message is being answered, by session: what the host hands to plugins when it begins to make an answer. When a run is
 * stopped in the middle, the reason goes this way, in the place of the host's own words; a word beside the answer goes before it. Of the latest sessions,
 * and not for long.
 */
export type ReplyWay = { readonly sendFinalReply: (payload: { readonly text: string; readonly isStatusNotice?: true }) => unknown }

/** The message it answers: the host names its run where a client of the gateway sent it, and the channel it came by. */
export type Answered = { readonly run: string | undefined; readonly channel: string | undefined }

const remembered = 256
const keptMs = 30 * 60_000

export class ReplyWays {
  readonly #ways = new Map<string, { readonly way: ReplyWay; readonly atMs: number; readonly answered: Answered }>()

  keep(session: unknown, dispatcher: unknown, nowMs: number, answered: Answered = { run: undefined, channel: undefined }): void {
    if (typeof session !== "string" || !isWay(dispatcher)) return
    this.#ways.delete(session)
    this.#ways.set(session, { way: dispatcher, atMs: nowMs, answered })
    const [oldest] = this.#ways.keys()
    if (this.#ways.size > remembered && oldest !== undefined) this.#ways.delete(oldest)
  }

  /** Of this very message, and still there for its answer. */
  of(session: string | undefined, { run, channel }: Answered, nowMs: number): ReplyWay | undefined {
    const found = session === undefined ? undefined : this.#ways.get(session)
    if (!found || nowMs - found.atMs > keptMs || found.answered.channel !== channel) return undefined
    return found.answered.run === undefined || found.answered.run === run ? found.way : undefined
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
