/** What the host's configuration says of models: which is used when nobody names one, and what each costs and takes. No key or address of a provider leaves it. */
import { objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"

export type ModelName = { readonly provider?: string | undefined; readonly model?: string | undefined }

const remembered = 1_024

/** The latest of each session. */
export class LatestModels {
  readonly #models = new Map<string, ModelName>()

  get(session: string): ModelName | undefined {
    return this.#models.get(session)
  }

  set(session: string, model: ModelName): void {
    this.#models.delete(session)
    this.#models.set(session, model)
    const [oldest] = this.#models.keys()
    if (this.#models.size > remembered && oldest !== undefined) this.#models.delete(oldest)
  }
}

/** The configuration this process runs on at present; copies of the module may have been registered with an older one. */
export function hostConfig(api: HostApi): unknown {
  try {
    return api.runtime?.config?.current?.() ?? api.config
  } catch {
    // A copy on its way out may not be allowed to ask any more.
    return api.config
  }
}

/** `provider/model`; the model's own name may have more slashes. */
export function modelNamed(value: unknown): ModelName | undefined {
  const name = stringOf(value) ?? stringOf(objectOf(value)["primary"])
  const slash = name?.indexOf("/") ?? -1
  return name === undefined || slash <= 0 ? undefined : { provider: name.slice(0, slash), model: name.slice(slash + 1) }
}

export function primaryOf(config: unknown): ModelName | undefined {
  return modelNamed(objectOf(objectOf(objectOf(config)["agents"])["defaults"])["model"])
}
