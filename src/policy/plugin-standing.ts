/**
 * What the host's configuration says of the plugin: whether it is loaded, and what it may see. The rules are the host's
 * (https://docs.openclaw.ai/gateway/config-extensions): deny wins, a list of allowed plugins leaves out all others, an entry may switch one off.
 */
import { objectOf } from "../base/json.ts"

const pluginId = "sovereign-ledger"

export const offReasons = ["plugins disabled", "denied in plugins.deny", "entry disabled", "not in plugins.allow", "uninstalled"] as const
export type OffReason = (typeof offReasons)[number]

export type PluginStanding = {
  /** Why it is not loaded; null when it is. */
  readonly off: OffReason | null
  /** The host calls the hooks that see conversations. */
  readonly mayReadConversations: boolean
  /** The host's activity recaps, which no hook sees, are switched off. */
  readonly recapsOff: boolean
}

/** @param before what the configuration was while the plugin ran, where that is known: uninstalling leaves the same mark behind as switching off. */
export function pluginStanding(config: unknown, before?: unknown): PluginStanding {
  const plugins = objectOf(objectOf(config)["plugins"])
  const entry = objectOf(objectOf(plugins["entries"])[pluginId])
  const defaults = objectOf(objectOf(objectOf(config)["agents"])["defaults"])
  return {
    off: offReason(plugins, entry, before),
    mayReadConversations: objectOf(entry["hooks"])["allowConversationAccess"] === true,
    recapsOff: defaults["utilityModel"] === "",
  }
}

function offReason(plugins: Readonly<Record<string, unknown>>, entry: Readonly<Record<string, unknown>>, before: unknown): OffReason | null {
  if (plugins["enabled"] === false) return "plugins disabled"
  if (lists(plugins["deny"])) return "denied in plugins.deny"
  if (entry["enabled"] === false) return isLeftBehind(plugins, entry, before) ? "uninstalled" : "entry disabled"
  const allow = plugins["allow"]
  return Array.isArray(allow) && allow.length > 0 && !lists(allow) ? "not in plugins.allow" : null
}

function lists(value: unknown): boolean {
  return Array.isArray(value) && value.some((name) => typeof name === "string" && name.trim().toLowerCase() === pluginId)
}

/** What the host leaves of a plugin that was uninstalled: an entry that says nothing but that it is off, and no place in the list of those allowed. */
function isLeftBehind(plugins: Readonly<Record<string, unknown>>, entry: Readonly<Record<string, unknown>>, before: unknown): boolean {
  if (Object.keys(entry).length !== 1 || lists(plugins["allow"])) return false
  const earlier = objectOf(objectOf(before)["plugins"])
  return lists(earlier["allow"]) || Object.keys(objectOf(objectOf(earlier["entries"])[pluginId])).length > 1
}
