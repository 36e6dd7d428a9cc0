/**
 * Alerts, as the writer raises and delivers them: what is committed is looked at once, in memory; what is decided is on record before anybody is told, and so is what
 * became of it. Off until the settings of a gateway name somebody to tell.
 */
import type { Json, JsonObject } from "../../base/json.ts"
import { Fault } from "../../base/fault.ts"
import type { NewEvent } from "../../format/event.ts"
import type { NewEntry } from "../../journal/journal.ts"
import { alertRuleOf, type AlertRule } from "../../policy/alerts/alert-rule.ts"
import { decideAlerts, testAlert, type DecideContext } from "../../policy/alerts/decide.ts"
import type { Outcome } from "../../policy/alerts/delivery.ts"
import { isOfAlerts, type AlertEntry, type AlertEvent } from "../../policy/alerts/events.ts"
import type { RaisedDigest } from "../../policy/alerts/digest.ts"
import { evolveAlerts } from "../../policy/alerts/evolve.ts"
import { mayAlert } from "../../policy/alerts/kinds.ts"
import { emptyAlerts, type AlertState } from "../../policy/alerts/state.ts"
import { outboundSetting } from "../../policy/outbound/outbound-setting.ts"
import { loadAlerts } from "../../projections/alert-state.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { ClientConfig } from "../client-config.ts"
import type { OpenLedger } from "../open-ledger.ts"
import { contentAt } from "../content-at.ts"
import { Digesting, type DigestingOptions } from "./digesting.ts"
import { Deliveries, eventId, type DeliveryOptions } from "./deliveries.ts"

export type AlertingOptions = Pick<DeliveryOptions, "nowMs" | "post" | "tell" | "chance"> & {
  readonly ledger: Pick<OpenLedger, "files" | "journal" | "keys" | "scopes">
  readonly steadyMs: () => number
  /** Makes the reports of days and weeks; without it none are told. */
  readonly digests?: Pick<DigestingOptions, "begin" | "zone" | "afterStartMs">
  readonly commit: (events: () => readonly NewEvent[], committed: (first: number) => void) => void
}

/** Gateways come one after the other: that none of them names anybody is known when all had time to. */
const endsAfterMs = 30_000
const betweenTestsMs = 5_000

export class Alerting {
  readonly #options: AlertingOptions
  readonly #origin: string
  readonly #deliveries: Deliveries
  readonly #digesting: Digesting | undefined
  readonly #startedMs: number
  /** By whom a gateway is operated: whom each of them names, and where the outbound gate puts the chat. */
  readonly #wanted = new Map<string, { readonly rule: AlertRule | undefined; readonly chatPeer: string | undefined }>()
  #state: AlertState = emptyAlerts()
  /** What was committed before it was known what was on record at the start; undefined when it is. */
  #before: AlertEntry[] | undefined = []
  #deciding = false
  #testedMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: AlertingOptions) {
    this.#options = options
    this.#startedMs = options.steadyMs()
    this.#origin = options.ledger.keys.store.origin
    const { nowMs, post, tell, chance } = options
    const record = (event: AlertEvent, done: () => void) => this.#record(() => [event], done)
    this.#deliveries = new Deliveries({
      nowMs,
      post,
      tell,
      ledger: this.#origin,
      record,
      reportAt: (sequence) => this.#reportAt(sequence),
      ...(chance ? { chance } : {}),
    })
    const raise = (event: RaisedDigest, done: () => void) => this.#record(() => [event], done)
    this.#digesting = options.digests && new Digesting({ ...options.digests, nowMs, steadyMs: options.steadyMs, origin: this.#origin, raise })
  }

  /** What a gateway wants, once it is on record. A process that cannot resolve what a reference stands for takes nothing away from one that could. */
  useSettings({ userId, alerts, gate }: ClientConfig): void {
    const rule = alertRuleOf(alerts)
    const name = userId ?? ""
    const isPoorer = rule?.receivers.some(({ webhook }) => webhook?.isUnresolved === true) === true && this.#wanted.get(name)?.rule !== undefined
    if (!isPoorer) this.#wanted.set(name, { rule, chatPeer: this.#chatPeerOf(rule, gate) })
    if (!this.#before && !this.#closed) this.#begin()
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    const { state, next } = loadAlerts(views)
    this.#state = state
    const since = (this.#before ?? []).filter(({ sequence }) => sequence >= next)
    this.#before = undefined
    for (const entry of since) evolveAlerts(this.#state, entry)
  }

  /** Entries are on disk. */
  committed(first: number, entries: readonly Pick<NewEntry, "type" | "factsText">[], timeMs: number): void {
    entries.forEach(({ type, factsText }, index) => {
      // Bytes are those of an import: of what happened long ago nobody is told.
      if (typeof factsText !== "string" || (!mayAlert(type, factsText) && !isOfAlerts(type))) return
      const entry = { sequence: first + index, timeMs, type, facts: JSON.parse(factsText) as JsonObject }
      if (this.#before) this.#before.push(entry)
      else evolveAlerts(this.#state, entry)
    })
  }

  get asking(): boolean {
    return this.#deliveries.asking
  }

  everySecond(): void {
    if (this.#before || this.#closed) return
    this.#begin()
    const rule = this.#rule
    if (!rule || !this.#state.isOn) return
    if (!this.#deciding && this.#decide(rule).length > 0) this.#commitDecision(() => this.#decide(rule))
    this.#digesting?.everySecond(this.#state, rule)
    this.#deliveries.begin(this.#state, rule)
  }

  /** Before a writer leaves: what happened is decided, and who is not paused is told. */
  showAll(): void {
    this.everySecond()
  }

  told(alert: string, attempt: number, outcome: Outcome): void {
    this.#deliveries.told(alert, attempt, outcome)
  }

  /** Tells every receiver that somebody wanted to see whether they arrive. @throws {Fault} `alerts.off`, `alerts.tested` */
  test(): { readonly alert: string; readonly receivers: readonly string[] } {
    const { nowMs, steadyMs, ledger } = this.#options
    const rule = this.#rule
    if (!rule || !this.#state.isOn) throw new Fault("alerts.off", {})
    if (steadyMs() - this.#testedMs < betweenTestsMs) throw new Fault("alerts.tested", {})
    this.#testedMs = steadyMs()
    const event = testAlert(rule, this.#context(nowMs()), ledger.journal.size)
    this.#record(
      () => [event],
      () => this.#deliveries.begin(this.#state, rule),
    )
    const { alert, receivers } = event.facts
    return { alert, receivers }
  }

  close(): void {
    this.#closed = true
    this.#digesting?.close()
    this.#deliveries.close()
  }

  get #rule(): AlertRule | undefined {
    return this.#last?.rule
  }

  get #last() {
    return [...this.#wanted.values()].findLast(({ rule }) => rule !== undefined)
  }

  /** From when on, and up to when, events raise alerts is on record, too. */
  #begin(): void {
    if (this.#deciding) return
    const rule = this.#rule
    if (rule && !this.#state.isOn) this.#commitDecision(() => [{ type: "alerts.begun", facts: { receivers: rule.receivers.length } }])
    if (rule || !this.#state.isOn || this.#wanted.size === 0 || this.#options.steadyMs() - this.#startedMs < endsAfterMs) return
    const { waiting, held, pending } = this.#state
    this.#commitDecision(() => [{ type: "alerts.ended", facts: { waiting: waiting.size + held.size + pending.size } }])
  }

  #decide(rule: AlertRule): readonly AlertEvent[] {
    return decideAlerts(this.#state, rule, this.#context(this.#options.nowMs()))
  }

  #context(nowMs: number): DecideContext {
    return { nowMs, origin: this.#origin, chatPeer: this.#last?.chatPeer }
  }

  /** One at a time: what is decided next follows from what this one was. */
  #commitDecision(events: () => readonly AlertEvent[]): void {
    this.#deciding = true
    this.#record(events, () => {
      this.#deciding = false
      const rule = this.#rule
      if (rule && !this.#closed) this.#deliveries.begin(this.#state, rule)
    })
  }

  #record(events: () => readonly AlertEvent[], done: () => void): void {
    const { commit, ledger } = this.#options
    const named = (event: AlertEvent) => ({ ...event, id: isOfAll(event) ? `${event.type}:${ledger.journal.size}` : eventId(event) }) as NewEvent
    commit(() => events().map(named), done)
  }

  #reportAt(sequence: number): JsonObject | undefined {
    return stringKeyed(contentAt(this.#options.ledger, sequence)?.["projection"])
  }

  /** As the outbound gate calls the one behind the operator's chat, where it watches over that channel. */
  #chatPeerOf(rule: AlertRule | undefined, gate: unknown): string | undefined {
    const chat = rule?.receivers.find(({ isChat }) => isChat)?.chat
    if (!chat) return undefined
    try {
      const place = outboundSetting(gate)?.places(chat.channel)
      return place && this.#options.ledger.scopes.pseudonym(`peer:${chat.channel}:${place.identity(chat.to)}`)
    } catch {
      return undefined
    }
  }
}

function stringKeyed(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

function isOfAll({ type }: AlertEvent): boolean {
  return type === "alerts.begun" || type === "alerts.ended"
}
