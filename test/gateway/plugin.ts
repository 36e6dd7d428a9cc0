/** Installs, configures, upgrades and removes a packed plugin the way a user does it. */
import { setTimeout as sleep } from "node:timers/promises"
import { type GatewayClient, GatewayError } from "./gateway-client.ts"
import type { GatewayHome, JsonObject } from "./home.ts"
import { mustSucceed, runOpenclaw, type CommandResult } from "./openclaw-cli.ts"

export const pluginId = "sovereign-ledger"

/** Also the upgrade: with a gateway running the new version is applied to it at once. */
export function installPlugin(home: GatewayHome, tarballPath: string): Promise<CommandResult> {
  const args = ["plugins", "install", `npm-pack:${tarballPath}`, "--force", "--accept-capabilities"]
  return mustSucceed("openclaw plugins install", runOpenclaw(home, args))
}

/** As the Control UI does it. */
export function uninstallPlugin(client: GatewayClient, timeoutMs?: number, id = pluginId): Promise<JsonObject> {
  return requestWhenFree(client, "plugins.uninstall", { pluginId: id }, timeoutMs)
}

/** As `openclaw plugins enable` and `disable` do it while a gateway runs. */
export function enablePlugin(client: GatewayClient, enabled: boolean): Promise<JsonObject> {
  return requestWhenFree(client, "plugins.setEnabled", { pluginId, enabled })
}

export type PluginSettings = {
  readonly config?: JsonObject
  /** Without it the host withholds the hooks that see conversations. */
  readonly allowConversationAccess?: boolean
  readonly enabled?: boolean
}

/** The plugin's part of openclaw.json, for the file before a start and for edits under a running gateway alike. */
export function pluginConfig(settings: PluginSettings = {}): JsonObject {
  return {
    plugins: {
      allow: [pluginId],
      entries: {
        [pluginId]: {
          enabled: settings.enabled ?? true,
          hooks: { allowConversationAccess: settings.allowConversationAccess ?? true },
          ...(settings.config !== undefined && { config: settings.config }),
        },
      },
    },
  }
}

/**
 * Makes a change (an install, an edit of the configuration file) and waits until the running gateway says that it has applied it.
 * The gateway drops a reload for good when a hook of the plugin is still at work, and only says so in its log: then the
 * change is made once more.
 */
export async function applyToGateway(client: GatewayClient, change: () => unknown, timeoutMs = 60_000): Promise<number> {
  const before = await pluginGeneration(client)
  const { promise: applied, resolve } = Promise.withResolvers<number>()
  const stopListening = client.onEvent(({ event, payload }) => {
    const generation = Number(payload["generation"])
    if (event === "plugins.changed" && generation > before) resolve(generation)
  })
  const over = new AbortController()
  const deadlineMs = Date.now() + timeoutMs
  try {
    while (Date.now() < deadlineMs) {
      await change()
      // The host leaves out events for a client that reads slowly.
      const asked = sleep(4000, undefined, over).then(
        () => pluginGeneration(client),
        () => before,
      )
      const after = await Promise.race([applied, asked])
      if (after > before) return after
    }
  } finally {
    over.abort()
    stopListening()
  }
  throw new Error(`the gateway did not reload the plugin within ${timeoutMs} ms`)
}

/** Replaces the plugin's code instances without any change. */
export function reloadPlugin(client: GatewayClient, timeoutMs?: number): Promise<JsonObject> {
  return requestWhenFree(client, "plugins.reload", { plugins: [{ pluginId }] }, timeoutMs)
}

/** Installs another build into the running gateway, as the Control UI does: a fourth of the command's time. */
export function upgradePlugin(client: GatewayClient, tarballPath: string, timeoutMs?: number): Promise<JsonObject> {
  const params = { source: "npm-pack", archivePath: tarballPath, mode: "update" }
  return requestWhenFree(client, "plugins.install", params, timeoutMs)
}

/** An installed plugin that failed to load does not keep the gateway from starting: say so before a suite wonders. */
export async function requirePlugin(client: GatewayClient): Promise<void> {
  const { plugins } = await client.request("plugins.list", {})
  const row = (plugins as readonly JsonObject[]).find(({ id }) => id === pluginId)
  const { state } = (row?.["runtime"] ?? {}) as JsonObject
  if (state !== "active") throw new Error(`the plugin is not active in the gateway: ${JSON.stringify(row ?? "not installed")}`)
}

/** The gateway refuses while another such operation or a hook of the plugin is at work, and asks to try again. */
async function requestWhenFree(client: GatewayClient, method: string, params: JsonObject, timeoutMs = 60_000): Promise<JsonObject> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    try {
      return await client.request(method, params, { timeoutMs })
    } catch (cause) {
      if (Date.now() > deadlineMs || !(cause instanceof GatewayError) || !/retry/.test(cause.message)) throw cause
      await sleep(100)
    }
  }
}

export async function pluginGeneration(client: GatewayClient): Promise<number> {
  const { generation } = await client.request("plugins.list", {})
  return Number(generation ?? 0)
}
