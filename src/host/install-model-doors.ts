/**
 * Where the doors of model calls stand among the host's hooks: a run's beginning (awaited, refused closed), the calls and results of its tools and a
 * compaction (awaited), the beginning and the end of each model call (not awaited). In every copy of the module: they fire in different ones.
 */
import { problemOf } from "../base/fault.ts"
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { callStopped } from "../capture/hooks/own.ts"
import type { HarnessLoader } from "./harness.ts"
import type { HookHandler } from "./host-api.ts"
import { beginCall, compactionPlace, doorsOf, held, placeOf, textBytes, wantCall } from "./model-door.ts"
import { strippedReply } from "./outbound-door.ts"
import { modelIsChosen, noticeLeaves } from "./model-choice.ts"
import type { LedgerSource, SharedLedger } from "./shared-ledger.ts"
import { tellWhy } from "./tell-why.ts"

type Fields = Readonly<Record<string, unknown>>

export type DoorMaking = {
  readonly row: HookRow
  readonly ledger: LedgerSource
  readonly harness: HarnessLoader
  readonly observe: (ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown) => void
}

type Block = { readonly outcome: "block"; readonly reason: string; readonly message: string }

/** Handlers of hooks that are doors; every other hook is only observed. */
export const modelDoors: Readonly<Record<string, (making: DoorMaking) => HookHandler>> = {
  before_model_resolve: (making) => (event, ctx) => modelIsChosen(making, objectOf(event), objectOf(ctx)),
  reply_payload_sending: (making) => (event, ctx) => {
    const clean = strippedReply(making.ledger().gate, objectOf(event), objectOf(ctx))
    return noticeLeaves(making, clean?.event ?? objectOf(event), ctx) ?? clean?.answer
  },
  before_agent_run: (making) => (event, ctx) => runBegins(making, objectOf(event), objectOf(ctx)),
  model_call_started: (making) => (event, ctx) => callBegins(making, objectOf(event), objectOf(ctx)),
  model_call_ended: (making) => (event, ctx) => callEnds(making, objectOf(event), objectOf(ctx)),
  before_compaction: (making) => (event, ctx) => compactionBegins(making, objectOf(event), objectOf(ctx)),
  reply_dispatch: (making) => (event, ctx) => {
    const current = making.ledger()
    const { sessionKey, runId, originatingChannel } = objectOf(event)
    const answered = { run: stringOf(runId), channel: stringOf(originatingChannel) }
    current.replyWays.keep(objectOf(ctx)["sessionKey"] ?? sessionKey, objectOf(ctx)["dispatcher"], Date.now(), answered)
    making.observe(current, making.row, event, ctx)
  },
}

/** Fails closed while anything may refuse: whatever goes wrong here, the run does not begin. */
function runBegins({ row, ledger, harness, observe }: DoorMaking, event: Fields, ctx: Fields): undefined | Promise<Block | undefined> {
  const current = ledger()
  current.tellNewPrices()
  if (doorsOf(current).hard) return admitRun({ row, current, harness }, event, ctx)
  observe(current, row, event, ctx)
  return undefined
}

type Admitting = { readonly row: HookRow; readonly current: SharedLedger; readonly harness: HarnessLoader }

async function admitRun({ row, current, harness }: Admitting, event: Fields, ctx: Fields): Promise<Block | undefined> {
  try {
    const place = placeOf(event, ctx)
    current.wrapped.forget(place)
    const known = textBytes([event["prompt"], event["systemPrompt"], event["messages"]])
    if (known !== undefined) current.permits.knows(place, known)
    const model = { provider: ctx["modelProviderId"], model: ctx["modelId"] }
    current.lastModels.set(stringOf(ctx["sessionId"]) ?? "", { provider: stringOf(model.provider), model: stringOf(model.model) })
    const [granted, host] = await Promise.all([wantCall(current, { place, event: { ...event, ...model }, ctx, row, anew: true }), harness.ready()])
    if ("words" in granted) return block(granted.words)
    // What cannot be stopped later must not begin.
    return host ? undefined : block("Sovereign Ledger stopped this run: this OpenClaw gives no way to stop a model call, and a budget needs one.")
  } catch (error) {
    current.client.lost("a run could not be recorded and was refused", row.hook, Date.now())
    return block(`Sovereign Ledger stopped this run: it could not be recorded (${problemOf(error)}).`)
  }
}

function block(message: string): Block {
  return { outcome: "block", reason: message, message }
}

/** Synchronous: the host goes on with the request as soon as this returns. */
function callBegins({ row, ledger, harness, observe }: DoorMaking, event: Fields, ctx: Fields): undefined {
  const current = ledger()
  current.tellNewPrices()
  if (current.wrapped.begins({ event, ctx })?.isDoor) return undefined
  current.wrapped.forget(placeOf(event, ctx))
  const begun = beginCall(current, event, ctx)
  if (!("stopped" in begun)) {
    observe(current, row, { ...event, ...held(begun.permit) }, ctx)
    return undefined
  }
  const { why, words } = begun.stopped
  const sessionId = stringOf(ctx["sessionId"]) ?? stringOf(event["sessionId"])
  const stopped = tellWhy({ harness: harness.harness, ways: current.replyWays, event, ctx, words }, () =>
    sessionId === undefined ? false : (harness.harness?.abortAgentHarnessRun(sessionId) ?? false),
  )
  observe(current, row, event, ctx)
  observe(current, callStopped, { ...event, ...held(begun.permit), why, stopped }, ctx)
  return undefined
}

function callEnds({ row, ledger, observe }: DoorMaking, event: Fields, ctx: Fields): undefined {
  const current = ledger()
  const used = current.permits.ended(placeOf(event, ctx), countOf(event["requestPayloadBytes"]) ?? 0, countOf(event["responseStreamBytes"]) ?? 0)
  // What the host takes for the model's answer was ours.
  const stopped = current.wrapped.ended(event["callId"])?.stopped === true && { outcome: "stopped" }
  observe(current, row, { ...event, ...held(used), ...stopped }, ctx)
  return undefined
}

/** The host waits for it, and tells no model: it is the one the session used last, or the one that is configured for compactions. */
function compactionBegins({ row, ledger, observe }: DoorMaking, event: Fields, ctx: Fields): undefined | Promise<undefined> {
  const current = ledger()
  current.tellNewPrices()
  observe(current, row, event, ctx)
  if (!doorsOf(current).hard) return undefined
  const model = current.compactionModel() ?? current.lastModels.get(stringOf(ctx["sessionId"]) ?? "") ?? current.primaryModel()
  if (model && current.wrapped.wraps(`${model.provider}/${model.model}`)) return undefined
  return wantCall(current, { place: compactionPlace(ctx), event: { ...model, compaction: true }, ctx }).then(() => undefined)
}

/** Not where the stream asks by itself: it knows what is sent. */
function isAskedHere(ledger: SharedLedger, place: string): boolean {
  return place !== "" && doorsOf(ledger).hard && !ledger.wrapped.passes(place)
}

/** Before a tool runs: the call after it, so that it is there whoever refuses the tool. Answers when it is known, not what it is: the tool is another matter. */
export async function wantCallAfterTool(ledger: SharedLedger, event: Fields, ctx: Fields): Promise<void> {
  const place = placeOf(event, ctx)
  if (isAskedHere(ledger, place)) await wantCall(ledger, { place, event: {}, ctx })
}

/** Beyond it a result may not fit the room that a permit leaves for what is not known. */
const largeResultBytes = 64_000

/** A tool's result is on its way to the model: the call that takes it is asked for, and asked for again when the result is larger than its permit allows. */
export async function wantCallForResult(ledger: SharedLedger, event: Fields, ctx: Fields): Promise<void> {
  const place = placeOf(event, ctx)
  if (!isAskedHere(ledger, place)) return
  const bytes = textBytes(objectOf(event["result"])["content"]) ?? Infinity
  ledger.permits.adds(place, Number.isFinite(bytes) ? bytes : 0)
  await wantCall(ledger, { place, event: {}, ctx, anew: bytes > largeResultBytes })
}
