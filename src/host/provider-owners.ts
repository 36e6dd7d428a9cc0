/**
 * Which plugin of the host looks after a provider. Only the host knows, and it tells by a module that has to be loaded, while a plugin registers at once: so
 * the first copy in a process loads it for the later ones, in which the turns of agents fire. Until it is there every provider counts as looked after.
 */
type OwnersOf = (question: { readonly provider: string; readonly config: unknown }) => readonly string[] | undefined

const symbol = Symbol.for("sovereign-ledger/provider-owners")
const slot = globalThis as typeof globalThis & { [symbol]?: OwnersOf }

type Load = () => Promise<unknown>

const loadFromHost: Load = () => import("openclaw/plugin-sdk/provider-catalog-runtime")

/** Never rejects: a host without such a module tells nothing. */
export async function loadProviderOwners(load: Load = loadFromHost): Promise<void> {
  if (slot[symbol]) return
  try {
    const { resolveOwningPluginIdsForProvider: ownersOf } = (await load()) as { readonly resolveOwningPluginIdsForProvider?: unknown }
    if (typeof ownersOf === "function") slot[symbol] = ownersOf as OwnersOf
  } catch {
    // Then no provider's stream is wrapped, and the doors that every host has stand alone.
  }
}

/** True only where the host says that no plugin looks after it. */
export function isNobodys(provider: string, config: unknown): boolean {
  try {
    const owners = slot[symbol]?.({ provider, config })
    return slot[symbol] !== undefined && (owners === undefined || owners.length === 0)
  } catch {
    return false
  }
}
