/**
 * What `setup` wrote where the host's configuration said nothing: as long as it still says the same, `uninstall` takes it out again, and the host is as it was. A file beside the ledger;
 * without it, `uninstall` takes out what bears the plugin's name.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { canonicalJson, objectOf, type JsonObject } from "../../../base/json.ts"
import { writeDurably } from "../../../vault/durable-file.ts"
import { pluginId } from "./patch.ts"
import { pluginsIn } from "./question.ts"

export type SetupNote = { readonly allow?: unknown; readonly recapsOff?: unknown }

export function noteFile(directory: string): string {
  return join(directory, "setup.json")
}

/** What a patch sets that was not there before. */
export function noteOf(before: unknown, patch: JsonObject): SetupNote {
  const { allow } = pluginsIn(patch)
  const isList = Array.isArray(allow) && !Array.isArray(pluginsIn(before)["allow"])
  const isRecap = utilityModelIn(patch) === "" && utilityModelIn(before) === undefined
  return { ...(isList ? { allow } : {}), ...(isRecap ? { recapsOff: true } : {}) }
}

export function addNote(directory: string, note: SetupNote): void {
  if (Object.keys(note).length === 0 || !existsSync(directory)) return
  writeDurably(noteFile(directory), `${JSON.stringify({ ...readNote(directory), ...note })}\n`)
}

/** Empty where there is none, or none that can be read. */
export function readNote(directory: string): SetupNote {
  try {
    return objectOf(JSON.parse(readFileSync(noteFile(directory), "utf8")))
  } catch {
    return {}
  }
}

export function forgetNote(directory: string): void {
  rmSync(noteFile(directory), { force: true })
}

/** What of a note still stands, as a patch that takes it out. */
export function undoneBy(note: SetupNote, config: unknown): JsonObject {
  // The host itself takes out the plugin's name when it removes it.
  const others = (list: unknown) => canonicalJson(Array.isArray(list) ? list.filter((name) => name !== pluginId) : null)
  const isList = note.allow !== undefined && others(pluginsIn(config)["allow"]) === others(note.allow)
  const isRecap = note.recapsOff === true && utilityModelIn(config) === ""
  return { ...(isList ? { plugins: { allow: null } } : {}), ...(isRecap ? { agents: { defaults: { utilityModel: null } } } : {}) }
}

function utilityModelIn(config: unknown): unknown {
  return objectOf(objectOf(objectOf(config)["agents"])["defaults"])["utilityModel"]
}
