/** What an operator asked for in settings that cannot be read properly, or are read before they are: as loosely as can be, so that what was asked to be guarded is. */
import { objectOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"

/** Whether the operator's settings name any guard, read as loosely as can be: for the case that they cannot be read properly. */
export function asksForGuards(api: HostApi): boolean {
  return Object.values(objectOf(objectOf(api.pluginConfig)["guard"])).some((list) => !Array.isArray(list) || list.length > 0)
}

/** Whether the settings name findings of the scanner that refuse a tool call. */
export function asksForScan(api: HostApi): boolean {
  const { block } = objectOf(objectOf(api.pluginConfig)["scan"])
  return block !== undefined && block !== null && !(Array.isArray(block) && block.length === 0)
}

/** Whether the settings name an outbound gate, read as loosely as can be: for the case that they cannot be read properly. */
export function asksForGate(api: HostApi): boolean {
  const { gate } = objectOf(api.pluginConfig)
  return gate !== undefined && gate !== null && objectOf(gate)["enabled"] !== false
}

/** Whether the settings name a budget that blocks, an allowance, or breakers that do, read as loosely as can be: for the case that they cannot be read properly. */
export function asksForCaps(api: HostApi): boolean {
  const { budgets, allowances, breakers } = objectOf(api.pluginConfig)
  if (objectOf(breakers)["mode"] === "block") return true
  if (allowances !== undefined && !(Array.isArray(allowances) && allowances.length === 0)) return true
  if (budgets === undefined) return false
  return !Array.isArray(budgets) || budgets.some((budget: unknown) => objectOf(budget)["mode"] !== "warn")
}
