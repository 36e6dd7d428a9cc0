/**
 * The part of OpenClaw's plugin API that is used, as its documentation describes it (openclaw docs, plugins/hooks and plugins/sdk-overview).
 * Narrow on purpose: what is not here cannot be relied on by accident.
 */
import type { IncomingMessage, ServerResponse } from "node:http"

export type HookHandler = (event: unknown, ctx: unknown) => unknown

export type HostLogger = {
  readonly info: (text: string) => void
  readonly warn: (text: string) => void
  readonly error: (text: string) => void
}

export type HostCommand = {
  readonly command: (name: string) => HostCommand
  readonly description: (text: string) => HostCommand
  readonly argument: (name: string, text: string) => HostCommand
  readonly helpOption: (on: boolean) => HostCommand
  readonly allowUnknownOption: (on: boolean) => HostCommand
  readonly allowExcessArguments: (on: boolean) => HostCommand
  readonly action: (run: (...parameters: unknown[]) => unknown) => HostCommand
}

export type HostToolResult = {
  readonly content: readonly { readonly type: "text"; readonly text: string }[]
  /** Graded by the host: a `status` of `error` is a failed call. */
  readonly details: Readonly<Record<string, unknown>>
}

export type HostTool = {
  readonly name: string
  readonly label: string
  readonly description: string
  /** JSON Schema. */
  readonly parameters: object
  readonly execute: (id: string, parameters: unknown, signal?: AbortSignal) => Promise<HostToolResult>
}

export type HostApi = {
  /** `full` once a process, then `discovery` for further copies of the module; `cli-metadata` while commands are listed. */
  readonly registrationMode: string
  /** Directory of the installed package; the code itself may run from a copy that is deleted at the next reload. */
  readonly rootDir?: string
  readonly pluginConfig?: unknown
  /** The whole configuration of the host. */
  readonly config?: unknown
  readonly logger: HostLogger
  readonly on: (hook: string, handler: HookHandler, options?: { readonly priority?: number }) => void
  /** Sees a tool's result before the model does; the host waits for it. */
  readonly registerAgentToolResultMiddleware?: (handler: HookHandler, options: { readonly runtimes: readonly string[] }) => void
  /** Wraps the streams of a provider; the host asks the plugin that looks after it, or the one that registered it where none does. */
  readonly registerProvider?: (provider: {
    readonly id: string
    readonly label: string
    readonly auth: readonly unknown[]
    readonly wrapStreamFn: (making: unknown) => unknown
  }) => void
  /** Tools of agents. The factory is asked for each run, and told whose it is (the host's type `OpenClawPluginToolContext`); the manifest lists their names. */
  readonly registerTool?: (factory: (context: unknown) => readonly HostTool[] | null, options: { readonly names: readonly string[] }) => void
  /** Called over the gateway's own protocol, by clients with the scope. */
  readonly registerGatewayMethod?: (
    name: string,
    handler: (call: { readonly params?: unknown; readonly respond: (ok: boolean, payload?: unknown, error?: unknown) => void }) => unknown,
    options: { readonly scope: string },
  ) => void
  /** Answered on the gateway's own port. `auth` is `plugin` for what anybody may read. */
  readonly registerHttpRoute?: (route: {
    readonly path: string
    readonly auth: "gateway" | "plugin"
    readonly match: "exact" | "prefix"
    readonly handler: (request: IncomingMessage, response: ServerResponse) => Promise<true>
  }) => void
  /** A command of chats: `/name arguments`. What the handler is told stands in the host's type `PluginCommandContext`. */
  readonly registerCommand?: (command: {
    readonly name: string
    readonly description: string
    readonly acceptsArgs: boolean
    readonly requireAuth: boolean
    readonly requiredScopes: readonly string[]
    readonly handler: (told: unknown) => Promise<{ readonly text: string }>
  }) => void
  readonly registerCli: (
    registrar: (context: { readonly program: HostCommand }) => void,
    options: { readonly descriptors: readonly { readonly name: string; readonly description: string; readonly hasSubcommands: boolean }[] },
  ) => void
  readonly registerService: (service: {
    readonly id: string
    readonly start: (context: unknown) => unknown
    readonly stop: (context: unknown) => unknown
  }) => void
  readonly session?: {
    readonly controls?: {
      /** A tab of the gateway's own page: the route at `path` is shown in a frame without an origin (openclaw docs, plugins/sdk-overview/host-hooks). */
      readonly registerControlUiDescriptor?: (tab: {
        readonly surface: "tab"
        readonly id: string
        readonly label: string
        readonly description: string
        readonly path: string
        readonly icon: string
        readonly group: "control" | "agent"
        readonly requiredScopes: readonly string[]
      }) => void
    }
  }
  readonly lifecycle?: {
    /** Called before this copy of the module goes, and awaited: at a reload, at the end of the process, and of `agent --local`. */
    readonly onDispose?: (dispose: () => Promise<void>) => void
  }
  readonly runtime?: {
    /** The configuration that this process runs on at present. */
    readonly config?: { readonly current?: () => unknown }
    /** Runs a session's agent on a message (openclaw docs, plugins/sdk-runtime). */
    readonly subagent?: {
      readonly run?: (run: {
        readonly sessionKey: string
        readonly message: string
        readonly deliver: false
        readonly idempotencyKey: string
      }) => Promise<unknown>
    }
    readonly state?: { readonly resolveStateDir?: () => string }
    readonly events?: {
      readonly onSessionTranscriptUpdate?: (listener: (update: unknown) => void) => () => void
      readonly onAgentEvent?: (listener: (event: unknown) => void) => () => void
    }
  }
}
