/** Facts of what agents do: runs, turns, prompts, calls to models and tools, subagents, compaction. */
import type { ModelFacts, RunFacts } from "./shared.ts"

type TokenFacts = {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  /** Of `cacheWriteTokens`, those written for an hour and not for five minutes. */
  readonly cacheWrite1hTokens?: number
  readonly totalTokens?: number
  /** Nano-dollars the host reports, decimal. */
  readonly reportedNanos?: string
}

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

/** Short keyed prints by which a loop is seen, of one run each: docs/spec/ledger.md. */
type CallPrintFacts = { readonly callPrint?: string; readonly callShape?: string; readonly waits?: true }
type ResultPrintFacts = CallPrintFacts & { readonly resultPrint?: string; readonly resultShape?: string }

export type AgentEventFacts = {
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
      /** Messages that no run of the session before had ended with; they stand in the content. */
      readonly newMessages?: number
      /** UTF-16 units of all texts told of the session's history since it was first told, or last restarted. */
      readonly historyLength?: number
      /** The history did not go on where it had stopped: it was compacted, reset or edited, or told by another process. */
      readonly historyRestarted?: boolean
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
  /** UTF-16 units; of the history, of its JSON. Strictly more than the threshold. */
  "prompt.exceeded": RunFacts &
    ModelFacts & {
      readonly promptLength: number
      readonly systemLength: number
      readonly historyLength: number
      readonly totalLength: number
      readonly historyMessages: number
      readonly threshold: number
    }
  "model.responded": RunFacts &
    ModelFacts &
    TokenFacts & {
      readonly answerLength: number
      readonly stopReason?: string
      readonly response?: string
    }
  "model.called": RunFacts &
    ModelFacts & { readonly hold?: string; readonly api?: string; readonly call?: string; readonly callNumber?: number; readonly contextTokens?: number }
  "model.returned": RunFacts &
    ModelFacts & {
      /** The hold that was placed for it. */
      readonly hold?: string
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
      /** Names the host's row, wherever it was copied to: docs/spec/usage.md. */
      readonly row?: string
      /** From the beginning of the answer to its end. */
      readonly latencyMs?: number
      /** Nano-dollars by the price in force, decimal; absent when the model has none. */
      readonly computedNanos?: string
      /** By which it came about: nano-dollars per million tokens of input, of cache read, written and written for an hour, and of output. */
      readonly rates?: readonly number[]
      readonly job?: string
      readonly channel?: string
      readonly chatType?: string
      readonly sender?: string
      /** Pseudonym of the session that delegated the work. */
      readonly parent?: string
      readonly project?: string
      /** The answer was ours, in the words of a refusal: no call was made. */
      readonly ours?: true
    }
  "tool.invoked": ToolFacts &
    CallPrintFacts & {
      readonly guarded: boolean
      readonly verdict: "allow" | "deny"
      readonly rule?: string
      readonly owner?: boolean
    }
  "tool.returned": ToolFacts &
    ResultPrintFacts & {
      readonly durationMs?: number
      readonly failed: boolean
      readonly status?: string
      readonly resultBytes: number
    }
  "tool.denied": ToolFacts & ResultPrintFacts & { readonly durationMs?: number; readonly deniedBy?: string }
  "tool.persisted": ToolFacts & { readonly synthetic: boolean; readonly failed?: boolean; readonly resultLength: number; readonly blocks?: number }
  "approval.resolved": {
    readonly approval?: string
    readonly kind?: string
    readonly decision?: string
    readonly status: string
    readonly reason?: string
    readonly resolver?: string
    readonly requestedAtMs?: number
    readonly tool?: string
    readonly call?: string
  }
  "exec.prepared": { readonly tool: string; readonly host?: string }
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
}
