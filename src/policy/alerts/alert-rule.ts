/** What an operator wants of alerts: who is told, from which severity on, when not, and how often of the same. */
import { Fault } from "../../base/fault.ts"
import { namePattern, type NamePattern } from "../../base/glob.ts"
import { compact, objectOf, type Json, type JsonObject } from "../../base/json.ts"
import { isTimeZone, minutesOf, type QuietHours } from "./quiet-hours.ts"
import { membersOf, parseChat, parseReportWebhook, parseWebhook, webhookAt, type Receiver } from "./receiver.ts"

export type AlertRule = {
  readonly receivers: readonly Receiver[]
  readonly quietHours: QuietHours | undefined
  /** The same is told once in so long. */
  readonly repeatMs: number
  readonly mostAnHour: number
  /** What takes nobody's notice for so long is told no more. */
  readonly giveUpMs: number
  /** Types of events that nobody is told of. */
  readonly mute: readonly NamePattern[]
}

/** The settings that say it, as they were written. */
export type AlertSettings = {
  readonly alerts?: unknown
  readonly notificationWebhook?: unknown
  readonly reportWebhook?: unknown
  readonly reportWebhookSecret?: unknown
  readonly webhookAllowPrivateHost?: unknown
}

const members: ReadonlySet<string> = new Set(["webhooks", "operatorChat", "quietHours", "repeatMinutes", "mostAnHour", "giveUpHours", "mute"])
const quietMembers: ReadonlySet<string> = new Set(["from", "to", "zone"])
const mostWebhooks = 16

/** Undefined where nobody is to be told. @throws {Fault} `config.invalid` */
export function parseAlerts({
  alerts,
  notificationWebhook,
  reportWebhook,
  reportWebhookSecret,
  webhookAllowPrivateHost,
}: AlertSettings): AlertRule | undefined {
  const refuseFor = (setting: string) => (problem: string) => {
    throw new Fault("config.invalid", { setting, problem })
  }
  const refuse = refuseFor("alerts")
  const own = alerts === undefined || alerts === null || alerts === false ? {} : membersOf(alerts, members, "it", refuse)
  const { webhooks = [], operatorChat, quietHours, mute = [] } = own
  if (!Array.isArray(webhooks) || webhooks.length > mostWebhooks) return refuse(`webhooks must be a list of at most ${mostWebhooks}`)
  const receivers = [
    ...(webhooks as readonly unknown[]).map((one) => parseWebhook(one, refuse)),
    ...(notificationWebhook === undefined || notificationWebhook === null
      ? []
      : [webhookAt(notificationWebhook, webhookAllowPrivateHost === true, refuseFor("notificationWebhook"))]),
    ...(reportWebhook === undefined || reportWebhook === null
      ? []
      : [parseReportWebhook(reportWebhook, reportWebhookSecret, webhookAllowPrivateHost === true, refuseFor("reportWebhook"))]),
    ...(operatorChat === undefined ? [] : [parseChat(operatorChat, refuse)]),
  ]
  const twice = receivers.find(({ id, webhook }, index) => webhook?.isUnresolved !== true && receivers.findIndex((other) => other.id === id) !== index)
  if (twice) return refuse(`two receivers are called ${twice.id}; give each a name of its own`)
  if (!Array.isArray(mute) || !mute.every((one) => typeof one === "string" && one !== ""))
    return refuse('mute must be a list of types such as ["budget.warned"]')
  const minutes = numberOf(own["repeatMinutes"], { name: "repeatMinutes", least: 1, most: 10_080, usual: 60 }, refuse)
  const hours = numberOf(own["giveUpHours"], { name: "giveUpHours", least: 1, most: 168, usual: 24 }, refuse)
  const rule = {
    receivers,
    quietHours: quietHours === undefined ? undefined : parseQuiet(quietHours, refuse),
    repeatMs: minutes * 60_000,
    mostAnHour: numberOf(own["mostAnHour"], { name: "mostAnHour", least: 1, most: 1_000, usual: 60 }, refuse),
    giveUpMs: hours * 3_600_000,
    mute: (mute as readonly string[]).map(namePattern),
  }
  return receivers.length === 0 ? undefined : rule
}

/** Of settings as they came over the socket; what is none of it tells nobody. */
export function alertRuleOf(told: unknown): AlertRule | undefined {
  try {
    return parseAlerts(objectOf(told))
  } catch {
    return undefined
  }
}

type Refuse = (problem: string) => never

function parseQuiet(written: unknown, refuse: Refuse): QuietHours {
  const { from, to, zone = "UTC" } = membersOf(written, quietMembers, "quietHours", refuse)
  const [fromMinute, toMinute] = [minutesOf(from), minutesOf(to)]
  if (fromMinute === undefined || toMinute === undefined || fromMinute === toMinute)
    return refuse('quietHours must have two times that differ, such as {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}')
  return isTimeZone(zone) ? { fromMinute, toMinute, zone } : refuse("zone of quietHours is no time zone, such as Europe/Berlin")
}

type Bounds = { readonly name: string; readonly least: number; readonly most: number; readonly usual: number }

function numberOf(written: unknown, { name, least, most, usual }: Bounds, refuse: Refuse): number {
  if (written === undefined) return usual
  if (typeof written !== "number" || !Number.isSafeInteger(written)) return refuse(`${name} must be a whole number`)
  return written < least || written > most ? refuse(`${name} must be from ${least} to ${most}`) : written
}

/** As it is put on record: nothing of an address but its host, and no secret. */
export function shownRule({ receivers, quietHours, repeatMs, mostAnHour, giveUpMs, mute }: AlertRule): JsonObject {
  return compact({
    receivers: receivers.map(shownReceiver),
    quietHours: quietHours && { from: clock(quietHours.fromMinute), to: clock(quietHours.toMinute), zone: quietHours.zone },
    ...{ repeatMinutes: repeatMs / 60_000, mostAnHour, giveUpHours: giveUpMs / 3_600_000, mute: mute.map(({ pattern }) => pattern) },
  })
}

function shownReceiver({ id, minSeverity, webhook, chat, getsReports }: Receiver): Json {
  const host = webhook?.url === undefined ? null : new URL(webhook.url).host
  const kind = webhook?.kind ?? "chat"
  const at = webhook ? { host, signed: webhook.secret !== undefined, resolved: !webhook.isUnresolved, allowPrivate: webhook.allowPrivate } : {}
  return compact({ name: id, kind, minSeverity, ...at, ...(getsReports ? { reports: true } : {}), ...(chat ? { channel: chat.channel, to: chat.to } : {}) })
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
}
