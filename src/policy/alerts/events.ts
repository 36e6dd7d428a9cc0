/** What happens to alerts, as their state is made of it, and what of the journal's other entries raises them. */
import type { JsonObject } from "../../base/json.ts"
import type { AlertEventFacts } from "../../format/facts/alerts.ts"

export type AlertEvent = { readonly [T in keyof AlertEventFacts]: { readonly type: T; readonly facts: AlertEventFacts[T] } }[keyof AlertEventFacts]

/** An entry of the journal that may raise one, or is one of alerts themselves. */
export type AlertEntry = { readonly sequence: number; readonly timeMs: number; readonly type: string; readonly facts: JsonObject }

export function isOfAlerts(type: string): type is keyof AlertEventFacts {
  return type.startsWith("alert.") || type.startsWith("alerts.")
}
