/** export-csv: what Python's csv with decimals, and sqlite3's own import, read out of the files is what the ledger has. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { flagsOf, holds, jsonOf, makeHome } from "../cli/home.ts"
import { temporaryDirectory, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { requireTool } from "../tools.ts"
import { formula, fromMs, odd, peer, pricedNanos, reportedNanos, session, sampleTold, told, toldLedger, windowTold } from "./told-calls.ts"

const usage = "usage_events.csv"
const snapshots = "provider_usage_snapshots.csv"
const counts = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens", "cost_total_nanos", "latency_ms", "sequence"]
const dollars = ["cost_input", "cost_output", "cost_cache_read", "cost_cache_write", "cost_total", "used_percent"]
const times = ["event_ts", "reset_at", "sampled_at"]
const types = Object.fromEntries([
  ...counts.map((name) => [name, "integer"]),
  ...dollars.map((name) => [name, "decimal"]),
  ...times.map((name) => [name, "time"]),
])

type Row = Readonly<Record<string, string | number | null>>

function readTyped(file: string): readonly Row[] {
  const { stdout, stderr, status } = spawnSync("python3", [join(import.meta.dirname, "read_csv.py"), file, JSON.stringify(types)], { encoding: "utf8" })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as readonly Row[]
}

async function exported(t: Ending, ledger: TestLedger, ...more: readonly string[]) {
  ledger.close()
  const directory = join(temporaryDirectory(t), "reports")
  const home = makeHome(t)
  const run = (...flags: readonly string[]) => home.run(["export-csv", "--out-dir", directory, ...flagsOf(ledger), ...flags])
  const said = await run(...more)
  return { said, run, directory, usage: () => readTyped(join(directory, usage)), snapshots: () => readTyped(join(directory, snapshots)) }
}

describe("export-csv", requireTool("python3"), () => {
  test("opens with the right types: times, counts, exact dollars", async (t) => {
    const made = await exported(t, toldLedger(t), "--json")
    const { usageEvents, providerUsageSnapshots, directory } = jsonOf(made.said)
    assert.deepEqual([made.said.exit, usageEvents, providerUsageSnapshots, directory], [0, 6, 0, made.directory])
    const [first, second] = made.usage()
    assert.deepEqual(
      [first?.["event_ts"], first?.["input_tokens"], first?.["total_tokens"], first?.["cost_total_nanos"]],
      [told.first.atMs, 1_234_567, 1_234_567 + 50_001 + 11_003 + 3_333, Number(pricedNanos(told.first))],
    )
    // 1,234,567 tokens at $3, 50,001 at $0.30, 7,002 at $3.75 and 4,001 at $6.000000007, 3,333 at $15 a million.
    assert.deepEqual(
      ["cost_input", "cost_cache_read", "cost_cache_write", "cost_output", "cost_total"].map((name) => first?.[name]),
      ["3.703701", "0.0150003", "0.050263500028007", "0.049995", "3.818959801"],
    )
    assert.deepEqual([second?.["stop_reason"], second?.["cost_input"], second?.["latency_ms"]], ["error", "0.000003", null])
  })

  test("tells by names that cannot be run as formulas, whatever they are", async (t) => {
    const made = await exported(t, toldLedger(t))
    const rows = made.usage()
    assert.deepEqual(
      rows.map((row) => row["agent_id"]),
      ["main", "main", "night", odd, "main", `'${formula}`],
    )
    assert.equal(rows.at(-1)?.["model"], "'-mystery")
  })

  test("leaves empty what nobody knows: no cost is not a cost of nothing", async (t) => {
    const rows = (await exported(t, toldLedger(t))).usage()
    const costs = rows.map((row) => [row["cost_total"], row["cost_source"]])
    assert.deepEqual(costs.slice(3), [
      [`0.${reportedNanos}`, "reported"],
      ["0", "price"],
      [null, null],
    ])
    assert.deepEqual([rows[3]?.["cost_input"], rows[5]?.["origin_provider"]], [null, null])
  })

  test("names nobody unless asked to", async (t) => {
    const ledger = toldLedger(t)
    const made = await exported(t, ledger)
    assert.ok(!readFileSync(join(made.directory, usage), "utf8").includes(peer))
    const [row] = made.usage()
    assert.match(String(row?.["session_id"]), /^[0-9a-f]{32}$/)
    assert.equal(row?.["session_key"], row?.["session_id"])
    holds(await made.run("--labels", "--force"), { exit: 0, stderr: /6 model calls/ })
    assert.deepEqual(new Set(made.usage().map((one) => one["session_key"])), new Set([session]))
  })

  test("has windows of subscriptions, and its first line without any", async (t) => {
    const empty = await exported(t, toldLedger(t))
    assert.equal(
      readFileSync(join(empty.directory, snapshots), "utf8"),
      "provider,display_name,plan,window_label,used_percent,reset_at,sampled_at,sequence\r\n",
    )
    const ledger = toldLedger(t)
    ledger.record(windowTold("anthropic", "5h", 42_500, { plan: "max", resetsAtMs: fromMs + 3_600_000 }), windowTold("=x", "@week", 100_000))
    const [one, other] = (await exported(t, ledger)).snapshots()
    const { sequence: _, ...rest } = one ?? {}
    assert.deepEqual(rest, {
      provider: "anthropic",
      display_name: "Anthropic",
      plan: "max",
      window_label: "5h",
      used_percent: "42.5",
      reset_at: fromMs + 3_600_000,
      sampled_at: fromMs + 42_500,
    })
    assert.deepEqual([other?.["provider"], other?.["window_label"], other?.["used_percent"], other?.["reset_at"]], ["'=x", "'@week", "100", null])
  })

  test("has a row for each window of each sample, and what only a budget was told once", async (t) => {
    const ledger = toldLedger(t)
    const windows = [
      { label: "5h", usedMillipercent: 42_500, resetsAtMs: fromMs + 5 },
      { label: "Week", usedMillipercent: 101_001 },
    ]
    const count = 600
    ledger.record(
      ...Array.from({ length: count }, (_, n) => sampleTold("anthropic", fromMs + n, windows, { displayName: "Claude", plan: "Max" })),
      sampleTold("openai", fromMs, []),
      windowTold("anthropic", "5h", 42_500, { sampledAtMs: fromMs }),
      windowTold("anthropic", "Day", 1),
    )
    const made = await exported(t, ledger)
    const rows = made.snapshots()
    assert.deepEqual(
      rows.map(({ provider, window_label: label }) => `${provider} ${label}`),
      [...Array.from({ length: count }, () => ["anthropic 5h", "anthropic Week"]).flat(), "openai null", "anthropic Day"],
    )
    const shown = [rows[0], rows[1], rows.at(-2), rows.at(-1)].map((row) =>
      ["display_name", "plan", "used_percent", "reset_at", "sampled_at"].map((name) => row?.[name]),
    )
    assert.deepEqual(shown, [
      ["Claude", "Max", "42.5", fromMs + 5, fromMs],
      ["Claude", "Max", "101.001", null, fromMs],
      ["OpenAI", null, null, null, fromMs],
      ["Anthropic", null, "0.001", null, fromMs + 1],
    ])
    holds(await made.run("--force", "--since", new Date(fromMs + count - 2).toISOString()), { exit: 0, stderr: /and 4 snapshots/ })
  })

  test("takes the calls of a time, an agent or a session, in the order of time", async (t) => {
    const made = await exported(t, toldLedger(t), "--since", new Date(told.third.atMs).toISOString())
    assert.deepEqual(
      made.usage().map((row) => String(row["event_id"]).replace(/_+$/, "")),
      ["third", "told", "free", "unknown"],
    )
    const only = async (...flags: readonly string[]) => {
      holds(await made.run("--force", ...flags), { exit: 0, stderr: /written/ })
      return made.usage().length
    }
    assert.equal(await only("--until", new Date(told.third.atMs).toISOString()), 2)
    assert.equal(await only("--agent", "night"), 1)
    assert.equal(await only("--session", session), 6)
    assert.equal(await only("--session", "agent:main:other"), 0)
    holds(await made.run("--force", "--since", "2026-11-02", "--until", "2026-11-01"), { exit: 2, stderr: /--until must be after --since/ })
  })

  test("keeps files that are there unless it is forced, and leaves no half ones", async (t) => {
    const made = await exported(t, toldLedger(t))
    const before = readFileSync(join(made.directory, usage))
    writeFileSync(join(made.directory, snapshots), "mine")
    holds(await made.run(), { exit: 2, stderr: /exists already/ })
    assert.deepEqual([readFileSync(join(made.directory, usage)), readFileSync(join(made.directory, snapshots), "utf8")], [before, "mine"])
    assert.deepEqual(readdirSync(made.directory).sort(), [snapshots, usage])
    holds(await made.run("--force"), { exit: 0, stderr: /written/ })
    assert.deepEqual([readdirSync(made.directory).length, statSync(join(made.directory, usage)).mode & 0o777], [2, 0o600])
    holds(await makeHome(t).run("export-csv"), { exit: 2, stderr: /name their directory with --out-dir/ })
  })
})

test("sqlite3's own import reads as many rows and the same sums", requireTool("sqlite3"), async (t) => {
  const made = await exported(t, toldLedger(t))
  const query = "SELECT count(*), sum(input_tokens), sum(CAST(cost_total_nanos AS INTEGER)) FROM u"
  const { stdout, status } = spawnSync("sqlite3", [":memory:", `.import --csv ${join(made.directory, usage)} u`, query], { encoding: "utf8" })
  const nanos = pricedNanos(told.first) + pricedNanos(told.second) + pricedNanos(told.third) + BigInt(reportedNanos)
  assert.deepEqual([status, stdout.trim()], [0, `6|${1_234_567 + 1 + 7 + 30}|${nanos}`])
  assert.ok(existsSync(join(made.directory, snapshots)))
})
