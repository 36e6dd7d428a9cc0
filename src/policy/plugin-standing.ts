/**
 * What the host's configuration says of the plugin: whether it is loaded, and what it may see. The rules are the host's
 * (https://docs.openclaw.ai/gateway/config-extensions): deny wins, an entry may switch a plugin off, a list of those allowed leaves out all others without one.
 */
import { objectOf } from "../base/json.ts"

const pluginId = "sovereign-ledger"

export const offReasons = ["plugins disabled", "denied in plugins.deny", "entry disabled", "not in plugins.allow", "uninstalled"] as const
export type OffReason = (typeof offReasons)[number]

export type PluginStanding = {
  /** Why it is not loaded; null when it is. */
  readonly off: OffReason | null
  /** The one command that has it loaded again; null when it is. */
  readonly remedy: string | null
  /** The host calls the hooks that see conversations. */
  readonly mayReadConversations: boolean
  /** The host's activity recaps, which no hook sees, are switched off. */
  readonly recapsOff: boolean
}

/** @param before what the configuration was while the plugin ran, where that is known: uninstalling leaves the same mark behind as switching off. */
export function pluginStanding(config: unknown, before?: unknown): PluginStanding {
  const plugins = objectOf(objectOf(config)["plugins"])
  const entry = objectOf(objectOf(plugins["entries"])[pluginId])
  const off = offReason(plugins, entry, before)
  const defaults = objectOf(objectOf(objectOf(config)["agents"])["defaults"])
  return {
    off,
    remedy: off && remedyOf(off, plugins),
    mayReadConversations: objectOf(entry["hooks"])["allowConversationAccess"] === true,
    recapsOff: defaults["utilityModel"] === "",
  }
}

function offReason(plugins: Readonly<Record<string, unknown>>, entry: Readonly<Record<string, unknown>>, before: unknown): OffReason | null {
  if (plugins["enabled"] === false) return "plugins disabled"
  if (lists(plugins["deny"])) return "denied in plugins.deny"
  if (entry["enabled"] === false) return isLeftBehind(plugins, entry, before) ? "uninstalled" : "entry disabled"
  const allow = plugins["allow"]
  const isLeftOut = Array.isArray(allow) && allow.length > 0 && !lists(allow)
  return isLeftOut && !isConfigured(entry) ? "not in plugins.allow" : null
}

/** An entry that says anything of a plugin puts it on the list of those allowed, too. */
function isConfigured(entry: Readonly<Record<string, unknown>>): boolean {
  const isObject = (name: string) => typeof entry[name] === "object" && entry[name] !== null && !Array.isArray(entry[name])
  const says = ["config", "hooks", "subagent", "llm"].some(isObject)
  return entry["enabled"] === true || says || entry["apiKey"] !== undefined || entry["env"] !== undefined
}

function remedyOf(off: OffReason, plugins: Readonly<Record<string, unknown>>): string {
  switch (off) {
    case "plugins disabled":
      return "openclaw config set plugins.enabled true --strict-json"
    case "denied in plugins.deny":
      return setList(
        "plugins.deny",
        names(plugins["deny"]).filter((name) => !isOurs(name)),
      )
    case "not in plugins.allow":
      return setList("plugins.allow", [...names(plugins["allow"]), pluginId])
    case "entry disabled":
      return `openclaw plugins enable ${pluginId}`
    case "uninstalled":
      return "openclaw plugins install npm-pack:FILE --force --accept-capabilities"
  }
}

/** The list as it has to be, so that what stands in it already is kept. */
function setList(path: string, list: readonly string[]): string {
  return `openclaw config set ${path} '${JSON.stringify(list).replaceAll("'", "'\\''")}' --strict-json`
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : []
}

function isOurs(name: string): boolean {
  return name.trim().toLowerCase() === pluginId
}

function lists(value: unknown): boolean {
  return names(value).some(isOurs)
}

/** What the host leaves of a plugin that was uninstalled: an entry that says nothing but that it is off, and no place in the list of those allowed. */
function isLeftBehind(plugins: Readonly<Record<string, unknown>>, entry: Readonly<Record<string, unknown>>, before: unknown): boolean {
  if (Object.keys(entry).length !== 1 || lists(plugins["allow"])) return false
  const earlier = objectOf(objectOf(before)["plugins"])
  return lists(earlier["allow"]) || Object.keys(objectOf(objectOf(earlier["entries"])[pluginId])).length > 1
}
