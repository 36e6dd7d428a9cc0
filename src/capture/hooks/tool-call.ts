/**
 * Tool calls: asked for, and ended or refused. A call through the host's Tool Search fires twice, see `tool-names.ts`.
 *
 * Arguments are kept at both ends: the call may have been rewritten on its way, and a call that a policy of the host refused is seen only here.
 */
import { objectOf, stringOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { jsonBytes, wholeMs } from "../measures.ts"
import { hookRow, pickCommon, type Reading } from "../reading.ts"
import { printsOfCall, printsOfResult } from "../fingerprint.ts"
import { failedStatus, knownStatus, refusalOf } from "../tool-outcome.ts"
import { isInside, toolFacts, unknown } from "./tool-names.ts"

export const beforeToolCall = hookRow({
  hook: "before_tool_call",
  pick: (event, ctx, memory) => ({
    ...pickTool(event, ctx),
    payer: memory?.parents.payerOf(ctx["sessionKey"]),
    kind: event["toolKind"],
    pastGate: event["pastGate"],
    stripped: event["stripped"],
    here: ctx["channelId"],
    paths: event["derivedPaths"],
    // Ours, where delegation is judged: why its run began, and what the user said last.
    ...(event["orchestration"] === undefined ? {} : { orchestration: event["orchestration"] }),
    params: event["params"],
  }),
  map: (reading) => {
    const { picked } = reading
    const tool = toolFacts(reading)
    const { guarded, verdict, rule } = reading.context.judgeTool(stringOf(picked["tool"]) ?? unknown)
    return [
      reading.event({
        type: "tool.invoked",
        key: [reading.reference("run", picked["run"]), tool.call],
        facts: { ...tool, guarded, verdict, rule, owner: picked["owner"] === true ? true : undefined, ...callPrints(reading) },
        content: { kind: picked["kind"], paths: picked["paths"], params: picked["params"] },
      }),
    ]
  },
})

export const afterToolCall = hookRow({
  hook: "after_tool_call",
  pick: (event, ctx) => ({
    ...pickTool(event, ctx),
    durationMs: event["durationMs"],
    error: event["error"],
    params: event["params"],
    result: event["result"],
  }),
  map: (reading) => {
    const { picked } = reading
    const tool = toolFacts(reading)
    const key = [reading.reference("run", picked["run"]), tool.call]
    const durationMs = wholeMs(picked["durationMs"])
    const content = { error: picked["error"], params: picked["params"], result: picked["result"] }
    const prints = { ...callPrints(reading), ...resultPrints(reading) }
    const refusal = refusalOf(picked["result"], picked["error"], isInside(picked["call"]))
    if (refusal !== undefined) {
      return [
        reading.event({
          type: "tool.denied",
          key,
          facts: { ...tool, durationMs, deniedBy: refusal.deniedBy, ...prints },
          content: { reason: refusal.reason, ...content },
        }),
      ]
    }
    return [
      reading.event({
        type: "tool.returned",
        key,
        facts: {
          ...tool,
          durationMs,
          failed: stringOf(picked["error"]) !== undefined || failedStatus(picked["result"]),
          status: knownStatus(picked["result"], tool.wrapper === true),
          resultBytes: jsonBytes(picked["result"], reading.cut),
          ...prints,
        },
        content,
      }),
    ]
  },
})

/** Only of what happens now: nobody looks for loops in a history. */
function callPrints({ picked, context, reference }: Reading) {
  const run = reference("run", picked["run"])
  if (context.fingerprint === undefined || run === undefined) return {}
  return printsOfCall({ run, tool: stringOf(picked["tool"]) ?? unknown, params: picked["params"] }, context.fingerprint)
}

function resultPrints({ picked, context, reference }: Reading) {
  const run = reference("run", picked["run"])
  if (context.fingerprint === undefined || run === undefined) return {}
  return printsOfResult({ run, params: picked["params"] }, { result: picked["result"], error: picked["error"] }, context.fingerprint)
}

function pickTool(event: Picked, ctx: Picked): Picked {
  const requester = objectOf(ctx["requester"])
  return {
    ...pickCommon(event, ctx),
    sender: ctx["senderId"] ?? requester["senderId"],
    owner: requester["senderIsOwner"],
    tool: event["toolName"] ?? ctx["toolName"],
    call: event["toolCallId"] ?? ctx["toolCallId"],
  }
}
