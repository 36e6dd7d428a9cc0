/**
 * One path from end to end: a guarded tool call asks to start, and the answer leaves only after this record of it is on disk, with what was held for it.
 * The operator's list comes first; a call it refuses holds nothing.
 */
import type { CapturedCall, MapContext, ToolVerdict } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import { touchWords } from "../policy/self-protection/denied-touch.ts"
import type { Fill } from "../policy/orchestrator/parameters.ts"
import type { Touch } from "../policy/self-protection/touch.ts"
import { refusalWords } from "../policy/tools.ts"
import { eventsOf } from "./record.ts"
import { findingWords } from "../scanner/scan-rule.ts"
import type { Permit } from "../ledger/doors.ts"
import type { ModelName } from "./spend/choose-model.ts"
import type { OrderAnswer } from "./spend/ledger-orders.ts"
import type { ToolQuestion } from "./spend/ask-owner.ts"
import type { ToolAnswer } from "./spend/admit-tool.ts"
import type { RetryWord, ToolAnswer as DelegationAnswer } from "./orchestrator/orchestrator-book.ts"

export type Admission = {
  readonly events: readonly NewEvent[]
  readonly answer: {
    readonly verdict: "allow" | "deny"
    readonly rule?: string
    readonly words?: string
    readonly permit?: Permit
    readonly order?: OrderAnswer
    /** With a denial: what an owner may be asked instead. */
    readonly ask?: ToolQuestion
    /** The model that a run is to use instead of its own; `words` say so, where somebody is to be told. */
    readonly model?: ModelName
    /** Parameters that the host is to put into the call. */
    readonly fill?: Fill
    /** What a session is to be told to give out again, once, by whoever has this answer. */
    readonly retry?: RetryWord
    /** What stands before a prompt. */
    readonly prompt?: string
    /** What an operator should read of an allowed call. */
    readonly warning?: string
  }
}

export const unreadableCall: Admission["answer"] = { verdict: "deny", words: "Sovereign Ledger refused a tool call it could not read." }

type Deciding = {
  readonly hold?: ((invoked: NewEvent<"tool.invoked">) => ToolAnswer) | undefined
  /** Whether the session may call it, or has to hand it on. */
  readonly delegate?: (() => DelegationAnswer) | undefined
}

export function admitToolCall(call: CapturedCall, context: MapContext, { hold, delegate }: Deciding = {}): Admission {
  const told = eventsOf(call, context)
  const invoked = told.find((event) => event.type === "tool.invoked")
  // A call we could not understand is not a call we can vouch for.
  if (!invoked) return { events: told, answer: unreadableCall }
  const verdict = context.judgeTool(invoked.facts.tool)
  const rule = verdict.rule === undefined ? {} : { rule: verdict.rule }
  if (verdict.verdict === "deny") return { events: told, answer: { verdict: "deny", ...rule, words: denialWords(invoked.facts.tool, verdict) } }
  const { events: delegated, refusal, fill, warning } = delegate?.() ?? { events: [] }
  const events = [...told, ...delegated]
  if (refusal !== undefined) return { events, answer: { verdict: "deny", ...rule, words: refusal } }
  const more = { ...(fill ? { fill } : {}), ...(warning === undefined ? {} : { warning }) }
  // The calls inside a wrapper's call pass here themselves.
  const held = invoked.facts.wrapper === true ? undefined : hold?.(invoked)
  if (held?.ask) return { events: [...events, ...held.events], answer: { verdict: "deny", ...rule, words: held.ask.description, ask: held.ask, ...more } }
  if (held?.refusal === undefined) return { events: [...events, ...(held?.events ?? [])], answer: { verdict: "allow", ...rule, ...more } }
  return { events: [...events, ...held.events], answer: { verdict: "deny", ...rule, words: held.refusal } }
}

function denialWords(tool: string, verdict: ToolVerdict): string {
  if (verdict.finding) return findingWords(tool, verdict.finding)
  return verdict.touch ? touchWords(tool, verdict.touch as Touch) : refusalWords(tool, verdict)
}
