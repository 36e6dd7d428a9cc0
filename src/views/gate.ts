/** The outbound gate as it stands: the settings in force, who may be written to now, what was asked and what became of it. */
import { objectOf, stringOf } from "../base/json.ts"
import { conversationOf } from "../policy/outbound/evolve.ts"
import { gateRuleView, type GateRuleView, type GateStanding } from "../policy/outbound/rule-view.ts"
import type { OutboundState, RequestStatus } from "../policy/outbound/state.ts"
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

export type GateStatus = {
  /** In force; where no gateway is connected, as one told it last. */
  readonly rule: GateRuleView | null
  /** What each connected gateway goes by; null where no writer runs to ask. */
  readonly gateways: readonly GateStanding[] | null
  readonly arms: readonly { readonly recipient: string; readonly uses: number; readonly expiresAt: string; readonly by: "request" | "operator" }[]
  readonly requests: readonly { readonly recipient: string; readonly request: string; readonly at: string; readonly status: RequestStatus }[]
  /** Of the last day. `unknown`: let go, and nobody told what became of it. */
  readonly day: { readonly asked: number; readonly allowed: number; readonly refused: number; readonly missed: number; readonly unknown: number }
  /** Messages that were let go and of which nobody told what became of them, newest first. */
  readonly unknown: readonly { readonly recipient: string; readonly at: string; readonly request: string | null }[]
  readonly uncovered: readonly string[]
}

const dayMs = 86_400_000
const mostShown = 50

/** @param gateways what the writer says of those that are connected; null where none runs */
export function gateStatus(access: LedgerAccess, nowMs: number, gateways: GateStatus["gateways"]): GateStatus {
  const state = access.ask(stateInViews)
  const recipient = recipients(access)
  const arms = [...state.arms].filter(([, { uses, expiresAtMs }]) => uses > 0 && expiresAtMs > nowMs)
  const requests = [...state.requests].toSorted(([, a], [, b]) => b.atMs - a.atMs).slice(0, mostShown)
  return {
    rule: ruleOf(access, gateways),
    gateways,
    arms: arms.map(([conversation, { uses, expiresAtMs, request }]) => ({
      ...{ recipient: recipient(conversation), uses, expiresAt: new Date(expiresAtMs).toISOString() },
      by: request === undefined ? ("operator" as const) : ("request" as const),
    })),
    requests: requests.map(([conversation, { id, atMs, status }]) => ({
      ...{ recipient: recipient(conversation), request: id, at: new Date(atMs).toISOString(), status },
    })),
    day: { ...countsSince(access, nowMs - dayMs), unknown: unknownSends(state).filter(({ atMs }) => atMs >= nowMs - dayMs).length },
    unknown: unknownSends(state)
      .slice(0, mostShown)
      .map(({ conversation, atMs, request }) => ({ recipient: recipient(conversation), at: new Date(atMs).toISOString(), request: request ?? null })),
    uncovered: uncoveredPaths,
  }
}

function unknownSends({ sends }: OutboundState) {
  const all = [...sends].flatMap(([conversation, ofIt]) => ofIt.map((send) => ({ ...send, conversation })))
  return all.filter(({ outcome }) => outcome === "unknown").toSorted((a, b) => b.atMs - a.atMs)
}

function countsSince(access: LedgerAccess, sinceMs: number): Omit<GateStatus["day"], "unknown"> {
  const rows = access.ask((views) => views.prepare("SELECT type, count(*) AS count FROM outbound_events WHERE at_ms >= ? GROUP BY type").all(sinceMs)) as {
    type: string
    count: number
  }[]
  const of = (type: string) => rows.find((row) => row.type === `outbound.${type}`)?.count ?? 0
  return { asked: of("requested"), allowed: of("allowed"), refused: of("refused"), missed: of("missed") }
}

/** What connected gateways go by, as the writer told it; else what one told last. */
function ruleOf(access: LedgerAccess, gateways: GateStatus["gateways"]): GateRuleView | null {
  const [first] = gateways ?? []
  if (first) return first.rule
  const [loaded] = listEvents(access, { type: "config.loaded" }, 1, 0).events
  const entry = loaded && access.reader.entry(loaded.sequence)
  const { text = "{}" } = entry ? contentOf(access, entry) : {}
  return gateRuleView(objectOf(JSON.parse(text))["gate"])
}

export type GateLogRow = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly recipient: string
  readonly why: string | null
  readonly usesLeft: number | null
  readonly request: string | null
  /** Of a message that was let go. */
  readonly outcome: Outcome | null
}

type Outcome = "sent" | "failed" | "unknown"

export type GateLogQuery = {
  readonly sinceMs: number | undefined
  readonly limit: number
  /** Only messages that were let go and of which nobody told what became of them. */
  readonly unknown: boolean
}

const ofSend = "json_extract(facts, '$.send')"
const untold = `type = 'outbound.allowed' AND ${ofSend} NOT IN (SELECT ${ofSend} FROM outbound_events WHERE type = 'outbound.told')`

/** Newest first. */
export function gateLog(access: LedgerAccess, { sinceMs, limit, unknown }: GateLogQuery): readonly GateLogRow[] {
  const where = `at_ms >= ?${unknown ? ` AND ${untold}` : ""}`
  const rows = access.ask((views) =>
    views
      .prepare(`SELECT sequence, type, channel, peer, at_ms AS atMs, facts FROM outbound_events WHERE ${where} ORDER BY sequence DESC LIMIT ?`)
      .all(sinceMs ?? 0, limit),
  ) as { sequence: number; type: string; channel: string; peer: string; atMs: number; facts: string }[]
  const recipient = recipients(access)
  const outcome = outcomes(access, rows.at(-1)?.sequence ?? 0)
  return rows.map(({ sequence, type, channel, peer, atMs, facts }) => {
    const { why, usesLeft, uses, recovered, request, send, ...more } = objectOf(JSON.parse(facts))
    const left = usesLeft ?? uses
    return {
      request: stringOf(request) ?? null,
      outcome: type === "outbound.allowed" ? outcome(stringOf(send) ?? "") : null,
      ...{ sequence, at: new Date(atMs).toISOString(), what: type.replace("outbound.", ""), recipient: recipient(conversationOf(channel, peer)) },
      why: stringOf(why) ?? (recovered === true ? "late answer" : type === "outbound.stripped" ? strippedWords(more) : null),
      usesLeft: typeof left === "number" ? left : null,
    }
  })
}

function strippedWords({ kinds, counts, emptied }: Readonly<Record<string, unknown>>): string {
  const [names, numbers] = [kinds, counts].map((list) => (Array.isArray(list) ? (list as unknown[]).map(String) : []))
  return `${(names ?? []).map((kind, n) => `${numbers?.[n] ?? "?"} ${kind}`).join(", ")}${emptied === true ? ", nothing left" : ""}`
}

/** What was told of messages since that entry. */
function outcomes(access: LedgerAccess, from: number): (send: string) => Outcome {
  const told = access.ask((views) =>
    views.prepare("SELECT facts FROM outbound_events WHERE sequence >= ? AND type = 'outbound.told'").pluck().all(from),
  ) as string[]
  const known = new Map(told.map((facts) => objectOf(JSON.parse(facts))).map(({ send, success }) => [send, success === true ? "sent" : "failed"] as const))
  return (send) => known.get(send) ?? "unknown"
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
