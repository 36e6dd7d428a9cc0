/** Plays traces of tool calls to breakers as a writer does: through the mappers of live capture, as JSON, before a call and after it. */
import { createHash } from "node:crypto"
import type { MapContext } from "../../../src/capture/hook-row.ts"
import { afterToolCall, beforeToolCall } from "../../../src/capture/hooks/tool-call.ts"
import { see, tripOf } from "../../../src/ledger/breakers/breakers.ts"
import type { BreakerState, Seen } from "../../../src/ledger/breakers/breaker-state.ts"
import type { Trip } from "../../../src/ledger/breakers/trip.ts"
import type { TracedCall } from "../../vectors/breakers/trace.ts"

const digest = (text: string) => createHash("sha256").update(text).digest("base64url")
const context: MapContext = {
  pseudonym: (text) => `~${digest(text).slice(0, 19)}`,
  judgeTool: () => ({ guarded: false, verdict: "allow" }),
  fingerprint: (text) => digest(text).slice(0, 12),
}

export type Tripped = Trip & { readonly atCall: number }

/** What the calls of a run trip, the first of it; the state goes on from where it was. */
export function play(state: BreakerState, run: string, calls: readonly TracedCall[], { cuts = true }: { readonly cuts?: boolean } = {}): Tripped | undefined {
  let first: Tripped | undefined
  for (const turn of turnsOf(calls)) {
    for (const moment of [beforeToolCall, afterToolCall]) {
      for (const { call, index } of turn) {
        for (const seen of seenOf(moment, run, call, index)) {
          see(state, seen)
          const trip = tripOf(state, seen)
          if (trip) first ??= { ...trip, atCall: index + 1 }
        }
        if (first && cuts) return first
      }
    }
  }
  return first
}

type Turn = readonly { readonly call: TracedCall; readonly index: number }[]

function turnsOf(calls: readonly TracedCall[]): readonly Turn[] {
  const turns: { readonly call: TracedCall; readonly index: number }[][] = []
  for (const [index, call] of calls.entries()) {
    if (call.beside) turns.at(-1)?.push({ call, index })
    else turns.push([{ call, index }])
  }
  return turns
}

export function seenOf({ hook, map }: typeof beforeToolCall, run: string, call: TracedCall, index: number): readonly Seen[] {
  const { tool, params, result, durationMs = 30, error } = call
  const picked = { run, agent: "main", tool, call: `call_${index}`, params, result: { content: [{ type: "text", text: result }] }, durationMs, error }
  const events = map({ hook, atMs: 1_764_400_000_000 + index * 1_000, picked: JSON.parse(JSON.stringify(picked)) as typeof picked }, context)
  return events.map(({ type, facts }) => ({ type, facts: JSON.parse(JSON.stringify(facts)) as Seen["facts"], scope: "s" }))
}
