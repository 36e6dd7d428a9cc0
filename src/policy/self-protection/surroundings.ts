/** Where the things stand that are to be protected, and what surrounds a command that may reach for them. */
import type { Touchable } from "./touch.ts"
import { partsOf } from "./path-text.ts"

/** Paths as the gateway and the writer know them. What is not known is left out, and not looked for. */
export type ProtectedPaths = {
  readonly dataDirectory: string
  readonly keyFile?: string | undefined
  readonly headNote?: string | undefined
  readonly stateDirectory?: string | undefined
  readonly hostConfig?: string | undefined
  readonly pluginDirectory?: string | undefined
  readonly home?: string | undefined
  readonly workspace?: string | undefined
  readonly gatewayPid?: number | undefined
  readonly writerPid?: number | undefined
}

export type Place = { readonly what: Touchable; readonly parts: readonly string[] }

export type Surroundings = {
  readonly places: readonly Place[]
  readonly home: readonly string[] | undefined
  readonly workspace: readonly string[] | undefined
  readonly stateDirectory: readonly string[] | undefined
  /** What commands of an agent find in these variables. */
  readonly variables: ReadonlyMap<string, string>
  readonly gatewayPid: string | undefined
  readonly writerPid: string | undefined
}

export const pluginName = "sovereign-ledger"
/** Our directory below that of settings, where key files stand by default. */
const keyDirectoryName = "sovereign-ledger"

export function surroundingsOf(paths: ProtectedPaths): Surroundings {
  const { dataDirectory, keyFile, headNote, stateDirectory, hostConfig, pluginDirectory, home, workspace } = paths
  const places: Place[] = []
  const add = (what: Touchable, path: string | undefined) => {
    const parts = path === undefined ? [] : partsOf(path)
    // The root is nobody's place of one's own.
    if (parts.length > 0) places.push({ what, parts })
  }
  add("master key", keyFile)
  add("master key", keyFile === undefined ? undefined : keyPlace(keyFile))
  add("master key", home === undefined ? undefined : `${home}/.config/${keyDirectoryName}`)
  add("data directory", dataDirectory)
  add("head note", headNote)
  add("host config", hostConfig)
  add("plugin files", pluginDirectory)
  // The host reads variables of the gateway from here.
  add("gateway environment", stateDirectory === undefined ? undefined : `${stateDirectory}/.env`)
  return {
    places,
    home: home === undefined ? undefined : partsOf(home),
    workspace: workspace === undefined ? undefined : partsOf(workspace),
    stateDirectory: stateDirectory === undefined ? undefined : partsOf(stateDirectory),
    variables: variablesOf(paths),
    gatewayPid: paths.gatewayPid === undefined ? undefined : String(paths.gatewayPid),
    writerPid: paths.writerPid === undefined ? undefined : String(paths.writerPid),
  }
}

/** The directory when it is ours, else the file: others may keep their things beside it. */
function keyPlace(keyFile: string): string {
  const directory = keyFile.slice(0, Math.max(0, keyFile.lastIndexOf("/")))
  return directory.endsWith(`/${keyDirectoryName}`) ? directory : keyFile
}

function variablesOf({ home, stateDirectory, hostConfig }: ProtectedPaths): ReadonlyMap<string, string> {
  const known = {
    HOME: home,
    OPENCLAW_HOME: home,
    OPENCLAW_STATE_DIR: stateDirectory,
    OPENCLAW_CONFIG_PATH: hostConfig,
    XDG_CONFIG_HOME: home === undefined ? undefined : `${home}/.config`,
  }
  return new Map(Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
