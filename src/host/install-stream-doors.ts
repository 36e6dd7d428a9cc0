/**
 * Puts the door into the streams of providers that stand in the host's configuration and that no plugin of the host looks after: of those that one does, the
 * host would never ask us, and a registration could stand in that plugin's way.
 */
import { objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"
import { hostConfig } from "./host-models.ts"
import { isNobodys } from "./provider-owners.ts"
import { guardedStream, type StreamDoor, type StreamFn } from "./stream-door.ts"

/** The two that nearly every server of one's own speaks. Other names may be a plugin's, which then looks after the provider though its id is nobody's. */
const plainApis: readonly unknown[] = ["openai-completions", "anthropic-messages"]
/** The host patches requests to these itself, unless somebody wraps their stream. */
const patchedByHost = /(?:^|\/)(?:deepseek-v4|mimo)/i

export function installStreamDoors(api: HostApi, door: StreamDoor): void {
  try {
    for (const id of nobodysProviders(hostConfig(api)))
      api.registerProvider?.({ id, label: id, auth: [], wrapStreamFn: (making) => wrapped(door, objectOf(making)) })
  } catch {
    // The doors that every provider has stand alone.
  }
}

function nobodysProviders(config: unknown): readonly string[] {
  const providers = Object.entries(objectOf(objectOf(objectOf(config)["models"])["providers"]))
  return providers.flatMap(([id, settings]) => {
    const { api } = objectOf(settings)
    return (api === undefined || plainApis.includes(api)) && isNobodys(id, config) ? [id] : []
  })
}

/** Undefined leaves the stream as it is. */
function wrapped(door: StreamDoor, making: Readonly<Record<string, unknown>>): StreamFn | undefined {
  const { streamFn } = making
  const [provider, model] = [stringOf(making["provider"]), stringOf(making["modelId"])]
  const isPlain = plainApis.includes(objectOf(making["model"])["api"])
  if (typeof streamFn !== "function" || provider === undefined || model === undefined || !isPlain || patchedByHost.test(model)) return undefined
  return guardedStream(door, { provider, model, agentId: stringOf(making["agentId"]) }, streamFn as StreamFn)
}
