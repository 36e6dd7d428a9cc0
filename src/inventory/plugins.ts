/** Plugins, from the host's own index of them: what it installed, from where, and what each of them says it brings. */
import { isAbsolute, join } from "node:path"
import { objectOf, stringOf } from "../base/json.ts"

export type HostPlugin = {
  readonly id: string
  readonly version: string | undefined
  /** Directory of the package. */
  readonly directory: string
  readonly manifest: string
  /** Comes with the host. */
  readonly isBundled: boolean
  readonly isEnabled: boolean
  /** As the host names it: `bundled`, or how it was installed (`npm`, `clawhub`, `git`, `path` ...), else where it was found. */
  readonly source: string
  readonly tools: readonly string[]
  /** Directories of skills it brings, absolute. */
  readonly skills: readonly string[]
}

export type PluginIndex = { readonly plugins: readonly HostPlugin[] }

export const emptyIndex: PluginIndex = { plugins: [] }

export function pluginIndex(value: unknown): PluginIndex {
  const index = objectOf(objectOf(value)["index"])
  const records = objectOf(index["installRecords"])
  const listed = Array.isArray(index["plugins"]) ? (index["plugins"] as unknown[]) : []
  return { plugins: listed.map(objectOf).flatMap((row) => pluginOf(row, records)) }
}

function pluginOf(row: Readonly<Record<string, unknown>>, records: Readonly<Record<string, unknown>>): readonly HostPlugin[] {
  const [id, directory] = [stringOf(row["pluginId"]), stringOf(row["rootDir"])]
  if (id === undefined || directory === undefined || !isAbsolute(directory)) return []
  const record = objectOf(records[stringOf(row["installOwner"]) ?? id])
  const origin = stringOf(row["origin"]) ?? "unknown"
  const skills = texts(objectOf(record["acceptedSurface"])["skills"])
  return [
    {
      ...{ id, directory },
      version: stringOf(row["packageVersion"]) ?? stringOf(record["version"]),
      manifest: stringOf(row["manifestPath"]) ?? join(directory, "openclaw.plugin.json"),
      isBundled: origin === "bundled",
      isEnabled: row["enabled"] === true,
      source: stringOf(record["source"]) ?? origin,
      tools: texts(objectOf(objectOf(row["contributions"])["contracts"])["tools"]),
      skills: skills.map((path) => join(directory, path)).filter((path) => path.startsWith(`${directory}/`)),
    },
  ]
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === "string") : []
}
