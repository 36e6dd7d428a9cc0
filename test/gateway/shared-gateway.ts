/**
 * One gateway for all suites of a test process: starting one takes seconds and a gigabyte. Suites that stop, kill or
 * upgrade a gateway start their own. Use a session key of your own per test; never count events of other sessions.
 */
import { connectGateway, type GatewayClient } from "./gateway-client.ts"
import { startGateway, type Gateway } from "./gateway.ts"
import { createHome, type GatewayHome, type JsonObject } from "./home.ts"
import { copyInstall } from "./installed-home.ts"
import { startModelServer, type ModelServer } from "./model-server.ts"
import { pluginConfig, type PluginSettings, requirePlugin } from "./plugin.ts"

export type GatewayFixture = {
  readonly home: GatewayHome
  readonly model: ModelServer
  readonly gateway: Gateway
  readonly client: GatewayClient
  stop(): Promise<void>
}

export type FixtureOptions = {
  /** Installed before the start, which saves a reload. */
  readonly tarballPath?: string
  readonly plugin?: PluginSettings
  readonly config?: JsonObject
  readonly environment?: Readonly<Record<string, string>>
  /** Configuration that needs the model server's address: other providers. */
  readonly prepareModel?: (model: ModelServer) => JsonObject
  /** After the install and before the start: the place to create a key. */
  readonly prepare?: (home: GatewayHome) => Promise<unknown>
}

/** A gateway of one's own, with the scripted model, the plugin and a connection. */
export async function startFixture(options: FixtureOptions = {}): Promise<GatewayFixture> {
  const model = await startModelServer()
  const home = await createHome({
    modelBaseUrl: model.baseUrl,
    ...(options.config !== undefined && { config: options.config }),
    ...(options.environment !== undefined && { environment: options.environment }),
  })
  try {
    if (options.prepareModel !== undefined) home.editConfig(options.prepareModel(model))
    if (options.tarballPath !== undefined) await copyInstall(home, options.tarballPath)
    if (options.tarballPath !== undefined) home.editConfig(pluginConfig(options.plugin))
    await options.prepare?.(home)
    const gateway = await startGateway(home)
    const client = await connectGateway(home)
    if (options.tarballPath !== undefined) await requirePlugin(client)
    return {
      home,
      model,
      gateway,
      client,
      async stop() {
        client.close()
        await gateway.stop()
        await home.remove()
        await model.stop()
      },
    }
  } catch (cause) {
    await home.remove()
    await model.stop()
    throw cause
  }
}

let shared: Promise<GatewayFixture> | undefined

/** The first caller's options count; whoever ends the test process calls `stopSharedGateway`. */
export function sharedGateway(options: FixtureOptions): Promise<GatewayFixture> {
  return (shared ??= startFixture(options))
}

export async function stopSharedGateway(): Promise<void> {
  const running = shared
  shared = undefined
  await (await running)?.stop()
}
