/**
 * One axis for all that happened in a session. Turns last seconds and lie hours apart: what is idle is drawn as a gap of one width with its length in words, so that
 * what happened can be seen at all.
 */
import type { LedgerEvent } from "./bodies.ts"

export type Lane = "message" | "prompt" | "model" | "tool" | "verdict" | "other"
export const lanes: readonly Lane[] = ["message", "prompt", "model", "tool", "verdict", "other"]

export type Mark = {
  readonly lane: Lane
  readonly event: LedgerEvent
  readonly fromMs: number
  readonly toMs: number
  readonly tone: "plain" | "bad"
  readonly nanos: number
}

export type Axis = {
  readonly widthPx: number
  readonly x: (ms: number) => number
  readonly breaks: readonly { readonly x: number; readonly ms: number }[]
}

const idleMs = 20_000
const gapPx = 54
const edgePx = 14
const pxPerMs = 0.016
const leastStretchPx = 26

/** In the order of time. What was begun and ended is one mark. */
export function marksOf(events: readonly LedgerEvent[]): readonly Mark[] {
  const begun = new Map<string, { mark: { -readonly [K in keyof Mark]: Mark[K] } }>()
  const marks: { -readonly [K in keyof Mark]: Mark[K] }[] = []
  for (const event of events.toSorted((a, b) => a.sequence - b.sequence)) {
    const atMs = Date.parse(event.createdAt)
    const call = textOf(event.facts["call"])
    const open = call === undefined ? undefined : begun.get(call)
    if (open && (event.type === "tool.returned" || event.type === "tool.denied")) {
      open.mark.toMs = atMs
      if (event.type === "tool.denied" || event.facts["failed"] === true) open.mark.tone = "bad"
      if (event.type === "tool.denied") open.mark.lane = "verdict"
      continue
    }
    const tookMs = event.type === "usage.reported" ? Number(event.facts["latencyMs"] ?? 0) : 0
    const mark = { lane: laneOf(event), event, fromMs: atMs - tookMs, toMs: atMs, tone: toneOf(event), nanos: nanosOf(event) }
    marks.push(mark)
    if (event.type === "tool.invoked" && call !== undefined) begun.set(call, { mark })
  }
  return marks.toSorted((a, b) => a.fromMs - b.fromMs)
}

export function axisOf(marks: readonly Mark[]): Axis {
  const stretches: { fromMs: number; toMs: number }[] = []
  for (const { fromMs, toMs } of marks) {
    const last = stretches.at(-1)
    if (last && fromMs - last.toMs < idleMs) last.toMs = Math.max(last.toMs, toMs)
    else stretches.push({ fromMs, toMs })
  }
  const placed: { readonly fromMs: number; readonly toMs: number; readonly x: number; readonly widthPx: number }[] = []
  const breaks: { x: number; ms: number }[] = []
  let x = edgePx
  for (const { fromMs, toMs } of stretches) {
    const before = placed.at(-1)
    if (before) {
      breaks.push({ x: x + gapPx / 2, ms: fromMs - before.toMs })
      x += gapPx
    }
    const widthPx = Math.max(leastStretchPx, (toMs - fromMs) * pxPerMs)
    placed.push({ fromMs, toMs, x, widthPx })
    x += widthPx
  }
  return {
    widthPx: x + edgePx,
    breaks,
    x: (ms) => {
      const found = placed.findLast(({ fromMs }) => fromMs <= ms) ?? placed[0]
      if (!found) return edgePx
      const share = found.toMs === found.fromMs ? 0 : Math.min(1, Math.max(0, (ms - found.fromMs) / (found.toMs - found.fromMs)))
      return found.x + share * found.widthPx
    },
  }
}

function laneOf({ type }: LedgerEvent): Lane {
  if (/^(?:tool\.denied|spend\.refused|outbound\.|guard\.|breaker\.)/.test(type)) return "verdict"
  if (type.startsWith("usage.") || type.startsWith("model.")) return "model"
  const [noun = ""] = type.split(".")
  return noun === "message" || noun === "prompt" || noun === "tool" ? noun : "other"
}

function toneOf({ type, facts }: LedgerEvent): Mark["tone"] {
  return /denied|refused|tripped|gap/.test(type) || facts["failed"] === true || facts["success"] === false || facts["stopReason"] === "error" ? "bad" : "plain"
}

function nanosOf({ type, facts }: LedgerEvent): number {
  return type === "usage.reported" ? Number(facts["computedNanos"] ?? facts["reportedNanos"] ?? 0) : 0
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}
