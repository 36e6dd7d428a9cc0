/**
 * The host's configuration file, read for those who run without the host. Where it is and how it is written: https://docs.openclaw.ai/gateway/configuration
 * (JSON5; parts may stand in other files by `$include`, which are not followed).
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { parseJson5 } from "../../base/json5.ts"
import { objectOf } from "../../base/json.ts"
import { pluginStanding, type PluginStanding } from "../../policy/plugin-standing.ts"
import { stateDirectory, type Environment } from "./state-directory.ts"

export function hostConfigFile(environment: Environment): string {
  const named = environment["OPENCLAW_CONFIG_PATH"]
  return named ? resolve(named) : join(stateDirectory(environment), "openclaw.json")
}

/** That of the host in whose state directory a ledger lies, whatever the environment says; else that of the environment. */
export function hostConfigOf(environment: Environment, dataDirectory: string): string {
  const beside = join(dirname(dataDirectory), "openclaw.json")
  return !environment["OPENCLAW_CONFIG_PATH"] && existsSync(beside) ? beside : hostConfigFile(environment)
}

/**
 * Undefined when there is none.
 * @throws {Fault} `host.config-unreadable`
 */
export function readHostConfig(file: string): unknown {
  if (!existsSync(file)) return undefined
  try {
    return parseJson5(readFileSync(file, "utf8"))
  } catch (error) {
    throw new Fault("host.config-unreadable", { file, problem: problemOf(error) }, error)
  }
}

/** What the file says of the plugin, or the fault that keeps it from being known. */
export function readStanding(file: string): PluginStanding | Fault {
  try {
    const config = readHostConfig(file)
    if (config === undefined) return new Fault("host.config-unreadable", { file, problem: "there is no such file" })
    const isElsewhere = [objectOf(config), objectOf(objectOf(config)["plugins"])].some((part) => "$include" in part)
    return isElsewhere
      ? new Fault("host.config-unreadable", { file, problem: "its part about plugins stands in another file ($include)" })
      : pluginStanding(config)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
