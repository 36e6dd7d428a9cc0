/**
 * What a host's agents are made of now, as the host resolves it: each plugin, skill, tool, workspace file and job once, with the hash of its content. Read where it lies;
 * what may not be read has no hash.
 */
import { basename, dirname, join, relative } from "node:path"
import { canonicalJson, objectOf } from "../base/json.ts"
import { scheduleText } from "../history/stores/configured-jobs.ts"
import { definitionOf, jobsOf } from "./crons.ts"
import { hashFile, hashText } from "./hash-file.ts"
import { agentsOf, readHostConfig, type HostConfig, type HostPlaces } from "./host-places.ts"
import { HostStore, type HostRecords } from "./host-store.ts"
import { identityFiles, type ArtefactKind } from "./kinds.ts"
import type { HostPlugin } from "./plugins.ts"
import { deepestSkill, skillFile, skillHead, skillRootsOf, type SkillRoot } from "./skills.ts"
import { walk, type FoundFile } from "./walk.ts"

export type Artefact = {
  readonly kind: ArtefactKind
  readonly id: string
  readonly name: string
  readonly version: string | null
  readonly path: string
  /** Where it is from: a load root, how a plugin was installed, the plugin or the configuration of a tool. */
  readonly source: string
  /** Whose it is alone. */
  readonly agent: string | null
  /** Hex; of several files, over a line of each: `<sha256>  ./<path>`. */
  readonly sha256: string | null
  readonly modifiedMs: number | null
  /** When a job runs; whether a plugin is off. */
  readonly detail: string | null
  /** What of it is watched, as it is watched; undefined where nothing is. */
  readonly parts: readonly Part[] | undefined
}

export type Part = { readonly path: string; readonly sha256: string }

export type Artefacts = { readonly artefacts: readonly Artefact[]; readonly problem: string | null }

const deepest = 8
const mostFiles = 2_000

export function artefactsOf(places: HostPlaces): Artefacts {
  const store = new HostStore(places.stateDirectory)
  const [config, records] = [readHostConfig(places.configFile) ?? {}, store.read()]
  const plugins = records.plugins.plugins.map(pluginOf)
  const skills = skillsOf(places, config, records)
  return {
    artefacts: [...plugins, ...skills, ...toolsOf(places, config, records), ...workspaceOf(places, config), ...cronsOf(places, records)],
    problem: store.problem ?? null,
  }
}

function pluginOf({ id, version, directory, source, isBundled, isEnabled }: HostPlugin): Artefact {
  const content = isBundled ? undefined : contentOf(directory, filesBelow(directory))
  return {
    ...{ kind: "plugin", id, name: id, version: version ?? null, path: directory, source, agent: null },
    ...{ sha256: content?.sha256 ?? null, modifiedMs: content?.modifiedMs ?? null },
    ...{ detail: isEnabled ? null : "off", parts: content?.parts },
  }
}

/** Of each agent the first of a name, from the root that it is found in first. */
function skillsOf(places: HostPlaces, config: HostConfig, { plugins }: HostRecords): readonly Artefact[] {
  const found = new Map<string, Artefact>()
  const below = new Map<string, readonly (readonly [directory: string, files: readonly FoundFile[]])[]>()
  for (const agent of agentsOf(places, config)) {
    const names = new Set<string>()
    for (const root of skillRootsOf(agent, places, config, plugins.plugins)) {
      const skills = below.get(root.directory) ?? skillsBelow(root)
      below.set(root.directory, skills)
      for (const [directory, files] of skills) {
        const head = skillHead(join(directory, skillFile))
        if (names.has(head.name)) continue
        names.add(head.name)
        if (found.has(directory)) continue
        const content = contentOf(directory, files)
        found.set(directory, {
          ...{ kind: "skill", id: basename(directory), name: head.name, version: head.version ?? null, path: directory, source: root.source },
          ...{ agent: root.agent ?? null, sha256: content.sha256, modifiedMs: content.modifiedMs, detail: null },
          parts: root.source === "bundled" ? undefined : content.parts,
        })
      }
    }
  }
  return [...found.values()]
}

function skillsBelow({ directory }: SkillRoot) {
  const skills = new Map<string, FoundFile[]>()
  const rules = { directory, deepest: deepestSkill + 4, accepts: () => true, leavesOut: () => false }
  walk(
    { ...rules, ownerOf: (path, names) => (names.has(skillFile) ? path : undefined) },
    {
      file: (file) => skills.set(file.owner, [...(skills.get(file.owner) ?? []), file]),
      directory: () => {},
      unreadable: () => {},
    },
  )
  return [...skills]
}

/** Those that plugins bring, and servers of tools. */
function toolsOf({ configFile }: HostPlaces, config: HostConfig, { plugins }: HostRecords): readonly Artefact[] {
  const brought = plugins.plugins.filter(({ isEnabled }) => isEnabled).flatMap((plugin) => plugin.tools.map((tool) => toolOf(tool, plugin)))
  const servers = Object.entries(objectOf(objectOf(config["mcp"])["servers"])).map(([name, server]): Artefact => {
    const sha256 = hashText(canonicalJson(server))
    const rest = { version: null, agent: null, modifiedMs: null, detail: null }
    return { kind: "tool", id: name, name, path: configFile, source: "mcp.servers", sha256, ...rest, parts: [{ path: `mcp:${name}`, sha256 }] }
  })
  return [...brought, ...servers]
}

function toolOf(tool: string, { id, version, manifest, isBundled }: HostPlugin): Artefact {
  const hashed = readHash(manifest)
  return {
    ...{ kind: "tool", id: tool, name: tool, version: version ?? null, path: manifest, source: `plugin ${id}`, agent: null },
    ...{ sha256: hashed?.sha256 ?? null, modifiedMs: null, detail: null },
    parts: isBundled || hashed === undefined ? undefined : [{ path: manifest, sha256: hashed.sha256 }],
  }
}

function workspaceOf(places: HostPlaces, config: HostConfig): readonly Artefact[] {
  return agentsOf(places, config).flatMap(({ id: agent, workspace }) =>
    filesBelow(workspace, 0)
      .filter(({ path }) => identityFiles.includes(basename(path)))
      .map((file): Artefact => {
        const { sha256, parts, modifiedMs } = contentOf(dirname(file.path), [file])
        const name = basename(file.path)
        return { kind: "workspace", id: name, name, version: null, path: file.path, source: "workspace", agent, sha256, modifiedMs, detail: null, parts }
      }),
  )
}

function cronsOf({ stateDirectory }: HostPlaces, { jobs }: HostRecords): readonly Artefact[] {
  const isStored = jobs.length > 0
  return jobsOf(stateDirectory, jobs).map((job): Artefact => {
    const sha256 = hashText(definitionOf(job))
    return {
      ...{ kind: "cron", id: job.id, name: job.name === "" ? job.id : job.name, version: null, agent: null, modifiedMs: null, sha256 },
      ...{ path: join(stateDirectory, isStored ? "state/openclaw.sqlite" : "cron/jobs.json"), source: isStored ? "store" : "file" },
      ...{ detail: `${scheduleText(job.job["schedule"])}${job.enabled ? "" : ", off"}`, parts: [{ path: `cron:${job.id}`, sha256 }] },
    }
  })
}

function filesBelow(directory: string, depth = deepest): readonly FoundFile[] {
  const files: FoundFile[] = []
  const rules = { directory, deepest: depth, ownerOf: () => "", accepts: () => true, leavesOut: () => files.length >= mostFiles }
  walk(rules, { file: (file) => files.push(file), directory: () => {}, unreadable: () => {} })
  return files
}

type Content = { readonly sha256: string | null; readonly modifiedMs: number | null; readonly parts: readonly Part[] }

/** As `find . -type f | sort | xargs sha256sum | sha256sum` says it; of one file, its own hash. */
function contentOf(directory: string, files: readonly FoundFile[]): Content {
  const parts: Part[] = []
  let isWhole = true
  for (const { path } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const hashed = readHash(path)
    if (hashed) parts.push({ path, sha256: hashed.sha256 })
    else isWhole = false
  }
  const [only] = parts
  const lines = parts.map(({ path, sha256 }) => `${sha256}  ./${relative(directory, path)}\n`)
  const sha256 = parts.length === 1 && only ? only.sha256 : hashText(lines.join(""))
  return {
    sha256: isWhole && parts.length > 0 ? sha256 : null,
    modifiedMs: files.length === 0 ? null : Math.max(...files.map(({ modifiedMs }) => modifiedMs)),
    parts,
  }
}

function readHash(path: string) {
  try {
    return hashFile(path)
  } catch {
    return undefined // it has no hash then
  }
}
