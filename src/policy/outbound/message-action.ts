/**
 * What the host's tool `message` does besides plain sends: most of it reaches a channel without any hook, so it is refused where it may go to a protected recipient,
 * or where nobody can tell to whom. Actions and their targets are the host's (its docs, cli/message.md).
 */
import type { OutboundSetting } from "./outbound-setting.ts"

/** They show something to the agent and to nobody else. */
const reading: ReadonlySet<string> = new Set([
  ...["read", "reactions", "list-pins", "pins", "permissions", "thread-list", "search", "sticker-search", "member-info", "role-info"],
  ...["emoji-list", "channel-info", "channel-list", "voice-status", "event-list", "download-file"],
])
const judgedWhenItLeaves = "send"
/** By which the host finds a recipient on every channel. */
const targetKeys = ["target", "to", "targets", "channelId"]
/** What is said, and about which message: anything else may be a recipient, too, by a channel's own name for it (Telegram takes `chatId` before `to`). */
const saying = /^(?:action|channel|message|text|caption|emoji|remove|.*(?:message_?id|reply_?to|question|options?|limit|seconds|hours))$/i
/** Here a message's own id tells the host where it is, whatever else is named. */
const byMessageAlone: ReadonlySet<string> = new Set(["imessage", "bluebubbles"])

/** A channel and an id; the host takes sessions and its own interface for none. */
const conversation = /^(?!agent:|[a-z][\w-]*:agent:)[a-z][\w-]*:./i

type Params = Readonly<Record<string, unknown>>
export type ToolCall = {
  readonly tool: string
  readonly params: Params
  /** The conversation that the run came from, as the host names it: where an action goes that names no recipient. */
  readonly here: string | undefined
}

/** The action, where it is refused. */
export function refusedAction({ tool, params, here }: ToolCall, { rule, places }: OutboundSetting): string | undefined {
  if (tool !== "message") return undefined
  const action = typeof params["action"] === "string" ? params["action"].trim() : judgedWhenItLeaves
  if (action === judgedWhenItLeaves || reading.has(action)) return undefined
  const named = targetKeys.flatMap((key) => textsIn(params[key]))
  const targets = named.length > 0 ? named : textsIn(here).filter((place) => conversation.test(place))
  const recipients = [...targets, ...Object.entries(params).flatMap(([key, value]) => (saying.test(key) ? [] : textsIn(value)))]
  const isProtected = (channel: string) => {
    const place = places(channel)
    if (place === undefined) return false
    return targets.length === 0 || (byMessageAlone.has(channel) && hasMessage(params)) || recipients.some((to) => place.isProtected(to))
  }
  return channelsOf(params, targets, rule.channel).some(isProtected) ? action : undefined
}

/** Where a message of the tool goes, as far as the call and where its run came from tell: undefined where it is no channel that is watched over. */
export function toolRecipient(
  { params, here }: Omit<ToolCall, "tool">,
  { rule, places }: OutboundSetting,
): { readonly channel: string; readonly to: string } | undefined {
  const [to] = [...targetKeys.flatMap((key) => textsIn(params[key])), ...textsIn(here)]
  const named = textsIn(params["channel"])
  const channels = named.length > 0 ? named : channelsOf(params, to === undefined ? [] : [to], rule.channel)
  const channel = channels.find((name) => places(name) !== undefined)
  return channel === undefined || to === undefined ? undefined : { channel, to }
}

/** All that are watched over, unless another one is named: what names one may be a name of another. */
function channelsOf(params: Params, targets: readonly string[], watched: readonly string[]): readonly string[] {
  const named = textsIn(params["channel"])
  const inTargets = targets.flatMap((to) => /^([a-z][\w-]*):/i.exec(to)?.[1]?.toLowerCase() ?? [])
  if (targets.length === 0 && named.length > 0) return named
  return [...named, ...inTargets, ...watched]
}

function hasMessage(params: Params): boolean {
  return Object.entries(params).some(([key, value]) => /message_?id$/i.test(key) && textsIn(value).length > 0)
}

function textsIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((one) => (typeof one === "string" && one.trim() !== "" ? [one] : typeof one === "number" ? [String(one)] : []))
}

export const gateRule = "gate"

export function actionWords(action: string): string {
  return `Sovereign Ledger refused message ${action}: to a protected recipient only a plain send is judged when it leaves. This refusal is on record; trying again will not help.`
}
