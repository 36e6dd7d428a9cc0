/**
 * A server of tools by the Model Context Protocol (https://modelcontextprotocol.io/specification/2025-11-25): JSON-RPC 2.0, a message a line, with `initialize`,
 * `ping`, `tools/list` and `tools/call`. It keeps no state between messages. A call that cannot be carried out is a result that says so; only what is no call
 * is an error of the protocol.
 */
import { objectOf, stringOf, type Json, type JsonObject } from "../../base/json.ts"

/** Newest first. */
const versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const

export type McpTool = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: object
  readonly annotations: JsonObject
}

export type McpServer = {
  readonly name: string
  readonly version: string
  readonly tools: readonly McpTool[]
  /** @param told arguments as they came. */
  readonly call: (name: string, told: unknown) => ToolResult
}

export type ToolResult = { readonly structured: JsonObject; readonly isError: boolean }

type Id = string | number
type ErrorCode = -32700 | -32600 | -32601 | -32602

/** What is answered to a line; undefined where nothing is. */
export function answerLine(server: McpServer, line: string): string | undefined {
  let message: unknown
  try {
    message = JSON.parse(line)
  } catch {
    return failure(null, -32700, "The line is not JSON; a message is one JSON object a line.")
  }
  const { jsonrpc, id, method, params } = objectOf(message)
  const isId = typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id))
  if (jsonrpc !== "2.0" || typeof method !== "string" || (id !== undefined && !isId))
    return isReply(message) ? undefined : failure(isId ? id : null, -32600, "The line is no request of JSON-RPC 2.0.")
  if (!isId) return undefined // a notification
  return answer(server, id, method, objectOf(params))
}

function answer(server: McpServer, id: Id, method: string, params: Readonly<Record<string, unknown>>): string {
  switch (method) {
    case "initialize":
      return success(id, {
        protocolVersion: versions.find((version) => version === params["protocolVersion"]) ?? versions[0],
        capabilities: { tools: { listChanged: false } },
        serverInfo: { name: server.name, version: server.version },
      })
    case "ping":
      return success(id, {})
    case "tools/list":
      return success(id, { tools: server.tools as unknown as Json })
    case "tools/call": {
      const name = stringOf(params["name"]) ?? ""
      if (!server.tools.some((tool) => tool.name === name)) return failure(id, -32602, `There is no such tool; tools/list names them.`)
      const { structured, isError } = server.call(name, params["arguments"])
      return success(id, { content: [{ type: "text", text: JSON.stringify(structured) }], structuredContent: structured, isError })
    }
    default:
      return failure(id, -32601, "The method is not known here; there are initialize, ping, tools/list and tools/call.")
  }
}

/** Of a question that was never asked. */
function isReply(message: unknown): boolean {
  const { result, error, method } = objectOf(message)
  return method === undefined && (result !== undefined || error !== undefined)
}

function success(id: Id, result: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result })
}

function failure(id: Id | null, code: ErrorCode, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })
}
