/**
 * The facts of every type of event. They are pseudonymous (no text, names or addresses), flat, and enough to rebuild every balance; a fact the host did
 * not tell is absent. What a type means stands in `event.ts`.
 */
import type { JsonObject } from "../base/json.ts"

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
  /** Bytes of the original payload when it was cut to the bound; the hash of what was kept stands in the content. */
  readonly cutFromBytes?: number
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

/** A run that no message of a person started: why there is one. A run without a kind is an ordinary turn. */
export type RunKind = "announce" | "compaction" | "subagent" | "cron" | "heartbeat"

type RunFacts = {
  readonly runKind?: RunKind
  /** Of a run that hears of a subagent's end: the subagent's run. */
  readonly childRun?: string
}

type WriterFacts = { readonly version: string; readonly code: string }
type ModelFacts = { readonly provider?: string; readonly model?: string }

/** A moment before the model is asked. Every attempt of a run passes here again. */
type TurnFacts = RunFacts & ModelFacts & { readonly trigger?: string; readonly job?: string; readonly promptLength: number }

type ToolFacts = {
  readonly tool: string
  readonly call: string
  /** True for the host's tool that calls other tools. */
  readonly wrapper?: boolean
  /** Of a wrapper: the tool it was asked to call; a pseudonym until the host's own answer names it. */
  readonly inner?: string
  /** Of a wrapper: its call as the calls inside it name it, when that is not `call`. */
  readonly nestedAs?: string
  /** Of a call inside a wrapper's call: that call. */
  readonly outer?: string
}

type CronFacts = ModelFacts & {
  readonly job?: string
  readonly enabled?: boolean
  readonly schedule?: string
  readonly payload?: string
  readonly target?: string
  readonly promptLength?: number
  readonly runAtMs?: number
  readonly nextRunAtMs?: number
  readonly durationMs?: number
  readonly status?: string
  readonly delivery?: string
  readonly errorLength?: number
}

export type EventFacts = {
  "journal.opened": { readonly format: number; readonly origin: string; readonly verifierKey: string; readonly version: string }
  "writer.started": WriterFacts & { readonly pid: number; readonly machine: string; readonly clean: boolean; readonly headNote: string }
  "writer.stopped": { readonly reason: string }
  "config.loaded": { readonly digest: string; readonly guardedPatterns: number; readonly deniedPatterns: number }
  "capture.gap": { readonly reason: string; readonly count: number; readonly byType: JsonObject; readonly fromMs: number; readonly toMs: number }
  "capture.hook-unavailable": { readonly hook: string; readonly error?: string }
  "guard.disabled": { readonly reason: string }
  "gateway.started": { readonly port?: number }
  "gateway.stopped": { readonly reason: string }
  "session.started": { readonly resumed: boolean }
  "session.reset": { readonly reason?: string; readonly messageCount?: number }
  "session.ended": { readonly reason?: string; readonly messageCount?: number; readonly durationMs?: number; readonly archived?: boolean }
  "compaction.started": { readonly messageCount: number; readonly compactingCount?: number; readonly tokenCount?: number }
  "compaction.ended": { readonly messageCount: number; readonly compactedCount?: number; readonly tokenCount?: number; readonly rotated?: boolean }
  "reply.requested": TurnFacts
  "prompt.routed": TurnFacts & { readonly attachments?: number }
  "turn.prepared": TurnFacts & { readonly historyMessages: number; readonly injections?: number }
  "prompt.built": TurnFacts & { readonly historyMessages: number }
  "heartbeat.prompted": RunFacts & ModelFacts & { readonly heartbeat?: string; readonly trigger?: string }
  "run.started": TurnFacts & { readonly historyMessages: number; readonly owner?: boolean }
  "run.progressed": RunFacts &
    ModelFacts & {
      readonly stream: string
      readonly phase?: string
      readonly status?: string
      readonly reason?: string
      readonly call?: string
      /** The host's number of the event in its run: all streams counted, also those that are not recorded. */
      readonly streamSeq?: number
      readonly attempt?: number
      readonly maxAttempts?: number
      readonly aborted?: boolean
      readonly completed?: boolean
      readonly stopReason?: string
      readonly durationMs?: number
      readonly errorLength?: number
      /** At the end of a run, where counted: events of the streams that repeat what the hooks say. */
      readonly answerDeltas?: number
      readonly thinkingDeltas?: number
      readonly outputDeltas?: number
      readonly toolCalls?: number
      readonly otherEvents?: number
    }
  "answer.drafted": RunFacts & ModelFacts & { readonly answerLength: number; readonly messageCount?: number; readonly revising?: boolean }
  "run.ended": RunFacts &
    ModelFacts & {
      readonly success: boolean
      /** The host told neither success nor an error: it was stopped from outside. */
      readonly aborted?: boolean
      readonly durationMs?: number
      readonly trigger?: string
      readonly job?: string
      readonly messageCount: number
      readonly errorLength?: number
    }
  "prompt.submitted": RunFacts &
    ModelFacts & {
      readonly promptLength: number
      readonly systemLength?: number
      readonly historyMessages: number
      readonly images?: number
      readonly tools?: number
    }
  "model.responded": RunFacts &
    ModelFacts &
    TokenFacts & {
      readonly answerLength: number
      readonly stopReason?: string
      readonly response?: string
    }
  "model.called": RunFacts & ModelFacts & { readonly api?: string; readonly call?: string; readonly callNumber?: number; readonly contextTokens?: number }
  "model.returned": RunFacts &
    ModelFacts & {
      readonly api?: string
      readonly call?: string
      /** From 1 in every attempt of a run. */
      readonly callNumber?: number
      readonly outcome?: string
      readonly error?: string
      readonly durationMs?: number
      readonly firstByteMs?: number
      readonly requestBytes?: number
      readonly responseBytes?: number
    }
  "usage.reported": RunFacts &
    ModelFacts &
    TokenFacts & {
      readonly api?: string
      readonly stopReason?: string
      readonly response?: string
      readonly message?: string
      readonly messageSeq?: number
      readonly reasoningTokens?: number
      readonly role: string
    }
  "tool.invoked": ToolFacts & {
    readonly guarded: boolean
    readonly verdict: "allow" | "deny"
    readonly rule?: string
    readonly owner?: boolean
  }
  "tool.returned": ToolFacts & {
    readonly durationMs?: number
    readonly failed: boolean
    readonly status?: string
    readonly resultBytes: number
  }
  "tool.denied": ToolFacts & { readonly durationMs?: number; readonly deniedBy?: string }
  "tool.persisted": ToolFacts & { readonly synthetic: boolean; readonly failed?: boolean; readonly resultLength: number; readonly blocks?: number }
  "exec.prepared": { readonly tool: string; readonly host?: string }
  "message.received": { readonly channel?: string; readonly length: number; readonly message?: string; readonly sentAtMs?: number; readonly media?: number }
  "message.claimed": {
    readonly channel?: string
    readonly message?: string
    readonly length: number
    readonly group: boolean
    readonly mentioned?: boolean
    readonly owner?: boolean
    readonly sentAtMs?: number
    readonly media?: number
  }
  "message.dispatched": { readonly channel?: string; readonly message?: string; readonly length: number; readonly group?: boolean; readonly sentAtMs?: number }
  "pairing.requested": { readonly channel?: string }
  "reply.dispatched": {
    readonly channel?: string
    readonly message?: string
    readonly length: number
    readonly dispatch?: string
    readonly chat?: string
    readonly policy?: string
    readonly images?: number
    readonly suppressed?: boolean
  }
  "reply.offered": {
    readonly channel?: string
    readonly message?: string
    readonly part?: string
    readonly length: number
    readonly media?: number
    readonly failed?: boolean
  }
  "message.offered": { readonly channel?: string; readonly length: number; readonly media?: number }
  "message.sent": { readonly channel?: string; readonly length: number; readonly message?: string; readonly success: boolean }
  "message.written": ModelFacts & {
    readonly role: string
    readonly custom?: string
    readonly length: number
    readonly blocks?: number
    readonly toolCalls?: number
    readonly tool?: string
    readonly call?: string
    readonly outer?: string
    readonly response?: string
    readonly stopReason?: string
    readonly owner?: boolean
    readonly failed?: boolean
  }
  "subagent.spawned": { readonly childRun?: string; readonly mode?: string; readonly provider?: string; readonly model?: string }
  "subagent.progressed": { readonly childRun?: string; readonly phase?: string; readonly outcome?: string; readonly channel?: string }
  "subagent.routed": { readonly childRun?: string; readonly mode?: string; readonly channel?: string; readonly awaited: boolean }
  "subagent.ended": {
    readonly childRun?: string
    readonly targetKind?: string
    readonly reason?: string
    readonly outcome?: string
    readonly endedAtMs?: number
  }
  "cron.reconciled": { readonly reason?: string; readonly enabled: boolean }
  "cron.changed": CronFacts & { readonly action: string }
  "cron.executed": CronFacts
  "cron.completed": CronFacts
  "cron.failed": CronFacts
  "skill.changed": { readonly action?: string; readonly origin?: string; readonly skill?: string; readonly treeSha256?: string; readonly proposal?: string }
  "proposal.submitted": {
    readonly proposal?: string
    readonly change?: string
    readonly reason?: string
    readonly fileCount: number
    readonly sizeBytes: number
    readonly treeSha256?: string
    readonly revisionSha256?: string
  }
  "proposal.changed": {
    readonly proposal?: string
    readonly action?: string
    readonly status?: string
    readonly change?: string
    readonly revisionSha256?: string
    readonly evaluations?: number
  }
  "install.requested": {
    readonly kind?: string
    readonly target?: string
    readonly sourceKind?: string
    readonly origin?: string
    readonly request?: string
    readonly mode?: string
    readonly plugin?: string
    readonly package?: string
    readonly version?: string
    readonly scan?: string
    readonly scannedFiles?: number
    readonly critical?: number
    readonly warnings?: number
    readonly infos?: number
  }
  "diagnostic.reported": ModelFacts & {
    readonly kind: string
    readonly phase?: string
    readonly outcome?: string
    readonly reason?: string
    readonly status?: string
    readonly level?: string
    readonly action?: string
    readonly error?: string
    readonly channel?: string
    readonly tool?: string
    readonly call?: string
    readonly message?: string
    readonly attempt?: number
    readonly count?: number
    readonly exitCode?: number
    readonly durationMs?: number
    readonly ageMs?: number
  }
}
