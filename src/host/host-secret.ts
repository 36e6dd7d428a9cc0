/**
 * The master key as a secret reference of the host. A gateway hands over what the reference stands for; `agent --local` and the host's command line
 * hand over the reference as it is written, and then the host's own resolver is asked.
 */
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"

const setting = "masterKey"

/** What asks Digital Evidence: half of it must not be believed to be all. */
const evidenceSecrets = ["deApiKey", "deSigningKey"]
const evidenceSettings = [...evidenceSecrets, "deWalletKeyFile"]

/**
 * The plugin's settings without references that still have to be resolved: those that can be checked at once. Without its secrets Digital Evidence is not asked: the next
 * gateway does, which has them.
 */
export function settingsOf(api: HostApi): unknown {
  const written = objectOf(api.pluginConfig)
  const isMissing = (name: string) => isReference(written[name])
  const left = new Set([...[setting].filter(isMissing), ...(evidenceSecrets.some(isMissing) ? evidenceSettings : [])])
  if (left.size === 0) return api.pluginConfig ?? {}
  return Object.fromEntries(Object.entries(written).filter(([name]) => !left.has(name)))
}

/**
 * The text of the secret; undefined when the setting is not made.
 * @throws {Fault} `config.invalid` when the host cannot resolve it.
 */
export async function hostSecret(api: HostApi): Promise<string | undefined> {
  const value = objectOf(api.pluginConfig)[setting]
  return isReference(value) ? resolved(api, value) : stringOf(value)
}

async function resolved(api: HostApi, value: unknown): Promise<string> {
  let problem = "the host did not resolve it to a text"
  try {
    // Only loaded where it is needed: every command of the host evaluates this plugin.
    const { resolveConfiguredSecretInputString } = await import("openclaw/plugin-sdk/secret-input-runtime")
    const config = (api.config ?? {}) as Parameters<typeof resolveConfiguredSecretInputString>[0]["config"]
    const answer = await resolveConfiguredSecretInputString({ config, env: process.env, value, path: `plugins.entries.sovereign-ledger.config.${setting}` })
    if (answer.value) return answer.value
    problem = answer.unresolvedRefReason ?? problem
  } catch (error) {
    problem = problemOf(error)
  }
  throw new Fault("config.invalid", { setting, problem })
}

function isReference(value: unknown): boolean {
  return typeof value === "object" && value !== null
}
