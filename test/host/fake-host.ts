/** The part of OpenClaw's plugin API that the plugin uses, without OpenClaw: registers a copy of the plugin, fires its hooks, starts and stops its service. */
import type { HookHandler, HostApi } from "../../src/host/host-api.ts"
import type { Doors } from "../../src/ledger/doors.ts"
import type { Rig } from "../writer/rig.ts"

export type PluginCopy = {
  readonly fire: (hook: string, event: unknown, ctx?: unknown) => unknown
  readonly hooks: readonly string[]
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly dispose: () => Promise<void>
  /** A transcript's update, as the host sends it to whoever has subscribed. */
  readonly update: (update: unknown) => void
  /** An event of a run, likewise. */
  readonly agentEvent: (event: unknown) => void
  /** How many listen to transcripts and to the events of runs together. */
  readonly subscribers: () => number
  readonly warnings: readonly string[]
  /** What was told to the log without being a warning. */
  readonly told: readonly string[]
}

export type Plugin = { readonly default: { readonly register: (api: HostApi) => void } }

export type RegisterOptions = {
  readonly rig: Rig
  /** Directory of the installed package, whose writer is started. */
  readonly rootDir: string
  readonly mode?: "full" | "discovery"
  readonly config?: Readonly<Record<string, unknown>>
  /** The host's whole configuration when the plugin was registered, and what it runs on later. */
  readonly hostConfig?: unknown
  readonly current?: () => unknown
  /** What runs a session's agent on a message. */
  readonly runs?: (run: { readonly sessionKey: string; readonly message: string }) => Promise<unknown>
}

export function registerCopy(
  plugin: Plugin,
  { rig, rootDir, mode = "full", config = {}, hostConfig, current = () => hostConfig, runs }: RegisterOptions,
): PluginCopy {
  const handlers = new Map<string, HookHandler>()
  const services: { start: (context: unknown) => unknown; stop: (context: unknown) => unknown }[] = []
  const disposals: (() => Promise<void>)[] = []
  const listeners = new Set<(update: unknown) => void>()
  const agentListeners = new Set<(event: unknown) => void>()
  const subscribe = (to: Set<(told: unknown) => void>) => (listener: (told: unknown) => void) => {
    to.add(listener)
    return () => void to.delete(listener)
  }
  const warnings: string[] = []
  const told: string[] = []
  const say = (text: string) => void warnings.push(text)
  const api = {
    registrationMode: mode,
    rootDir,
    pluginConfig: { dataDir: rig.directory, keyFile: rig.keyFile, headNote: rig.files.headNote, guard: { tools: ["guarded*"], deny: ["denied*"] }, ...config },
    config: hostConfig,
    logger: { info: (text: string) => void told.push(text), warn: say, error: say },
    on: (hook: string, handler: HookHandler) => void handlers.set(hook, handler),
    registerCli: () => {},
    registerService: (service: (typeof services)[number]) => void services.push(service),
    lifecycle: { onDispose: (dispose: () => Promise<void>) => void disposals.push(dispose) },
    runtime: {
      config: { current },
      ...(runs ? { subagent: { run: runs } } : {}),
      state: { resolveStateDir: () => rig.home },
      events: {
        onSessionTranscriptUpdate: subscribe(listeners),
        onAgentEvent: subscribe(agentListeners),
      },
    },
  }
  plugin.default.register(api as unknown as HostApi)
  return {
    fire: (hook, event, ctx = { sessionKey: "agent:main:main" }) => handlers.get(hook)?.(event, ctx),
    hooks: [...handlers.keys()],
    start: async () => {
      const before = listenersNow()
      await Promise.all(services.map((service) => service.start({})))
      left.push(...listenersNow().filter(({ listener }) => !before.some((known) => known.listener === listener)))
    },
    stop: async () => void (await Promise.all(services.map((service) => service.stop({})))),
    dispose: async () => {
      for (const dispose of disposals.toReversed()) await dispose()
    },
    update: (update) => listeners.forEach((listener) => listener(update)),
    agentEvent: (event) => agentListeners.forEach((listener) => listener(event)),
    subscribers: () => listeners.size + agentListeners.size,
    warnings,
    told,
  }
}

type Listening = { readonly signal: "SIGTERM" | "SIGINT"; readonly listener: NodeJS.SignalsListener }

/** What copies have listened to since the host began. A host that ends stops nothing of the copies it leaves; its process goes, and they with it. */
const left: Listening[] = []

function listenersNow(): readonly Listening[] {
  return (["SIGTERM", "SIGINT"] as const).flatMap((signal) => process.listeners(signal).map((listener) => ({ signal, listener })))
}

type Slot = {
  readonly client: { readonly close: () => void; readonly flush: (timeoutMs: number) => Promise<void>; readonly doors: Doors | undefined }
  readonly lingering: NodeJS.Timeout | undefined
}

const symbol = Symbol.for("sovereign-ledger/client")

/** The client that all copies in this process share. */
export function sharedClient(): Slot["client"] | undefined {
  return (globalThis as { [symbol]?: Slot })[symbol]?.client
}

/** Whether the client closes when nobody comes back. */
export function isLeaving(): boolean {
  return (globalThis as { [symbol]?: Slot })[symbol]?.lingering !== undefined
}

export function dropSharedClient(): void {
  for (const { signal, listener } of left.splice(0)) process.off(signal, listener)
  sharedClient()?.close()
  delete (globalThis as { [symbol]?: Slot })[symbol]
}
