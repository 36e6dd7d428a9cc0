/**
 * Notices that the plugin is switched off for good, and has it on disk before its code is let go. The host tells of an end, not of its reason: a reload and
 * an ordinary stop end a copy of the plugin just the same. What tells them apart is the configuration at that moment: whether it still loads us.
 */
import { hookRows } from "../capture/hook-rows.ts"
import { pluginStanding, type OffReason } from "../policy/plugin-standing.ts"
import { hostConfigFile, readHostConfig } from "../surfaces/cli/host-config.ts"
import { environmentOf } from "./gateway-paths.ts"
import type { HostApi } from "./host-api.ts"

export const disabledRow = hookRows.find(({ hook }) => hook === "guard-disabled")

/** Why the host's configuration loads the plugin no more; undefined when it does. */
export function reasonOff(api: HostApi): OffReason | undefined {
  // What the gateway runs on; and what stands in the file, in case that it is stopped before it has taken that up.
  for (const config of [inForce(api), onDisk(api)]) {
    const { off } = pluginStanding(config, api.config)
    if (off !== null) return off
  }
  return undefined
}

function inForce(api: HostApi): unknown {
  try {
    return api.runtime?.config?.current?.()
  } catch {
    // A copy on its way out may not be allowed to ask any more; the file says it, too.
    return undefined
  }
}

function onDisk(api: HostApi): unknown {
  try {
    return readHostConfig(hostConfigFile(environmentOf(api)))
  } catch {
    // A file that cannot be read says nothing; the host goes on with what it had.
    return undefined
  }
}
