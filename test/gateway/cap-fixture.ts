/**
 * A gateway for suites about spending, with the scripted model behind three providers, a Telegram on loopback, and orders to the ledger as a command gives
 * them. One for all suites of a test process; each leaves no budget behind but `daily`, which it sets as it needs it.
 */
import { after } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { builtPlugin } from "./built-plugin.ts"
import { merge, type JsonObject } from "./home.ts"
import { eventually, ledgerOf, ofType, type LedgerEvent } from "./ledger.ts"
import type { LedgerFixture } from "./ledger-fixture.ts"
import { providersConfig } from "./model-providers.ts"
import type { ModelRequest } from "./model-server.ts"
import { pluginId } from "./plugin.ts"
import { startFixture } from "./shared-gateway.ts"
import { startTelegramServer, type TelegramServer } from "./telegram-server.ts"

export type CapFixture = LedgerFixture & {
  readonly telegram: TelegramServer
  /** Asks the writer as a command does. */
  order(what: JsonObject, more?: JsonObject): Promise<JsonObject>
  /** The budget `daily`, over everything. */
  budget(limit: string): Promise<JsonObject>
  /** Waits until no hold is open. */
  settled(): Promise<void>
  /** Everything the ledger posted as spent on models, in nano-dollars. */
  postedNanos(): Promise<bigint>
  /** What the model's own log says that it came to, at the prices of the host's configuration. */
  countedNanos(counts?: (request: ModelRequest) => boolean): bigint
}

/** A model whose price stands nowhere: the host fills in zeros. */
function unpricedModel(baseUrl: string): JsonObject {
  const model = { id: "nobody-priced-it", name: "Unpriced", reasoning: false, input: ["text"], cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } }
  return {
    models: {
      providers: { gift: { baseUrl, apiKey: "gift-key", api: "openai-completions", models: [{ ...model, contextWindow: 200_000, maxTokens: 8192 }] } },
    },
  }
}

async function start(): Promise<CapFixture> {
  const { tarballPath, cliPath } = await builtPlugin()
  const telegram = await startTelegramServer()
  const started = await startFixture({
    tarballPath,
    config: { agents: { defaults: { compaction: { qualityGuard: { enabled: false } } } } },
    prepareModel: (model) => merge(providersConfig(model), unpricedModel(model.baseUrl)),
    prepare: (home) => {
      home.editConfig({ plugins: { allow: [pluginId, "telegram"] }, channels: { telegram: telegram.config } })
      return ledgerOf(home, { cliPath }).json("key", "create")
    },
  })
  const ledger = ledgerOf(started.home, { cliPath })
  await eventually(
    "a writer",
    () => ledger.writer(),
    (writer) => writer !== null,
  )
  const order = async (what: JsonObject, more: JsonObject = {}) =>
    (await askWriter({ socketPath: socketPath(ledger.dataDirectory), role: "cli" }, "order", 10_000, { ...more, order: what })) as JsonObject
  const openHolds = async () => {
    const events = await ledger.events()
    const ended = ["hold.settled", "hold.released", "hold.expired"].reduce((sum, type) => sum + ofType(events, type).length, 0)
    return ofType(events, "hold.placed").length - ended
  }
  return {
    ...started,
    cliPath,
    ledger,
    telegram,
    order,
    budget: (limit) => order({ do: "set-budget", budget: "daily", limits: [limit], per: "day" }),
    settled: async () => void (await eventually("everything is settled", openHolds, (open) => open === 0, 20_000)),
    postedNanos: async () => {
      const events = await ledger.events()
      return spentOnModels([...ofType(events, "hold.settled"), ...ofType(events, "transfer.posted")])
    },
    countedNanos: (counts = () => true) => started.model.requests.filter(counts).reduce((sum, request) => sum + nanosOf(request), 0n),
  }
}

export function spentOnModels(posted: readonly LedgerEvent[]): bigint {
  return posted
    .flatMap(({ facts }) => facts["movements"] as readonly { readonly debit: string; readonly amounts: Readonly<Record<string, string>> }[])
    .filter(({ debit }) => debit.startsWith("spent:model/"))
    .reduce((sum, { amounts }) => sum + BigInt(amounts["moneyNanos"] ?? 0), 0n)
}

function nanosOf({ usage }: ModelRequest): bigint {
  if (!usage) return 0n
  const { promptTokens, cachedTokens, cacheWriteTokens, outputTokens } = usage
  const fresh = promptTokens - cachedTokens - cacheWriteTokens
  return BigInt(fresh * 3_000 + cachedTokens * 300 + cacheWriteTokens * 3_750 + outputTokens * 15_000)
}

let shared: Promise<CapFixture> | undefined

export function capFixture(): Promise<CapFixture> {
  return (shared ??= start())
}

// After the last suite of the process: as long as the gateway's connections are open, node:test does not take the run for finished.
after(async () => {
  const used = await shared?.catch(() => undefined)
  await used?.stop()
  await used?.telegram.stop()
})
