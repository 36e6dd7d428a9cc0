/** Metrics of a real gateway, behind its own login; and a prompt that is too large, on record with its sizes. */
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { guardSettings } from "./ledger-fixture.ts"
import { eventually, ofType } from "./ledger.ts"
import { suiteLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

describe("metrics of a gateway", () => {
  it("are told to who has its token, and count what an agent just did; a large prompt is warned of", async () => {
    const { client, home, ledger } = await suiteLedger("metrics", { guard: guardSettings, largePromptChars: 1_000 })
    const { status } = await runTurn(client, `SAY measured ${"x".repeat(1_200)}`, { sessionKey: "agent:main:measured" })
    assert.equal(status, "ok")
    const events = await eventually(
      "its usage",
      () => ledger.events(),
      (told) => ofType(told, "usage.reported").length > 0 && ofType(told, "prompt.exceeded").length > 0,
    )
    const { facts } = ofType(events, "prompt.exceeded")[0] ?? assert.fail()
    const [total, prompt, system, history] = ["totalLength", "promptLength", "systemLength", "historyLength"].map((name) => Number(facts[name]))
    assert.ok((prompt ?? 0) >= 1_200 && (system ?? 0) > 1_000, JSON.stringify(facts))
    assert.equal(total, (prompt ?? 0) + (system ?? 0) + (history ?? 0))
    const shown = await ledger.json("token-audit", "prompt")
    assert.match(JSON.stringify(shown), /SAY measured x{100}/)

    const url = `http://127.0.0.1:${home.port}/plugins/sovereign-ledger/metrics`
    const ask = (headers: Record<string, string>) => fetch(url, { headers })
    for (const headers of [{}, { Authorization: "Bearer wrong" }]) assert.equal((await ask(headers as Record<string, string>)).status, 401)
    const answer = await ask({ Authorization: `Bearer ${home.token}` })
    const text = await answer.text()
    assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "text/plain; version=0.0.4; charset=utf-8"], text)
    for (const line of [
      /^sovereign_ledger_up 1$/m,
      /^sovereign_ledger_writer_up 1$/m,
      /^sovereign_ledger_plugin_loaded 1$/m,
      /^sovereign_ledger_conversations_recorded 1$/m,
    ])
      assert.match(text, line)
    assert.match(text, /^sovereign_ledger_model_calls_total\{provider="mock",model="[^"]+",agent="main",kind="turn"\} [1-9]/m)
    assert.ok(!text.includes("measured") && !text.includes("agent:main:"), "no text and no session")
  })
})
