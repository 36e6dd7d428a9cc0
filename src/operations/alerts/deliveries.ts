/**
 * Tells receivers, each one thing at a time and in order, in the background: what is on its way follows from the journal alone, so that the next writer goes on where
 * this one was. An alert may arrive twice, by the same name, where nobody heard that it had arrived; it is never lost silently.
 */
import type { JsonObject } from "../../base/json.ts"
import type { AlertRule } from "../../policy/alerts/alert-rule.ts"
import { decideOutcome, nextOf, type Outcome } from "../../policy/alerts/delivery.ts"
import type { AlertEvent } from "../../policy/alerts/events.ts"
import type { Chat } from "../../policy/alerts/receiver.ts"
import { chatText } from "../../policy/alerts/shapes/chat.ts"
import { pendingKey, type AlertState, type Pending } from "../../policy/alerts/state.ts"
import { outcomeOf, problemOutcome, requestFor, type PostWebhook } from "./webhook.ts"

/** What a gateway is asked to say in a chat. */
export type Tell = Chat & { readonly alert: string; readonly attempt: number; readonly text: string }

export type DeliveryOptions = {
  readonly nowMs: () => number
  readonly ledger: string
  readonly post: PostWebhook
  /** Asks a gateway; false where none is there. Its answer comes by `told`. */
  readonly tell: (tell: Tell) => boolean
  /** Puts what came of it on record; `done` when it is. */
  readonly record: (event: AlertEvent, done: () => void) => void
  readonly chance?: () => number
  /** The report that a digest was raised with; undefined where it can be opened no more. */
  readonly reportAt: (sequence: number) => JsonObject | undefined
}

const chatWithinMs = 60_000

export class Deliveries {
  readonly #options: DeliveryOptions
  readonly #stop = new AbortController()
  /** By receiver. */
  readonly #busy = new Set<string>()
  #asking = 0
  #chat: { readonly key: string; readonly answer: (outcome: Outcome) => void } | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Whether an answer is awaited; never for longer than the time-outs. */
  get asking(): boolean {
    return this.#asking > 0
  }

  /** Tries those for which it is time. */
  begin(state: AlertState, { receivers }: AlertRule): void {
    if (this.#stop.signal.aborted) return
    for (const [id, pending] of nextOf(state.pending.values(), this.#options.nowMs())) {
      const receiver = receivers.find((one) => one.id === id)
      if (!receiver || this.#busy.has(id)) continue
      const { webhook, chat } = receiver
      const attempt = chat
        ? this.#askChat(chat, pending)
        : webhook?.url !== undefined && !webhook.isUnresolved
          ? this.#send(webhook, webhook.url, pending)
          : undefined
      if (attempt) this.#follow(attempt, pending, () => this.begin(state, { receivers } as AlertRule))
    }
  }

  /** A gateway answered. What nobody waits for any more was tried again already. */
  told(alert: string, attempt: number, outcome: Outcome): void {
    if (this.#chat?.key === `${alert} ${attempt}`) this.#chat.answer(outcome)
  }

  close(): void {
    this.#stop.abort()
    this.#chat?.answer({ took: false, why: "no answer" })
  }

  #follow(attempt: Promise<Outcome>, pending: Pending, next: () => void): void {
    const { receiver } = pending
    this.#busy.add(receiver)
    this.#asking++
    const done = () => {
      this.#busy.delete(receiver)
      next()
    }
    void this.#ended(attempt, pending, done)
  }

  async #ended(attempt: Promise<Outcome>, pending: Pending, done: () => void): Promise<void> {
    const outcome = await attempt.catch(problemOutcome)
    this.#asking--
    // What was under way when it was stopped is on its way still.
    if (this.#stop.signal.aborted) return
    const { nowMs, chance = Math.random, record } = this.#options
    record(decideOutcome(pending, outcome, { nowMs: nowMs(), chance: chance() }), done)
  }

  async #send(webhook: Parameters<typeof requestFor>[0], url: string, { raised, sequence }: Pending): Promise<Outcome> {
    const { nowMs, ledger, post, reportAt } = this.#options
    const projection = raised.digest && reportAt(sequence)
    if (raised.digest && !projection) return { took: false, why: "the report is gone", isFinal: true }
    const request = requestFor(webhook, url, raised, { ledger, nowMs: nowMs(), projection })
    return outcomeOf(await post(request, this.#stop.signal), nowMs())
  }

  #askChat(chat: Chat, { raised, attempts }: Pending): Promise<Outcome> | undefined {
    const { tell, ledger } = this.#options
    const attempt = attempts + 1
    if (!tell({ ...chat, alert: raised.alert, attempt, text: chatText(raised, ledger) })) return undefined
    return new Promise((resolve) => {
      const answer = (outcome: Outcome) => {
        clearTimeout(timer)
        this.#chat = undefined
        resolve(outcome)
      }
      const timer = setTimeout(() => answer({ took: false, why: "no answer" }), chatWithinMs)
      this.#chat = { key: `${raised.alert} ${attempt}`, answer }
    })
  }
}

/** Names an event of alerts among all that ever were. */
export function eventId({ type, facts }: AlertEvent): string {
  if (type === "alerts.begun" || type === "alerts.ended") return type
  return [type, "receiver" in facts ? pendingKey(facts.alert, facts.receiver) : facts.alert, "attempt" in facts ? String(facts.attempt) : ""]
    .filter(Boolean)
    .join(":")
}
