/**
 * What of the host stops a run at once, and tells whoever watches it why. Loaded when the plugin registers and awaited at the first door of every run: an
 * abort must be synchronous where a model call begins, and a copy of the module that is on its way out finds the host's modules no more.
 */
import type { HostApi } from "./host-api.ts"

export type Harness = {
  /** False when nothing of that session runs. */
  readonly abortAgentHarnessRun: (sessionId: string) => boolean
  /** Asks the gateway this process is, as its own client would. */
  readonly callGatewayTool?: (
    method: string,
    options: { readonly timeoutMs: number },
    params: object,
    extra: { readonly scopes: readonly string[] },
  ) => Promise<unknown>
  readonly emitAgentEvent?: (event: { readonly runId: string; readonly sessionKey?: string; readonly stream: string; readonly data: object }) => void
}

type Load = () => Promise<unknown>

const loadFromHost: Load = () => import("openclaw/plugin-sdk/agent-harness-runtime")

export class HarnessLoader {
  readonly #load: Load
  #loading: Promise<Harness | undefined> | undefined
  /** There from the moment it is loaded. */
  harness: Harness | undefined

  constructor(load: Load = loadFromHost) {
    this.#load = load
  }

  /** Undefined where this host has no such thing: then nothing can be stopped once a run has begun. */
  ready(): Promise<Harness | undefined> {
    return (this.#loading ??= this.#load().then(
      (module) => {
        const found = module as Partial<Harness>
        return (this.harness = typeof found.abortAgentHarnessRun === "function" ? (found as Harness) : undefined)
      },
      () => undefined,
    ))
  }
}

/** Not for the copy that only lists commands. */
export function loadHarness(api: Pick<HostApi, "registrationMode">): HarnessLoader {
  const loader = new HarnessLoader()
  if (api.registrationMode !== "cli-metadata") void loader.ready()
  return loader
}
