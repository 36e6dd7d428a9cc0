/**
 * The gateway that suites share, with the ledger it keeps and a Telegram on loopback beside it. Only for suites that leave it as they found it:
 * settings are changed by `suiteLedger`, which puts them back. Use session keys of your own; others write into the same ledger, unless a suite takes one of its
 * own by `suiteLedger`: a start of a gateway costs half a minute of processor time, another ledger under one that runs two seconds.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after } from "node:test"
import { builtPlugin } from "./built-plugin.ts"
import { guardSettings, inverse, settingsChange, type LedgerFixture } from "./ledger-fixture.ts"
import { merge, type JsonObject } from "./home.ts"
import { ledgerOf, type LedgerCommandLine } from "./ledger.ts"
import { darkConfig, giftConfig, pricedConfig, providersConfig } from "./model-providers.ts"
import { noHoldOpen } from "./open-holds.ts"
import { applyToGateway, pluginId } from "./plugin.ts"
import { sharedGateway, stopSharedGateway } from "./shared-gateway.ts"
import { startTelegramServer, type TelegramServer } from "./telegram-server.ts"

export type SharedLedger = LedgerFixture & { readonly telegram: TelegramServer }

/** In the environment of the shared gateway: a master key for the suite about secret references of the host. */
export const secretVariable = "SL_TEST_MASTER_KEY"
export const secretText = "a passphrase that only these tests know 7c1f"

/** Whom the host's configuration names as its owner. */
export const owner = { id: 801, firstName: "Olga", username: "olga_test" }

/** How far, in percent, the window of the provider `metered` is used; the plugin of its subscription says so. */
const usedPercent = "83"

/** Steps of a budget that only the suite about them sets: without it nothing is asked. */
const downgrades = [{ budget: "low", at: 80, model: "cheap/small-1" }]

let shared: Promise<SharedLedger> | undefined
/** The ledger that the gateway keeps now. */
let kept: LedgerCommandLine | undefined
/** What gives the gateway back the settings that suites share. Each change is a reload, so it is made together with the next one. */
let owed: JsonObject = {}

export async function sharedLedger(): Promise<SharedLedger> {
  const fixture = await started()
  const back = owed
  owed = {}
  if (Object.keys(back).length > 0) await applied(fixture, fixture.ledger, () => fixture.home.editConfig(back))
  return fixture
}

/** What the host tells late of a turn goes to the ledger that is kept by then: the one before would wait for it. */
async function applied({ client }: SharedLedger, next: LedgerCommandLine, change: () => void): Promise<void> {
  if (kept) await noHoldOpen(kept)
  await applyToGateway(client, change)
  kept = next
}

function started(): Promise<SharedLedger> {
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
    // What the host is asked for in the background is on record where a suite wants it.
    plugin: { config: { guard: guardSettings, downgrades, quotaMinutes: 0 } },
    config: { agents: { defaults: { compaction: { qualityGuard: { enabled: false } } } }, gateway: { controlUi: { enabled: true } } },
    prepareModel: (model) =>
      [giftConfig(model), darkConfig(model), pricedConfig(model, ["cheap", "metered", "frail", "dear"])].reduce(merge, providersConfig(model)),
    environment: { [secretVariable]: secretText, SL_TEST_SUBSCRIPTION: usedPercent },
    prepare: async (home) => {
      const thoughts = { hooks: { allowConversationAccess: true }, enabled: true }
      const paths = ["second-thoughts-plugin", "subscription-plugin"].map((name) => join(import.meta.dirname, name))
      const others = { load: { paths }, entries: { "second-thoughts": thoughts, subscription: { enabled: true } } }
      home.editConfig({
        commands: { ownerAllowFrom: [`telegram:${owner.id}`] },
        plugins: { allow: [pluginId, "telegram", "second-thoughts", "subscription"], ...others },
        channels: { telegram: telegram.config },
      })
      await ledgerOf(home, { cliPath }).json("key", "create")
    },
  }).catch(stopping)
  return { ...fixture, cliPath, telegram, ledger: (kept = ledgerOf(fixture.home, { cliPath })) }
}

export type SuiteOptions = {
  /** Configuration of the host's besides. */
  readonly host?: JsonObject
  readonly allowConversationAccess?: boolean
  /** What is not there yet: the key, or the directory as well, in whose place there is a file. */
  readonly lacks?: "key" | "directory"
}

/**
 * The shared gateway with an empty ledger of one suite's own, under these settings of the plugin and no others. The gateway goes back to the ledger and the
 * settings that suites share when the next one asks for them.
 */
export async function suiteLedger(name: string, config: JsonObject, options: SuiteOptions = {}): Promise<SharedLedger> {
  const fixture = await started()
  const { home, cliPath } = fixture
  const dataDirectory = join(home.directory, name, "sovereign-ledger")
  if (options.lacks === "directory") writeFileSync(dirname(dataDirectory), "")
  else mkdirSync(dirname(dataDirectory))
  const ledger = ledgerOf(home, { cliPath, dataDirectory })
  if (options.lacks === undefined) await ledger.json("key", "create")
  const { host = {}, allowConversationAccess = true } = options
  const back = owed
  const change = settingsChange({ allowConversationAccess, config: { guard: null, downgrades: null, ...config, dataDir: dataDirectory } }, host)
  owed = inverse(merge(home.readConfig(), back), change)
  await applied(fixture, ledger, () => {
    home.editConfig(back)
    home.editConfig(change)
  })
  return { ...fixture, ledger }
}

// After the last suite of the process: as long as the gateway's connections are open, node:test does not take the run for finished.
after(async () => {
  const used = await shared?.catch(() => undefined)
  await stopSharedGateway()
  await used?.telegram.stop()
})
