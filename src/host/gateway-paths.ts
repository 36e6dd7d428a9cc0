/** Where the gateway keeps what the ledger depends on: told to the writer, which looks whether a tool call reaches for any of it. */
import { homedir } from "node:os"
import { join } from "node:path"
import { objectOf, stringOf } from "../base/json.ts"
import { hostConfigFile } from "../surfaces/cli/host-config.ts"
import { stateDirectory } from "../surfaces/cli/state-directory.ts"
import type { LinkOptions } from "../surfaces/socket/writer-link.ts"
import type { HostApi } from "./host-api.ts"

/** The environment with the state directory that the host has settled on. */
export function environmentOf(api: HostApi): NodeJS.ProcessEnv {
  const stateDirectory = api.runtime?.state?.resolveStateDir?.()
  return stateDirectory === undefined ? process.env : { ...process.env, OPENCLAW_STATE_DIR: stateDirectory }
}

export function gatewayPaths(api: HostApi, pluginDirectory: string, environment: NodeJS.ProcessEnv): NonNullable<LinkOptions["protect"]> {
  const state = stateDirectory(environment)
  const home = environment["HOME"] ?? homedir()
  const defaults = objectOf(objectOf(objectOf(api.config)["agents"])["defaults"])
  return {
    stateDirectory: state,
    hostConfig: hostConfigFile(environment),
    pluginDirectory,
    home,
    workspace: stringOf(defaults["workspace"])?.replace(/^~(?=\/|$)/, home) ?? join(state, "workspace"),
    gatewayPid: process.pid,
  }
}
