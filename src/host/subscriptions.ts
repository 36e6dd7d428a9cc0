/**
 * What the host tells by subscription and not by a hook: rows of transcripts (the one place with usage and cost of each model call), the events of runs,
 * diagnostics; and the signal that ends the process. One set a process, whichever copy of the module is first: listeners survive a reload of the plugin,
 * so they are let go of by hand, or each event would arrive once more after each reload.
 */
import { problemOf } from "../base/fault.ts"
import { hookRows } from "../capture/hook-rows.ts"
import type { HookRow, RowSource } from "../capture/hook-row.ts"
import type { HostApi } from "./host-api.ts"

/** Takes what a row's source told. */
export type Tell = (row: HookRow, value: unknown) => void

type Listener = (value: unknown) => void
type Unsubscribe = () => void
/** Answers how to unsubscribe; undefined where this host has no such subscription. */
type Source = (api: HostApi, listener: Listener, load: LoadDiagnostics) => Unsubscribe | undefined | Promise<Unsubscribe | undefined>

const sources: { readonly [S in Exclude<RowSource, "own">]: Source } = {
  transcript: (api, listener) => api.runtime?.events?.onSessionTranscriptUpdate?.(listener),
  "agent-event": (api, listener) => api.runtime?.events?.onAgentEvent?.(listener),
  diagnostic: async (_api, listener, load) => (await load()).onDiagnosticEvent?.(listener),
}

export type Diagnostics = { readonly onDiagnosticEvent?: (listener: Listener) => Unsubscribe }
type LoadDiagnostics = () => Promise<Diagnostics>

/** Not part of the API object; the host resolves its own modules for a plugin. */
const loadDiagnostics: LoadDiagnostics = async () => (await import("openclaw/plugin-sdk/diagnostic-runtime")) as unknown as Diagnostics

export class Subscriptions {
  readonly #load: LoadDiagnostics
  #ends: Unsubscribe[] | undefined
  #diagnostics: Promise<Diagnostics> | undefined

  constructor(load: LoadDiagnostics = loadDiagnostics) {
    this.#load = load
  }

  get isOpen(): boolean {
    return this.#ends !== undefined
  }

  /** Subscribes to everything the host offers, once. A hook may do so again after the plugin's stop, until the next copy starts and takes over. */
  open(api: HostApi, tell: Tell): void {
    if (this.#ends) return
    const ends: Unsubscribe[] = (this.#ends = [])
    for (const row of hookRows) {
      const source = row.source === undefined || row.source === "own" ? undefined : sources[row.source]
      if (source)
        void this.#subscribe(
          ends,
          row,
          () =>
            source(
              api,
              (value) => tell(row, value),
              () => this.#module(),
            ),
          tell,
        )
    }
  }

  close(): void {
    for (const end of this.#ends ?? []) end()
    this.#ends = undefined
  }

  /** Loaded once: a copy that is on its way out has lost its files, and finds the host's module no more. */
  #module(): Promise<Diagnostics> {
    this.#diagnostics ??= this.#load().catch((error: unknown) => {
      this.#diagnostics = undefined
      throw error
    })
    return this.#diagnostics
  }

  /** A source that comes late may come after everything was let go of. */
  async #subscribe(ends: Unsubscribe[], row: HookRow, subscribe: () => ReturnType<Source>, tell: Tell): Promise<void> {
    try {
      const subscribed = subscribe()
      const end = subscribed instanceof Promise ? await subscribed : subscribed
      if (end === undefined) return
      if (this.#ends === ends) ends.push(end)
      else end()
    } catch (error) {
      if (unavailableRow) tell(unavailableRow, { hook: row.hook, errorName: error instanceof Error ? error.name : "unknown", message: problemOf(error) })
    }
  }
}

export const unavailableRow = hookRows.find((row) => row.hook === "hook-unavailable")
