/** What was posted as `sql` and `export sqlite` tell it, over the tables of the projection `postings`: documented in docs/spec/ledger.md. */
import { isoTime, type SqlView } from "./sql-view.ts"

/** Exact, without an exponent: a cent is ten million nano-dollars. */
const cents = (nanos: string) => `rtrim(rtrim(printf('%d.%07d', ${nanos} / 10000000, ${nanos} % 10000000), '0'), '.')`

const side = (type: "debit" | "credit") => `
  SELECT a.sequence || '.' || a.part || '.' || a.unit || '.${type}' AS id,
    ${isoTime("e.at_ms")} AS timestamp,
    a.${type} AS account,
    CASE a.unit WHEN 'moneyNanos' THEN ${cents("a.amount")} END AS amount_cents,
    '${type}' AS type,
    e.reason AS reason,
    coalesce(e.session, h.session) AS session_id,
    a.sequence AS sequence,
    CASE a.unit WHEN 'moneyNanos' THEN a.amount END AS amount_nanos,
    a.unit AS unit,
    a.amount AS amount,
    e.kind AS kind,
    e.grade AS grade,
    e.late AS late,
    e.over AS over,
    e.hold AS hold,
    e.transfer AS transfer,
    e.corrects AS corrects,
    coalesce(e.budgets, h.budgets) AS budgets,
    coalesce(e.model, h.model) AS model,
    coalesce(e.provider, h.provider) AS provider,
    coalesce(e.tool, h.tool) AS tool,
    coalesce(e.agent, h.agent) AS agent,
    coalesce(e.channel, h.channel) AS channel,
    coalesce(e.cron, h.cron) AS cron,
    coalesce(e.payer, h.payer) AS payer
  FROM posting_amounts a JOIN posted_entries e ON e.sequence = a.sequence LEFT JOIN posted_holds h ON h.placed = e.placed`

export const postingViews: readonly SqlView[] = [
  {
    name: "entries",
    words: "both sides of every movement that was posted",
    select: `${side("debit")} UNION ALL ${side("credit")}`,
    columns: `id TEXT, timestamp TEXT, account TEXT, amount_cents TEXT, type TEXT, reason TEXT, session_id TEXT, sequence INTEGER, amount_nanos INTEGER, unit TEXT,
      amount INTEGER, kind TEXT, grade TEXT, late INTEGER, over INTEGER, hold TEXT, transfer TEXT, corrects TEXT, budgets TEXT, model TEXT, provider TEXT, tool TEXT,
      agent TEXT, channel TEXT, cron TEXT, payer TEXT`,
  },
  {
    name: "accounts",
    words: "what each account got, gave, has left and keeps for open holds, by unit",
    select: `
      SELECT account, unit, sum(debits) AS debits, sum(credits) AS credits, sum(debits) - sum(credits) AS balance, sum(held) AS held FROM (
        SELECT debit AS account, unit, amount AS debits, 0 AS credits, 0 AS held FROM posting_amounts
        UNION ALL SELECT credit, unit, 0, amount, 0 FROM posting_amounts
        UNION ALL SELECT account, unit, 0, 0, amount FROM held_amounts) GROUP BY account, unit`,
    columns: "account TEXT, unit TEXT, debits INTEGER, credits INTEGER, balance INTEGER, held INTEGER",
  },
  {
    name: "holds",
    words: "every hold that was placed, and how it ended",
    select: `
      SELECT hold, attempt, placed AS sequence, ${isoTime("at_ms")} AS timestamp, ${isoTime("expires_ms")} AS expires, state,
        ${isoTime("consumed_ms")} AS consumed, closed AS closed_sequence, ${isoTime("closed_ms")} AS closed, reason,
        CAST(held ->> '$.moneyNanos' AS INTEGER) AS held_nanos, held, session AS session_id, budgets, model, provider, tool, agent, channel, cron, payer
      FROM posted_holds`,
    columns: `hold TEXT, attempt INTEGER, sequence INTEGER, timestamp TEXT, expires TEXT, state TEXT, consumed TEXT, closed_sequence INTEGER, closed TEXT, reason TEXT,
      held_nanos INTEGER, held TEXT, session_id TEXT, budgets TEXT, model TEXT, provider TEXT, tool TEXT, agent TEXT, channel TEXT, cron TEXT, payer TEXT`,
  },
  {
    name: "budgets",
    words: "the rules in force and the period each is in; what is left is told by budget show",
    select: `
      SELECT name, sequence, rule ->> '$.mode' AS mode, rule ->> '$.period.per' AS per, rule ->> '$.period.zone' AS zone,
        CAST(rule ->> '$.limit.moneyNanos' AS INTEGER) AS limit_nanos, rule -> '$.limit' AS limits, carried, rule -> '$.match' AS matches,
        rule ->> '$.rollover' AS rollover, ${isoTime("start_ms")} AS starts, ${isoTime("end_ms")} AS ends, frozen
      FROM posted_budgets`,
    columns: `name TEXT, sequence INTEGER, mode TEXT, per TEXT, zone TEXT, limit_nanos INTEGER, limits TEXT, carried TEXT, matches TEXT, rollover INTEGER, starts TEXT,
      ends TEXT, frozen TEXT`,
  },
]
