/**
 * The door in the stream of a provider that no plugin of the host looks after. The host waits for it before every request, also of compactions and of calls
 * that no hook tells of, and it sees all that will be sent: so the permit is asked for here, for that size, and a refusal is the answer.
 */
import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { modelCallStarted } from "../capture/hooks/model-call.ts"
import { callStopped, callTold } from "../capture/hooks/own.ts"
import { beginCall, doorsOf, held, placeOf, wantCall } from "./model-door.ts"
import { ownAnswer, ownFailure } from "./own-answer.ts"
import type { LedgerSource, SharedLedger } from "./shared-ledger.ts"
import type { Told, WrappedCall } from "./wrapped-calls.ts"

type Fields = Readonly<Record<string, unknown>>
export type StreamFn = (model: unknown, context: unknown, options: unknown) => unknown

export type StreamDoor = {
  readonly ledger: LedgerSource
  readonly observe: (ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown) => void
}

/** What the host says of the stream when it is made. */
export type Wrapping = { readonly provider: string; readonly model: string; readonly agentId: string | undefined }

/** How long the host's hook is waited for. It fires at once, or not at all. */
const toldWithinMs = 50

export function guardedStream(door: StreamDoor, wrapping: Wrapping, inner: StreamFn): StreamFn {
  return (model, context, options) => {
    const current = door.ledger()
    const callId = stringOf(objectOf(options)["requestId"])
    const isDoor = doorsOf(current).hard
    const isCompaction = callId?.includes(":compaction:") === true
    if (!isDoor && !isCompaction) return inner(model, context, options)
    const name = callId ?? `stream:${randomUUID()}`
    const full = `${wrapping.provider}/${wrapping.model}`
    const call = current.wrapped.take(name, { model: full, isDoor })
    if (isDoor) current.wrapped.passed(runOf(name), full)
    const calling = { door, current, wrapping, call, name, model, context, options }
    // The transcript tells what the other calls came to.
    const tells = isCompaction || callId === undefined
    const go = () => (tells ? telling(calling, inner(model, context, options)) : inner(model, context, options))
    return isDoor ? admitted(calling, go) : go()
  }
}

type Calling = {
  readonly door: StreamDoor
  readonly current: SharedLedger
  readonly wrapping: Wrapping
  readonly call: WrappedCall
  readonly name: string
  readonly model: unknown
  readonly context: unknown
  readonly options: unknown
}

async function admitted(calling: Calling, go: () => unknown): Promise<unknown> {
  const { door, current, wrapping, call, model } = calling
  const { event, ctx } = await toldOf(calling)
  const place = placeOf(event, ctx)
  const { provider, model: id } = wrapping
  const size = sizeOf(calling)
  current.tellNewPrices()
  if (!current.permits.covers(place, { provider, model: id }, size)) {
    current.permits.sends(place, size.bytes ?? 0)
    await wantCall(current, { place, event: { provider, model: id, whole: size.bytes !== undefined, maxTokens: size.maxTokens }, ctx, anew: true })
  }
  const begun = beginCall(current, { ...event, provider, model: id }, ctx)
  if (!("stopped" in begun)) {
    door.observe(current, modelCallStarted, { ...event, ...held(begun.permit) }, ctx)
    return go()
  }
  call.stopped = true
  const { why, words } = begun.stopped
  door.observe(current, modelCallStarted, event, ctx)
  door.observe(current, callStopped, { ...event, ...held(begun.permit), why, stopped: true }, ctx)
  const answer = place.startsWith("compaction:") ? ownFailure(model, words) : ownAnswer(model, words)
  current.memory.ownAnswers.add((await answer.result()).responseId)
  return answer
}

/** What the host's hook tells of the call; of one it does not tell of, what the stream knows. */
async function toldOf({ call, wrapping, name, options }: Calling): Promise<Told> {
  const told = await Promise.race([call.told, sleep(toldWithinMs, undefined, { ref: false })])
  if (told) return told
  const ids = { runId: runOf(name), sessionId: objectOf(options)["sessionId"], agentId: wrapping.agentId }
  return { event: { ...ids, callId: name, provider: wrapping.provider, model: wrapping.model }, ctx: ids }
}

function runOf(name: string): string {
  return name.replace(/:model:\d+$/, "")
}

/** Beside what is counted: names of roles, and what the provider's own format puts around each message. */
const aroundBytes = 4_096
const aroundEachBytes = 64

/** The most that is sent, in bytes, and the most that may come back, in tokens; what cannot be told is undefined. */
function sizeOf({ model, context, options }: Calling): { readonly bytes: number | undefined; readonly maxTokens: number | undefined } {
  const { maxTokens, reasoning } = objectOf(options)
  // A model that thinks may be given more room than was asked for, and never more than it has.
  const asked = reasoning === undefined || reasoning === "off" ? countOf(maxTokens) : undefined
  return { bytes: bytesOf(objectOf(context)), maxTokens: asked ?? countOf(objectOf(model)["maxTokens"]) }
}

function bytesOf({ systemPrompt, messages, tools }: Fields): number | undefined {
  try {
    const count = Array.isArray(messages) ? messages.length : 0
    return Buffer.byteLength(JSON.stringify([systemPrompt, messages, tools])) + aroundBytes + count * aroundEachBytes
  } catch {
    return undefined
  }
}

function telling(calling: Calling, stream: unknown): unknown {
  if (stream instanceof Promise) return stream.then((made: unknown) => telling(calling, made))
  const made = objectOf(stream)
  const result: unknown = made["result"]
  if (typeof result === "function") void tell(calling, () => (result as () => Promise<unknown>).call(stream)).catch(() => {})
  return stream
}

/** Nobody else tells what a compaction came to. */
async function tell(calling: Calling, result: () => Promise<unknown>): Promise<void> {
  const [message, { event, ctx }] = await Promise.all([result(), toldOf(calling)])
  calling.door.observe(calling.current, callTold, { ...event, message }, ctx)
}
