/**
 * Who may call which tool, pure: a session that people talk to hands work on and, where that is enforced, does nothing else; its orchestrator is refused a direct
 * tool twice in a run and then let go on, so that no work stands still; everybody else is free.
 */
import type { DelegationRefusal, OrchestratorEvent } from "./events.ts"
import type { OrchestratorRule } from "./orchestrator-rule.ts"
import { isWrapper } from "./router-tools.ts"
import { attemptsKey, pendingKey, type Binding, type OrchestratorState } from "./state.ts"

export type Place = "front" | "orchestrator" | "other"

export type Called = {
  readonly atMs: number
  readonly session: string
  readonly run: string | undefined
  readonly call: string
  readonly tool: string
  /** The host's word on tools that share a name. */
  readonly kind?: unknown
  /** Its key is one of a session that people talk to. */
  readonly isFrontKey: boolean
  /** Of a session that is to be started: what for. */
  readonly task: string
  /** Of a tool for a session: the one that is named; `somebody` where it is named otherwise. */
  readonly target: string | undefined
  /** Parameters that are put in. */
  readonly filled: readonly string[]
}

export type ToolVerdict =
  | { readonly do: "pass" }
  | { readonly do: "refuse"; readonly why: DelegationRefusal; readonly orchestrator?: string; readonly attempt?: number }
  /** Let go on after it was refused. */
  | { readonly do: "warn"; readonly attempt: number }
  | { readonly do: "spawn"; readonly role: "orchestrator" | "worker" }
  /** Named nobody, and means this session; or named it. */
  | { readonly do: "address"; readonly to: string }

export type ToolDecision = { readonly events: readonly OrchestratorEvent[]; readonly verdict: ToolVerdict }

export const somebody = "somebody"
/** Attempts that are refused before one is let go on. */
const refusedAttempts = 2
/** A start of which nothing was heard for so long is over. */
const startingMs = 120_000

const addressing: ReadonlySet<string> = new Set(["sessions_send", "session_status", "sessions_history"])

export function placeOf({ fronts }: OrchestratorState, { session, isFrontKey }: Pick<Called, "session" | "isFrontKey">): Place {
  if (fronts.has(session)) return "orchestrator"
  return isFrontKey ? "front" : "other"
}

export function decideTool(state: OrchestratorState, rule: OrchestratorRule, called: Called): ToolDecision {
  if (isWrapper(called.tool, called.kind)) return pass
  const place = placeOf(state, called)
  if (place === "front") return inFront(state, rule, called)
  if (called.tool === "sessions_spawn") return spawn(state, called, "worker")
  return place === "orchestrator" ? inOrchestrator(state, rule, called) : pass
}

const pass: ToolDecision = { events: [], verdict: { do: "pass" } }

function inFront(state: OrchestratorState, rule: OrchestratorRule, called: Called): ToolDecision {
  const { events, binding } = bindingAt(state, rule, called.session, called.atMs)
  const after = (decision: ToolDecision): ToolDecision => (events.length === 0 ? decision : { ...decision, events: [...events, ...decision.events] })
  const bound = binding && { orchestrator: binding.orchestrator }
  const { tool } = called
  if (tool === "sessions_spawn") {
    if (binding) return after(refused(called, { why: "bound", role: "front", ...bound }))
    const isRepeat = state.pending.has(pendingKey(called.session, called.call))
    return after(!isRepeat && isStarting(state, called) ? refused(called, { why: "starting", role: "front" }) : spawn(state, called, "orchestrator"))
  }
  if (rule.enforceMainDelegation && !rule.mainTools.has(tool)) return after(refused(called, { why: "direct", role: "front", ...bound }))
  const means = called.target ?? binding?.orchestrator
  if (!addressing.has(tool) || !binding || means !== binding.orchestrator) return after(pass)
  // What it is asked for is kept; that somebody looked at it is nothing to keep.
  return after(addressed(called, binding.orchestrator, tool === "sessions_send"))
}

function inOrchestrator(state: OrchestratorState, rule: OrchestratorRule, called: Called): ToolDecision {
  const { session, run, tool, call, atMs } = called
  const front = state.fronts.get(session)
  if (tool === "sessions_send" && front !== undefined && (called.target ?? front) === front) return addressed(called, front, true)
  if (rule.orchestratorTools.has(tool)) return pass
  const before = state.attempts.get(attemptsKey(run, session, tool))
  const isRepeat = before?.call === call
  const attempt = isRepeat ? before.count : (before?.count ?? 0) + 1
  const facts = { atMs, session, tool, call, ...(run === undefined ? {} : { run }), attempt }
  if (attempt > refusedAttempts) return { events: isRepeat ? [] : [{ type: "orchestrator.passed", facts }], verdict: { do: "warn", attempt } }
  const events: OrchestratorEvent[] = isRepeat ? [] : [{ type: "orchestrator.refused", facts: { ...facts, why: "direct", role: "orchestrator" } }]
  return { events, verdict: { do: "refuse", why: "direct", attempt } }
}

function spawn(state: OrchestratorState, called: Called, role: "orchestrator" | "worker"): ToolDecision {
  const { atMs, session, call, run, task, filled } = called
  const facts = { atMs, session, role, call, ...(run === undefined ? {} : { run }), task, ...(filled.length === 0 ? {} : { filled }) }
  // Asked again after a lost answer it is being started already.
  const events: OrchestratorEvent[] = state.pending.has(pendingKey(session, call)) ? [] : [{ type: "orchestrator.requested", facts }]
  return { events, verdict: { do: "spawn", role } }
}

function addressed(called: Called, to: string, kept: boolean): ToolDecision {
  const { atMs, session, tool, call, run, target } = called
  const filled = target === undefined ? ["sessionKey"] : []
  const facts = {
    atMs,
    session,
    tool,
    call,
    ...(run === undefined ? {} : { run }),
    ...(filled.length === 0 ? {} : { filled }),
    to,
    ...(kept ? { kept } : {}),
  } as const
  return { events: kept || filled.length > 0 ? [{ type: "orchestrator.filled", facts }] : [], verdict: { do: "address", to } }
}

type Refused = { readonly why: DelegationRefusal; readonly role: "front"; readonly orchestrator?: string }

function refused({ atMs, session, run, call, tool }: Called, { why, role, orchestrator }: Refused): ToolDecision {
  const facts = { atMs, session, tool, call, ...(run === undefined ? {} : { run }), why, role }
  return { events: [{ type: "orchestrator.refused", facts }], verdict: { do: "refuse", why, ...(orchestrator === undefined ? {} : { orchestrator }) } }
}

function isStarting({ pending }: OrchestratorState, { session, atMs }: Called): boolean {
  return [...pending.values()].some((one) => one.session === session && one.role === "orchestrator" && Math.abs(atMs - one.atMs) < startingMs)
}

/** The orchestrator a session has, and what is to be recorded where the host has archived it by now. */
export function bindingAt(
  state: OrchestratorState,
  { archiveAfterMinutes }: Pick<OrchestratorRule, "archiveAfterMinutes">,
  session: string,
  atMs: number,
): { readonly events: readonly OrchestratorEvent[]; readonly binding: Binding | undefined } {
  const binding = state.bindings.get(session)
  const isArchived = binding?.hasEnded === true && archiveAfterMinutes > 0 && atMs - binding.usedAtMs >= archiveAfterMinutes * 60_000
  if (!binding || !isArchived) return { events: [], binding }
  return { events: [{ type: "orchestrator.unbound", facts: { atMs, session, child: binding.orchestrator, why: "archived" } }], binding: undefined }
}
