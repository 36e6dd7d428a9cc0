/**
 * Rows on their way into the host's transcript: a tool's result, then any row. Both carry texts that other hooks give whole, and the second carries the
 * usage of a model call, which the transcript's own update tells with better ids (`usage.reported`): here are counts only.
 */
import { countOf, objectOf } from "../../base/json.ts"
import { hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"
import { sizeOfContent } from "./lengths.ts"
import { toolFacts } from "./tool-names.ts"

export const toolResultPersist = hookRow({
  hook: "tool_result_persist",
  afterOthers: true,
  pick: (event, ctx) => {
    const message = objectOf(event["message"])
    const { length, blocks } = sizeOfContent(message["content"])
    return {
      ...pickCommon(event, ctx),
      tool: event["toolName"] ?? ctx["toolName"] ?? message["toolName"],
      call: event["toolCallId"] ?? ctx["toolCallId"] ?? message["toolCallId"],
      synthetic: event["isSynthetic"],
      failed: message["isError"],
      length,
      blocks,
    }
  },
  map: (reading) => {
    const { picked } = reading
    const tool = toolFacts(reading)
    return [
      reading.event({
        type: "tool.persisted",
        key: [reading.reference("run", picked["run"]), tool.call],
        facts: {
          ...tool,
          synthetic: picked["synthetic"] === true,
          failed: picked["failed"] === true ? true : undefined,
          resultLength: countOf(picked["length"]) ?? 0,
          blocks: countOf(picked["blocks"]),
        },
      }),
    ]
  },
})

const roles = ["user", "assistant", "toolResult", "system", "custom", "bashExecution", "branchSummary", "compactionSummary"]
/** The host's row for a call inside a wrapper's call; of other rows that plugins write, the details are theirs. */
const nestedTool = "openclaw.nested-tool.v1"

export const beforeMessageWrite = hookRow({
  hook: "before_message_write",
  afterOthers: true,
  pick: (event, ctx) => {
    const message = objectOf(event["message"])
    const details = message["customType"] === nestedTool ? objectOf(message["details"]) : {}
    const own = objectOf(message["__openclaw"])
    return {
      ...pickCommon(event, ctx),
      run: own["runId"] ?? details["runId"],
      request: requestOf(message["idempotencyKey"]),
      role: message["role"],
      custom: message["customType"],
      response: message["responseId"],
      tool: message["toolName"] ?? details["toolName"],
      call: message["toolCallId"] ?? details["toolCallId"],
      outer: details["parentToolCallId"],
      timestamp: message["timestamp"],
      owner: own["senderIsOwner"],
      failed: message["isError"] ?? details["isError"],
      provider: message["provider"],
      model: message["model"],
      stopReason: message["stopReason"],
      ...sizeOfContent(message["content"]),
    }
  },
  map: (reading) => {
    const { picked } = reading
    const role = listed(picked["role"], roles) ?? "other"
    const response = reading.reference("response", picked["response"])
    const call = reading.reference("call", picked["call"])
    const request = reading.reference("request", picked["request"])
    return [
      reading.event({
        type: "message.written",
        key: [role, response ?? call ?? request ?? reading.reference("run", picked["run"]), countOf(picked["timestamp"]) ?? reading.call.atMs],
        facts: {
          role,
          custom: word(picked["custom"]),
          request,
          provider: reading.name("provider", picked["provider"]),
          model: reading.name("model", picked["model"]),
          length: countOf(picked["length"]) ?? 0,
          blocks: countOf(picked["blocks"]),
          toolCalls: countOf(picked["toolCalls"]),
          tool: reading.name("tool", picked["tool"]),
          call,
          outer: reading.reference("outer", picked["outer"]),
          response,
          stopReason: word(picked["stopReason"]),
          owner: picked["owner"] === true ? true : undefined,
          failed: picked["failed"] === true ? true : undefined,
        },
        // Only of a row that was read from the host's store: no other hook told what it says.
        content: { said: picked["said"] },
      }),
    ]
  },
})

/** The host names the row that a run answers `<request>:user`. The request is the run of a client's turn, and something else for jobs and heartbeats. */
function requestOf(key: unknown): string | undefined {
  return typeof key === "string" ? /^(.+):user$/s.exec(key)?.[1] : undefined
}
