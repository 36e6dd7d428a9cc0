/** What the settings of a copy of the plugin say, and where the ledger is by them. */
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { parseConfig, type Config } from "../config.ts"
import { locateLedger } from "../surfaces/cli/places.ts"
import { environmentOf } from "./gateway-paths.ts"
import type { HostApi } from "./host-api.ts"
import { settingsOf } from "./host-secret.ts"

export function configOf(api: HostApi): Config | Fault {
  try {
    return parseConfig(settingsOf(api))
  } catch (error) {
    return error instanceof Fault ? error : new Fault("config.invalid", { setting: "config", problem: problemOf(error) }, error)
  }
}

export function locationOf(api: HostApi, config: Config) {
  const stateDirectory = api.runtime?.state?.resolveStateDir?.()
  const environment = environmentOf(api)
  const dataDir = config.dataDir ?? (stateDirectory === undefined ? undefined : join(stateDirectory, "sovereign-ledger"))
  return { environment, location: locateLedger({ dataDir, keyFile: config.keyFile, headNote: config.headNote }, environment) }
}

/** Where a writer listens, or will. */
export function socketOf(api: HostApi, config: Config): string {
  return config.socket ?? locationOf(api, config).location.socket
}
