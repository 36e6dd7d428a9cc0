/**
 * What the host's tool `message` does besides plain sends: most of it reaches a channel without any hook, so it is refused where it goes to a protected recipient,
 * or where nobody can tell to whom. Actions are the host's (its docs, cli/message.md).
 */
import type { OutboundSetting } from "./outbound-setting.ts"

/** They show something to the agent and to nobody else. */
const reading: ReadonlySet<string> = new Set([
  ...["read", "reactions", "list-pins", "pins", "permissions", "thread-list", "search", "sticker-search", "member-info", "role-info"],
  ...["emoji-list", "channel-info", "channel-list", "voice-status", "event-list", "download-file"],
])
const judgedWhenItLeaves = "send"
const recipientKeys = ["target", "to", "targets", "channelId", "chatId", "recipient", "conversationId", "guildId"]

type Params = Readonly<Record<string, unknown>>

/** The action, where it is refused. */
export function refusedAction(tool: string, params: Params, { rule, places }: OutboundSetting): string | undefined {
  if (tool !== "message") return undefined
  const action = typeof params["action"] === "string" ? params["action"].trim() : judgedWhenItLeaves
  if (action === judgedWhenItLeaves || reading.has(action)) return undefined
  const recipients = recipientKeys.flatMap((key) => textsIn(params[key]))
  const channels = channelsOf(params, recipients, rule.channel)
  const isProtected = (channel: string) => {
    const place = places(channel)
    return place !== undefined && (recipients.length === 0 || recipients.some((to) => place.isProtected(to)))
  }
  return channels.some(isProtected) ? action : undefined
}

/** Where none is named it may be any that is watched over. */
function channelsOf(params: Params, recipients: readonly string[], watched: readonly string[]): readonly string[] {
  const named = textsIn(params["channel"])
  if (named.length > 0) return named
  const prefixes = recipients.flatMap((to) => /^([a-z][\w-]*):/i.exec(to)?.[1] ?? [])
  return prefixes.length > 0 && prefixes.length === recipients.length ? [...prefixes, ...watched] : watched
}

function textsIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((one) => (typeof one === "string" && one.trim() !== "" ? [one] : typeof one === "number" ? [String(one)] : []))
}

export const gateRule = "gate"

export function actionWords(action: string): string {
  return `Sovereign Ledger refused message ${action}: to a protected recipient only a plain send is judged when it leaves. This refusal is on record; trying again will not help.`
}
