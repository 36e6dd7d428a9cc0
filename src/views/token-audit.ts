/** Every model call as a line, in the order of the record, and the last prompt that was larger than is warned of. */
import { countOf, stringOf, type Json } from "../base/json.ts"
import { factsOf } from "../journal/reader.ts"
import { contentOf, listEvents } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type AuditedCall = {
  /** Its place among the calls, which later ones come after. */
  readonly number: number
  readonly sequence: number
  readonly timestamp: string
  /** The session's key; the id of its scope, where its contents were erased. */
  readonly sessionId: string
  readonly runId: string
  readonly agent: string
  readonly provider: string
  readonly model: string
  readonly usage: { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number; readonly total: number }
  /** Nano-dollars, null where it is not known. */
  readonly costNanos: string | null
}

type Row = {
  readonly id: number
  readonly sequence: number
  readonly at_ms: number
  readonly scope: string
  readonly run: string
  readonly agent: string
  readonly provider: string
  readonly model: string
  readonly input: number
  readonly output: number
  readonly cache_read: number
  readonly cache_write: number
  readonly cost: number | null
}

const columns = `call.id, call.sequence, call.at_ms, session.scope, call.run, cell.agent, cell.provider, cell.model, call.input, call.output,
  call.cache_read, call.cache_write, coalesce(call.computed, call.reported) AS cost
  FROM usage_calls call JOIN usage_cells cell ON cell.id = call.cell JOIN usage_sessions session ON session.id = call.session`

/** The last of them, in order. */
export function lastCalls(access: LedgerAccess, most: number): readonly AuditedCall[] {
  const rows = access.ask((views) => views.prepare(`SELECT ${columns} ORDER BY call.id DESC LIMIT ?`).all(most)) as Row[]
  return rows.toReversed().map((row) => callOf(access, row))
}

/** Those that came after one, in order, `most` of them. */
export function callsAfter(access: LedgerAccess, number: number, most: number): readonly AuditedCall[] {
  const rows = access.ask((views) => views.prepare(`SELECT ${columns} WHERE call.id > ? ORDER BY call.id LIMIT ?`).all(number, most)) as Row[]
  return rows.map((row) => callOf(access, row))
}

function callOf({ scopes }: LedgerAccess, row: Row): AuditedCall {
  const { input, output, cache_read: cacheRead, cache_write: cacheWrite } = row
  const scope = scopes?.byId(Buffer.from(row.scope, "hex"))
  return {
    ...{ number: row.id, sequence: row.sequence, timestamp: new Date(row.at_ms).toISOString() },
    sessionId: typeof scope === "object" && scope.session !== "" ? scope.session : row.scope,
    ...{ runId: row.run, agent: row.agent, provider: row.provider, model: row.model },
    usage: { input, output, cacheRead, cacheWrite, total: input + output + cacheRead + cacheWrite },
    costNanos: row.cost === null ? null : String(row.cost),
  }
}

export type LargePrompt = {
  readonly sequence: number
  readonly timestamp: string
  readonly sessionId: string | null
  readonly runId: string
  readonly provider: string
  readonly model: string
  readonly lengths: { readonly prompt: number; readonly system: number; readonly history: number; readonly total: number }
  readonly historyMessages: number
  readonly threshold: number
  /** The beginnings of both texts; null where they were erased, or a hash where texts are kept as hashes alone. */
  readonly systemPrompt: Json
  readonly prompt: Json
  /** How many there are on record. */
  readonly warnings: number
}

export function lastLargePrompt(access: LedgerAccess): LargePrompt | null {
  const { events, total } = listEvents(access, { type: "prompt.exceeded" }, 1, 0)
  const [last] = events
  const entry = last && access.reader.entry(last.sequence)
  if (!entry) return null
  const facts = factsOf(entry)
  const { text } = contentOf(access, entry)
  const content = text === undefined ? {} : (JSON.parse(text) as { readonly prompt?: Json; readonly systemPrompt?: Json })
  const count = (name: string) => countOf(facts[name]) ?? 0
  return {
    ...{ sequence: entry.sequence, timestamp: new Date(entry.header.timeMs).toISOString(), sessionId: last.sessionId },
    ...{ runId: stringOf(facts["run"]) ?? "", provider: stringOf(facts["provider"]) ?? "", model: stringOf(facts["model"]) ?? "" },
    lengths: { prompt: count("promptLength"), system: count("systemLength"), history: count("historyLength"), total: count("totalLength") },
    ...{ historyMessages: count("historyMessages"), threshold: count("threshold") },
    ...{ systemPrompt: content.systemPrompt ?? null, prompt: content.prompt ?? null, warnings: total },
  }
}
