/** What the host's configuration says of prices at present: the same value until it says something else. Cheap while the configuration is the same. */
import { hostSpend, type HostSpend } from "../prices/host-spend.ts"
import type { HostApi } from "./host-api.ts"
import { hostConfig } from "./host-models.ts"

export function latestSpend(host: { readonly api: HostApi }): () => HostSpend {
  let config = hostConfig(host.api)
  let spend = hostSpend(config, process.env)
  return () => {
    const now = hostConfig(host.api)
    if (now === config) return spend
    const next = hostSpend(now, process.env)
    if (JSON.stringify(next) !== JSON.stringify(spend)) spend = next
    config = now
    return spend
  }
}
