/**
 * One path from end to end: a guarded tool call asks to start, and the answer leaves only after this record of it is on disk, with what was held for it.
 * The operator's list comes first; a call it refuses holds nothing.
 */
import type { CapturedCall, MapContext, ToolVerdict } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import { touchWords } from "../policy/self-protection/denied-touch.ts"
import type { Touch } from "../policy/self-protection/touch.ts"
import { refusalWords } from "../policy/tools.ts"
import { eventsOf } from "./record.ts"
import type { Permit } from "../ledger/doors.ts"
import type { ModelName } from "./spend/choose-model.ts"
import type { OrderAnswer } from "./spend/ledger-orders.ts"
import type { ToolQuestion } from "./spend/ask-owner.ts"
import type { ToolAnswer } from "./spend/admit-tool.ts"

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
  }
}

export const unreadableCall: Admission["answer"] = { verdict: "deny", words: "Sovereign Ledger refused a tool call it could not read." }

export function admitToolCall(call: CapturedCall, context: MapContext, hold?: (invoked: NewEvent<"tool.invoked">) => ToolAnswer): Admission {
  const events = eventsOf(call, context)
  const invoked = events.find((event) => event.type === "tool.invoked")
  // A call we could not understand is not a call we can vouch for.
  if (!invoked) return { events, answer: unreadableCall }
  const verdict = context.judgeTool(invoked.facts.tool)
  const rule = verdict.rule === undefined ? {} : { rule: verdict.rule }
  if (verdict.verdict === "deny") return { events, answer: { verdict: "deny", ...rule, words: denialWords(invoked.facts.tool, verdict) } }
  // The calls inside a wrapper's call pass here themselves.
  const held = invoked.facts.wrapper === true ? undefined : hold?.(invoked)
  if (held?.ask) return { events: [...events, ...held.events], answer: { verdict: "deny", ...rule, words: held.ask.description, ask: held.ask } }
  if (held?.refusal === undefined) return { events: [...events, ...(held?.events ?? [])], answer: { verdict: "allow", ...rule } }
  return { events: [...events, ...held.events], answer: { verdict: "deny", ...rule, words: held.refusal } }
}

function denialWords(tool: string, verdict: ToolVerdict): string {
  return verdict.touch ? touchWords(tool, verdict.touch as Touch) : refusalWords(tool, verdict)
}
