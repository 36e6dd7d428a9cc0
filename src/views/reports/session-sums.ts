/** What a session's tools, calls and messages come to. */
import { countOf, stringOf } from "../../base/json.ts"
import { dayMs } from "../../projections/usage-schema.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { hashOf, spanOf, type SessionEntry } from "./session-entries.ts"

export type SessionTool = { readonly tool: string; readonly calls: number; readonly errors: number; readonly denied: number; readonly timeMs: number }
export type SessionModel = { readonly model: string; readonly calls: number; readonly tokens: number; readonly costNanos: string }

/** Sends of the same words to the same recipient. */
export type SessionSend = {
  readonly channel: string
  readonly recipient: string | null
  readonly preview: string | null
  readonly count: number
  readonly sends: readonly { readonly sequence: number; readonly at: string; readonly success: boolean }[]
}

const previewCharacters = 200

export function toolsIn(entries: readonly SessionEntry[]): readonly SessionTool[] {
  const tools = new Map<string, { calls: number; errors: number; denied: number; timeMs: number }>()
  for (const { entry, facts } of entries) {
    const { type } = entry.header
    if (type !== "tool.invoked" && type !== "tool.returned" && type !== "tool.denied") continue
    const name = stringOf(facts["tool"]) ?? "unknown"
    const tool = tools.get(name) ?? { calls: 0, errors: 0, denied: 0, timeMs: 0 }
    tools.set(name, tool)
    if (type === "tool.invoked") tool.calls++
    if (type === "tool.denied") tool.denied++
    if (type === "tool.returned" && facts["failed"] === true) tool.errors++
    if (type === "tool.returned") tool.timeMs += countOf(facts["durationMs"]) ?? 0
  }
  return [...tools].map(([tool, sums]) => ({ tool, ...sums })).toSorted((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1))
}

/** Of the whole session, whatever part of it is shown. */
export function spentIn(access: LedgerAccess, scopes: readonly Buffer[]): readonly SessionModel[] {
  const days = daysOf(access, scopes)
  if (!days) return []
  const rows = access.ask((views) =>
    views
      .prepare(
        `SELECT cell.provider, cell.model, sum(calls) AS calls, sum(input + output + cache_read + cache_write) AS tokens, sum(cost) AS cost
         FROM usage_sessions AS session JOIN usage_session_days AS used ON used.session = session.id AND used.day >= ? AND used.day <= ?
         JOIN usage_cells AS cell ON cell.id = used.cell
         WHERE session.scope IN (${scopes.map(() => "?").join(", ")}) GROUP BY cell.provider, cell.model ORDER BY cost DESC, cell.provider, cell.model`,
      )
      .all(days.first, days.last, ...scopes.map((id) => id.toString("hex"))),
  ) as { provider: string; model: string; calls: number; tokens: number; cost: number }[]
  return rows.map(({ provider, model, calls, tokens, cost }) => ({
    ...{ model: `${provider || "unknown"}/${model || "unknown"}`, calls, tokens },
    costNanos: String(cost),
  }))
}

/** Days that its calls may be of, with one more at each end; sums are kept by day. Calls that were imported may be of any. */
function daysOf(access: LedgerAccess, scopes: readonly Buffer[]): { readonly first: number; readonly last: number } | undefined {
  const { first, last, hasImported } = spanOf(access, scopes)
  if (first === undefined || last === undefined) return undefined
  return hasImported
    ? { first: 0, last: Number.MAX_SAFE_INTEGER }
    : { first: Math.floor(first.atMs / dayMs) - 1, last: Math.floor(Math.max(last.atMs, last.entry.header.timeMs) / dayMs) + 1 }
}

export function sentIn(entries: readonly SessionEntry[]): readonly SessionSend[] {
  const groups = new Map<string, { readonly first: SessionEntry; readonly sends: SessionSend["sends"][number][] }>()
  for (const one of entries) {
    const { entry, facts, words, recipient, atMs } = one
    if (entry.header.type !== "message.sent") continue
    const said = words === undefined ? `#${entry.sequence}` : hashOf(words) // what is erased is compared with nothing
    const key = `${stringOf(facts["channel"]) ?? ""}\n${recipient ?? ""}\n${said}`
    const group = groups.get(key) ?? { first: one, sends: [] }
    groups.set(key, group)
    group.sends.push({ sequence: entry.sequence, at: new Date(atMs).toISOString(), success: facts["success"] === true })
  }
  return [...groups.values()].map(({ first: { facts, words, recipient }, sends }) => ({
    channel: stringOf(facts["channel"]) ?? "unknown",
    recipient: recipient ?? null,
    preview: words === undefined ? null : words.replace(/\s+/g, " ").slice(0, previewCharacters),
    count: sends.length,
    sends,
  }))
}
