/** sovereign-ledger sql | export sqlite */
import { rmSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { sqlViews } from "../../../projections/sql-views.ts"
import { sumNames } from "../../../projections/usage-sum-views.ts"
import { csvCell } from "../../../views/export.ts"
import { exportSqlite } from "../../../views/export-sqlite.ts"
import { askSql, type SqlAnswer } from "../../../views/sql.ts"
import { sqlTable } from "../../render/sql-table.ts"
import { countWords } from "../../render/words.ts"
import type { CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { openSink } from "../sink.ts"
import { reading } from "./events.ts"

const rowsByDefault = 1_000
const sumsPrefix = "usage_by_"

const viewLines = sqlViews.map(({ name, words, columns }) => {
  const names = columns.split(",").map((column) => column.trim().split(" ")[0])
  const own = names.filter((column) => !sumNames.includes(column ?? ""))
  // Views that add up have the same sums; they are told once.
  return name.startsWith(sumsPrefix) ? `${name}: ${words}; ${own.join(", ")}, and the sums` : `${name}: ${words}\n  ${names.join(", ")}`
})
viewLines.push(`The sums: ${sumNames.join(", ")}.`)

export const sqlCommand: CommandRow = {
  path: "sql",
  summary: "One question in SQL over what was posted and what model calls used",
  argument: { name: "<query>", words: "one SELECT, or WITH ... SELECT, in SQLite's dialect" },
  options: [
    { flags: "--limit <n>", words: "at most that many rows (default 1,000)", parse: wholeNumber("--limit", 1, 1_000_000) },
    { flags: "--csv", words: "CSV for a spreadsheet; a cell it would run as a formula gets a leading apostrophe" },
  ],
  help: `Reads only, and only these views:
${viewLines.join("\n")}
Money is in columns that end in _nanos (integers; 1 USD = 1,000,000,000), of what was posted also in amount_cents (exact decimal text), of calls also in
dollars (cost_usd, cost_total; for spreadsheets, not exact); other units are in amount. With --json, rows are
arrays in the order of columns, and integers beyond 2^53 are strings. Table functions, PRAGMA and ATTACH are not there.

Exit status: 0 answered, 2 it cannot be asked.

Examples:
  sovereign-ledger sql "SELECT model, sum(amount_nanos) / 1e9 AS usd FROM entries WHERE type = 'debit' AND account LIKE 'spent:%' GROUP BY model"
  sovereign-ledger sql "SELECT agent, sum(cost_nanos) / 1e9 AS usd, avg(latency_ms) FROM llm_usage_events GROUP BY agent"
  sovereign-ledger sql "SELECT day, average_cost, cached_share FROM usage_by_day ORDER BY day"
  sovereign-ledger sql "SELECT * FROM governance ORDER BY event_ts DESC" --csv`,
  run: (context, flags, query = "") =>
    reading(context, async (access) => {
      if (context.json && flags["csv"] === true) throw new Fault("cli.usage", { problem: "--json and --csv are two forms of one answer; ask for one of them." })
      const { nowMs, terminal } = context
      const limit = (flags["limit"] as number | undefined) ?? rowsByDefault
      const found = askSql(access, query, limit)
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), limit, ...found }
      if (flags["csv"] === true && !context.json) await terminal.product(csvText(found))
      else await terminal.write(context.json ? `${JSON.stringify(body)}\n` : sqlTable(found, terminal))
      if (found.truncated && !context.json) terminal.note(`There are more than ${countWords(limit, "row")}; --limit shows more.`)
      return 0
    }),
}

function csvText({ columns, rows }: SqlAnswer): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("")
}

export const exportSqliteCommand: CommandRow = {
  path: "export sqlite",
  summary: "What was posted and what model calls used, as a plain SQLite file (not encrypted)",
  options: [{ flags: "--out <file>", words: "the file to make (mode 0600); refuses to replace one" }],
  help: `Tables: ${sqlViews.map(({ name }) => name).join(", ")}, with the columns that sql --help lists, and about, which says of which size of the journal they are, with a signed checkpoint.
The file is NOT encrypted: who can read it can read every amount, account and model, though nothing anybody wrote. It cannot be verified; export json can.

Example:
  sovereign-ledger export sqlite --out ledger.sqlite`,
  run: (context, flags) => {
    const out = flags["out"] as string | undefined
    if (out === undefined)
      throw new Fault("cli.usage", { problem: "export sqlite makes a file; name it with --out FILE.", command: "sovereign-ledger export sqlite" })
    return reading(context, async (access) => {
      const { nowMs, terminal } = context
      openSink(context, out).close()
      const progress = terminal.progress("Exporting")
      try {
        const { rows, size } = exportSqlite(access, out, new Date(nowMs).toISOString(), (done) => progress(done, done))
        const words = `${countWords(rows, "row")} of ${countWords(size, "entry", "entries")}`
        terminal.note(`${words} written to ${out}. It is not encrypted: keep it where only you can read it.`)
        if (context.json)
          await terminal.write(`${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), file: out, rows, entries: size })}\n`)
      } catch (error) {
        // Half a file would pass for a whole one; it was ours from the first byte.
        rmSync(out, { force: true })
        throw error
      }
      return 0
    })
  },
}
