/**
 * Model calls as `sql` and `export sqlite` tell them: one row a call, over the tables of the projection `usage`. Documented in docs/spec/usage.md.
 * Money is whole nano-dollars, and dollars beside them for spreadsheets; what was not told is null and not nothing.
 */
import { isoTime, type SqlView } from "./sql-view.ts"

export const usageViewTables: readonly string[] = ["usage_calls", "usage_cells", "usage_sessions", "usage_rates"]

/** Absent names are empty texts in the tables. */
const named = (column: string) => `nullif(${column}, '')`
/** As reports add it up: nothing where a model has no price and the host told none. */
const costNanos = "coalesce(u.computed, nullif(u.reported, 0))"
const totalTokens = "u.input + u.cache_read + u.cache_write + u.output"
const joined = "FROM usage_calls u JOIN usage_cells c ON c.id = u.cell JOIN usage_sessions s ON s.id = u.session"
/** Rates are nano-dollars per million tokens. */
const usd = (sum: string) => `(${sum}) / 1e15`
const writtenShortly = "max(u.cache_write - u.cache_write_1h, 0)"

export const usageViews: readonly SqlView[] = [
  {
    name: "llm_usage_events",
    words: "every model call: four classes of tokens that do not overlap, how long it took, how it ended, where it is known from, what it cost",
    select: `
      SELECT u.row AS id, ${isoTime("u.at_ms")} AS timestamp, u.sequence AS sequence, u.imported AS imported,
        ${named("c.agent")} AS agent, s.scope AS session_id, ${named("s.sender")} AS sender, ${named("s.parent")} AS parent_session, ${named("u.run")} AS run,
        coalesce(${named("c.kind")}, 'turn') AS kind, ${named("c.job")} AS cron, ${named("c.project")} AS project,
        ${named("c.channel")} AS channel, ${named("c.chat_type")} AS chat_type,
        ${named("c.provider")} AS provider, ${named("c.model")} AS model, ${named("c.api")} AS api, ${named("u.response")} AS response_id,
        ${named("u.stop")} AS stop_reason, CASE WHEN u.stop IN ('error', 'aborted') THEN 0 WHEN u.stop <> '' THEN 1 END AS success,
        u.latency_ms AS latency_ms, u.input AS input_tokens, u.cache_read AS cache_read_tokens, u.cache_write AS cache_write_tokens,
        u.output AS output_tokens, ${totalTokens} AS total_tokens, u.cache_write_1h AS cache_write_1h_tokens, u.reasoning AS reasoning_tokens,
        u.reported AS reported_nanos, u.computed AS computed_nanos, ${costNanos} AS cost_nanos, ${costNanos} / 1e9 AS cost_usd
      ${joined}`,
    columns: `id TEXT, timestamp TEXT, sequence INTEGER, imported INTEGER, agent TEXT, session_id TEXT, sender TEXT, parent_session TEXT, run TEXT, kind TEXT,
      cron TEXT, project TEXT, channel TEXT, chat_type TEXT, provider TEXT, model TEXT, api TEXT, response_id TEXT, stop_reason TEXT, success INTEGER,
      latency_ms INTEGER, input_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER,
      cache_write_1h_tokens INTEGER, reasoning_tokens INTEGER, reported_nanos INTEGER, computed_nanos INTEGER, cost_nanos INTEGER, cost_usd REAL`,
  },
  {
    name: "governance",
    words: "the same calls by the names that spreadsheets about agents use",
    select: `
      SELECT u.row AS event_id, ${isoTime("u.at_ms")} AS event_ts, ${named("c.agent")} AS agent_id, s.scope AS session_id, s.scope AS session_key,
        ${named("c.channel")} AS channel, ${named("c.chat_type")} AS chat_type, ${named("c.channel")} AS origin_provider,
        ${named("c.provider")} AS provider, ${named("c.model")} AS model, ${named("c.api")} AS api, ${named("u.stop")} AS stop_reason,
        u.input AS input_tokens, u.output AS output_tokens, u.cache_read AS cache_read_tokens, u.cache_write AS cache_write_tokens,
        ${totalTokens} AS total_tokens, ${usd("u.input * r.input")} AS cost_input, ${usd("u.output * r.output")} AS cost_output,
        ${usd("u.cache_read * r.cache_read")} AS cost_cache_read,
        ${usd(`${writtenShortly} * r.cache_write + u.cache_write_1h * r.cache_write_1h`)} AS cost_cache_write,
        ${costNanos} / 1e9 AS cost_total, ${costNanos} AS cost_total_nanos, u.imported AS imported, u.sequence AS sequence
      ${joined} LEFT JOIN usage_rates r ON r.id = u.rate`,
    columns: `event_id TEXT, event_ts TEXT, agent_id TEXT, session_id TEXT, session_key TEXT, channel TEXT, chat_type TEXT, origin_provider TEXT, provider TEXT,
      model TEXT, api TEXT, stop_reason TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,
      total_tokens INTEGER, cost_input REAL, cost_output REAL, cost_cache_read REAL, cost_cache_write REAL, cost_total REAL, cost_total_nanos INTEGER, imported INTEGER, sequence INTEGER`,
  },
]
