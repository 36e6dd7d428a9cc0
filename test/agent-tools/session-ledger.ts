/** A ledger with receipts of two sessions, and the tools as an agent of one of them calls them: each in a directory of its own. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { JsonObject } from "../../src/base/json.ts"
import { runTool } from "../../src/surfaces/agent-tools/run-tool.ts"
import { toolNamed, type ToolName } from "../../src/surfaces/agent-tools/tool-list.ts"
import type { ToolContext } from "../../src/surfaces/agent-tools/tool.ts"
import { called, clientOf } from "../writer/receipt-calls.ts"
import { until, type Rig } from "../writer/rig.ts"

export const ownSession = "agent:main:mine"
export const otherSession = "agent:other:theirs"

/** Of the one session: calls `mine-0` to `mine-6`, the fourth failed, of two runs; of the other `theirs-0` to `theirs-4`, between them. */
export const ownCalls = 7
export const otherCalls = 5

export type Hook = { readonly after: (step: () => void) => void }

export async function fillTwoSessions(rig: Rig): Promise<void> {
  const client = clientOf(rig, {})
  for (let call = 0; call < ownCalls; call++) {
    const event = call === 3 ? { error: "no such file" } : { toolName: call === 5 ? "exec" : "read" }
    called(client, `mine-${call}`, event, { sessionKey: ownSession, runId: `run-mine-${call % 2}` })
    if (call < otherCalls) called(client, `theirs-${call}`, { toolName: "secret_tool" }, { sessionKey: otherSession, agentId: "other", runId: "run-theirs" })
  }
  await client.flush(10_000)
  await until(() => rig.entries("receipt.issued").length === ownCalls + otherCalls, "all are issued")
  await client.close()
  await rig.stopWriter()
}

export function ownDirectory(hook: Hook): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sl-agent-")))
  hook.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export type Ask = (name: ToolName, parameters?: unknown, changes?: Partial<ToolContext>) => JsonObject

/** `told`: what the operator is told besides. */
export function asking(rig: Rig, directory: string, told: string[] = []): Ask {
  const context: ToolContext = { session: ownSession, directory, nowMs: Date.parse("2026-11-30T12:00:00.123Z"), reading: (read) => rig.reading(read) }
  return (name, parameters, changes = {}) => {
    const tool = toolNamed(name)
    if (!tool) throw new Error(`there is no tool ${name}`)
    return runTool(tool, parameters, { ...context, ...changes }, (words) => void told.push(words))
  }
}
