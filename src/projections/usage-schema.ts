/**
 * Tables of what model calls used. Names are kept once: a call points to its cell (everything about it that has few values) and to its session. Roll-ups
 * hold sums by cell and quarter of an hour, by cell and day, and by session and day (UTC), so that no question has to add up calls.
 */
export const cellColumns = ["provider", "model", "api", "agent", "channel", "chat_type", "kind", "job", "project"] as const
export type CellColumn = (typeof cellColumns)[number]

export const sessionColumns = ["scope", "sender", "parent"] as const
export type SessionColumn = (typeof sessionColumns)[number]

/** Nano-dollars per million tokens of each class. */
export const rateColumns = ["input", "cache_read", "cache_write", "cache_write_1h", "output"] as const

/** Nanos are nano-dollars. `cost` is what is taken as true: computed where there is a price, else reported. */
export const sumColumns = [
  "calls",
  "failed",
  "input",
  "output",
  "cache_read",
  "cache_write",
  "cost",
  "reported",
  "computed",
  "unpriced",
  "drifted",
  "latency_ms",
] as const
export type SumColumn = (typeof sumColumns)[number]
export type Sums = { [C in SumColumn]: number }

export const quarterMs = 900_000
export const dayMs = 86_400_000

const text = (columns: readonly string[]) => columns.map((column) => `${column} TEXT NOT NULL`).join(", ")
const sums = sumColumns.map((column) => `${column} INTEGER NOT NULL`).join(", ")

export const usageTables = [
  "usage_cells",
  "usage_sessions",
  "usage_rates",
  "usage_runs",
  "usage_calls",
  "usage_quarters",
  "usage_days",
  "usage_session_days",
  "usage_sources",
]

export const usageSchema = `
  CREATE TABLE usage_cells(id INTEGER PRIMARY KEY, ${text(cellColumns)}, UNIQUE(${cellColumns.join(", ")})) STRICT;
  CREATE TABLE usage_sessions(id INTEGER PRIMARY KEY, ${text(sessionColumns)}, UNIQUE(${sessionColumns.join(", ")})) STRICT;
  CREATE TABLE usage_rates(id INTEGER PRIMARY KEY, ${rateColumns.map((column) => `${column} INTEGER NOT NULL`).join(", ")}, UNIQUE(${rateColumns.join(", ")})) STRICT;
  CREATE TABLE usage_runs(run TEXT PRIMARY KEY, kind TEXT NOT NULL, job TEXT NOT NULL, channel TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_calls(id INTEGER PRIMARY KEY, row TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, cell INTEGER NOT NULL,
    session INTEGER NOT NULL, stop TEXT NOT NULL, run TEXT NOT NULL, response TEXT NOT NULL, latency_ms INTEGER, input INTEGER NOT NULL, output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL, reasoning INTEGER NOT NULL, reported INTEGER, computed INTEGER,
    rate INTEGER, imported INTEGER NOT NULL) STRICT;
  CREATE INDEX usage_calls_by_time ON usage_calls(at_ms);
  CREATE TABLE usage_quarters(quarter INTEGER NOT NULL, cell INTEGER NOT NULL, ${sums}, PRIMARY KEY(quarter, cell)) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_days(day INTEGER NOT NULL, cell INTEGER NOT NULL, ${sums}, PRIMARY KEY(day, cell)) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_session_days(day INTEGER NOT NULL, session INTEGER NOT NULL, cell INTEGER NOT NULL, ${sums}, PRIMARY KEY(day, session, cell)) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_sources(source TEXT PRIMARY KEY, kind TEXT NOT NULL, size_bytes INTEGER NOT NULL, modified_ms INTEGER NOT NULL, inode INTEGER NOT NULL,
    end_byte INTEGER NOT NULL, rows INTEGER NOT NULL, unreadable INTEGER NOT NULL, depth TEXT NOT NULL) STRICT, WITHOUT ROWID;`
