/** What a client's settings say of messages that leave, read once. */
import { parseOutbound, type OutboundRule } from "./outbound-rule.ts"
import { placesOf, type Places } from "./places.ts"

export type OutboundSetting = { readonly rule: OutboundRule; readonly places: Places }

/** Undefined where nothing is watched over. @throws {Fault} `config.invalid` */
export function outboundSetting(written: unknown): OutboundSetting | undefined {
  const rule = parseOutbound(written)
  return rule?.enabled === true ? { rule, places: placesOf(rule) } : undefined
}

/** What cannot be read lets nothing through: who asks at the gate is refused then. */
export function readableOutbound(written: unknown): OutboundSetting | undefined {
  try {
    return outboundSetting(written)
  } catch {
    return undefined
  }
}
