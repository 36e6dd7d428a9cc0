/** What the host's configuration says now, whatever files it stands in. */
import { objectOf } from "../../../base/json.ts"
import { keyStoreExists } from "../../../vault/key-store.ts"
import type { CommandContext, Flags } from "../command.ts"
import { hostConfigFile, readHostConfig } from "../host-config.ts"
import { hostPlugins, hostSays, type HostCommand } from "./openclaw.ts"
import type { Known } from "./question.ts"

/** @throws {Fault} `host.config-unreadable`, and as `hostSays` */
export async function lookAround(context: CommandContext, flags: Flags, host: HostCommand): Promise<Known> {
  const plugins = await hostPlugins(host)
  return { config: await hostConfig(host), plugins, context, flags, isSetUp: keyStoreExists(context.files.directory) }
}

/** The host follows `$include`, and shows no secret: one that stands in another file is written anew where it is named. */
export async function hostConfig(host: HostCommand): Promise<unknown> {
  const config = readHostConfig(hostConfigFile(process.env))
  const parts = [config, objectOf(config)["plugins"], objectOf(config)["agents"]]
  if (!parts.some((part) => "$include" in objectOf(part))) return config ?? {}
  const { exit, stdout } = await host(["config", "get", "plugins", "--json"])
  const plugins: unknown = exit === 0 ? JSON.parse(stdout) : {}
  const agents = await host(["config", "get", "agents", "--json"])
  return { ...objectOf(config), plugins, ...(agents.exit === 0 ? { agents: JSON.parse(agents.stdout) as unknown } : {}) }
}

/** The host checks it, locks its file, writes it once and tells a gateway that runs. @throws {Fault} `host.command-failed` */
export async function writeHostConfig(host: HostCommand, patch: object): Promise<void> {
  await hostSays(host, ["config", "patch", "--stdin"], JSON.stringify(patch))
}

/** @throws {Fault} `host.command-failed` where the host would not take it */
export async function tryHostConfig(host: HostCommand, patch: object): Promise<void> {
  await hostSays(host, ["config", "patch", "--stdin", "--dry-run", "--json"], JSON.stringify(patch))
}
