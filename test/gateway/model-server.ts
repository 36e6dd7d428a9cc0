/**
 * A scripted model on loopback, see model-script.ts: OpenAI chat completions (JSON and SSE), OpenAI responses and Anthropic messages (SSE), told apart
 * by the path (model-wire.ts). Whatever stands before `/v1` in the path is the provider's name in the log, so that several share one server.
 * It keeps its own log of every request with the tokens it reported: the independent witness that tests compare the
 * record with. Token counts differ from request to request, so that a swapped or doubled row shows.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { type ChatMessage, lastUserText, nextAnswer, parseScript, type Purpose, purposeOf, type ScriptedAnswer } from "./model-script.ts"
import { sendMessagesStream, sendResponsesStream } from "./model-streams.ts"
import { chatMessages, offeredTools, type ReportedUsage, reportedUsage, routeOf, type WireApi, type WireBody } from "./model-wire.ts"

export type ModelRequest = {
  readonly index: number
  readonly atMs: number
  /** The name before `/v1` in the path; empty for the server's own base address. */
  readonly provider: string
  readonly api: WireApi
  readonly model: string
  readonly userText: string
  readonly purpose: Purpose
  readonly offeredTools: readonly string[]
  readonly messages: readonly ChatMessage[]
  /** Unheard: whoever asked hung up before the answer was sent. */
  readonly answer: ScriptedAnswer | { readonly kind: "error"; readonly status: number } | { readonly kind: "unheard" }
  /** Absent for errors, for NOUSAGE answers and for those that nobody heard. */
  readonly usage: ReportedUsage | undefined
  /** Of the HTTP answer; 0 when nobody heard it. */
  readonly status: number
}

export type ModelServer = {
  readonly port: number
  readonly baseUrl: string
  /** Where a provider of that name is to send its requests; the Anthropic client adds `/v1` itself. */
  providerUrl(provider: string, api: WireApi): string
  readonly requests: readonly ModelRequest[]
  stop(): Promise<void>
}

export async function startModelServer(): Promise<ModelServer> {
  const requests: ModelRequest[] = []
  const failures = new Map<string, number>()
  const server = createServer((request, response) => {
    answer(request, response, requests, failures).catch((cause: unknown) => {
      // A client that hung up is part of the tests; anything else shows as a broken turn there.
      response.destroy(cause instanceof Error ? cause : undefined)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    providerUrl: (provider, api) => `http://127.0.0.1:${port}/${provider}${api === "anthropic-messages" ? "" : "/v1"}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, requests: ModelRequest[], failures: Map<string, number>): Promise<void> {
  if (request.method !== "POST") return sendJson(response, 200, { object: "list", data: [{ id: "mock-1", object: "model" }] })
  const { provider, api } = routeOf(request.url ?? "/")
  const body = JSON.parse(await readBody(request)) as WireBody
  const messages = chatMessages(api, body)
  const userText = lastUserText(messages)
  const script = parseScript(userText)
  // The host words a retry anew, so the script and not the message is what has failed before.
  const scriptKey = JSON.stringify(script)
  const failed = failures.get(scriptKey) ?? 0
  const index = requests.length + 1
  const fails = script.fail !== undefined && failed < script.fail.times ? script.fail : undefined
  const logged: ModelRequest = {
    index,
    atMs: Date.now(),
    provider,
    api,
    model: body.model,
    userText,
    purpose: purposeOf(userText),
    offeredTools: offeredTools(body),
    messages,
    answer: fails === undefined ? nextAnswer(script, messages) : { kind: "error", status: fails.status },
    usage: fails === undefined && script.usage ? reportedUsage(api, index) : undefined,
    status: fails?.status ?? 200,
  }
  requests.push(logged)
  if (fails !== undefined) failures.set(scriptKey, failed + 1)
  if (script.delayMs > 0) await untilDue(response, script.delayMs)
  if (response.destroyed) {
    requests[index - 1] = { ...logged, answer: { kind: "unheard" }, usage: undefined, status: 0 }
    return
  }
  if (fails !== undefined) return sendJson(response, fails.status, { error: { message: "scripted failure", type: "server_error" } })
  const scripted = nextAnswer(script, messages)
  if (api === "openai-responses") sendResponsesStream(response, logged, scripted)
  else if (api === "anthropic-messages") sendMessagesStream(response, logged, scripted)
  else if (body.stream === true) sendStream(response, logged, scripted)
  else sendJson(response, 200, completion(logged, { message: assistantMessage(scripted, index) }, "chat.completion"))
}

/** Over at once when the other side hangs up. */
async function untilDue(response: ServerResponse, delayMs: number): Promise<void> {
  const hungUp = new AbortController()
  response.once("close", () => hungUp.abort())
  await sleep(delayMs, undefined, { signal: hungUp.signal }).catch(() => {
    // The caller sees it at the response.
  })
}

function sendStream(response: ServerResponse, logged: ModelRequest, scripted: ScriptedAnswer): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  const send = (delta: object, finishReason: string | null) =>
    response.write(`data: ${JSON.stringify(completion({ ...logged, usage: undefined }, { delta, finish_reason: finishReason }))}\n\n`)
  send({ role: "assistant", content: "" }, null)
  if (scripted.kind === "text") {
    for (const piece of scripted.text.match(/.{1,24}/gs) ?? []) send({ content: piece }, null)
    send({}, "stop")
  } else {
    send({ tool_calls: toolCalls(scripted, logged.index) }, null)
    send({}, "tool_calls")
  }
  if (logged.usage !== undefined) response.write(`data: ${JSON.stringify({ ...completion(logged), choices: [] })}\n\n`)
  response.end("data: [DONE]\n\n")
}

function completion(logged: ModelRequest, choice?: object, object = "chat.completion.chunk"): object {
  const { usage } = logged
  return {
    id: `chatcmpl-mock-${logged.index}`,
    object,
    created: Math.trunc(logged.atMs / 1000),
    model: logged.model,
    choices: choice === undefined ? [] : [{ index: 0, finish_reason: null, ...choice }],
    ...(usage !== undefined && {
      usage: {
        prompt_tokens: usage.promptTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.promptTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedTokens },
      },
    }),
  }
}

function assistantMessage(scripted: ScriptedAnswer, index: number): object {
  if (scripted.kind === "text") return { role: "assistant", content: scripted.text }
  return { role: "assistant", content: null, tool_calls: toolCalls(scripted, index) }
}

function toolCalls(scripted: Extract<ScriptedAnswer, { kind: "calls" }>, index: number): readonly object[] {
  return scripted.calls.map((call, position) => ({
    index: position,
    id: `call_${index}_${position}`,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.args) },
  }))
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}
