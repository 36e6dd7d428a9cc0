/** The answers of the scripted model as server-sent events of the OpenAI responses API and of the Anthropic messages API. */
import type { ServerResponse } from "node:http"
import type { ScriptedAnswer } from "./model-script.ts"
import type { ReportedUsage } from "./model-wire.ts"

type Answered = { readonly index: number; readonly atMs: number; readonly model: string; readonly usage: ReportedUsage | undefined }
type Send = (type: string, fields: object) => void

export function sendResponsesStream(response: ServerResponse, answered: Answered, scripted: ScriptedAnswer): void {
  const send = eventsOn(response)
  const id = `resp_mock_${answered.index}`
  const head = { id, object: "response", created_at: Math.trunc(answered.atMs / 1000), model: answered.model }
  send("response.created", { response: { ...head, status: "in_progress", output: [] } })
  const output = scripted.kind === "text" ? [textItem(send, answered.index, scripted.text)] : callItems(send, answered.index, scripted)
  const { usage } = answered
  send("response.completed", { response: { ...head, status: "completed", output, ...(usage !== undefined && { usage: responsesUsage(usage) }) } })
  response.end()
}

export function sendMessagesStream(response: ServerResponse, answered: Answered, scripted: ScriptedAnswer): void {
  const send = eventsOn(response)
  const { index, model, usage } = answered
  const prompt = usage === undefined ? {} : messagesUsage(usage)
  const message = { id: `msg_mock_${index}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null }
  send("message_start", { message: { ...message, usage: prompt } })
  const blocks = scripted.kind === "text" ? [textBlock(scripted.text)] : callBlocks(index, scripted)
  for (const [position, { start, delta }] of blocks.entries()) {
    send("content_block_start", { index: position, content_block: start })
    send("content_block_delta", { index: position, delta })
    send("content_block_stop", { index: position })
  }
  const stopReason = scripted.kind === "text" ? "end_turn" : "tool_use"
  send("message_delta", {
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: usage === undefined ? {} : { output_tokens: usage.outputTokens },
  })
  send("message_stop", {})
  response.end()
}

function eventsOn(response: ServerResponse): Send {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  let sequence = 0
  return (type, fields) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`)
}

function textItem(send: Send, index: number, text: string): object {
  const place = { item_id: `msg_${index}`, output_index: 0, content_index: 0 }
  const empty = { type: "message", id: place.item_id, role: "assistant", status: "in_progress", content: [] }
  const part = { type: "output_text", text, annotations: [] }
  const item = { ...empty, status: "completed", content: [part] }
  send("response.output_item.added", { output_index: 0, item: empty })
  send("response.content_part.added", { ...place, part: { ...part, text: "" } })
  send("response.output_text.delta", { ...place, delta: text })
  send("response.output_text.done", { ...place, text })
  send("response.content_part.done", { ...place, part })
  send("response.output_item.done", { output_index: 0, item })
  return item
}

function callItems(send: Send, index: number, scripted: Extract<ScriptedAnswer, { kind: "calls" }>): readonly object[] {
  return scripted.calls.map((call, position) => {
    const args = JSON.stringify(call.args)
    const place = { item_id: `fc_${index}_${position}`, output_index: position }
    const item = { type: "function_call", id: place.item_id, call_id: `call_${index}_${position}`, name: call.name, arguments: args, status: "completed" }
    send("response.output_item.added", { output_index: position, item: { ...item, arguments: "", status: "in_progress" } })
    send("response.function_call_arguments.delta", { ...place, delta: args })
    send("response.function_call_arguments.done", { ...place, arguments: args })
    send("response.output_item.done", { output_index: position, item })
    return item
  })
}

function responsesUsage(usage: ReportedUsage): object {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.promptTokens + usage.outputTokens,
  }
}

/** There the three kinds of prompt tokens exclude each other. */
function messagesUsage(usage: ReportedUsage): object {
  return {
    input_tokens: usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWriteTokens - usage.cacheWrite1hTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    output_tokens: 1,
  }
}

function textBlock(text: string): { readonly start: object; readonly delta: object } {
  return { start: { type: "text", text: "" }, delta: { type: "text_delta", text } }
}

function callBlocks(index: number, scripted: Extract<ScriptedAnswer, { kind: "calls" }>): readonly { readonly start: object; readonly delta: object }[] {
  return scripted.calls.map((call, position) => ({
    start: { type: "tool_use", id: `call_${index}_${position}`, name: call.name, input: {} },
    delta: { type: "input_json_delta", partial_json: JSON.stringify(call.args) },
  }))
}
