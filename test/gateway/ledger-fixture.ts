/** Gateways and homes with a ledger in them. Guarded: `exec`. Denied: `process`, `write`. Everything else passes unguarded. */
import { applyToGateway, pluginConfig, type PluginSettings } from "./plugin.ts"
import { builtPlugin } from "./built-plugin.ts"
import { createHome, merge, type GatewayHome, type Json, type JsonObject } from "./home.ts"
import { ledgerOf, type LedgerCommandLine } from "./ledger.ts"
import { startModelServer, type ModelRequest, type ModelServer } from "./model-server.ts"
import { startFixture, type GatewayFixture } from "./shared-gateway.ts"

export type LedgerFixture = GatewayFixture & { readonly ledger: LedgerCommandLine; readonly cliPath: string }

export const guardSettings = { tools: ["exec"], deny: ["process", "write"] }

/** For suites that end with another gateway, or another plugin, than they began with. */
export async function startOwnLedger(): Promise<LedgerFixture> {
  const { tarballPath, cliPath } = await builtPlugin()
  const fixture = await startFixture({
    tarballPath,
    plugin: { config: { guard: guardSettings } },
    prepare: (home) => ledgerOf(home, { cliPath }).json("key", "create"),
  })
  return { ...fixture, cliPath, ledger: ledgerOf(fixture.home, { cliPath }) }
}

export type QuietHome = {
  readonly home: GatewayHome
  readonly model: ModelServer
  readonly ledger: LedgerCommandLine
  readonly cliPath: string
  remove(): Promise<void>
}

/** A home in which no gateway runs, for `openclaw agent --local`. The plugin is loaded from where it was built: an install costs ten seconds. */
export async function createQuietHome(): Promise<QuietHome> {
  const { directory, cliPath } = await builtPlugin()
  const model = await startModelServer()
  const home = await createHome({ modelBaseUrl: model.baseUrl, config: { plugins: { load: { paths: [directory] } } } })
  home.editConfig(pluginConfig({ config: { guard: guardSettings } }))
  return {
    home,
    model,
    cliPath,
    ledger: ledgerOf(home, { cliPath }),
    async remove() {
      await home.remove()
      await model.stop()
    },
  }
}

/** Other settings of the plugin under the running gateway, for as long as `run` takes. */
export async function withSettings<T>(fixture: GatewayFixture, settings: PluginSettings, run: () => Promise<T>): Promise<T> {
  const putBack = await changeSettings(fixture, settings)
  try {
    return await run()
  } finally {
    await putBack()
  }
}

/** Other settings, and other configuration of the host's, until what it answers with is called. Null takes a setting away. */
export async function changeSettings({ home, client }: GatewayFixture, settings: PluginSettings, host: JsonObject = {}): Promise<() => Promise<void>> {
  const change = settingsChange(settings, host)
  const back = inverse(home.readConfig(), change)
  await applyToGateway(client, () => home.editConfig(change))
  return async () => void (await applyToGateway(client, () => home.editConfig(back)))
}

/** Settings of the plugin, but for the list of those allowed, as a change of the host's configuration; with others besides. */
export function settingsChange(settings: PluginSettings, host: JsonObject): JsonObject {
  const { plugins } = pluginConfig(settings)
  const { entries } = plugins as JsonObject
  return merge(host, { plugins: { entries } } as JsonObject)
}

/** The change that undoes a change. */
export function inverse(before: JsonObject, change: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(change).map(([key, value]) => [key, inverseOf(before[key], value)]))
}

function inverseOf(before: Json | undefined, change: Json): Json {
  if (before === undefined) return null
  const objects = typeof before === "object" && typeof change === "object" && before !== null && change !== null
  return objects && !Array.isArray(before) && !Array.isArray(change) ? inverse(before as JsonObject, change as JsonObject) : before
}

/** The text of the tool results that the model was shown after its last answer with calls. */
export function lastToolTexts(requests: readonly ModelRequest[], userText: string): readonly string[] {
  const last = requests.findLast((request) => request.userText.includes(userText))
  return (last?.messages ?? []).filter(({ role }) => role === "tool").map(({ content }) => textOf(content))
}

/** Ids of the tool calls that the model asked for, as the hooks name them. */
export function callsOf(requests: readonly ModelRequest[]): readonly { readonly id: string; readonly name: string; readonly args: string }[] {
  return requests.flatMap(({ index, answer }) =>
    answer.kind === "calls" ? answer.calls.map(({ name, args }, at) => ({ id: `call_${index}_${at}`, name, args: JSON.stringify(args) })) : [],
  )
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  return Array.isArray(content) ? content.map((part: { readonly text?: string }) => part.text ?? "").join("\n") : ""
}
