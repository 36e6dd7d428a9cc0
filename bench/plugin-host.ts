/**
 * The built plugin in a host that does nothing but record its handlers: what a hook costs and how long a gate waits is measured on the code
 * that people install, from the handler the host calls to the writer process.
 */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { HookHandler, HostApi } from "../src/host/host-api.ts"
import { askWriter } from "../src/surfaces/socket/writer-link.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import type { WriterStatus } from "../src/surfaces/socket/protocol.ts"
import type { LedgerHome } from "./ledger-home.ts"
import type { HookCall } from "./payload.ts"
import { builtPackage } from "./processes.ts"

/** What the benches guard: one tool that is never called, and one that is only called as a gate. */
export const guardedTool = "deploy_site"
const guard = { tools: ["mcp__payments__*", "deploy_*"], deny: ["rm_everything"] }

export type PluginHost = {
  readonly handler: (hook: string) => HookHandler
  /** One guarded call, refused answers are errors; resolves to the milliseconds it waited. */
  readonly gate: (call: HookCall) => Promise<number>
  /** The host tells of a row of a transcript. */
  readonly transcript: (update: object) => void
  /** Resolves when everything handed over is on disk. */
  readonly flush: () => Promise<void>
  readonly close: () => void
}

const flushWithinMs = 120_000
const symbol = Symbol.for("sovereign-ledger/client")
const slot = globalThis as typeof globalThis & { [symbol]?: { readonly client: { flush(withinMs: number): Promise<void>; close(): void } } }

/** Registers the plugin, perhaps with more settings, for a ledger whose writer runs already, and waits until it is connected. */
export async function startPlugin(home: LedgerHome, settings: object = {}): Promise<PluginHost> {
  const { directory } = await builtPackage()
  const { default: plugin } = (await import(pathToFileURL(join(directory, "plugin.mjs")).href)) as { default: { register(api: HostApi): void } }
  const handlers = new Map<string, HookHandler>()
  const listeners: ((update: unknown) => void)[] = []
  const { files, keyFile } = home
  plugin.register({
    registrationMode: "discovery",
    rootDir: directory,
    pluginConfig: { dataDir: files.directory, keyFile, headNote: files.headNote, userId: "bench", guard, ...settings },
    runtime: { events: { onSessionTranscriptUpdate: (listener) => (listeners.push(listener), () => {}) } },
    logger: { info: () => {}, warn: complain, error: complain },
    on: (hook, handler) => void handlers.set(hook, handler),
    registerCli: () => {},
    registerService: () => {},
  })
  const handler = (hook: string) => {
    const found = handlers.get(hook)
    if (!found) throw new Error(`the plugin registers no ${hook}`)
    return found
  }
  const client = () => {
    const ledger = slot[symbol]
    if (!ledger) throw new Error("the plugin made no client")
    return ledger.client
  }
  const gate = async ({ hook, event, ctx }: HookCall) => {
    const from = performance.now()
    const answer = await handler(hook)(event, ctx)
    const waitedMs = performance.now() - from
    if (answer !== undefined) throw new Error(`a gate was refused: ${JSON.stringify(answer)}`)
    return waitedMs
  }
  const close = () => {
    client().close()
    delete slot[symbol]
  }
  handler("gateway_start")({ port: 18_789 }, {})
  const flush = () => client().flush(flushWithinMs)
  await flush()
  const transcript = (update: object) => listeners.forEach((listener) => listener(update))
  return { handler, gate, transcript, flush, close }
}

/** What the writer says of itself. */
export async function writerStatus(home: LedgerHome): Promise<WriterStatus> {
  return (await askWriter({ socketPath: socketPath(home.files.directory), role: "cli" }, "status")) as WriterStatus
}

/** Throws unless the writer has that many entries, but for the few of its own: a bench that lost events measured something else. */
export async function expectEntries(home: LedgerHome, captured: number): Promise<void> {
  const { entries } = await writerStatus(home)
  const own = entries - captured
  if (own < 0 || own > 20) throw new Error(`${captured} events were captured, but ${entries} entries are on record`)
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => builtInImmediate(resolve))
}

const builtInImmediate = setImmediate

function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}
