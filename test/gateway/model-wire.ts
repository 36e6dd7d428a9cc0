/**
 * What the three model APIs have in common for a scripted model: which API a path means, the conversation in the shape of chat completions, and the tokens
 * that an answer reports.
 */
import type { ChatMessage } from "./model-script.ts"

export type WireApi = "openai-completions" | "openai-responses" | "anthropic-messages"

/** Prompt tokens include the cached ones, read and written. Only Anthropic reports writes, and which of them were for an hour. */
export type ReportedUsage = {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly cacheWriteTokens: number
  readonly cacheWrite1hTokens: number
  readonly outputTokens: number
}

type WireTool = { readonly name?: string; readonly function?: { readonly name?: string } }
type WireItem = { readonly type?: string; readonly role?: string; readonly content?: unknown }

export type WireBody = {
  readonly model: string
  readonly stream?: boolean
  readonly messages?: readonly ChatMessage[]
  /** Of openai-responses, in the place of messages. */
  readonly input?: readonly WireItem[]
  readonly tools?: readonly WireTool[]
}

export function routeOf(url: string): { readonly provider: string; readonly api: WireApi } {
  const { pathname } = new URL(url, "http://127.0.0.1")
  const provider = /^\/(.+?)\/v1\//.exec(pathname)?.[1] ?? ""
  if (pathname.endsWith("/responses")) return { provider, api: "openai-responses" }
  return { provider, api: pathname.endsWith("/messages") ? "anthropic-messages" : "openai-completions" }
}

/** Token counts differ from request to request, so that a swapped or doubled row shows. */
export function reportedUsage(api: WireApi, index: number): ReportedUsage {
  const [cacheWriteTokens, cacheWrite1hTokens] = api === "anthropic-messages" ? [100 + (index % 5), 30 + (index % 3)] : [0, 0]
  return { promptTokens: 1000 + index + cacheWriteTokens, cachedTokens: 400, cacheWriteTokens, cacheWrite1hTokens, outputTokens: 50 + (index % 7) }
}

export function offeredTools({ tools = [] }: WireBody): readonly string[] {
  return tools.map((tool) => tool.function?.name ?? tool.name ?? "")
}

/** As far as a script needs it: what the user said, and which assistant turns called tools. */
export function chatMessages(api: WireApi, body: WireBody): readonly ChatMessage[] {
  if (api === "openai-responses") return fromItems(body.input ?? [])
  return (body.messages ?? []).map((message) => (api === "anthropic-messages" ? fromBlocks(message) : message))
}

function fromBlocks(message: ChatMessage): ChatMessage {
  const blocks = (Array.isArray(message.content) ? message.content : []) as readonly WireItem[]
  const calls = blocks.filter(({ type }) => type === "tool_use")
  return calls.length === 0 ? message : { ...message, tool_calls: calls }
}

/** Calls of one assistant turn are items of their own there: neighbours are one turn. */
function fromItems(items: readonly WireItem[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  let calls: WireItem[] | undefined
  for (const item of items) {
    if (item.type === "function_call") {
      if (calls === undefined) messages.push({ role: "assistant", tool_calls: (calls = []) })
      calls.push(item)
      continue
    }
    calls = undefined
    if (item.role !== undefined) messages.push({ role: item.role, content: item.content })
    else if (item.type === "function_call_output") messages.push({ role: "tool" })
  }
  return messages
}
