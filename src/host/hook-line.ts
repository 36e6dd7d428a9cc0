/**
 * One call of a hook as the line that crosses to the writer, after its number. This is all that happens on the host's thread for an observed event.
 * Undefined when a subscription's row picks nothing of what it was told: that makes no event.
 */
import { encodeBounded } from "../capture/encode.ts"
import type { CaptureMemory } from "../capture/capture-memory.ts"
import type { HookRow, Picked } from "../capture/hook-row.ts"

export type LineOptions = { readonly atMs: number; readonly maxBytes: number; readonly memory?: CaptureMemory }

export function hookLine(row: HookRow, event: unknown, ctx: unknown, { atMs, maxBytes, memory }: LineOptions): string | undefined {
  const { text, cut } = encodeBounded(row.pick(fieldsOf(event), fieldsOf(ctx), memory), maxBytes)
  // A subscription tells of more than is recorded. A hook that fired is an event even when nothing of its payload could be read.
  if (text === "{}" && row.source !== undefined) return undefined
  const size = cut === undefined ? "" : `,"cutFromBytes":${Math.max(0, Math.floor(cut.fromBytes))}`
  return `,"h":"${row.hook}","t":${atMs},"p":${text}${size}}`
}

const none: Picked = {}

function fieldsOf(value: unknown): Picked {
  return typeof value === "object" && value !== null ? (value as Picked) : none
}
