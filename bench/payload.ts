/**
 * Tool calls as the host hands them to its hooks, of a size that is exact: what a hook's `pick` keeps of one is JSON of that many bytes.
 * Calls and results alternate, over four sessions. Every text is flat, as texts from a parsed message are.
 */
import { hookRows } from "../src/capture/hook-rows.ts"
import type { CapturedCall } from "../src/capture/hook-row.ts"

/** The size the requirements speak of. */
export const ordinaryBytes = 505
export const largeBytes = 100_000

export type HookCall = {
  readonly hook: "before_tool_call" | "after_tool_call"
  readonly event: Readonly<Record<string, unknown>>
  readonly ctx: Readonly<Record<string, unknown>>
}

/** One long text, or many small values. */
export type Shape = "text" | "tree"

const rowsByHook = new Map(hookRows.map((row) => [row.hook, row]))
const startMs = 1_795_000_000_000
const words = "the build went through and every test of the suite passed on the second machine as well so the change is ready for review "

/** The call of that number; even numbers ask for a tool, odd ones bring its result. */
export function toolCall(index: number, options: { readonly tool?: string; readonly sizeBytes?: number; readonly shape?: Shape } = {}): HookCall {
  const { tool = "exec", sizeBytes = ordinaryBytes, shape = "text" } = options
  const hook = index % 2 === 0 ? "before_tool_call" : "after_tool_call"
  const bare = made(hook, tool, index, shape, sizeBytes, "")
  const textLength = sizeBytes - pickedJson(bare).length
  if (textLength < 0) throw new Error(`a ${hook} of ${sizeBytes} bytes leaves no room for its text`)
  return made(hook, tool, index, shape, sizeBytes, textOf(index, textLength))
}

export function toolCalls(from: number, count: number, options: Parameters<typeof toolCall>[1] = {}): HookCall[] {
  return Array.from({ length: count }, (_, i) => toolCall(from + i, options))
}

/** What crosses to the writer of a call. */
export function pickedJson(call: HookCall): string {
  return JSON.stringify(pickedOf(call))
}

export function pickedOf({ hook, event, ctx }: HookCall): unknown {
  return rowsByHook.get(hook)?.pick(event, ctx)
}

/** The call as the writer has it, its JSON parsed. */
export function capturedCall(call: HookCall, index: number): CapturedCall {
  return { hook: call.hook, atMs: startMs + index, picked: JSON.parse(pickedJson(call)) as CapturedCall["picked"] }
}

/** The line of an observed call, as a client sends it. */
export function observeLine(call: HookCall, number: number): string {
  return `{"n":${number},"h":"${call.hook}","t":${startMs + number},"p":${pickedJson(call)}}\n`
}

function made(hook: HookCall["hook"], tool: string, index: number, shape: Shape, sizeBytes: number, text: string): HookCall {
  const pair = index >> 1
  const runId = `${(pair >>> 3).toString(16).padStart(8, "0")}-22fd-407f-b1f3-86d727e674df`
  const ids = { runId, toolCallId: `call_Xk3Qm9ZpT2vLs7Wd${letters(pair)}` }
  const session = { agentId: "main", sessionKey: `agent:main:in${pair % 4}`, sessionId: `382e1bf3-0d77-48d3-8a96-2cd8de392c8${pair % 4}` }
  const rows = shape === "tree" ? { rows: treeRows(index, sizeBytes) } : {}
  const asked = { toolName: tool, params: { command: `npm test -- --shard ${pair % 8}`, workdir: "/srv/site", ...rows, note: text }, ...ids }
  const details = { status: "completed", exitCode: 0, durationMs: 20, cwd: "/srv/site", ...rows }
  const done = { toolName: tool, params: { command: "npm test" }, ...ids, result: { content: [{ type: "text", text }], details }, durationMs: 135 }
  const ctx = { toolName: tool, ...session, ...ids, requester: { senderIsOwner: true } }
  const flat = JSON.parse(JSON.stringify({ event: hook === "before_tool_call" ? asked : done, ctx })) as HookCall
  return { hook, event: flat.event, ctx: { ...flat.ctx, abortSignal: neverAborted, trace: { traceId: runId, spanId: ids.toolCallId } } }
}

/** Eight letters for a number: call ids of providers are letters with few digits among them. */
function letters(number: number): string {
  return number
    .toString(16)
    .padStart(8, "0")
    .replace(/\d/g, (digit) => "ghijklmnop"[Number(digit)] ?? "")
}

const neverAborted = new AbortController().signal

/** As many rows of about 100 bytes as fill nine tenths of the size. */
function treeRows(index: number, sizeBytes: number): unknown[] {
  const count = Math.floor((sizeBytes * 0.9) / 104)
  return Array.from({ length: count }, (_, row) => ({
    path: `src/part-${String(row).padStart(5, "0")}.ts`,
    line: 1_000 + row,
    score: 0.5,
    found: true,
    text: words.slice(index % 32, 28 + (index % 32)),
  }))
}

function textOf(index: number, length: number): string {
  const from = index % words.length
  return words
    .repeat(Math.ceil((length + from) / words.length))
    .slice(from, from + length)
    .replace(/ $/, ".")
}
