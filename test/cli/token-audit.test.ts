/** `token-audit` as an operator types it: a line a call, as they come in, and the last prompt that was too large. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { until } from "../writer/rig.ts"
import { temporaryLedger, type TestLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, jsonOf, makeHome } from "./home.ts"

const scope = { session: "agent:main:main", sender: "" }

function call(ledger: TestLedger, n: number, more: object = {}): void {
  const tokens = { inputTokens: 10 + n, outputTokens: 2, cacheReadTokens: 5, cacheWriteTokens: 1, computedNanos: "1500000" }
  const facts = {
    role: "assistant",
    row: `row${n}`,
    run: `run${n % 2}`,
    provider: "anthropic",
    model: "claude",
    agent: "main",
    atMs: Date.UTC(2026, 10, 3) + n,
    ...tokens,
    ...more,
  } as const
  ledger.record({ type: "usage.reported", id: `u${n}`, scope, facts })
}

type Call = {
  readonly number: number
  readonly sessionId: string
  readonly runId: string
  readonly usage: Record<string, number>
  readonly costNanos: string | null
  readonly timestamp: string
}

describe("token-audit", { concurrency: 2 }, () => {
  test("show lists every call once, in order, as a line and as JSON", async (t) => {
    const ledger = temporaryLedger(t)
    const home = makeHome(t)
    const run = (...words: readonly string[]) => home.run(["token-audit", ...words, ...flagsOf(ledger)])
    ledger.close()
    holds(await run("show"), { exit: 0, stdout: /^No model call is on record\.\n$/ })
    for (const n of [1, 2, 2, 3]) call(ledger, n)
    call(ledger, 4, { computedNanos: undefined })
    ledger.close()
    const { calls } = jsonOf<{ calls: readonly Call[] }>(await run("show", "--json"))
    assert.deepEqual(
      calls.map(({ usage }) => usage["input"]),
      [11, 12, 13, 14],
    )
    assert.deepEqual(
      [calls[0]?.usage, calls[0]?.sessionId, calls[0]?.runId, calls[0]?.costNanos, calls[3]?.costNanos, calls[0]?.timestamp],
      [{ input: 11, output: 2, cacheRead: 5, cacheWrite: 1, total: 19 }, "agent:main:main", "run1", "1500000", null, "2026-11-03T00:00:00.001Z"],
    )
    holds(await run("show", "--last", "2"), {
      exit: 0,
      stdout:
        /^2026-11-03T00:00:00\.003Z {2}anthropic\/claude {2}in 13 cache 5 read 1 written out 2 total 21 {2}\$0\.0015 {2}main agent:main:main run1\n2026-\S+ .* no price .*\n$/,
    })
    // What names a session goes with an erasure; the call stays.
    ledger.destroyKeys("session = 'agent:main:main'")
    const erased = jsonOf<{ calls: readonly Call[] }>(await run("show", "--json"))
    assert.deepEqual([erased.calls.length, /^[0-9a-f]{32}$/.test(erased.calls[0]?.sessionId ?? "")], [4, true])
  })

  test("tail begins with the last ones and goes on with each that is recorded, each once", async (t) => {
    const ledger = temporaryLedger(t)
    for (let n = 0; n < 5; n++) call(ledger, n)
    const session = makeHome(t).start(["token-audit", "tail", "--last", "2", "--json", ...flagsOf(ledger)])
    t.after(() => void session.child.kill("SIGKILL"))
    const lines = () =>
      session
        .stdout()
        .split("\n")
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as Call).usage["input"])
    await until(() => lines().length === 2, "the last two are shown", 60_000)
    for (let n = 5; n < 8; n++) {
      call(ledger, n)
      await until(() => lines().length === n - 2, "the new one is shown", 60_000)
    }
    call(ledger, 7)
    call(ledger, 8)
    await until(() => lines().length >= 6, "the last one is shown", 60_000)
    assert.deepEqual(lines(), [13, 14, 15, 16, 17, 18])
    session.child.kill("SIGTERM")
    assert.equal((await session.ended).exit, 0)
  })

  test("prompt shows the last that was too large, with its sizes, and nothing of it after an erasure", async (t) => {
    const ledger = temporaryLedger(t)
    const run = (...words: readonly string[]) => makeHome(t).run(["token-audit", "prompt", ...words, ...flagsOf(ledger)])
    ledger.close()
    holds(await run(), { exit: 0, stdout: /^No prompt was larger than is warned of/ })
    for (const n of [1, 2]) {
      const lengths = { promptLength: 60_000 + n, systemLength: 40_000, historyLength: 2, totalLength: 100_002 + n, historyMessages: 0, threshold: 100_000 }
      const facts = { ...lengths, run: `r${n}`, provider: "anthropic", model: "claude" }
      ledger.record({ type: "prompt.exceeded", id: `p${n}`, scope, facts, content: { prompt: `do\u001b[31m it ${n}`, systemPrompt: "you are" } })
    }
    ledger.close()
    const { largePrompt } = jsonOf<{ largePrompt: Record<string, unknown> }>(await run("--json"))
    assert.deepEqual(largePrompt["lengths"], { prompt: 60_002, system: 40_000, history: 2, total: 100_004 })
    assert.deepEqual(
      [largePrompt["prompt"], largePrompt["systemPrompt"], largePrompt["warnings"], largePrompt["threshold"]],
      ["do\u001b[31m it 2", "you are", 2, 100_000],
    )
    holds(await run(), {
      exit: 0,
      stdout: /^Large prompt {3}100,004 characters, more than 100,000 .*\n[^]*prompt {9}60,002\n[^]*The prompt begins:\n {2}do.*it 2\n$/,
    })
    ledger.destroyKeys("session = 'agent:main:main'")
    const erased = jsonOf<{ largePrompt: Record<string, unknown> }>(await run("--json")).largePrompt
    assert.deepEqual([erased["prompt"], erased["systemPrompt"], (erased["lengths"] as Record<string, number>)["total"]], [null, null, 100_004])
  })
})
