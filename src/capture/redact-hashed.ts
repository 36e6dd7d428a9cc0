/**
 * What `redactPromptText` and `redactToolArgs` ask for: in place of a text or of arguments stands `{"hash": …}` over its canonical JSON, taken after
 * the secrets are out. Whoever has the plain value and the salt can check it; lengths and all other facts stay.
 */
import { canonicalJson } from "../base/canonical-json.ts"
import type { Json, JsonObject } from "../base/json.ts"
import type { EventType, NewEvent } from "../format/event.ts"

export type HashedParts = { readonly promptText: boolean; readonly toolArgs: boolean }

/** Of the content of a type, the fields that a setting hides. */
const rows: readonly { readonly part: keyof HashedParts; readonly types: readonly EventType[]; readonly fields: readonly string[] }[] = [
  { part: "promptText", types: ["run.started", "prompt.submitted"], fields: ["prompt"] },
  { part: "promptText", types: ["prompt.exceeded"], fields: ["prompt", "systemPrompt"] },
  { part: "promptText", types: ["model.responded"], fields: ["answer"] },
  { part: "promptText", types: ["run.ended"], fields: ["messages", "historySha256"] },
  { part: "promptText", types: ["message.received", "message.offered", "message.sent"], fields: ["text"] },
  // Of any source: what a finding shows is a piece of what it was found in.
  { part: "promptText", types: ["finding.recorded"], fields: ["texts"] },
  { part: "toolArgs", types: ["finding.recorded"], fields: ["texts"] },
  {
    part: "toolArgs",
    types: ["orchestrator.requested", "orchestrator.bound", "orchestrator.joined", "orchestrator.refused", "orchestrator.filled"],
    fields: ["spawn", "delegated"],
  },
  { part: "toolArgs", types: ["tool.invoked", "tool.returned", "tool.denied"], fields: ["params", "paths", "result", "error", "reason"] },
]

/** The event with what the settings hide replaced; the same event when they hide nothing of it. `hash` is salted by whoever gives it. */
export function hashedContent(event: NewEvent, parts: HashedParts, hash: (text: string) => string): NewEvent {
  const { content } = event
  if (content === undefined) return event
  const hidden = rows.filter(({ part, types }) => parts[part] && types.includes(event.type)).flatMap(({ fields }) => fields)
  const present = hidden.filter((field) => content[field] !== undefined)
  if (present.length === 0) return event
  const replaced = Object.fromEntries(present.map((field) => [field, hashed(content[field] ?? null, hash)]))
  return { ...event, content: { ...content, ...replaced } }
}

export function hashed(value: Json, hash: (text: string) => string): JsonObject {
  return { hash: hash(canonicalJson(value)) }
}
