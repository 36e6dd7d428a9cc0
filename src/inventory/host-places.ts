/**
 * Where a host keeps what its agents are made of, by its own rules: https://docs.openclaw.ai/concepts/multi-agent and /concepts/agent-workspace.
 * Read where it lies, in a process of our own; nothing of it is ever changed.
 */
import { isAbsolute, join, resolve } from "node:path"
import { parseJson5 } from "../base/json5.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { readSmallFile } from "../history/read-small-file.ts"

export type HostPlaces = {
  /** The host's state directory, absolute. */
  readonly stateDirectory: string
  readonly configFile: string
  /** Of the user the host runs as: what `~` stands for. */
  readonly home: string
}

export type HostConfig = Readonly<Record<string, unknown>>

/** An agent of the host's, and the directory it works in. */
export type Agent = { readonly id: string; readonly workspace: string }

const mostConfigBytes = 8 * 2 ** 20

/** Undefined where it is not there, or is none just now: somebody may be writing it. */
export function readHostConfig(file: string): HostConfig | undefined {
  try {
    return objectOf(parseJson5(readSmallFile(file, mostConfigBytes).toString("utf8")))
  } catch {
    return undefined
  }
}

export function expanded(path: string, { home, stateDirectory }: HostPlaces): string {
  const whole = path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path
  return isAbsolute(whole) ? resolve(whole) : resolve(stateDirectory, whole)
}

/** The agents of a configuration; `main` where it names none. */
export function agentsOf(places: HostPlaces, config: HostConfig): readonly Agent[] {
  const agents = objectOf(config["agents"])
  const root = stringOf(objectOf(agents["defaults"])["workspace"])
  const usual = root === undefined ? join(places.stateDirectory, "workspace") : expanded(root, places)
  const listed = listedAgents(agents)
  if (listed.length === 0) return [{ id: "main", workspace: usual }]
  const others = (id: string) => (root === undefined ? join(places.stateDirectory, `workspace-${id}`) : join(usual, id))
  return listed.map(({ id, workspace, isDefault }) => {
    if (workspace !== undefined) return { id, workspace: expanded(workspace, places) }
    const inherits = listed.length === 1 || (root === undefined && (isDefault || id === "main"))
    return { id, workspace: inherits ? usual : others(id) }
  })
}

type ListedAgent = { readonly id: string; readonly workspace: string | undefined; readonly isDefault: boolean }

/** `entries` by id, or the `list` of hosts before there was one. Ids are names of directories, and nothing that leads elsewhere. */
function listedAgents(agents: Readonly<Record<string, unknown>>): readonly ListedAgent[] {
  const { list } = agents
  const older = Array.isArray(list) ? (list as unknown[]).map(objectOf).map((entry) => [stringOf(entry["id"]) ?? "", entry] as const) : []
  const entries = [...older, ...Object.entries(objectOf(agents["entries"])).map(([id, entry]) => [id, objectOf(entry)] as const)]
  return entries.flatMap(([id, entry]) =>
    /^[\w-]{1,64}$/.test(id) ? [{ id, workspace: stringOf(entry["workspace"]), isDefault: entry["default"] === true }] : [],
  )
}
