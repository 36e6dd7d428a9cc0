/**
 * The gateway that suites share, with the ledger it keeps and a Telegram on loopback beside it. Only for suites that leave it as they found it:
 * settings are changed by `withSettings`, which puts them back. Use session keys of your own; others write into the same ledger.
 */
import { join } from "node:path"
import { after } from "node:test"
import { builtPlugin } from "./built-plugin.ts"
import { guardSettings, type LedgerFixture } from "./ledger-fixture.ts"
import { merge } from "./home.ts"
import { ledgerOf } from "./ledger.ts"
import { darkConfig, giftConfig, pricedConfig, providersConfig } from "./model-providers.ts"
import { pluginId } from "./plugin.ts"
import { sharedGateway, stopSharedGateway } from "./shared-gateway.ts"
import { startTelegramServer, type TelegramServer } from "./telegram-server.ts"

export type SharedLedger = LedgerFixture & { readonly telegram: TelegramServer }

/** In the environment of the shared gateway: a master key for the suite about secret references of the host. */
export const secretVariable = "SL_TEST_MASTER_KEY"
export const secretText = "a passphrase that only these tests know 7c1f"

/** Steps of a budget that only the suite about them sets: without it nothing is asked. */
const downgrades = [{ budget: "low", at: 80, model: "cheap/small-1" }]

let shared: Promise<SharedLedger> | undefined

export function sharedLedger(): Promise<SharedLedger> {
  return (shared ??= startShared())
}

async function startShared(): Promise<SharedLedger> {
  const [{ tarballPath, cliPath }, telegram] = await Promise.all([builtPlugin(), startTelegramServer()])
  const stopping = async (error: unknown) => {
    await telegram.stop() // as long as it listens, the run is not over
    throw error
  }
  const fixture = await sharedGateway({
    tarballPath,
    plugin: { config: { guard: guardSettings, downgrades } },
    config: { agents: { defaults: { compaction: { qualityGuard: { enabled: false } } } } },
    prepareModel: (model) => [giftConfig(model), darkConfig(model), pricedConfig(model, ["cheap"])].reduce(merge, providersConfig(model)),
    environment: { [secretVariable]: secretText },
    prepare: async (home) => {
      const thoughts = { hooks: { allowConversationAccess: true }, enabled: true }
      const others = { load: { paths: [join(import.meta.dirname, "second-thoughts-plugin")] }, entries: { "second-thoughts": thoughts } }
      home.editConfig({ plugins: { allow: [pluginId, "telegram", "second-thoughts"], ...others }, channels: { telegram: telegram.config } })
      await ledgerOf(home, { cliPath }).json("key", "create")
    },
  }).catch(stopping)
  return { ...fixture, cliPath, telegram, ledger: ledgerOf(fixture.home, { cliPath }) }
}

// After the last suite of the process: as long as the gateway's connections are open, node:test does not take the run for finished.
after(async () => {
  const used = await shared?.catch(() => undefined)
  await stopSharedGateway()
  await used?.telegram.stop()
})
