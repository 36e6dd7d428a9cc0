/**
 * Skills from every root the host loads them from, in its order, the first of a name wins: https://docs.openclaw.ai/tools/skills. A directory with a SKILL.md is one,
 * and is called what its front matter says, else what the directory is called. Links are not followed.
 */
import { basename, dirname, join } from "node:path"
import { objectOf } from "../base/json.ts"
import { readSmallFile } from "../history/read-small-file.ts"
import { agentsOf, expanded, type Agent, type HostConfig, type HostPlaces } from "./host-places.ts"
import type { HostPlugin } from "./plugins.ts"

export type SkillSource = "workspace" | "project" | "personal" | "shared" | "workshop" | "bundled" | "extra" | "plugin"

export type SkillRoot = {
  readonly source: SkillSource
  readonly directory: string
  /** Whose it is alone. */
  readonly agent?: string
}

export const skillFile = "SKILL.md"
/** Below a root. */
export const deepestSkill = 6
const mostHeadBytes = 64 * 1024

/** Those of one agent, the highest first. */
export function skillRootsOf(agent: Agent, places: HostPlaces, config: HostConfig, plugins: readonly HostPlugin[]): readonly SkillRoot[] {
  const { stateDirectory, home } = places
  const { id, workspace } = agent
  const isDefaultState = stateDirectory === join(home, ".openclaw")
  const extra = objectOf(objectOf(config["skills"])["load"])["extraDirs"]
  const extras = Array.isArray(extra) ? (extra as unknown[]).filter((one) => typeof one === "string") : []
  const shipped = bundledSkills(plugins)
  return [
    { source: "workspace", directory: join(workspace, "skills"), agent: id },
    { source: "project", directory: join(workspace, ".agents", "skills"), agent: id },
    ...(isDefaultState ? [{ source: "personal", directory: join(home, ".agents", "skills") } as const] : []),
    { source: "shared", directory: join(stateDirectory, "skills") },
    { source: "workshop", directory: join(stateDirectory, "agents", id, "agent", "workshop-skills"), agent: id },
    ...(shipped === undefined ? [] : [{ source: "bundled", directory: shipped } as const]),
    ...extras.map((path) => ({ source: "extra", directory: expanded(path, places) }) as const),
    ...plugins
      .filter(({ isEnabled, isBundled }) => isEnabled && !isBundled)
      .flatMap(({ skills }) => skills.map((directory) => ({ source: "plugin", directory }) as const)),
  ]
}

/** Of all agents, each directory once. */
export function allSkillRoots(places: HostPlaces, config: HostConfig, plugins: readonly HostPlugin[]): readonly SkillRoot[] {
  const roots = agentsOf(places, config).flatMap((agent) => skillRootsOf(agent, places, config, plugins))
  return [...new Map(roots.map((root) => [root.directory, root])).values()]
}

/** Beside the plugins that come with the host; where they are is known by any of them. */
function bundledSkills(plugins: readonly HostPlugin[]): string | undefined {
  const one = plugins.find(({ isBundled, directory }) => isBundled && basename(dirname(directory)) === "extensions")
  return one && join(one.directory, "..", "..", "..", "skills")
}

export type SkillHead = { readonly name: string; readonly version: string | undefined }

/** What a SKILL.md says of itself. */
export function skillHead(file: string): SkillHead {
  const named = basename(dirname(file))
  try {
    const text = readSmallFile(file, mostHeadBytes).toString("utf8")
    const [, front = ""] = /^\uFEFF?---\r?\n([^]*?)\r?\n---/.exec(text) ?? []
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*["']?([^"'\\r\\n]{1,200}?)["']?[ \\t]*$`, "m").exec(front)?.[1]
    return { name: field("name") ?? named, version: field("version") }
  } catch {
    return { name: named, version: undefined }
  }
}
