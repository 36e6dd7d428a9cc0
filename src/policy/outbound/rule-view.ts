/** A gateway's setting `gate` as people are told of it: names of nobody, only how many. */
import { problemOf } from "../../base/fault.ts"
import { parseOutbound, type OutboundRule } from "./outbound-rule.ts"
import { stripNames } from "./strip.ts"

export type GateRuleView = {
  /** `closed`: it cannot be read, so nothing leaves to anybody. */
  readonly state: "on" | "off" | "closed"
  /** Why it is off or closed, or what a person should know of it. */
  readonly words: string
  readonly channels: readonly string[]
  readonly protected: number
  readonly allowed: number
  readonly armTtlMs: number
  readonly maxUsesPerArm: number
  /** What is taken out of texts. */
  readonly strips: readonly string[]
  /** Settings that were under their least, and raised to it. */
  readonly raised: readonly string[]
}

/** What one gateway that is connected to the writer goes by. */
export type GateStanding = {
  /** The gateway's process; null where it did not say. */
  readonly pid: number | null
  readonly rule: GateRuleView | null
}

/** Null where none was written. */
export function gateRuleView(written: unknown): GateRuleView | null {
  try {
    const rule = parseOutbound(written)
    return rule ? viewOf(rule) : null
  } catch (error) {
    const none = { channels: [], protected: 0, allowed: 0, armTtlMs: 0, maxUsesPerArm: 0, strips: [], raised: [] }
    return { state: "closed", words: `closed, so nothing leaves to anybody: ${problemOf(error)}`, ...none }
  }
}

function viewOf({ enabled, channel, protectedTo, allowedFrom, armTtlMs, maxUsesPerArm, strip, raised }: OutboundRule): GateRuleView {
  const words = enabled
    ? onWords(protectedTo, allowedFrom)
    : protectedTo.length === 0
      ? "off: protectedTo is empty, so nobody is protected"
      : "off: enabled is false"
  const counts = { channels: channel, protected: protectedTo.length, allowed: allowedFrom.length }
  return { state: enabled ? "on" : "off", words, ...counts, armTtlMs, maxUsesPerArm, strips: stripNames.filter((name) => strip[name]), raised }
}

function onWords(protectedTo: readonly string[], allowedFrom: readonly string[]): string {
  if (protectedTo.length === 0) return "on: protectedTo is empty, so texts are only wrapped or stripped"
  return allowedFrom.length === 0 ? "on: allowedFrom is empty, so nothing but an operator's order lets a message through" : "on"
}
