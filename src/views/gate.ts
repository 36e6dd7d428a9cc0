/** The outbound gate as it stands on record: its settings as a gateway told them last, who may be written to now, what was asked and what became of it. */
import { objectOf, stringOf } from "../base/json.ts"
import { conversationOf } from "../policy/outbound/evolve.ts"
import { parseOutbound, type OutboundRule } from "../policy/outbound/outbound-rule.ts"
import type { RequestStatus } from "../policy/outbound/state.ts"
import { stateInViews } from "../projections/outbound-state.ts"
import { contentOf, listEvents } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

/** Ways on which nothing is asked: the host shows or sends there whatever a plugin answers, or calls no hook. */
export const uncoveredPaths: readonly string[] = [
  "the host's web chat and Control UI: what a hook answers has no effect there",
  "polls by `openclaw message poll`: the host calls no hook",
  "`openclaw agent exec`: the host runs no plugin there",
  "tools and plugins that talk to a channel's own API, and what an agent does by exec",
]

export type GateRuleView = {
  readonly state: "on" | "off"
  /** Why it is off, or what a person should know of it. */
  readonly words: string
  readonly channels: readonly string[]
  readonly protected: number
  readonly allowed: number
  readonly armTtlMs: number
  readonly maxUsesPerArm: number
  /** Settings that were under their least, and raised to it. */
  readonly raised: readonly string[]
}

export type GateStatus = {
  readonly rule: GateRuleView | null
  readonly arms: readonly { readonly recipient: string; readonly uses: number; readonly expiresAt: string; readonly by: "request" | "operator" }[]
  readonly requests: readonly { readonly recipient: string; readonly request: string; readonly at: string; readonly status: RequestStatus }[]
  /** Of the last day. `unknown`: let go, and nobody told what became of it. */
  readonly day: { readonly asked: number; readonly allowed: number; readonly refused: number; readonly missed: number; readonly unknown: number }
  readonly uncovered: readonly string[]
}

const dayMs = 86_400_000
const mostShown = 50

export function gateStatus(access: LedgerAccess, nowMs: number): GateStatus {
  const state = access.ask(stateInViews)
  const recipient = recipients(access)
  const arms = [...state.arms].filter(([, { uses, expiresAtMs }]) => uses > 0 && expiresAtMs > nowMs)
  const requests = [...state.requests].toSorted(([, a], [, b]) => b.atMs - a.atMs).slice(0, mostShown)
  return {
    rule: ruleOf(access),
    arms: arms.map(([conversation, { uses, expiresAtMs, request }]) => ({
      ...{ recipient: recipient(conversation), uses, expiresAt: new Date(expiresAtMs).toISOString() },
      by: request === undefined ? ("operator" as const) : ("request" as const),
    })),
    requests: requests.map(([conversation, { id, atMs, status }]) => ({
      ...{ recipient: recipient(conversation), request: id, at: new Date(atMs).toISOString(), status },
    })),
    day: { ...countsSince(access, nowMs - dayMs), unknown: unknownSince([...state.sends.values()].flat(), nowMs - dayMs) },
    uncovered: uncoveredPaths,
  }
}

function unknownSince(sends: readonly { readonly atMs: number; readonly outcome: string }[], sinceMs: number): number {
  return sends.filter(({ atMs, outcome }) => atMs >= sinceMs && outcome === "unknown").length
}

function countsSince(access: LedgerAccess, sinceMs: number): Omit<GateStatus["day"], "unknown"> {
  const rows = access.ask((views) => views.prepare("SELECT type, count(*) AS count FROM outbound_events WHERE at_ms >= ? GROUP BY type").all(sinceMs)) as {
    type: string
    count: number
  }[]
  const of = (type: string) => rows.find((row) => row.type === `outbound.${type}`)?.count ?? 0
  return { asked: of("requested"), allowed: of("allowed"), refused: of("refused"), missed: of("missed") }
}

/** Null where no gateway ever told of one. */
function ruleOf(access: LedgerAccess): GateRuleView | null {
  const [loaded] = listEvents(access, { type: "config.loaded" }, 1, 0).events
  const entry = loaded && access.reader.entry(loaded.sequence)
  const { text = "{}" } = entry ? contentOf(access, entry) : {}
  const rule = ruleIn(objectOf(JSON.parse(text))["gate"])
  return rule ? viewOf(rule) : null
}

function ruleIn(written: unknown): OutboundRule | undefined {
  try {
    return parseOutbound(written)
  } catch {
    return undefined
  }
}

function viewOf({ enabled, channel, protectedTo, allowedFrom, armTtlMs, maxUsesPerArm, raised }: OutboundRule): GateRuleView {
  const words = !enabled
    ? protectedTo.length === 0
      ? "off: protectedTo is empty, so nobody is protected"
      : "off: enabled is false"
    : allowedFrom.length === 0
      ? "on: allowedFrom is empty, so nothing but an operator's order lets a message through"
      : "on"
  const counts = { channels: channel, protected: protectedTo.length, allowed: allowedFrom.length }
  return { state: enabled ? "on" : "off", words, ...counts, armTtlMs, maxUsesPerArm, raised }
}

export type GateLogRow = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly recipient: string
  readonly why: string | null
  readonly usesLeft: number | null
}

/** Newest first. */
export function gateLog(access: LedgerAccess, { sinceMs, limit }: { readonly sinceMs: number | undefined; readonly limit: number }): readonly GateLogRow[] {
  const rows = access.ask((views) =>
    views
      .prepare("SELECT sequence, type, channel, peer, at_ms AS atMs, facts FROM outbound_events WHERE at_ms >= ? ORDER BY sequence DESC LIMIT ?")
      .all(sinceMs ?? 0, limit),
  ) as { sequence: number; type: string; channel: string; peer: string; atMs: number; facts: string }[]
  const recipient = recipients(access)
  return rows.map(({ sequence, type, channel, peer, atMs, facts }) => {
    const { why, usesLeft, uses, recovered } = objectOf(JSON.parse(facts))
    const left = usesLeft ?? uses
    return {
      ...{ sequence, at: new Date(atMs).toISOString(), what: type.replace("outbound.", ""), recipient: recipient(conversationOf(channel, peer)) },
      why: stringOf(why) ?? (recovered === true ? "late answer" : null),
      usesLeft: typeof left === "number" ? left : null,
    }
  })
}

/** Who a conversation is with, as the channel names them; the pseudonym where that was erased. */
function recipients(access: LedgerAccess): (conversation: string) => string {
  const known = new Map<string, string>()
  const last = (channel: string, peer: string) =>
    access.ask((views) =>
      views
        .prepare("SELECT sequence FROM outbound_events WHERE channel = ? AND peer = ? AND type <> 'outbound.told' ORDER BY sequence DESC LIMIT 1")
        .pluck()
        .get(channel, peer),
    ) as number | undefined
  return (conversation) => {
    const found = known.get(conversation)
    if (found !== undefined) return found
    const at = conversation.indexOf(":")
    const [channel, peer] = [conversation.slice(0, at), conversation.slice(at + 1)]
    const sequence = last(channel, peer)
    const entry = sequence === undefined ? undefined : access.reader.entry(sequence)
    const { text = "{}" } = entry ? contentOf(access, entry) : {}
    const { to, conversation: place } = objectOf(JSON.parse(text))
    const name = stringOf(to) ?? stringOf(place)
    const shown = name === undefined ? conversation : name.toLowerCase().startsWith(`${channel}:`) ? name : `${channel}:${name}`
    known.set(conversation, shown)
    return shown
  }
}
