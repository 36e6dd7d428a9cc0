/** Alerts as they stand on record: who is told of what by the settings a gateway told last, what is on its way, and what became of each. */
import { objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { describe } from "../format/describe.ts"
import type { Severity } from "../format/facts/alerts.ts"
import type { AlertState } from "../policy/alerts/state.ts"
import { loadAlerts } from "../projections/alert-state.ts"
import { contentOf, listEvents } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type ReceiverStatus = {
  readonly name: string
  readonly kind: string
  readonly minSeverity: string
  /** Told of days and weeks, and of nothing else. */
  readonly reports: boolean
  /** Of a web hook; null where this is a chat, or a reference that the gateway did not resolve. */
  readonly host: string | null
  readonly signed: boolean
  /** A chat as its channel names it. */
  readonly chat: string | null
  readonly pending: number
  readonly delivered: number
  readonly failed: number
  readonly givenUp: number
  readonly lastDeliveredAt: string | null
  readonly lastProblem: { readonly at: string; readonly why: string } | null
  /** When what is first on its way is tried again; null where nothing waits for that. */
  readonly nextAt: string | null
}

export type AlertStatus = {
  readonly state: "on" | "off"
  readonly receivers: readonly ReceiverStatus[]
  readonly quietHours: JsonObject | null
  readonly repeatMinutes: number | null
  readonly mostAnHour: number | null
  readonly giveUpHours: number | null
  readonly mute: readonly string[]
  /** What is held for quiet hours, or for its rate, and will be told together. */
  readonly held: number
  /** Of the last day. */
  readonly day: {
    readonly raised: number
    readonly suppressed: number
    readonly held: number
    readonly delivered: number
    readonly failed: number
    readonly givenUp: number
  }
}

const dayMs = 86_400_000

export function alertStatus(access: LedgerAccess, nowMs: number): AlertStatus {
  const { state } = access.ask(loadAlerts)
  const rule = ruleOf(access)
  const number = (name: string) => (typeof rule[name] === "number" ? rule[name] : null)
  const listed = (name: string) => (Array.isArray(rule[name]) ? (rule[name] as readonly unknown[]) : [])
  return {
    state: state.isOn ? "on" : "off",
    receivers: listed("receivers").map((one) => receiverOf(objectOf(one), state, nowMs)),
    quietHours: rule["quietHours"] === undefined ? null : (objectOf(rule["quietHours"]) as JsonObject),
    ...{ repeatMinutes: number("repeatMinutes"), mostAnHour: number("mostAnHour"), giveUpHours: number("giveUpHours"), mute: listed("mute").map(String) },
    held: [...state.held.values()].reduce((sum, { count }) => sum + count, 0),
    day: dayOf(access, nowMs - dayMs),
  }
}

function receiverOf(shown: Readonly<Record<string, unknown>>, { pending, receivers }: AlertState, nowMs: number): ReceiverStatus {
  const name = stringOf(shown["name"]) ?? ""
  const own = [...pending.values()].filter(({ receiver }) => receiver === name)
  const { delivered = 0, failed = 0, givenUp = 0, deliveredMs, failedMs, why } = receivers.get(name) ?? {}
  const nextMs = own[0]?.againMs ?? 0
  const [channel, to] = [stringOf(shown["channel"]), stringOf(shown["to"])]
  return {
    ...{ name, kind: stringOf(shown["kind"]) ?? "json", minSeverity: stringOf(shown["minSeverity"]) ?? "warning", host: stringOf(shown["host"]) ?? null },
    reports: shown["reports"] === true,
    ...{ signed: shown["signed"] === true, chat: channel === undefined ? null : `${channel}:${to ?? ""}`, pending: own.length, delivered, failed, givenUp },
    lastDeliveredAt: deliveredMs === undefined ? null : iso(deliveredMs),
    lastProblem: failedMs === undefined || why === undefined ? null : { at: iso(failedMs), why },
    nextAt: nextMs > nowMs ? iso(nextMs) : null,
  }
}

function dayOf(access: LedgerAccess, sinceMs: number): AlertStatus["day"] {
  const rows = access.ask((views) => views.prepare("SELECT type, facts FROM alert_entries WHERE time_ms >= ? AND type LIKE 'alert.%'").all(sinceMs)) as {
    type: string
    facts: string
  }[]
  const of = (type: string) => rows.filter((row) => row.type === `alert.${type}`)
  const more = of("raised").reduce((sum, { facts }) => sum + Math.max(0, Number(objectOf(JSON.parse(facts))["count"]) - 1), 0)
  return {
    ...{ raised: of("raised").length, suppressed: more, held: of("held").length },
    ...{ delivered: of("delivered").length, failed: of("failed").length, givenUp: of("given-up").length },
  }
}

/** Nothing where no gateway ever told of any. */
function ruleOf(access: LedgerAccess): Readonly<Record<string, unknown>> {
  const [loaded] = listEvents(access, { type: "config.loaded" }, 1, 0).events
  const entry = loaded && access.reader.entry(loaded.sequence)
  const { text = "{}" } = entry ? contentOf(access, entry) : {}
  return objectOf(objectOf(JSON.parse(text))["alerts"])
}

export type AlertLogRow = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  /** Names the alert: the receiver has it, too. */
  readonly alert: string | null
  readonly severity: Severity | null
  readonly receiver: string | null
  readonly description: string
}

/** Newest first. */
export function alertLog(access: LedgerAccess, { sinceMs, limit }: { readonly sinceMs: number | undefined; readonly limit: number }): readonly AlertLogRow[] {
  const rows = access.ask((views) =>
    views
      .prepare("SELECT sequence, time_ms AS timeMs, type, facts FROM alert_entries WHERE time_ms >= ? AND type LIKE 'alert%.%' ORDER BY sequence DESC LIMIT ?")
      .all(sinceMs ?? 0, limit),
  ) as { sequence: number; timeMs: number; type: string; facts: string }[]
  return rows.map(({ sequence, timeMs, type, facts: text }) => {
    const facts = objectOf(JSON.parse(text))
    return {
      ...{ sequence, at: iso(timeMs), what: type.replace(/^alerts?\./, ""), alert: stringOf(facts["alert"]) ?? null },
      ...{ severity: (stringOf(facts["severity"]) as Severity | undefined) ?? null, receiver: stringOf(facts["receiver"]) ?? null },
      description: describe(type, facts as JsonObject),
    }
  })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
