/**
 * Tools that hand work on and look at what became of it. A session that has to delegate may have these and no others: what reads, writes or runs something is never
 * among them, whatever an operator adds. Names are the host's (its docs, concepts/session-tool.md and tools/tool-search.md).
 */
export const routerTools: readonly string[] = [
  ...["sessions_spawn", "sessions_send", "sessions_list", "sessions_history", "session_status", "memory_search", "memory_get"],
  ...["sessions_yield", "sessions_search", "subagents", "agents_wait"],
]

/** What may be added to them: it plans, shows progress or lists, and touches nothing. */
const mayBeAdded: ReadonlySet<string> = new Set([...routerTools, "agents_list", "update_plan", "progress_card", "get_goal"])

export function isRouterTool(name: string): boolean {
  return mayBeAdded.has(name)
}

/** Around other tools: what they call passes the same hook by itself. */
const wrappers: ReadonlySet<string> = new Set(["tool_search", "tool_describe", "tool_call", "tool_search_code", "wait"])

/** @param kind the host's word on tools that share a name: the `exec` of code mode is a wrapper, a shell is not */
export function isWrapper(tool: string, kind: unknown): boolean {
  return wrappers.has(tool) || (typeof kind === "string" && kind.startsWith("code_mode_"))
}
