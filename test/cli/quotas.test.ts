/** quotas as an operator uses it: plans and windows, how they stand and how they were. */
import assert from "node:assert/strict"
import { test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, jsonOf, makeHome } from "./home.ts"

const hourMs = 3_600_000
type Window = { readonly label: string; readonly usedMillipercent: number; readonly resetsAtMs?: number }

function sample(provider: string, sampledAtMs: number, more: object, windows: readonly Window[]): NewEvent {
  return { type: "quota.sampled", id: `quota.sampled:${provider}/${sampledAtMs}`, facts: { provider, sampledAtMs, windows, ...more } }
}

type Quotas = {
  readonly quotas: readonly {
    readonly provider: string
    readonly billing: string
    readonly note: string | null
    readonly sampledAt: string
    readonly windows: readonly object[]
  }[]
}

test("plans, their windows and their history; a plan at nothing is no bill for tokens", async (t) => {
  const home = makeHome(t)
  const ledger = temporaryLedger(t)
  const run = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])
  holds(await run("quotas"), { exit: 0, stdout: /^No provider has told of a plan yet\./ })
  const nowMs = Date.now()
  const [claude, codex] = [
    { displayName: "Claude", plan: "Max (20x)" },
    { displayName: "Codex", plan: "Plus ($0.00)" },
  ]
  const resetsAtMs = nowMs + hourMs
  ledger.record(
    sample("anthropic", nowMs - 30 * 24 * hourMs, claude, [{ label: "5h", usedMillipercent: 1_000 }]),
    sample("anthropic", nowMs - 2 * hourMs, claude, [{ label: "5h", usedMillipercent: 42_500, resetsAtMs }]),
    sample("anthropic", nowMs - hourMs, claude, [
      { label: "Week", usedMillipercent: 7_000, resetsAtMs: resetsAtMs + hourMs },
      { label: "5h", usedMillipercent: 61_250, resetsAtMs },
    ]),
    sample("openai", nowMs - hourMs, codex, []),
    sample("openai", nowMs - hourMs, { plan: "said twice" }, []),
    sample("zai", nowMs - hourMs, {}, [{ label: "Month", usedMillipercent: 100_000 }]),
  )
  ledger.close()
  const { quotas } = jsonOf<Quotas>(await run("quotas --json"))
  assert.deepEqual(
    quotas.map(({ provider, billing, sampledAt, windows }) => [provider, billing, sampledAt, windows.length]),
    [
      ["anthropic", "plan", new Date(nowMs - hourMs).toISOString(), 2],
      ["openai", "unknown", new Date(nowMs - hourMs).toISOString(), 0],
      ["zai", "plan", new Date(nowMs - hourMs).toISOString(), 1],
    ],
  )
  assert.deepEqual(quotas[0]?.windows[0], { label: "5h", usedPercent: 61.25, resetAt: new Date(resetsAtMs).toISOString() })
  assert.match(quotas[0]?.note ?? "", /not billed by the token/)
  assert.match(quotas[1]?.note ?? "", /its price or its credit, not a bill for tokens/)
  holds(await run("quotas"), {
    exit: 0,
    stdout:
      /^Claude \(anthropic\) {2}plan Max \(20x\)[^]*\n {2}5h {7}█{12}░{8} 61\.25 % {2}resets \d{4}[^]*Codex \(openai\) {2}plan Plus \(\$0\.00\)[^]*not a bill for tokens[^]*\nzai {2}asked/,
  })
  const history = jsonOf<Quotas>(await run("quotas --history --json"))
  assert.deepEqual(
    history.quotas.map(({ provider }) => provider),
    ["anthropic", "openai", "zai", "anthropic"],
  )
  assert.equal(jsonOf<Quotas>(await run("quotas --history --since 60d --json")).quotas.length, 5)
  const csv = (await run("quotas --history --since 60d --csv")).stdout.trimEnd().split("\r\n")
  assert.deepEqual([csv.length, csv[0]], [7, "provider,display_name,plan,billing,window_label,used_percent,reset_at,sampled_at"])
  const asked = await home.run([
    "sql",
    "SELECT provider, display_name, plan, window_label, used_percent, reset_at, sampled_at FROM provider_usage_snapshots ORDER BY sampled_at, provider, window_label",
    "--json",
    ...flagsOf(ledger),
  ])
  const rows = jsonOf(asked)["rows"] as readonly (readonly unknown[])[]
  assert.deepEqual(
    [rows.length, rows[1], rows[4]],
    [
      6,
      ["anthropic", "Claude", "Max (20x)", "5h", 42.5, new Date(resetsAtMs).toISOString(), new Date(nowMs - 2 * hourMs).toISOString()],
      ["openai", "Codex", "Plus ($0.00)", null, null, null, new Date(nowMs - hourMs).toISOString()],
    ],
  )
  for (const [command, words] of [
    ["quotas --since 1h", /--since is for --history/],
    ["quotas --csv --json", /two forms of one answer/],
  ] as const) {
    const { exit, stdout, stderr } = await run(command)
    assert.equal(exit, 2)
    assert.match(stdout + stderr, words)
  }
})
