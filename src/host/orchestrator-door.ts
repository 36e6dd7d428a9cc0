/**
 * Where delegation is judged and told of. Before a tool the host waits: in a session that hands work on, and for every tool that starts or addresses a session. It fails open, but for
 * what needs nobody's word: a direct tool of a front session that must not have one is refused by its name alone, whatever is wrong. All the rest is told beside, in order, and breaks no turn.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { problemOf } from "../base/fault.ts"
import { orchestration } from "../capture/hooks/own.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { isFrontKey } from "../policy/orchestrator/orchestrator-rule.ts"
import type { OrchestratorSetting } from "../policy/orchestrator/orchestrator-setting.ts"
import type { Fill } from "../policy/orchestrator/parameters.ts"
import { isWrapper } from "../policy/orchestrator/router-tools.ts"
import { directWords, isOwnText } from "../policy/orchestrator/texts.ts"
import type { GateAnswer } from "../surfaces/socket/protocol.ts"
import type { HookHandler } from "./host-api.ts"
import { hookLine } from "./hook-line.ts"
import { LatestTexts } from "./latest-texts.ts"
import type { LedgerSource, SharedLedger } from "./shared-ledger.ts"

type Fields = Readonly<Record<string, unknown>>
type Observe = (ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown) => void

/** What is remembered of runs and sessions between the hooks of one process. */
export class DelegationMemory {
  /** What the user said last, by session. */
  readonly messages = new LatestTexts()
  /** Why its run began, by run. */
  readonly triggers = new LatestTexts()
}

const promptWithinMs = 3_000
const startingTools: ReadonlySet<string> = new Set(["sessions_spawn", "sessions_send"])
const addressingTools: ReadonlySet<string> = new Set([...startingTools, "sessions_history", "session_status"])

/** Whether somebody has to be asked about a call: nobody outside of the sessions that hand work on, but for what starts or addresses another one. */
export function isDelegated({ orchestrator, delegation }: SharedLedger, event: Fields, ctx: Fields): boolean {
  const [tool, key] = [stringOf(event["toolName"]), stringOf(ctx["sessionKey"])]
  if (!orchestrator || tool === undefined || key === undefined || isWrapper(tool, event["toolKind"])) return false
  if (addressingTools.has(tool)) return true
  if (isFront(orchestrator, delegation, ctx)) return orchestrator.rule.enforceMainDelegation && !orchestrator.rule.mainTools.has(tool)
  // Whether it is an orchestrator the writer knows.
  return key.includes(":subagent:") && !orchestrator.rule.orchestratorTools.has(tool)
}

function isFront({ rule }: OrchestratorSetting, { triggers }: DelegationMemory, ctx: Fields): boolean {
  const key = stringOf(ctx["sessionKey"])
  return key !== undefined && isFrontKey(key, rule, triggers.get(ctx["runId"]))
}

/** The event as the writer is to see it: with why the run began, and what the user said last. */
export function withDelegation({ orchestrator, delegation }: SharedLedger, event: unknown, ctx: Fields): unknown {
  if (!orchestrator) return event
  const [trigger, lastMessage] = [delegation.triggers.get(ctx["runId"]), delegation.messages.get(ctx["sessionKey"])]
  return { ...objectOf(event), orchestration: { trigger, ...(needsTask(event) ? { lastMessage } : {}) } }
}

function needsTask(event: unknown): boolean {
  const { toolName, params } = objectOf(event)
  return toolName === "sessions_spawn" && !stringOf(objectOf(params)["task"])?.trim()
}

export type Verdict = { readonly block: true; readonly blockReason: string } | { readonly params: Fields } | undefined

/** What the host does with a call that is allowed. */
export function allowed(ledger: SharedLedger, event: unknown, { fill, warning }: Pick<GateAnswer, "fill" | "warning">): Verdict {
  if (warning !== undefined) ledger.host.api.logger.warn(`[sovereign-ledger] ${warning}`)
  return fill && { params: filledParams(objectOf(objectOf(event)["params"]), fill) }
}

function filledParams(params: Fields, { set, before }: Fill): Fields {
  const filled = { ...params, ...set }
  return before === undefined ? filled : { ...filled, task: `${before}${stringOf(filled["task"]) ?? ""}` }
}

/** Nobody could be asked. */
export function unasked({ orchestrator, delegation }: SharedLedger, event: Fields, ctx: Fields): Verdict {
  const tool = stringOf(event["toolName"]) ?? ""
  const isRefused =
    orchestrator?.rule.enforceMainDelegation === true &&
    isFront(orchestrator, delegation, ctx) &&
    !isWrapper(tool, event["toolKind"]) &&
    !orchestrator.rule.mainTools.has(tool)
  return isRefused ? { block: true, blockReason: directWords(tool, undefined) } : undefined
}

type Telling = (ledger: SharedLedger, event: Fields, ctx: Fields) => Fields | undefined

/** What is told of other hooks besides their own rows. */
const tellings: Readonly<Record<string, Telling>> = {
  after_tool_call: (_ledger, event, ctx) => {
    const tool = stringOf(event["toolName"] ?? ctx["toolName"])
    if (tool === undefined || !startingTools.has(tool)) return undefined
    const { params, result, error, toolCallId } = event
    return { tells: "result", tool, call: toolCallId ?? ctx["toolCallId"], params, result, error }
  },
  subagent_progress: (_ledger, event, ctx) => (event["phase"] === "ended" ? ended(event["childSessionKey"] ?? ctx["childSessionKey"], event) : undefined),
  subagent_ended: (_ledger, event, ctx) => ended(event["targetSessionKey"] ?? ctx["childSessionKey"], event),
  session_end: ({ delegation }, event, ctx) => {
    const session = ctx["sessionKey"] ?? event["sessionKey"]
    if (event["reason"] !== "shutdown" && event["reason"] !== "restart") delegation.messages.forget(session)
    return { tells: "session-ended", sessionKey: session, reason: event["reason"] }
  },
}

function ended(child: unknown, { runId, outcome, reason }: Fields): Fields {
  return { tells: "ended", child, runId, outcome: outcome ?? reason }
}

/** Tells of it beside the hook's own row, which is recorded as ever. */
export function tellDelegation(ledger: SharedLedger, hook: string, event: unknown, ctx: unknown, observe: Observe): void {
  const telling = ledger.orchestrator && tellings[hook]
  const told = telling?.(ledger, objectOf(event), objectOf(ctx))
  if (!told) return
  const { runId, requesterSessionKey, sessionKey, agentId, senderId } = objectOf(ctx)
  const where = { runId: told["runId"] ?? runId, sessionKey: sessionKey ?? requesterSessionKey, agentId, senderId }
  void ask(ledger, told, where).then(
    (answer) => {
      if (answer === undefined) return observe(ledger, orchestration, told, where)
      if (answer.retry) void retry(ledger, answer.retry, observe)
    },
    () => {},
  )
}

/** A session is told to give work out again: once, whatever becomes of it. */
async function retry(ledger: SharedLedger, { id, session, message }: NonNullable<GateAnswer["retry"]>, observe: Observe): Promise<void> {
  let error: string | undefined
  try {
    const run = ledger.host.api.runtime?.subagent?.run
    const outside = ledger.outside.now ?? ((work) => work())
    if (run) await outside(() => run({ sessionKey: session, message, deliver: false, idempotencyKey: id }))
    else error = "this OpenClaw gives no way to run a session"
  } catch (cause) {
    error = problemOf(cause)
  }
  observe(ledger, orchestration, { tells: "told", retry: id, success: error === undefined, error }, { sessionKey: session })
}

/** Undefined where nobody answered. */
async function ask(ledger: SharedLedger, event: Fields, ctx: Fields): Promise<GateAnswer | undefined> {
  const line = hookLine(orchestration, event, ctx, { atMs: Date.now(), maxBytes: ledger.maxPayloadBytes, memory: ledger.memory })
  if (line === undefined) return undefined
  const answer = await ledger.client.gate(line)
  return answer instanceof Error ? undefined : answer
}

/** The prompt of a front session; nothing is put before it where nobody answers soon. */
export function promptHandler(row: HookRow, ledger: LedgerSource, observe: Observe): HookHandler {
  return (event, ctx) => {
    try {
      const current = ledger()
      observe(current, row, event, ctx)
      const { orchestrator, delegation } = current
      if (!orchestrator) return undefined
      const [told, where] = [objectOf(event), objectOf(ctx)]
      const { sessionKey, runId, trigger, agentId } = where
      delegation.triggers.set(runId, trigger)
      const message = isAnnounced(runId) ? undefined : lastMessage(told)
      if (message !== undefined) delegation.messages.set(sessionKey, message)
      if (!orchestrator.rule.injectOrchestratorPrompt || !isFront(orchestrator, delegation, where)) return undefined
      return soon(ask(current, { tells: "prompt" }, { sessionKey, runId, agentId })).then(
        (answer) => (answer?.prompt === undefined ? undefined : { prependContext: answer.prompt }),
        () => undefined,
      )
    } catch {
      return undefined
    }
  }
}

/** What such a run is asked is the host's word on a child that ended. */
function isAnnounced(run: unknown): boolean {
  return typeof run === "string" && run.startsWith("announce:")
}

/** What the user said last: the prompt, or where that is ours, what stands before it. */
function lastMessage({ currentUserMessage, prompt, messages }: Fields): string | undefined {
  const own = [currentUserMessage, prompt].find((text) => typeof text === "string" && text.trim() !== "" && !isOwnText(text))
  if (typeof own === "string") return own
  return Array.isArray(messages) ? messages.map(userText).findLast((text) => text !== "" && !isOwnText(text)) : undefined
}

function userText(message: unknown): string {
  const { role, content } = objectOf(message)
  if (role !== "user") return ""
  const parts: readonly unknown[] = Array.isArray(content) ? content : [{ text: content }]
  return parts
    .flatMap((part) => stringOf(objectOf(part)["text"]) ?? [])
    .join("\n")
    .trim()
}

async function soon<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), promptWithinMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
