/**
 * One path from end to end: a guarded tool call asks to start, and the answer leaves only after this record of it is on disk.
 * The record says what was asked and what was answered; the verdict is the operator's list, nothing else.
 */
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import { refusalWords } from "../policy/tools.ts"
import { eventsOf } from "./record.ts"

export type Admission = {
  readonly events: readonly NewEvent[]
  readonly answer: { readonly verdict: "allow" | "deny"; readonly rule?: string; readonly words?: string }
}

export const unreadableCall: Admission["answer"] = { verdict: "deny", words: "Sovereign Ledger refused a tool call it could not read." }

export function admitToolCall(call: CapturedCall, context: MapContext): Admission {
  const events = eventsOf(call, context)
  const invoked = events.find((event) => event.type === "tool.invoked")
  // A call we could not understand is not a call we can vouch for.
  if (!invoked) return { events, answer: unreadableCall }
  const verdict = context.judgeTool(invoked.facts.tool)
  const rule = verdict.rule === undefined ? {} : { rule: verdict.rule }
  if (verdict.verdict === "allow") return { events, answer: { verdict: "allow", ...rule } }
  return { events, answer: { verdict: "deny", ...rule, words: refusalWords(invoked.facts.tool, verdict) } }
}
