/** A question of `setup` is a row: its flags, how it is asked, what it comes to, and how what stands there is called. */
import { objectOf, type JsonObject } from "../../../base/json.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"
import type { Asker } from "./ask.ts"
import type { HostPlugin } from "./openclaw.ts"
import { pluginId } from "./patch.ts"

/** What a question may know. */
export type Known = {
  /** The host's configuration as it stands. */
  readonly config: unknown
  readonly plugins: readonly HostPlugin[]
  readonly context: CommandContext
  readonly flags: Flags
  /** There is a ledger, whoever has its key. */
  readonly isSetUp: boolean
}

/** What was answered: to be written into the host's configuration, or to be done. */
export type Answer = {
  readonly patch?: JsonObject
  readonly createKey?: true
}

export type Question = {
  /** As the summary calls it, and the flag that answers it. */
  readonly name: string
  readonly options: readonly OptionRow[]
  /** By flags; undefined where none of them was given. @throws {Fault} `cli.usage` */
  readonly told: (known: Known) => Answer | undefined
  /** Undefined: skipped. */
  readonly ask?: (asker: Asker, known: Known) => Promise<Answer | undefined>
  /** With --yes and no flag. */
  readonly usual?: (known: Known) => Answer | undefined
  /** What the configuration says of it, without secrets; undefined where there is nothing to be said. */
  readonly shown: (config: unknown, known: Known, answer: Answer) => string | undefined
}

/** The plugin's own settings in a configuration. */
export function settingsIn(config: unknown): Readonly<Record<string, unknown>> {
  return objectOf(entryIn(config)["config"])
}

export function entryIn(config: unknown): Readonly<Record<string, unknown>> {
  return objectOf(objectOf(pluginsIn(config)["entries"])[pluginId])
}

export function pluginsIn(config: unknown): Readonly<Record<string, unknown>> {
  return objectOf(objectOf(config)["plugins"])
}
