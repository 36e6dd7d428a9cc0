/**
 * The places of a host that are watched, and the values in its configuration and store that are watched as files are: the parts its agents are made of, its
 * configuration, and the operator's own patterns. What comes with the host is not: it changes with each of its versions.
 */
import { basename, dirname, join } from "node:path"
import { Minimatch } from "minimatch"
import { canonicalJson, objectOf } from "../../base/json.ts"
import { definitionOf, jobsOf } from "../crons.ts"
import { agentsOf, expanded, type HostConfig, type HostPlaces } from "../host-places.ts"
import type { HostRecords } from "../host-store.ts"
import { identityFiles, type WatchedKind } from "../kinds.ts"
import { allSkillRoots, deepestSkill, skillFile } from "../skills.ts"
import type { WalkRules } from "../walk.ts"

export type WatchRules = {
  /** Globs, relative to the host's state directory or absolute. */
  readonly patterns: readonly string[]
  readonly ignore: readonly string[]
}

/** What a watched thing belongs to. Of a group that is on record, what is new was added; of one that is not, it was there before. */
export type WatchGroup = { readonly kind: WatchedKind; readonly group: string; readonly agent?: string }

export type WatchedPlace = WatchGroup & WalkRules

/** A value that is watched as a file is, under a name that no path is like. */
export type WatchedValue = WatchGroup & { readonly path: string; readonly name: string; readonly text: string }

/** `groups` are all that is watched, also where there is nothing of it. */
export type Watched = { readonly groups: ReadonlySet<string>; readonly places: readonly WatchedPlace[]; readonly values: readonly WatchedValue[] }

const usualGroups = ["config", "workspace", "skill", "plugin", "tool", "cron"]
/** Those that the host's store tells of. */
export const storedGroups: readonly string[] = ["plugin", "cron"]

const deepestSkillFile = deepestSkill + 4
const deepestPlugin = 8
const deepestPattern = 32
const settings = { dot: true, nonegate: true, nocomment: true } as const

/** @param own never watched: the ledger's own directory, which would tell of itself for ever */
export function watchedOf(places: HostPlaces, config: HostConfig, records: HostRecords, { patterns, ignore }: WatchRules, own: readonly string[]): Watched {
  const ignored = ignore.map((pattern) => new Minimatch(expanded(pattern, places), settings))
  const leavesOut = (path: string) => own.includes(path) || ignored.some((pattern) => pattern.match(path))
  const place = (group: WatchGroup, directory: string, rules: Partial<WalkRules> = {}): WatchedPlace => ({
    ...{ directory, deepest: 0, ownerOf: () => "", accepts: () => true, leavesOut },
    ...{ ...group, ...rules },
  })
  const agents = agentsOf(places, config)
  return {
    groups: new Set([...usualGroups, ...patterns.map(groupOf)]),
    places: [
      ...agents.map(({ id, workspace }) =>
        place({ kind: "workspace", group: "workspace", agent: id }, workspace, { accepts: (_, name) => identityFiles.includes(name) }),
      ),
      ...allSkillRoots(places, config, records.plugins.plugins)
        .filter(({ source }) => source !== "bundled" && source !== "plugin")
        .map(({ directory, agent }) =>
          place({ kind: "skill", group: "skill", ...(agent === undefined ? {} : { agent }) }, directory, {
            deepest: deepestSkillFile,
            ownerOf: (path, names) => (names.has(skillFile) ? basename(path) : undefined),
          }),
        ),
      ...records.plugins.plugins
        .filter(({ isBundled }) => !isBundled)
        .map(({ id, directory }) => place({ kind: "plugin", group: "plugin" }, directory, { deepest: deepestPlugin, ownerOf: () => id })),
      place({ kind: "file", group: "config" }, dirname(places.configFile), { accepts: (path) => path === places.configFile }),
      ...patterns.map((pattern) => patternPlace(pattern, places, place)),
    ],
    values: [
      ...Object.entries(objectOf(objectOf(config["mcp"])["servers"])).map(([name, server]) => ({
        ...({ kind: "tool", group: "tool" } as const),
        ...{ path: `mcp:${name}`, name, text: canonicalJson(server) },
      })),
      ...jobsOf(places.stateDirectory, records.jobs).map((job) => ({
        ...({ kind: "cron", group: "cron" } as const),
        ...{ path: `cron:${job.id}`, name: job.id, text: definitionOf(job) },
      })),
    ],
  }
}

function patternPlace(
  pattern: string,
  places: HostPlaces,
  place: (group: WatchGroup, directory: string, rules: Partial<WalkRules>) => WatchedPlace,
): WatchedPlace {
  const glob = new Minimatch(expanded(pattern, places), settings)
  return place({ kind: "file", group: groupOf(pattern) }, fixedPart(glob.pattern), {
    deepest: deepestPattern,
    ownerOf: () => "",
    accepts: (path) => glob.match(path),
  })
}

function groupOf(pattern: string): string {
  return `pattern:${pattern}`
}

/** The directory that all a pattern can mean is below; of a file's own path, where it lies. */
function fixedPart(pattern: string): string {
  const parts = pattern.split("/")
  const magic = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part))
  const fixed = parts.slice(0, magic === -1 ? parts.length - 1 : magic)
  return join("/", ...fixed)
}
