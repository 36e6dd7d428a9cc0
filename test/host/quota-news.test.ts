/** When the host is asked of plans, what of its answers goes on record, and what is taken of them. */
import assert from "node:assert/strict"
import { test } from "node:test"
import type { MapContext } from "../../src/capture/hook-row.ts"
import { quotaRow, QuotaNews, Rhythm, sampleOnce } from "../../src/host/sample-windows.ts"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"

const minuteMs = 60_000
const claude = {
  provider: "anthropic",
  displayName: "Claude",
  plan: "Max (20x)",
  accountEmail: "somebody@example.org",
  windows: [{ label: "5h", usedPercent: 42.5, resetAt: 1_795_000_360_000 }],
}
const codex = { provider: "openai", displayName: "Codex", plan: "Plus ($0.00)", windows: [], billing: [{ type: "balance", amount: 0, unit: "USD" }] }

test("for the record the host is asked seldom, for a budget often, and soon again where it knew of nothing, a few times", () => {
  const rhythm = new Rhythm(15 * minuteMs)
  const ask = (nowMs: number, found: boolean, limits = false) => {
    rhythm.asking()
    assert.equal(rhythm.isDue(nowMs + 100 * minuteMs, true), false, "one question at a time")
    rhythm.answered(nowMs, found, limits)
  }
  assert.equal(rhythm.isDue(0, false), true)
  ask(0, false)
  assert.deepEqual([rhythm.isDue(29_000, false), rhythm.isDue(30_000, false)], [false, true])
  for (const atMs of [30_000, 60_000, 90_000]) ask(atMs, false)
  assert.equal(rhythm.isDue(120_000, false), false, "a gateway without plans is left alone")
  assert.equal(rhythm.isDue(95_000, true), true, "a first budget does not wait")
  ask(120_000, true, true)
  const due = (nowMs: number) => [rhythm.isDue(nowMs, true), rhythm.isDue(nowMs, false)]
  assert.deepEqual(
    [due(299_000), due(300_000), due(1_020_000)],
    [
      [false, false],
      [true, false],
      [true, true],
    ],
  )
  const never = new Rhythm(0)
  assert.deepEqual([never.isDue(1e9, false), never.isDue(1e9, true)], [false, true])
})

test("what a provider said before is no news for an hour", () => {
  const news = new QuotaNews()
  const answer = (updatedAt: number, ...providers: readonly object[]) => ({ updatedAt, providers })
  assert.deepEqual(news.of(answer(1, claude, codex), 0), answer(1, claude, codex))
  assert.equal(news.of(answer(2, claude, codex), minuteMs), undefined)
  const used = { ...claude, windows: [{ label: "5h", usedPercent: 43 }] }
  assert.deepEqual(news.of(answer(3, used, codex), 2 * minuteMs), answer(3, used))
  assert.deepEqual(news.of(answer(4, used, codex), 61 * minuteMs), answer(4, codex))
  for (const odd of [undefined, null, "x", { providers: {} }, { providers: [] }]) assert.equal(news.of(odd, 0), undefined)
})

test("what is recorded has the plan and its windows, and nothing of the account", () => {
  const picked =
    quotaRow?.pick({ updatedAt: 1_795_000_000_000, providers: [claude, codex, { provider: "zai", error: "Token expired", windows: [] }, "nonsense"] }, {}) ?? {}
  assert.doesNotMatch(JSON.stringify(picked), /example\.org|balance|expired/)
  const context: MapContext = { pseudonym: (text) => `~${text.length}`, judgeTool: () => ({ guarded: false, verdict: "allow" }) }
  const events = quotaRow?.map({ hook: "quota", atMs: 1, picked }, context) ?? []
  assert.deepEqual(
    events.map(({ type, id, facts }) => [type, id, "plan" in facts && facts.plan, "windows" in facts ? facts.windows : []]),
    [
      ["quota.sampled", "quota.sampled:anthropic/1795000000000", "Max (20x)", [{ label: "5h", usedMillipercent: 42_500, resetsAtMs: 1_795_000_360_000 }]],
      ["quota.sampled", "quota.sampled:openai/1795000000000", "Plus ($0.00)", []],
    ],
  )
  const odd = {
    sampledAtMs: "x",
    providers: [{ provider: "me@example.org", plan: "of me@example.org", displayName: "a\u0000b", windows: [{ label: "w", usedPercent: Number.NaN }, 7] }],
  }
  const [hidden] = quotaRow?.map({ hook: "quota", atMs: 5, picked: odd }, context) ?? []
  assert.doesNotMatch(JSON.stringify(hidden?.facts), /example|\\u0000/)
})

test("for the record alone nothing is ordered, and nothing that fails is told", async () => {
  const ledger = () => ({ client: { gate: () => assert.fail("no order") } }) as unknown as Pick<SharedLedger, "client">
  const recorded: unknown[] = []
  const source = { ledger, tell: (problem: string) => assert.fail(problem), record: (answer: unknown) => void recorded.push(answer) }
  assert.equal(await sampleOnce({ ...source, ask: () => Promise.resolve({ updatedAt: 1, providers: [claude] }) }, false), true)
  assert.equal(await sampleOnce({ ...source, ask: () => Promise.reject(new Error("no such method")) }, false), false)
  assert.equal(recorded.length, 1)
})
