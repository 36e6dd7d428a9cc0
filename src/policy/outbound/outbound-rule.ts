/**
 * What an operator wants of messages that leave: to whom nothing goes without permission, who gives it and how, and what is wrapped. A value under its least is
 * raised to it, and `raised` says so.
 */
import { Fault } from "../../base/fault.ts"
import { stripNames, type StripRule } from "./strip.ts"
import { parseTrigger, type Trigger } from "./trigger.ts"

/** As the setting `gate` has it, defaults filled in. */
export type OutboundSettings = {
  readonly enabled: boolean
  /** Names of channels in lower case, or `*` for all. */
  readonly channel: readonly string[]
  readonly phoneChannels: readonly string[]
  readonly protectedTo: readonly string[]
  readonly allowedFrom: readonly string[]
  readonly triggerRegex: string
  readonly armTtlMs: number
  readonly maxUsesPerArm: number
  readonly requireBodyAfterTrigger: boolean
  readonly missedResponseTtlMs: number
  readonly duplicateWindowMs: number
  readonly wrapperTargets: readonly string[]
  readonly wrapperPrefix: string
  readonly wrapperSuffix: string
  /** What is taken out of texts, to whomever they go. */
  readonly strip: StripRule
  /** Words by topic, the first topic with a word in the body wins; a body without any is `general`. */
  readonly topics: Readonly<Record<string, readonly string[]>>
}

export type OutboundRule = OutboundSettings & {
  readonly trigger: Trigger
  /** Settings that were under their least, by name. */
  readonly raised: readonly string[]
}

const defaults: OutboundSettings = {
  enabled: true,
  channel: ["whatsapp"],
  phoneChannels: ["whatsapp", "signal", "sms", "imessage", "bluebubbles"],
  protectedTo: [],
  allowedFrom: [],
  triggerRegex: "^\\s*friday:\\s*",
  armTtlMs: 120_000,
  maxUsesPerArm: 3,
  requireBodyAfterTrigger: true,
  missedResponseTtlMs: 600_000,
  duplicateWindowMs: 10_000,
  wrapperTargets: [],
  wrapperPrefix: "↓↓↓ F.R.I.D.A.Y. ↓↓↓",
  wrapperSuffix: "↑↑↑ F.R.I.D.A.Y. ↑↑↑",
  strip: { reasoning: false, secrets: false, internalMarkers: false },
  topics: {
    media: ["movie", "show", "episode", "series", "plex", "radarr", "sonarr"],
    scheduling: ["calendar", "remind", "reminder", "schedule", "meeting"],
  },
}

/** What is less is raised to it. */
const least: Readonly<Partial<Record<keyof OutboundSettings, number>>> = {
  armTtlMs: 15_000,
  maxUsesPerArm: 1,
  missedResponseTtlMs: 30_000,
  duplicateWindowMs: 0,
}

const longest = 31 * 86_400_000
const mostEntries = 100_000

type Refuse = (problem: string) => never

/** Undefined where none is written. @throws {Fault} `config.invalid` */
export function parseOutbound(written: unknown): OutboundRule | undefined {
  if (written === undefined || written === null || written === false) return undefined
  const refuse: Refuse = (problem) => {
    throw new Fault("config.invalid", { setting: "gate", problem })
  }
  if (typeof written !== "object" || Array.isArray(written))
    return refuse('it must be an object such as {"channel": "telegram", "protectedTo": ["4242"], "allowedFrom": ["4242"]}')
  const given = written as Readonly<Record<string, unknown>>
  const unknown = Object.keys(given).find((name) => !(name in defaults))
  if (unknown !== undefined) return refuse(`it has no ${unknown}; it has ${Object.keys(defaults).join(", ")}`)
  const raised: string[] = []
  const told = Object.fromEntries(
    Object.entries(defaults).map(([name, fallback]) => {
      const value = given[name]
      return [name, value === undefined || value === null ? fallback : read(name as keyof OutboundSettings, value, { refuse, raised })]
    }),
  ) as unknown as OutboundSettings
  const settings = { ...told, channel: told.channel.map((name) => name.toLowerCase()), phoneChannels: told.phoneChannels.map((name) => name.toLowerCase()) }
  const isIdle = settings.protectedTo.length === 0 && settings.wrapperTargets.length === 0 && !stripNames.some((name) => settings.strip[name])
  return { ...settings, enabled: settings.enabled && !isIdle, trigger: parseTrigger(settings.triggerRegex, refuse), raised }
}

function read(name: keyof OutboundSettings, value: unknown, { refuse, raised }: { readonly refuse: Refuse; readonly raised: string[] }): unknown {
  const fallback = defaults[name]
  if (name === "channel" && typeof value === "string") return [value]
  if (name === "topics") return topicsOf(value, refuse)
  if (name === "strip") return stripOf(value, refuse)
  if (Array.isArray(fallback)) return isTexts(value) ? value : refuse(`its ${name} must be a list of texts`)
  if (typeof fallback === "number") {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > longest)
      return refuse(`its ${name} must be a whole number up to ${longest}`)
    const bound = least[name] ?? 0
    if (value < bound) raised.push(name)
    return Math.max(bound, value)
  }
  if (typeof value !== typeof fallback) return refuse(`its ${name} must be ${typeof fallback === "boolean" ? "true or false" : "a text"}`)
  return value
}

function topicsOf(value: unknown, refuse: Refuse): OutboundSettings["topics"] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.values(value).every(isTexts))
    return refuse('its topics must be an object of lists such as {"media": ["movie", "plex"]}')
  return value as OutboundSettings["topics"]
}

function stripOf(value: unknown, refuse: Refuse): StripRule {
  const written = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
  if (!written?.every(([name, on]) => (stripNames as readonly string[]).includes(name) && typeof on === "boolean"))
    return refuse(`its strip must be an object such as {"reasoning": true}; it has ${stripNames.join(", ")}, each true or false`)
  return { ...defaults.strip, ...(Object.fromEntries(written) as Partial<StripRule>) }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= mostEntries && value.every((one) => typeof one === "string" && one.trim() !== "")
}

/** Whether the channel is one that is watched over. */
export function covers({ enabled, channel: channels }: OutboundSettings, channel: string): boolean {
  return enabled && (channels.includes("*") || channels.includes(channel.toLowerCase()))
}
