/** What a client sends of one captured call, or of a gap: a line of the socket, as it is read. */
import type { CapturedCall } from "../capture/hook-row.ts"
import { redactPicked } from "../capture/redact.ts"
import type { NewEvent } from "../format/event.ts"
import type { Gap } from "../format/gap.ts"
import { sha256 } from "../format/sha256.ts"
import { gapEvent, lostCall } from "./record.ts"

/** An observed call: sender's number, hook, time, picked fields, and the original size when they were cut. */
export type ObserveLine = {
  readonly n: number
  readonly h: string
  readonly t: number
  readonly p: Readonly<Record<string, unknown>>
  readonly cutFromBytes?: number
}

export type GapLine = { readonly n: number; readonly gap: Gap }

/** What stands in for a line that cannot be written down. */
export function unwritable(line: ObserveLine | GapLine): NewEvent {
  return "gap" in line ? gapEvent(line.gap) : lostCall({ hook: String(line.h), atMs: Number(line.t), picked: {} }, "the event could not be written down")
}

export function callOf(line: ObserveLine): CapturedCall {
  const call = { hook: String(line.h), atMs: Number(line.t), picked: line.p }
  if (line.cutFromBytes === undefined) return call
  // Of what was kept as it is stored: a hash over a secret that was taken out would confirm a guess at it.
  const { picked } = redactPicked(line.p)
  return { ...call, cut: { fromBytes: line.cutFromBytes, keptSha256: sha256(JSON.stringify(picked)).toString("hex") } }
}
