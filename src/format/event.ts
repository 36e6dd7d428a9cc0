/**
 * What can happen: every type of event with its facts, one row each.
 *
 * Facts are pseudonymous (no text, names or addresses) and are enough to rebuild every balance; what a person wrote or is called stands in
 * `content`, sealed under the key of the event's scope. `alias` is the name operators of OpenClaw audit trails know; filters take both.
 */
import type { Json, JsonObject } from "../base/json.ts"

export type Category = "prompt" | "agent" | "tool" | "message" | "session" | "gateway" | "system" | "config"

/** Facts that any captured event may carry beside its own. Absent means the host did not say. */
export type CommonFacts = {
  /** Id of the agent, as the host configures it. */
  readonly agent?: string
  /** Reference of the run: the host's id when it can name nobody (a UUID, mostly), else its pseudonym. */
  readonly run?: string
  /** Milliseconds since 1970 UTC at which the hook fired; the header's time is that of recording. */
  readonly atMs?: number
  /** The hook or subscription the event was made from. */
  readonly via?: string
  /** Bytes of the original payload when it was cut to the bound, and SHA-256 of what was kept. */
  readonly cutFromBytes?: number
  readonly keptSha256?: string
}

type TokenFacts = {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly totalTokens?: number
  /** Nano-dollars the host reports, decimal. */
  readonly reportedNanos?: string
}

// oxfmt-ignore: one row a type
export type EventFacts = {
  "journal.opened": { readonly format: number; readonly origin: string; readonly verifierKey: string; readonly version: string }
  "writer.started": { readonly version: string; readonly code: string; readonly pid: number; readonly machine: string; readonly clean: boolean }
  "writer.stopped": { readonly reason: string }
  "config.loaded": { readonly sha256: string; readonly guardedPatterns: number; readonly deniedPatterns: number }
  "capture.gap": { readonly reason: string; readonly count: number; readonly byType: JsonObject; readonly fromMs: number; readonly toMs: number }
  "capture.hook-unavailable": { readonly hook: string }
  "gateway.started": { readonly port?: number }
  "gateway.stopped": { readonly reason: string }
  "session.started": { readonly resumed: boolean }
  "session.ended": { readonly reason?: string; readonly messageCount?: number; readonly durationMs?: number; readonly archived?: boolean }
  "run.started": {
    readonly provider?: string
    readonly model?: string
    readonly trigger?: string
    readonly job?: string
    readonly promptLength: number
    readonly historyMessages: number
    readonly owner?: boolean
  }
  "run.ended": {
    readonly success: boolean
    readonly durationMs?: number
    readonly provider?: string
    readonly model?: string
    readonly trigger?: string
    readonly job?: string
    readonly messageCount: number
    readonly errorLength?: number
  }
  "prompt.submitted": {
    readonly provider?: string
    readonly model?: string
    readonly promptLength: number
    readonly systemLength?: number
    readonly historyMessages: number
    readonly images?: number
    readonly tools?: number
  }
  "model.responded": TokenFacts & {
    readonly provider?: string
    readonly model?: string
    readonly answerLength: number
    readonly stopReason?: string
    readonly response?: string
  }
  "model.called": { readonly provider?: string; readonly model?: string; readonly api?: string; readonly call?: string; readonly contextTokens?: number }
  "model.returned": {
    readonly provider?: string
    readonly model?: string
    readonly api?: string
    readonly call?: string
    readonly outcome?: string
    readonly error?: string
    readonly durationMs?: number
    readonly firstByteMs?: number
    readonly requestBytes?: number
    readonly responseBytes?: number
  }
  "usage.reported": TokenFacts & {
    readonly provider?: string
    readonly model?: string
    readonly api?: string
    readonly stopReason?: string
    readonly response?: string
    readonly message?: string
    readonly messageSeq?: number
    readonly reasoningTokens?: number
    readonly role: string
  }
  "tool.invoked": {
    readonly tool: string
    readonly call: string
    readonly wrapper?: boolean
    readonly guarded: boolean
    readonly verdict: "allow" | "deny"
    readonly rule?: string
    readonly owner?: boolean
  }
  "tool.returned": {
    readonly tool: string
    readonly call: string
    readonly wrapper?: boolean
    readonly durationMs?: number
    readonly failed: boolean
    readonly status?: string
    readonly resultBytes: number
  }
  "tool.denied": { readonly tool: string; readonly call: string; readonly wrapper?: boolean; readonly durationMs?: number; readonly deniedBy?: string }
  "message.received": { readonly channel?: string; readonly length: number; readonly message?: string; readonly sentAtMs?: number; readonly media?: number }
  "message.offered": { readonly channel?: string; readonly length: number; readonly media?: number }
  "message.sent": { readonly channel?: string; readonly length: number; readonly message?: string; readonly success: boolean }
  "subagent.spawned": { readonly childRun?: string; readonly mode?: string; readonly provider?: string; readonly model?: string }
  "subagent.ended": {
    readonly childRun?: string
    readonly targetKind?: string
    readonly reason?: string
    readonly outcome?: string
    readonly endedAtMs?: number
  }
}

export type EventType = keyof EventFacts

type EventRow = {
  readonly alias: string
  readonly category: Category
  /** One sentence for people, without the type's own words. */
  readonly words: string
}

export const eventTypes: { readonly [T in EventType]: EventRow } = {
  "journal.opened": { alias: "journal.open", category: "system", words: "the journal began; its key and origin are pinned here" },
  "writer.started": { alias: "writer.start", category: "system", words: "the writer process took the ledger" },
  "writer.stopped": { alias: "writer.stop", category: "system", words: "the writer process let go of the ledger" },
  "config.loaded": { alias: "config.load", category: "config", words: "settings that decide anything were loaded" },
  "capture.gap": { alias: "capture.gap", category: "system", words: "events that could not be recorded, counted by type" },
  "capture.hook-unavailable": { alias: "system.hook_unavailable", category: "system", words: "a hook of the host could not be registered" },
  "gateway.started": { alias: "gateway.start", category: "gateway", words: "the gateway started, or reloaded the plugin" },
  "gateway.stopped": { alias: "gateway.stop", category: "gateway", words: "the gateway stopped, or reloaded the plugin" },
  "session.started": { alias: "session.start", category: "session", words: "a session began" },
  "session.ended": { alias: "session.end", category: "session", words: "a session ended" },
  "run.started": { alias: "agent.start", category: "agent", words: "an agent's run is about to begin" },
  "run.ended": { alias: "agent.end", category: "agent", words: "an attempt of a run ended" },
  "prompt.submitted": { alias: "prompt.input", category: "prompt", words: "a prompt went to the model" },
  "model.responded": { alias: "prompt.response", category: "prompt", words: "the model's answer for one attempt, with its tokens" },
  "model.called": { alias: "model.call_start", category: "prompt", words: "one call to a model provider began" },
  "model.returned": { alias: "model.call_end", category: "prompt", words: "one call to a model provider ended" },
  "usage.reported": { alias: "usage.report", category: "prompt", words: "a transcript row with the tokens and cost of one model call" },
  "tool.invoked": { alias: "tool.invoked", category: "tool", words: "an agent asked for a tool" },
  "tool.returned": { alias: "tool.result", category: "tool", words: "a tool call ended" },
  "tool.denied": { alias: "tool.denied", category: "tool", words: "a tool call was refused" },
  "message.received": { alias: "message.received", category: "message", words: "a message came in" },
  "message.offered": { alias: "message.sending", category: "message", words: "a message is about to leave" },
  "message.sent": { alias: "message.sent", category: "message", words: "a message left, or failed to" },
  "subagent.spawned": { alias: "agent.subagent_spawned", category: "agent", words: "a run delegated work to a subagent" },
  "subagent.ended": { alias: "agent.subagent_ended", category: "agent", words: "a subagent ended" },
}

/** Whose content an event carries: the session it belongs to and the person who sent it. Both are labels; the journal stores a random id. */
export type ScopeName = {
  readonly session?: string
  readonly sender?: string
}

/** An event as `capture` and `operations` make it, before the journal gives it a place. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K
    /** Names the thing that happened, from the host's own ids; not trusted to be unique. */
    readonly id: string
    readonly scope?: ScopeName
    readonly facts: CommonFacts & EventFacts[K]
    readonly content?: JsonObject
  }
}[T]

const typesByAnyName = new Map<string, EventType>(
  Object.entries(eventTypes).flatMap(([type, row]) => [
    [type, type as EventType],
    [row.alias, type as EventType],
  ]),
)

/** The type a filter means, by its name or its alias. */
export function eventTypeNamed(name: string): EventType | undefined {
  return typesByAnyName.get(name)
}

/** The category of any type, also of one a newer version wrote. */
export function categoryOf(type: string): string {
  return type in eventTypes ? eventTypes[type as EventType].category : (type.split(".")[0] ?? type)
}

export type FactsJson = { readonly id: string } & { readonly [key: string]: Json }
