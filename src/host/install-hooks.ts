/**
 * Registers every row of the hook list, in every copy of the module: agent turns fire in `discovery` copies, start and stop in the `full` one.
 * Handlers never throw into the host. An observed event costs a pick and a string; only a guarded tool call waits.
 */
import { problemOf } from "../base/fault.ts"
import { hookRows } from "../capture/hook-rows.ts"
import { extensionAnswered } from "../capture/hooks/own.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { noPermissionWords } from "../format/gap.ts"
import { pluginStanding } from "../policy/plugin-standing.ts"
import { unrecordableWords } from "../policy/tools.ts"
import { approvalRequest, type ApprovalRequest } from "./approval-request.ts"
import type { HookHandler, HostApi } from "./host-api.ts"
import type { HarnessLoader } from "./harness.ts"
import { hookLine } from "./hook-line.ts"
import { modelDoors, wantCallAfterTool, wantCallForResult } from "./install-model-doors.ts"
import { doorsOf } from "./model-door.ts"
import { allowed, isDelegated, promptHandler, tellDelegation, unasked, withDelegation, type Verdict as Delegated } from "./orchestrator-door.ts"
import { actionPastGate, receivedHandler, sendingHandler, strippedCall } from "./outbound-door.ts"
import { asksForCaps, asksForGate, asksForGuards, asksForScan } from "./loose-settings.ts"
import { currentLedger, type LedgerSource, type SharedLedger } from "./shared-ledger.ts"
import { unavailableRow } from "./subscriptions.ts"

/** After a plugin that blocks, cancels or answers the host asks no other one: only who is asked first is asked about everything. */
const beforeOthers = Number.MAX_SAFE_INTEGER

export function installHooks(api: HostApi, ledger: LedgerSource, harness: HarnessLoader): void {
  watchResults(api, ledger)
  for (const row of hookRows) {
    if (row.source !== undefined) continue
    try {
      const handler = handlerOf(api, row, ledger, harness)
      api.on(row.hook, handler, { priority: row.afterOthers ? -beforeOthers : beforeOthers })
    } catch (error) {
      reportUnavailable(row, error, ledger)
    }
  }
}

function handlerOf(api: HostApi, row: HookRow, ledger: LedgerSource, harness: HarnessLoader): HookHandler {
  if (row.hook === "before_tool_call") return gateHandler(api, row, ledger)
  if (row.hook === "message_received") return receivedHandler(row, subscribing(api, ledger), observe)
  if (row.hook === "before_prompt_build") return promptHandler(row, subscribing(api, ledger), observe)
  if (row.hook === "message_sending") return sendingHandler(row, subscribing(api, ledger), observe, () => asksForGate(api))
  const door = modelDoors[row.hook]
  if (!door) return observer(api, row, ledger)
  const tellsOfAttempts = row.hook === "model_call_started" && !seesConversations(api)
  const handle = door({ row, ledger: subscribing(api, ledger), harness, observe })
  return (event, ctx) => {
    try {
      if (tellsOfAttempts) countUnseen(ledger(), event)
      return handle(event, ctx)
    } catch (error) {
      // The host's own words for a hook that throws say nothing; a run that nobody can vouch for does not begin where one was asked to.
      return row.hook === "before_agent_run" && asksForCaps(api) ? { outcome: "block", reason: problemOf(error), message: problemOf(error) } : undefined
    }
  }
}

function subscribing(api: HostApi, ledger: LedgerSource): () => SharedLedger {
  return () => {
    const current = ledger()
    subscribe(api, current)
    return current
  }
}

/** The one place between a tool and the next model call where the host waits, whatever became of the tool. */
function watchResults(api: HostApi, ledger: LedgerSource): void {
  try {
    api.registerAgentToolResultMiddleware?.(
      async (event, ctx) => {
        await wantCallForResult(ledger(), objectOf(event), objectOf(ctx)).catch(() => {})
        return undefined
      },
      { runtimes: ["openclaw"] },
    )
  } catch {
    // Without it the doors before tools ask for the next call.
  }
}

/** A hook that cannot be registered is itself something that happened. Registration does no I/O, so it is told a moment later. */
function reportUnavailable(row: HookRow, error: unknown, ledger: () => SharedLedger): void {
  const own = unavailableRow
  if (!own) return
  const found = { hook: row.hook, errorName: error instanceof Error ? error.name : "unknown", message: problemOf(error) }
  setImmediate(() => observe(ledger(), own, found, undefined))
}

/** One set of subscriptions a process: of the copy that starts as a service, or the first whose hook fires while no service runs. */
export function subscribe(api: HostApi, ledger: SharedLedger): void {
  if (!ledger.subscriptions.isOpen) ledger.subscriptions.open(api, (row, value) => observe(ledger, row, value, undefined))
}

/** Hooks that the host calls once for each attempt of a run, when it has the permission. */
const gatedPerAttempt: readonly string[] = ["before_agent_run", "llm_input", "llm_output", "agent_end"]

/** Without the permission nothing tells of prompts and answers; the first model call of an attempt, which needs none, tells that there was one. */
function countUnseen(ledger: SharedLedger, event: unknown): void {
  const call = objectOf(event)["callId"]
  if (typeof call !== "string" || !call.endsWith(":model:1")) return
  for (const hook of gatedPerAttempt) ledger.client.lostAgain(noPermissionWords, hook, Date.now())
}

/** Whether the operator lets the plugin see conversations (plugins.entries.<id>.hooks.allowConversationAccess). */
export function seesConversations(api: HostApi): boolean {
  return pluginStanding(api.config).mayReadConversations
}

/** Answers at once: while a handler of ours runs, the host drops a reload of its configuration for good. */
function observer(api: HostApi, row: HookRow, ledger: LedgerSource): HookHandler {
  // It fires after the service's stop, and of a plugin that is switched off nothing fires after it.
  const leaving = row.hook === "gateway_stop"
  const tellsOfAttempts = row.hook === "model_call_started" && !seesConversations(api)
  return (event, ctx) => {
    try {
      const current = ledger(leaving)
      if (!leaving) subscribe(api, current)
      observe(current, row, event, ctx)
      if (!leaving) tellDelegation(current, row.hook, event, ctx, observe)
      if (tellsOfAttempts) countUnseen(current, event)
    } catch {
      // Never into the host. `observe` counts what it could not take; what fails before it has no ledger to be counted in.
    }
  }
}

/** Hands over what a hook or a subscription told. */
export function observe(ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown): void {
  const atMs = Date.now()
  try {
    if (row.isTold?.(ledger.memory) === true) return
    const line = hookLine(row, event, ctx, { atMs, maxBytes: ledger.maxPayloadBytes, memory: ledger.memory })
    if (line !== undefined) ledger.client.observe(row.hook, atMs, line)
  } catch {
    ledger.client.lost("the payload could not be read", row.hook, atMs)
  }
}

const emptiedWords = "Sovereign Ledger kept this message: nothing was left of it once what is internal was taken out. Write what the recipient is to read."

type Block = { readonly block: true; readonly blockReason: string }
type Rewritten = { readonly params: Readonly<Record<string, unknown>> }
type Verdict = Delegated | ApprovalRequest

function gateHandler(api: HostApi, row: HookRow, ledger: () => SharedLedger): HookHandler {
  return (event, ctx) => {
    let tool = "unknown"
    try {
      tool = stringOf(objectOf(event)["toolName"]) ?? tool
      const current = ledger()
      subscribe(api, current)
      const pastGate = actionPastGate(current.gate, event, ctx)
      const clean = pastGate === undefined ? strippedCall(current.gate, event, ctx) : undefined
      const judged = pastGate === undefined && clean === undefined ? event : { ...objectOf(event), pastGate, stripped: clean?.stripped }
      const rewritten = clean && (clean.emptied ? { block: true as const, blockReason: emptiedWords } : { params: clean.params })
      if (doorsOf(current).hard) return spent(current, row, tool, judged, ctx).then(also(rewritten))
      if (current.guard(tool).guarded || current.refusesFindings || current.reachesForOurs(event) || pastGate !== undefined)
        return gated(current, row, tool, judged, ctx).then(also(rewritten))
      if (isDelegated(current, objectOf(event), objectOf(ctx)))
        return gated(current, row, tool, judged, ctx, () => unasked(current, objectOf(event), objectOf(ctx))).then(also(rewritten))
      observe(current, row, judged, ctx)
      return rewritten
    } catch (error) {
      // The host blocks a tool whose hook throws. Ours must block only where the operator asked for a guard.
      return asksForGuards(api) || asksForScan(api) || (tool === "message" && asksForGate(api)) ? blocked(tool, problemOf(error)) : undefined
    }
  }
}

/** What a verdict does not refuse goes as it is to go. */
function also(rewritten: Block | Rewritten | undefined): (verdict: Verdict) => Verdict {
  return (verdict) => (verdict !== undefined && "block" in verdict ? verdict : ((rewritten && { ...verdict, ...rewritten }) ?? verdict))
}

/** The tool's own hold, and beside it the one of the model call that comes after it, whatever becomes of the tool. */
async function spent(ledger: SharedLedger, row: HookRow, tool: string, event: unknown, ctx: unknown): Promise<Verdict> {
  const [verdict] = await Promise.all([gated(ledger, row, tool, event, ctx), wantCallAfterTool(ledger, objectOf(event), objectOf(ctx)).catch(() => {})])
  return verdict
}

/** Fails closed: whatever goes wrong here, the tool does not run; but for a call that delegation alone asks about, of which `unanswered` says what becomes. */
async function gated(ledger: SharedLedger, row: HookRow, tool: string, event: unknown, ctx: unknown, unanswered?: () => Delegated): Promise<Verdict> {
  const atMs = Date.now()
  try {
    const line = hookLine(row, withDelegation(ledger, event, objectOf(ctx)), ctx, { atMs, maxBytes: ledger.maxPayloadBytes, memory: ledger.memory })
    const answer = line === undefined ? new Error("the call could not be read") : await ledger.client.gate(line)
    if (answer instanceof Error && unanswered) {
      observe(ledger, row, event, ctx)
      return unanswered()
    }
    if (answer instanceof Error) return refused(ledger, row, tool, answer.message, atMs)
    if (answer.ask) {
      const request = approvalRequest(answer.ask, (told) => observe(currentLedger() ?? ledger, extensionAnswered, told, ctx))
      return { ...request, ...allowed(ledger, event, answer) }
    }
    return answer.verdict === "allow" ? allowed(ledger, event, answer) : { block: true, blockReason: answer.words ?? `Sovereign Ledger refused ${tool}.` }
  } catch (error) {
    return unanswered ? unanswered() : refused(ledger, row, tool, problemOf(error), atMs)
  }
}

function refused(ledger: SharedLedger, row: HookRow, tool: string, problem: string, atMs: number): Block {
  ledger.client.lost("a guarded call could not be recorded and was denied", row.hook, atMs)
  return blocked(tool, problem)
}

function blocked(tool: string, problem: string): Block {
  return { block: true, blockReason: unrecordableWords(tool, problem) }
}
