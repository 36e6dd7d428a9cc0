/**
 * What the gateway's log says once, when the plugin first starts in a process: what is recorded, what is not covered, and the one command to run next.
 * Never while commands are listed or run: the host prints a plugin's log there, too.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { objectOf } from "../base/json.ts"
import { pluginStanding } from "../policy/plugin-standing.ts"
import { coverageLines, coverageOf } from "../surfaces/render/coverage-lines.ts"
import type { HostApi } from "./host-api.ts"

const symbol = Symbol.for("sovereign-ledger/said")
const slot = globalThis as typeof globalThis & { [symbol]?: true }

const setUp = { command: "openclaw ledger setup", gives: "sets the ledger up" }

export type StartState = "yes" | "no" | "not set up"

export function sayOnce(api: HostApi, recording: StartState): void {
  if (slot[symbol]) return
  slot[symbol] = true
  const host = pluginStanding(api.config)
  const coverage = coverageOf({ recording, first: recording === "not set up" ? setUp : null, host, conversations: "unknown" })
  try {
    for (const line of coverageLines(coverage)) api.logger.info(`[sovereign-ledger] ${line}`)
  } catch {
    // The host's logger is not ours to trust, and nothing of ours may keep the plugin from starting; `status` says the same.
  }
}

/** Whether there is a ledger, or a key to make one with. The key itself is never read here. */
export function isSetUp(directory: string, keyFile: string, api: HostApi, environment: NodeJS.ProcessEnv): boolean {
  const { keyCommand, masterKey } = objectOf(api.pluginConfig)
  const hasSecret = keyCommand !== undefined || masterKey !== undefined || Boolean(environment["OPENCLAW_MASTER_KEY"])
  return hasSecret || existsSync(join(directory, "keys.json")) || existsSync(keyFile)
}
