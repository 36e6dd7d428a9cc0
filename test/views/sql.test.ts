/** Questions in SQL: what is documented can be asked, and nothing else can be read, called or changed; the same as a plain SQLite file. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseSignedCheckpoint } from "../../src/format/checkpoint.ts"
import { projections } from "../../src/projections/projection-list.ts"
import { sqlTables, sqlViews } from "../../src/projections/sql-views.ts"
import { openPlainDatabase } from "../../src/vault/database.ts"
import { exportSqlite } from "../../src/views/export-sqlite.ts"
import { askSql } from "../../src/views/sql.ts"
import { runCommand } from "../commands/command-process.ts"
import { startMs, temporaryDirectory } from "../ledger-fixture.ts"
import { cents, spentLedger, threeDays } from "./spent-ledger.ts"

const { ledger } = threeDays({ after })
const access = ledger.read()
const ask = (query: string, limit = 1_000) => askSql(access, query, limit)
const refused = (why: RegExp) => (error: unknown) => error instanceof Fault && error.code === "sql.refused" && error.exitStatus === 2 && why.test(error.message)

describe("sql", () => {
  test("answers what was asked, whatever way it joins, groups and sorts", () => {
    const questions: readonly (readonly [string, readonly unknown[]])[] = [
      ["SELECT sum(amount_nanos) FROM entries WHERE type = 'debit' AND account LIKE 'spent:%'", [2_110_000_000 + 880_000_000 - 40_000_000 + 110_000_000]],
      ["-- a comment\n/* and another */ select count(*) from holds", [12]],
      ["WITH d AS (SELECT * FROM entries WHERE type = 'debit') SELECT count(DISTINCT d.sequence) FROM d JOIN holds h USING (hold)", [9]],
      ["SELECT account FROM accounts WHERE account LIKE 'spent:%' ORDER BY balance DESC LIMIT 1", ["spent:anthropic/claude-sonnet-4-5"]],
      ["SELECT name FROM budgets WHERE per = 'day'", ["daily"]],
      ["SELECT e.kind FROM entries e WHERE e.sequence IN (SELECT closed_sequence FROM holds WHERE hold = 'a0') LIMIT 1", ["hold"]],
      ["WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n", [15]],
      ["SELECT type, row_number() OVER (ORDER BY id) FROM entries ORDER BY id LIMIT 1", ["credit", 1]],
      ["SELECT 9007199254740993, x'00ff', NULL, 1.5", ["9007199254740993", "00ff", null, 1.5]],
    ]
    for (const [query, row] of questions) assert.deepEqual(ask(query).rows[0], row, query)
    assert.deepEqual(ask("SELECT 1 AS a, 2 AS a"), { columns: ["a", "a"], rows: [[1, 2]], truncated: false })
  })

  test("answers no more rows than asked for, and says that there are more", () => {
    const all = ask("SELECT * FROM entries").rows.length
    assert.deepEqual([ask("SELECT * FROM entries", all).truncated, ask("SELECT * FROM entries", all - 1).truncated], [false, true])
    assert.equal(ask("SELECT * FROM entries", 3).rows.length, 3)
  })

  test("refuses with a sentence what is no question over the views", () => {
    const hidden = projections.flatMap(({ tables }) => tables).filter((table) => !sqlTables.includes(table))
    const cases: readonly (readonly [string, RegExp])[] = [
      ...[...hidden, "places", "sqlite_schema", "sqlite_temp_schema", "sqlite_master"].map(
        (table) => [`SELECT * FROM ${table}`, /only the views|no such/] as const,
      ),
      ["SELECT (SELECT count(*) FROM timeline) FROM entries", /only the views/],
      ["SELECT 1 WHERE EXISTS (SELECT 1 FROM activity)", /only the views/],
      ["WITH entries AS (SELECT * FROM timeline) SELECT * FROM entries", /only the views/],
      ["SELECT * FROM pragma_database_list", /only the views/],
      ["SELECT * FROM pragma_table_info('timeline')", /only the views/],
      ["SELECT * FROM json_each('[1]')", /only the views/],
      ["SELECT sqlite3mc_codec_data('cipher_salt')", /not for questions|no such function/],
      ["SELECT load_extension('x')", /not for questions|no such function|not authorized/],
      ["PRAGMA database_list", /begin with SELECT/],
      ["PRAGMA query_only = OFF", /begin with SELECT/],
      ["ATTACH 'x.db' AS x", /begin with SELECT/],
      ["DELETE FROM posting_amounts", /begin with SELECT/],
      ["VALUES (1)", /begin with SELECT/],
      ["EXPLAIN SELECT 1", /begin with SELECT/],
      ["", /begin with SELECT/],
      ["WITH a AS (SELECT 1) DELETE FROM posting_amounts RETURNING *", /would write/],
      ["WITH a AS (SELECT 1) INSERT INTO posting_amounts SELECT 1, 1, 'x', 'y', 'z', 1", /would write/],
      ["SELECT 1; SELECT 2", /more than one statement/],
      ["SELECT 1; DROP TABLE posting_amounts", /more than one statement/],
      ["SELECT", /incomplete|syntax/],
      ["SELECT moon FROM entries", /no such column/],
      ["SELECT * FROM nowhere", /no such table/],
      ["SELECT ?", /parameter/],
      ["SELECT sum(9223372036854775807) FROM entries", /overflow/],
    ]
    for (const [query, why] of cases) assert.throws(() => ask(query), refused(why), query)
    assert.equal(ask("SELECT count(*) FROM holds").rows[0]?.[0], 12)
  })

  test("leaves the tables to whoever brings them forward next", (t) => {
    const own = spentLedger(t)
    own.give({ do: "allocate", id: "one", atMs: startMs, account: "agent:main", amounts: cents(1) })
    assert.equal(askSql(own.ledger.read(), "SELECT * FROM entries", 9).rows.length, 2)
    own.give({ do: "allocate", id: "two", atMs: startMs, account: "agent:main", amounts: cents(1) })
    assert.equal(askSql(own.ledger.read(), "SELECT * FROM entries", 9).rows.length, 4)
  })
})

describe("export sqlite", () => {
  test("holds the views as tables, every row of them, and says of which moment", (t) => {
    const path = join(temporaryDirectory(t), "ledger.sqlite")
    writeFileSync(path, "")
    const { rows, size } = exportSqlite(access, path, "2026-11-28T00:00:00.000Z")
    const out = openPlainDatabase(path)
    let count = 0
    for (const { name, columns } of sqlViews) {
      const table = out.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).safeIntegers(false).raw().all()
      assert.deepEqual(table, ask(`SELECT * FROM ${name} ORDER BY 1, 2`, 10_000).rows)
      assert.deepEqual(
        columns.split(",").map((column) => column.trim().split(" ")[0]),
        ask(`SELECT * FROM ${name}`).columns,
      )
      count += table.length
    }
    assert.deepEqual([rows, size], [count, access.reader.size()])
    const about = Object.fromEntries(out.prepare("SELECT name, value FROM about").raw().all() as [string, string][])
    assert.equal(about["encrypted"], "no")
    assert.equal(parseSignedCheckpoint(about["checkpoint"] ?? "")?.size, size)
    out.close()
    assert.equal(readFileSync(path).subarray(0, 15).toString(), "SQLite format 3")
  })
})

describe("the commands sql and export sqlite", () => {
  const run = (...args: readonly string[]) => {
    const places = ["--data-dir", ledger.files.directory, "--key-file", ledger.places.keyFile, "--head-note", ledger.files.headNote]
    return runCommand([...args, ...places], { OPENCLAW_STATE_DIR: "/nonexistent" })
  }

  test("as a table, as JSON, as CSV no spreadsheet runs, and refused", async () => {
    const query = "SELECT account, balance FROM accounts WHERE account LIKE 'tools:%'"
    assert.deepEqual(await run("sql", query), { status: 0, stdout: "account       balance\ntools:web  1000000000\n", stderr: "" })
    assert.deepEqual(await run("sql", "SELECT '=1+1' AS a, -5 AS b, 'x,y' AS c", "--csv"), { status: 0, stdout: `a,b,c\r\n'=1+1,-5,"x,y"\r\n`, stderr: "" })
    const json = JSON.parse((await run("sql", "SELECT id FROM entries", "--limit", "2", "--json")).stdout) as Record<string, unknown>
    assert.deepEqual([json["schemaVersion"], json["columns"], json["truncated"], (json["rows"] as unknown[]).length], [1, ["id"], true, 2])
    const no = await run("sql", "SELECT * FROM timeline")
    assert.deepEqual([no.status, no.stdout], [2, ""])
    assert.match(no.stderr, /only the views entries, accounts, holds, budgets, llm_usage_events, governance, usage_by_hour, .* can be asked/)
    assert.equal((await run("sql", query, "--csv", "--json")).status, 2)
  })

  test("as a file of the owner's alone, which is never replaced, and says that it is open", async (t) => {
    const file = join(temporaryDirectory(t), "out.sqlite")
    const made = await run("export", "sqlite", "--out", file)
    assert.deepEqual([made.status, made.stdout], [0, ""])
    assert.match(made.stderr, /not encrypted/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const before = readFileSync(file)
    const again = await run("export", "sqlite", "--out", file)
    assert.equal(again.status, 2)
    assert.match(again.stderr, /exists already/)
    assert.deepEqual(readFileSync(file), before)
    assert.equal((await run("export", "sqlite")).status, 2)
    const nowhere = join(file, "no", "such")
    assert.equal((await run("export", "sqlite", "--out", nowhere)).status, 2)
    assert.equal(existsSync(nowhere), false)
  })
})
