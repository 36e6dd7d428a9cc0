/** What the answers come to: what has to be written, what it will say then, and what will still be amiss. */
import { objectOf, type JsonObject } from "../../../base/json.ts"
import { parseConfig } from "../../../config.ts"
import { pluginStanding } from "../../../policy/plugin-standing.ts"
import { buildVersion, isNewer } from "../../../version.ts"
import { merged, missingOf, pathsOf, pluginId, together } from "./patch.ts"
import { questions } from "./question-list.ts"
import { settingsIn, type Answer, type Known } from "./question.ts"

export type Plan = {
  /** Undefined where the configuration says all of it. */
  readonly patch: JsonObject | undefined
  readonly createKey: boolean
  readonly rows: readonly { readonly name: string; readonly words: string; readonly isNew: boolean }[]
  /** What the configuration will be. */
  readonly config: JsonObject
  readonly warnings: readonly string[]
}

/** @throws {Fault} `config.invalid` where the settings would not be usable */
export function planOf(known: Known, answers: ReadonlyMap<string, Answer>): Plan {
  const patch = missingOf(known.config, together([...answers.values()].map(({ patch }) => patch ?? {})))
  const config = merged(known.config, patch ?? {})
  parseConfig(referencesTold(settingsIn(config)))
  const createKey = !known.isSetUp && [...answers.values()].some((one) => one.createKey === true)
  const rows = questions.flatMap(({ name, shown }) => {
    const answer = answers.get(name) ?? {}
    const words = shown(config, known, answer)
    if (words === undefined) return []
    const isNew = (answer.createKey === true && createKey) || missingOf(known.config, answer.patch ?? {}) !== undefined
    return [{ name, words, isNew }]
  })
  return { patch, createKey, rows, config, warnings: warningsOf(known, config) }
}

function warningsOf({ plugins }: Known, config: unknown): readonly string[] {
  const { off, remedy } = pluginStanding(config)
  const installed = plugins.find(({ id }) => id === pluginId)?.version
  const isOld = installed !== undefined && isNewer(buildVersion, installed)
  return [
    ...(off === null ? [] : [`The host does not load the plugin: ${off}. ${remedy ?? ""}`.trim()]),
    ...(isOld ? [`The host has version ${installed} of the plugin; this command is ${buildVersion}. openclaw plugins install npm-pack:FILE --force`] : []),
  ]
}

/** References stand for texts that the host alone can tell; which ones, it checks itself. */
export function referencesTold(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isReference = (value: unknown) => typeof objectOf(value)["source"] === "string"
  const secret = ["masterKey", "deApiKey", "deSigningKey"]
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, secret.includes(name) && isReference(value) ? "a reference" : value]))
}

export function changesOf({ patch }: Plan): readonly string[] {
  return patch === undefined ? [] : pathsOf(patch)
}
