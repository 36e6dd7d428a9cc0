/** Who is told: a web hook of Slack's or Discord's or of somebody's own, or a chat of the host's; as an operator writes it. */
import { objectOf, stringOf } from "../../base/json.ts"
import type { Severity } from "../../format/facts/alerts.ts"
import { sha256 } from "../../format/sha256.ts"
import { severities } from "./kinds.ts"

export type WebhookKind = "slack" | "discord" | "json"

export type Webhook = {
  readonly kind: WebhookKind
  /** Undefined where a reference of the host's stands for it that this process did not resolve. */
  readonly url: string | undefined
  /** Signs what is sent. */
  readonly secret: string | undefined
  readonly allowPrivate: boolean
  /** A reference was not resolved: here nothing can be sent by it. */
  readonly isUnresolved: boolean
}

export type Chat = { readonly channel: string; readonly to: string; readonly account: string | undefined }

export type Receiver = {
  /** Its name, on record with what it was told. */
  readonly id: string
  readonly minSeverity: Severity
  readonly isChat: boolean
  /** Told of days and weeks, and of nothing else. */
  readonly getsReports?: true
  readonly webhook?: Webhook
  readonly chat?: Chat
}

type Refuse = (problem: string) => never

const webhookMembers: ReadonlySet<string> = new Set(["url", "kind", "minSeverity", "secret", "allowPrivate", "name"])
const chatMembers: ReadonlySet<string> = new Set(["channel", "to", "account", "minSeverity"])
const kinds: readonly WebhookKind[] = ["slack", "discord", "json"]
const longestUrl = 2_048

export const chatName = "chat"

export function parseWebhook(written: unknown, refuse: Refuse): Receiver {
  const { url: place, kind, minSeverity, secret, allowPrivate, name } = membersOf(written, webhookMembers, "a webhook", refuse)
  const url = secretOf(place, "url", refuse)
  if (url === undefined) return refuse("a webhook has no url")
  const signing = secretOf(secret, "secret", refuse)
  if (allowPrivate !== undefined && typeof allowPrivate !== "boolean") return refuse("allowPrivate of a webhook must be true or false")
  const checked = url === unresolved ? undefined : checkedUrl(url, allowPrivate === true, refuse)
  const isKind = kinds.find((one) => one === kind)
  if (kind !== undefined && isKind === undefined) return refuse(`kind of a webhook must be one of ${kinds.join(", ")}`)
  if (name !== undefined && !(typeof name === "string" && /^[a-z0-9][a-z0-9-]{0,31}$/.test(name) && name !== chatName))
    return refuse("name of a webhook must be of small letters, digits and hyphens, at most 32, and not chat")
  const shape = isKind ?? (checked === undefined ? "json" : kindOf(checked))
  return {
    id: stringOf(name) ?? `${shape}-${checked === undefined ? "unresolved" : sha256(checked.href).toString("hex").slice(0, 8)}`,
    minSeverity: severityOf(minSeverity, "warning", refuse),
    isChat: false,
    webhook: {
      ...{ kind: shape, url: checked?.href, secret: signing === unresolved ? undefined : signing, allowPrivate: allowPrivate === true },
      isUnresolved: checked === undefined || signing === unresolved,
    },
  }
}

export function parseChat(written: unknown, refuse: Refuse): Receiver {
  const { channel, to, account, minSeverity } = membersOf(written, chatMembers, "operatorChat", refuse)
  const target = typeof to === "number" ? String(to) : stringOf(to)
  if (typeof channel !== "string" || !/^[a-z][\w-]*$/i.test(channel) || target === undefined)
    return refuse('operatorChat must name a channel and whom to tell there, such as {"channel": "telegram", "to": "4242"}')
  if (account !== undefined && stringOf(account) === undefined) return refuse("account of operatorChat must be a text")
  return {
    ...{ id: chatName, minSeverity: severityOf(minSeverity, "warning", refuse), isChat: true },
    chat: { channel: channel.toLowerCase(), to: target, account: stringOf(account) },
  }
}

/** A place of the setting that is named by itself. */
export function webhookAt(url: unknown, allowPrivate: boolean, refuse: Refuse): Receiver {
  return parseWebhook({ url, allowPrivate, name: "notification" }, refuse)
}

export const reportName = "report"

/** That of reports: an address, and what signs what is sent there. */
export function parseReportWebhook(url: unknown, secret: unknown, allowPrivate: boolean, refuse: Refuse): Receiver {
  return { ...parseWebhook({ url, secret, allowPrivate, name: reportName, minSeverity: "info" }, refuse), getsReports: true }
}

const unresolved = Symbol("unresolved")

/** A reference arrives as what it stands for, in a gateway; elsewhere as it was written. */
function secretOf(written: unknown, name: string, refuse: Refuse): string | typeof unresolved | undefined {
  if (written === undefined || written === null) return undefined
  if (typeof objectOf(written)["source"] === "string") return unresolved
  return stringOf(written) ?? refuse(`${name} of a webhook must be a text or a secret reference of the host`)
}

function checkedUrl(text: string, allowPrivate: boolean, refuse: Refuse): URL {
  const url = text.length <= longestUrl && URL.canParse(text) ? new URL(text) : undefined
  // Its path may be all that keeps others from writing there, so it is not repeated.
  if (!url) return refuse("url of a webhook cannot be read")
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowPrivate))
    return refuse("url of a webhook must begin with https:// (http:// with allowPrivate)")
  if (url.username !== "" || url.password !== "") return refuse("url of a webhook must not name a user or a password")
  const written = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1]?.replace(/:\d+$/, "").toLowerCase()
  if (/^[\d.]+$/.test(url.hostname) && written !== url.hostname) return refuse("url of a webhook spells an address in an odd way; write it as four numbers")
  return url
}

function kindOf({ hostname }: URL): WebhookKind {
  if (hostname === "hooks.slack.com" || hostname === "hooks.slack-gov.com") return "slack"
  return /^(?:(?:canary|ptb)\.)?discord(?:app)?\.com$/.test(hostname) ? "discord" : "json"
}

export function severityOf(written: unknown, usual: Severity, refuse: Refuse): Severity {
  return written === undefined ? usual : (severities.find((one) => one === written) ?? refuse(`minSeverity must be one of ${severities.join(", ")}`))
}

export function membersOf(written: unknown, known: ReadonlySet<string>, of: string, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return refuse(`${of} must be an object`)
  const unknown = Object.keys(written).find((name) => !known.has(name))
  return unknown === undefined ? objectOf(written) : refuse(`${of} has no ${unknown}; it has ${[...known].join(", ")}`)
}
