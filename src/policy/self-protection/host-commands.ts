/** The host's command line and ours, the gateway's own methods, and the tools an agent has for them: what switches the ledger off, opens or loosens it. */
import { objectOf, stringOf } from "../../base/json.ts"
import { pluginName } from "./surroundings.ts"
import type { Access, Touch, Touchable } from "./touch.ts"

const hostNames = new Set(["openclaw", "openclaw.mjs", "openclaw-gateway", "openclaw.js", "clawdbot"])
const ownNames = new Set([pluginName, "cli.mjs"])
const valuedFlags = new Set(["--profile", "--log-level", "--container", "--state-dir", "--config"])

/** Its words are settings and messages; which of them are files is known here. */
export function isHostProgram(name: string): boolean {
  return hostNames.has(name) || ownNames.has(name)
}

export function hostCommandTouches(program: string, words: readonly string[], input: string | undefined): readonly Touch[] {
  const name = program.slice(program.lastIndexOf("/") + 1).toLowerCase()
  const isRunner = /^(?:node|bun|npm|pnpm|yarn)$/.test(name)
  if (isRunner) {
    const at = words.findIndex((word) => hostNames.has(word.slice(word.lastIndexOf("/") + 1)) || word.endsWith(`${pluginName}/cli.mjs`))
    if (at >= 0) return hostCommandTouches(words[at] ?? "", words.slice(at + 1), input)
    return name === "node" ? [] : packageTouches(words)
  }
  if (ownNames.has(name)) return ledgerTouches(plain(words))
  return hostNames.has(name) ? hostTouches(words, input) : []
}

function packageTouches(words: readonly string[]): readonly Touch[] {
  const removes = words.some((word) => /^(?:uninstall|remove|rm|un|unlink|r)$/.test(word))
  return removes && words.some((word) => word.includes(pluginName)) ? touch("plugin files", "change") : []
}

function hostTouches(words: readonly string[], input: string | undefined): readonly Touch[] {
  const [group, verb, ...rest] = plain(words)
  if (words.includes("--dry-run") || words.includes("--help")) return []
  switch (group) {
    case "config":
      return configTouches(verb, rest, words, input)
    case "plugins":
    case "plugin":
      return pluginsTouches(verb, words)
    case "ledger":
      return ledgerTouches(plain(words).slice(1))
    case "gateway":
      return verb === "call" ? rpcTouches(rest[0] ?? "", `${words.join(" ")} ${input ?? ""}`) : []
    case "reset":
    case "uninstall":
      return touch("data directory", "change")
    default:
      return []
  }
}

function configTouches(verb: string | undefined, rest: readonly string[], words: readonly string[], input: string | undefined): readonly Touch[] {
  const path = rest[0] ?? ""
  const all = words.join(" ")
  switch (verb) {
    case "set":
    case "unset":
      return isOfPlugins(path) || (/--batch/.test(all) && /plugins|--batch-file/.test(all)) ? touch("host config", "change") : []
    case "patch":
    case "apply": {
      const given = `${input ?? ""} ${all}`
      const isSeen = input !== undefined || /\{/.test(all)
      return !isSeen || /plugins/.test(given) ? touch("host config", "change") : []
    }
    case "get":
      return path === "plugins" || path === "plugins.entries" || path.includes(pluginName) ? touch("host config", "read") : []
    default:
      return []
  }
}

function isOfPlugins(path: string): boolean {
  return /^["']?plugins(?:["']?$|[.[])/.test(path)
}

function pluginsTouches(verb: string | undefined, words: readonly string[]): readonly Touch[] {
  const isOurs = words.some((word) => word.toLowerCase().includes(pluginName))
  const isAll = words.includes("--all") && verb !== "update"
  return /^(?:disable|uninstall|remove|install|update|delete)$/.test(verb ?? "") && (isOurs || isAll) ? touch("plugin files", "change") : []
}

const loosening = new Set(["erase", "prune", "rotate", "unfreeze", "raise", "arm", "disable", "import", "allocate"])

function ledgerTouches([group, verb]: readonly string[]): readonly Touch[] {
  if (group === "key") return verb === "backup" ? touch("master key", "read") : verb === "restore" || verb === "create" ? touch("master key", "change") : []
  if (group === "backup") return verb === "restore" ? touch("data directory", "change") : verb === "create" ? touch("data directory", "read") : []
  if (group === "writer") return touch("writer process", "change")
  if (group === "uninstall") return touch("plugin files", "change")
  // It gives permissions, and may take a budget away.
  if (group === "setup") return touch("host config", "change")
  // Everything that was ever said to an agent, in clear.
  if (group === "export") return touch("data directory", "read")
  if (group === "operator" || (group === "budget" && (verb === "remove" || verb === "approve"))) return touch("data directory", "change")
  return loosening.has(group ?? "") || loosening.has(verb ?? "") ? touch("data directory", "change") : []
}

const settingMethods = /^config\.(?:set|patch|apply|unset)$/
const approvalMethods = /^(?:plugin\.)?approval\.resolve$/
const pluginMethods = /^plugins\.(?:setEnabled|uninstall|install|disable|refresh)$/

/** A method of the gateway, with all that is said about it. */
export function rpcTouches(method: string, about: string): readonly Touch[] {
  // What the host asks an owner, for us among others, is not for who is asked about.
  if (approvalMethods.test(method)) return touch("data directory", "change")
  if (method === "config.get") return touch("host config", "read")
  if (settingMethods.test(method)) return method !== "config.patch" || /plugins/.test(about) || !/[{"']/.test(about) ? touch("host config", "change") : []
  return pluginMethods.test(method) && about.includes(pluginName) ? touch("plugin files", "change") : []
}

/** The host's own tools for its configuration and its plugins. */
export function hostToolTouches(tool: string, params: unknown): readonly Touch[] {
  const fields = objectOf(params)
  const action = stringOf(fields["action"]) ?? ""
  const about = JSON.stringify(params ?? {}).toLowerCase()
  if (tool === "gateway" || tool === "config") {
    const method = action.startsWith("config.") ? action : `config.${action}`
    if (method === "config.get") return isOfGateway(stringOf(fields["path"])) ? touch("host config", "read") : []
    return rpcTouches(method, about)
  }
  if (tool === "plugins") return /^(?:disable|uninstall|install)$/.test(action) && about.includes(pluginName) ? touch("plugin files", "change") : []
  if (tool === "openclaw") return isOrder(stringOf(fields["message"]) ?? "") ? touch("plugin files", "change") : []
  return []
}

/** The whole configuration, or the part of it that is about us. */
function isOfGateway(path: string | undefined): boolean {
  return path === undefined || path === "" || path === "plugins" || path === "plugins.entries" || path.includes(pluginName)
}

/** The tool that hands a wish in plain words to the host's own agent. */
function isOrder(message: string): boolean {
  const words = message.toLowerCase()
  const isOurs = /sovereign[\s_-]?ledger|\bledger plugin\b/.test(words)
  return (
    isOurs &&
    /\b(?:disabl\w*|uninstall\w*|remov\w*|turn(?:ing)? off|switch(?:ing)? off|deactivat\w*|stop\w*|delet\w*|unload\w*|kill\w*|drop\w*|revok\w*|false)\b/.test(
      words,
    )
  )
}

function plain(words: readonly string[]): readonly string[] {
  return words.filter((word, i) => !word.startsWith("-") && !valuedFlags.has(words[i - 1] ?? ""))
}

function touch(what: Touchable, access: Access): readonly Touch[] {
  return [{ what, access }]
}
