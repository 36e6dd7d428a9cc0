/**
 * Captured calls become events as they may be stored: mapped, then without secrets. A mapper that fails is a bug of ours, and even then the event is not
 * lost in silence: it becomes a gap with its count.
 *
 * Redaction comes after mapping, so that lengths are those of the texts as they were, and ids are still what pairs a call with its result.
 */
import { hookRows } from "../capture/hook-rows.ts"
import { countFound, redact } from "../capture/redact.ts"
import type { CapturedCall, HookRow, MapContext } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import type { Gap } from "../format/gap.ts"

const rowsByHook: ReadonlyMap<string, HookRow> = new Map(hookRows.map((row) => [row.hook, row]))

export function eventsOf(call: CapturedCall, context: MapContext): readonly NewEvent[] {
  const row = rowsByHook.get(call.hook)
  if (!row) return [lostCall(call, "unknown hook")]
  try {
    return row.map(call, context).map(withoutSecrets)
  } catch (error) {
    return [lostCall(call, `mapper failed: ${error instanceof Error ? error.name : "unknown"}`)]
  }
}

/** What is stored of an event: what looks like a secret is taken out of its content, and counted. */
export function withoutSecrets(event: NewEvent): NewEvent {
  if (event.content === undefined) return event
  const { value, found } = redact(event.content)
  const redacted = countFound(found)
  return redacted === 0 ? event : ({ ...event, facts: { ...event.facts, redacted }, content: value } as NewEvent)
}

export function lostCall(call: CapturedCall, reason: string): NewEvent {
  return gapEvent({ reason, byType: { [call.hook]: 1 }, fromMs: call.atMs, toMs: call.atMs })
}

export function gapEvent(gap: Gap): NewEvent {
  const count = Object.values(gap.byType).reduce((sum, one) => sum + one, 0)
  return {
    type: "capture.gap",
    id: `capture.gap:${gap.fromMs}-${gap.toMs}`,
    facts: { reason: gap.reason, count, byType: gap.byType, fromMs: gap.fromMs, toMs: gap.toMs, ...(gap.uncounted === true ? { uncounted: true } : {}) },
  }
}
