/** What the host lets the plugin do: be loaded, see conversations, and not be passed by. */
import { Fault } from "../../../../base/fault.ts"
import { objectOf, stringOf, type JsonObject } from "../../../../base/json.ts"
import { pluginStanding } from "../../../../policy/plugin-standing.ts"
import type { Flags } from "../../command.ts"
import { pluginId } from "../patch.ts"
import { entryIn, pluginsIn, type Known, type Question } from "../question.ts"

/** A flag that takes a few words only. */
export function oneOf<T extends string>(flags: Flags, flag: string, words: readonly T[]): T | undefined {
  const given = stringOf(flags[flag])
  if (given === undefined) return undefined
  const known = words.find((word) => word === given)
  if (known === undefined) throw new Fault("cli.usage", { problem: `--${flag} takes ${words.join(" or ")}, not "${given}".` })
  return known
}

export const allow: Question = {
  name: "allow",
  options: [
    { flags: "--allow <answer>", words: "yes: add the plugin to plugins.allow, beside what stands there; skip: leave the list as it is (with --yes: yes)" },
  ],
  told: (known) => (oneOf(known.flags, "allow", ["yes", "skip"]) === "yes" ? loadAnswer(known) : known.flags["allow"] === undefined ? undefined : {}),
  ask: async (asker, known) => {
    if (loadPatch(known) === undefined) return {}
    const list = namesIn(pluginsIn(known.config)["allow"])
    const words = list.length > 0 ? `beside ${list.join(", ")}` : `with the ${inUse(known).length} plugins that the host loads now`
    return (await asker.yes(`Let the host load the plugin? It is put into plugins.allow, ${words}.`)) ? loadAnswer(known) : {}
  },
  usual: loadAnswer,
  shown: (config) => {
    const { off } = pluginStanding(config)
    const list = namesIn(pluginsIn(config)["allow"])
    const place = list.includes(pluginId) ? `in plugins.allow with ${list.length - 1} others` : "not in plugins.allow"
    return `${off === null ? "the host loads the plugin" : `the host does not load the plugin: ${off}`}; ${place}`
  },
}

function loadAnswer(known: Known) {
  const patch = loadPatch(known)
  return patch === undefined ? {} : { patch }
}

/** What stands in the list stays in it. Where there is none, the host loads what it likes: a list of ours alone would switch all of it off. */
function loadPatch(known: Known): JsonObject | undefined {
  const { allow } = pluginsIn(known.config)
  const isListed = namesIn(allow).some((name) => name.trim().toLowerCase() === pluginId)
  const isOff = entryIn(known.config)["enabled"] === false
  if (isListed && !isOff) return undefined
  const list = namesIn(allow).length > 0 ? namesIn(allow) : inUse(known)
  return {
    plugins: {
      ...(isListed ? {} : { allow: [...list, pluginId] }),
      ...(isOff ? { entries: { [pluginId]: { enabled: true } } } : {}),
    },
  }
}

/** Plugins that are loaded though no list names them. */
function inUse({ plugins }: Known): readonly string[] {
  return plugins.flatMap(({ id, isLoaded }) => (isLoaded && id !== pluginId ? [id] : [])).toSorted()
}

export function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : []
}

const accessPatch = { plugins: { entries: { [pluginId]: { hooks: { allowConversationAccess: true } } } } }

export const conversations: Question = {
  name: "conversations",
  options: [
    {
      flags: "--conversations <answer>",
      words: "yes: let the plugin see prompts and answers (hooks.allowConversationAccess); skip: leave it as it is (with --yes: yes)",
    },
  ],
  told: ({ flags }) =>
    oneOf(flags, "conversations", ["yes", "skip"]) === "yes" ? { patch: accessPatch } : flags["conversations"] === undefined ? undefined : {},
  ask: async (asker, { config }) => {
    if (mayRead(config)) return {}
    const question = "Let the plugin see prompts and answers? Without it tool calls, usage and cost are recorded, and no conversation."
    return (await asker.yes(question)) ? { patch: accessPatch } : {}
  },
  usual: () => ({ patch: accessPatch }),
  shown: (config) => (mayRead(config) ? "prompts and answers are seen" : "prompts and answers are NOT seen"),
}

function mayRead(config: unknown): boolean {
  return objectOf(entryIn(config)["hooks"])["allowConversationAccess"] === true
}

const recapPatch = { agents: { defaults: { utilityModel: "" } } }

export const recaps: Question = {
  name: "recaps",
  options: [
    {
      flags: "--recaps <answer>",
      words: "off: the host makes no activity recaps, whose model calls no hook sees (agents.defaults.utilityModel); skip: leave it (with --yes: skip)",
    },
  ],
  told: ({ flags }) => (oneOf(flags, "recaps", ["off", "skip"]) === "off" ? { patch: recapPatch } : flags["recaps"] === undefined ? undefined : {}),
  ask: async (asker, { config }) => {
    if (pluginStanding(config).recapsOff) return {}
    const question = "Switch the host's activity recaps off? Their model calls pass no hook, and are neither recorded nor held back."
    return (await asker.yes(question, false)) ? { patch: recapPatch } : {}
  },
  shown: (config) => (pluginStanding(config).recapsOff ? "off" : "as the host makes them; their model calls are not seen"),
}
