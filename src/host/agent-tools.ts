/**
 * Tools of agents that ask about their own session: the ledger (`ledger.*`), unless the setting `agentTools` is off, and receipts (`peac_receipts.*`) while the setting
 * `receipts` is on: where the host's Tool Search is off, each tool costs every call to a model its description. A tool is made for a run, and knows by the host's word whose it is; what it does is done in a process of its own, as everything that opens the ledger
 * is, and that ends when the run is aborted.
 */
import { randomUUID } from "node:crypto"
import { Fault, problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { agentTools, isOfReceipts, plainName, type ToolRow } from "../surfaces/agent-tools/tool-list.ts"
import type { HostApi, HostTool, HostToolResult } from "./host-api.ts"
import { askLedgerCommand } from "./ledger-command.ts"
import { configOf } from "./ledger-location.ts"

/** A process each. */
const mostAtOnce = 4

type Caller = { readonly session: string; readonly directory: string | undefined }

export function registerAgentTools(api: HostApi): void {
  const offered = offeredBy(api)
  if (offered.length === 0) return
  const running = { count: 0 }
  const tools = (told: unknown): readonly HostTool[] | null => {
    const { sessionKey, workspaceDir, sandboxed, runtimeConfig, config } = objectOf(told)
    const session = stringOf(sessionKey)
    if (session === undefined) return null // whose receipts would be asked for is not known
    const isHidden = isBehindSearch(runtimeConfig ?? config ?? api.config)
    // What of the workspace an agent in a sandbox may read or write is not said: it is not for a process outside to do it.
    const directory = sandboxed === true ? undefined : stringOf(workspaceDir)
    return offered.map((tool) => ({
      ...hostTool(api, tool, { session, directory }, running),
      name: isHidden ? tool.name : plainName(tool.name),
    }))
  }
  api.registerTool?.(tools, { names: offered.flatMap(({ name }) => [name, plainName(name)]) })
}

/**
 * Whether the host's Tool Search keeps the names of tools from providers, as it does unless it is switched off; agents that another harness runs are told of tools by
 * that one. A dot in a name that reaches a provider would have each of its requests refused.
 */
function isBehindSearch(config: unknown): boolean {
  const { tools, plugins } = objectOf(config)
  const { toolSearch } = objectOf(tools)
  const { codex } = objectOf(objectOf(plugins)["entries"])
  if (codex !== undefined && objectOf(codex)["enabled"] !== false) return false
  if (toolSearch === undefined || toolSearch === true) return true
  const { enabled, mode, ...others } = objectOf(toolSearch)
  const isOn = enabled === undefined ? mode !== undefined || Object.keys(others).length > 0 : enabled === true
  return isOn && mode !== "directory" // there a tool is called by its own name, which then stands in the history
}

/** What is wrong with the settings is told where they are used. */
function offeredBy(api: HostApi): readonly ToolRow[] {
  const config = configOf(api)
  if (config instanceof Fault) return []
  return agentTools.filter((tool) => (isOfReceipts(tool) ? config.receipts !== undefined : config.agentTools))
}

function hostTool(api: HostApi, tool: ToolRow, caller: Caller, running: { count: number }): HostTool {
  const { name, title, description, parameters } = tool
  return {
    ...{ name, label: title, description, parameters },
    execute: async (_id, told, signal) => {
      if (running.count >= mostAtOnce) return failed("Other questions about the ledger are being answered. Ask again when one of them is.")
      running.count++
      try {
        return await asked(api, name, told, caller, signal)
      } catch (error) {
        api.logger.warn(`[sovereign-ledger] ${name} failed: ${problemOf(error)}`)
        return failed("The question could not be answered in time, or not at all. Ask for less; the operator sees why with: sovereign-ledger status.")
      } finally {
        running.count--
      }
    },
  }
}

/** One message of the Model Context Protocol to the command that serves it. Whose session it is stands in the environment: arguments are seen by every user of the machine. */
async function asked(api: HostApi, name: string, told: unknown, { session, directory }: Caller, signal: AbortSignal | undefined): Promise<HostToolResult> {
  const request = { jsonrpc: "2.0", id: randomUUID(), method: "tools/call", params: { name, arguments: told ?? {} } }
  const argv = ["mcp", ...(directory === undefined ? [] : ["--directory", directory])]
  const given = { input: `${JSON.stringify(request)}\n`, environment: { SOVEREIGN_LEDGER_SESSION: session }, ...(signal === undefined ? {} : { signal }) }
  const { result } = await askLedgerCommand(api, argv, given)
  const details = objectOf(objectOf(result)["structuredContent"])
  if (stringOf(details["status"]) === undefined) throw new Error("the command gave no result")
  return answerOf(details)
}

function failed(words: string): HostToolResult {
  return answerOf({ status: "error", error: words })
}

function answerOf(details: Readonly<Record<string, unknown>>): HostToolResult {
  return { content: [{ type: "text", text: JSON.stringify(details) }], details }
}
