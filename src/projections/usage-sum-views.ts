/**
 * Model calls added up, as `sql` and `export sqlite` tell them: a view for each thing people add up by, over the roll-ups of the projection `usage`, so that none
 * has to look at calls. Documented in docs/spec/usage.md.
 */
import type { SqlView } from "./sql-view.ts"

export const usageSumTables: readonly string[] = ["usage_quarters", "usage_days", "usage_session_days"]

const sum = (column: string) => `sum(t.${column})`
const priced = `(${sum("calls")} - ${sum("unpriced")})`
const prompt = `(${sum("input")} + ${sum("cache_read")} + ${sum("cache_write")})`

/** What each view has after its keys. Averages are over the calls whose cost is known: an unknown cost is not a cost of nothing. */
const sums: readonly (readonly [name: string, type: "INTEGER" | "REAL", select: string])[] = [
  ["calls", "INTEGER", sum("calls")],
  ["failed_calls", "INTEGER", sum("failed")],
  ["unpriced_calls", "INTEGER", sum("unpriced")],
  ["input_tokens", "INTEGER", sum("input")],
  ["cache_read_tokens", "INTEGER", sum("cache_read")],
  ["cache_write_tokens", "INTEGER", sum("cache_write")],
  ["output_tokens", "INTEGER", sum("output")],
  ["total_tokens", "INTEGER", `${prompt} + ${sum("output")}`],
  ["cached_tokens", "INTEGER", sum("cache_read")],
  ["fresh_tokens", "INTEGER", `${sum("input")} + ${sum("cache_write")}`],
  ["cached_share", "REAL", `${sum("cache_read")} * 1.0 / nullif(${prompt}, 0)`],
  ["cost_total_nanos", "INTEGER", sum("cost")],
  ["cost_total", "REAL", `${sum("cost")} / 1e9`],
  ["average_cost", "REAL", `${sum("cost")} / 1e9 / nullif(${priced}, 0)`],
]

export const sumNames: readonly string[] = sums.map(([name]) => name)

/** `keys`: each by its name and what is grouped by; `shown`, where that is not what is shown. */
type SumKeys = readonly { readonly name: string; readonly by: string; readonly shown?: string }[]

function sumView(by: string, words: string, keys: SumKeys, from: string): SqlView {
  const selected = [...keys.map(({ name, by: group, shown }) => `${shown ?? group} AS ${name}`), ...sums.map(([name, , select]) => `${select} AS ${name}`)]
  return {
    name: `usage_by_${by}`,
    words: `model calls added up by ${words}`,
    select: `SELECT ${selected.join(", ")} FROM ${from} GROUP BY ${keys.map(({ by: group }) => group).join(", ")}`,
    columns: [...keys.map(({ name }) => `${name} TEXT`), ...sums.map(([name, type]) => `${name} ${type}`)].join(", "),
  }
}

const byDay = "usage_days t"
const byCell = "usage_days t JOIN usage_cells c ON c.id = t.cell"
const named = (name: string, column = name) => ({ name, by: `nullif(c.${column}, '')` })
/** Day 0 was a Thursday. */
const monday = "(t.day + 3) / 7"

export const usageSumViews: readonly SqlView[] = [
  sumView(
    "hour",
    "hour (UTC)",
    [{ name: "hour", by: "t.quarter / 4", shown: "strftime('%Y-%m-%dT%H:00:00Z', t.quarter / 4 * 3600, 'unixepoch')" }],
    "usage_quarters t",
  ),
  sumView("day", "day (UTC)", [{ name: "day", by: "t.day", shown: "date(t.day * 86400, 'unixepoch')" }], byDay),
  sumView("week", "week (UTC), told by its Monday", [{ name: "week", by: monday, shown: `date((${monday} * 7 - 3) * 86400, 'unixepoch')` }], byDay),
  sumView("agent", "agent", [named("agent")], byCell),
  sumView("session", "session", [{ name: "session_id", by: "s.scope" }], "usage_session_days t JOIN usage_sessions s ON s.id = t.session"),
  sumView("model", "model", [named("provider"), named("model")], byCell),
  sumView("provider", "provider of models", [named("provider")], byCell),
  sumView("channel", "channel", [named("channel")], byCell),
  sumView("chat_type", "kind of chat", [named("chat_type")], byCell),
]
