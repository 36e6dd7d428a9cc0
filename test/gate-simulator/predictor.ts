/** What may leave, by docs/guides/gate.md alone: written without the gate's code, from what a host sees. */
export type Rules = {
  readonly uses: number
  readonly openMs: number
  readonly lateMs: number
  readonly repeatMs: number
  readonly needsBody: boolean
}

type Conversation = {
  open: { left: number; until: number } | undefined
  /** The newest request, while nobody answered it. */
  asked: number | undefined
  sent: { words: string; at: number; outcome: "unknown" | "arrived" | "failed" }[]
}

export type Heard = { readonly to: string; readonly mayAsk: boolean; readonly id: string; readonly asks: "yes" | "without a body" | "no" }

export class Predictor {
  readonly #conversations = new Map<string, Conversation>()
  readonly #heard = new Set<string>()

  heard({ to, mayAsk, id, asks }: Heard, rules: Rules, now: number): void {
    const isNew = !this.#heard.has(`${to}/${id}`)
    this.#heard.add(`${to}/${id}`)
    if (!isNew || !mayAsk || asks === "no" || (asks === "without a body" && rules.needsBody)) return
    const conversation = this.#of(to)
    conversation.open = { left: rules.uses, until: now + rules.openMs }
    conversation.asked = now
  }

  /** Whether it leaves. */
  offered(to: string, words: string, rules: Rules, now: number): boolean {
    const conversation = this.#of(to)
    if (conversation.sent.some((one) => one.words === words && one.outcome !== "failed" && Math.abs(now - one.at) < rules.repeatMs)) return false
    const { open, asked } = conversation
    if (open && now < open.until) {
      open.left -= 1
      open.until = now + rules.openMs
      if (open.left === 0) conversation.open = undefined
    } else {
      const ageMs = asked === undefined ? -1 : now - asked
      if (asked !== undefined && !(ageMs >= 0 && ageMs <= rules.lateMs)) {
        conversation.asked = undefined // missed, for good
        conversation.open = undefined
      }
      if (conversation.asked === undefined) return false
      conversation.open = undefined
    }
    conversation.asked = undefined
    conversation.sent.push({ words, at: now, outcome: "unknown" })
    return true
  }

  /** What became of the oldest of these words that nobody told of. */
  told(to: string, words: string, success: boolean): void {
    const sent = this.#of(to).sent.find((one) => one.words === words && one.outcome === "unknown")
    if (sent) sent.outcome = success ? "arrived" : "failed"
  }

  armed(to: string, uses: number, until: number): void {
    this.#of(to).open = { left: uses, until }
  }

  disarmed(to: string): void {
    const conversation = this.#of(to)
    conversation.open = undefined
    conversation.asked = undefined
  }

  #of(to: string): Conversation {
    let found = this.#conversations.get(to)
    if (!found) this.#conversations.set(to, (found = { open: undefined, asked: undefined, sent: [] }))
    return found
  }
}
