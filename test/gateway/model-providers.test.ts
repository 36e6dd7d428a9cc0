/** The scripted model under the ids openai (responses), anthropic (messages) and a custom one: what the server says it reported is what the host counts. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { JsonObject } from "./home.ts"
import { modelProviders, providersConfig } from "./model-providers.ts"
import { type GatewayFixture, startFixture } from "./shared-gateway.ts"
import { runTurn } from "./turn.ts"

describe("the scripted model as other providers", () => {
  let fixture: GatewayFixture
  before(async () => {
    fixture = await startFixture({ prepareModel: providersConfig })
  })
  after(() => fixture.stop())

  for (const { id, api, model } of modelProviders) {
    test(`${id} by ${api}`, async () => {
      const sessionKey = `agent:main:as-${id}`
      await fixture.client.request("sessions.patch", { key: sessionKey, model: `${id}/${model}` })
      const script = `TOOLS [{"name":"exec","args":{"command":"echo one"}},{"name":"exec","args":{"command":"echo two"}}]\nSAY as ${id}`
      const { status, text, answer } = await runTurn(fixture.client, script, { sessionKey })
      assert.deepEqual([status, text], ["ok", `as ${id}`], JSON.stringify(answer).slice(0, 500))
      const asked = fixture.model.requests.filter(({ provider }) => provider === id)
      assert.deepEqual(
        asked.map((request) => [request.api, request.model, request.purpose, request.answer.kind, request.status]),
        [
          [api, model, "turn", "calls", 200],
          [api, model, "turn", "text", 200],
        ],
      )
      assert.ok(asked[0]?.offeredTools.includes("exec"))
      const sum = (pick: (usage: NonNullable<(typeof asked)[number]["usage"]>) => number) =>
        asked.reduce((total, { usage }) => total + (usage === undefined ? 0 : pick(usage)), 0)
      const { usage } = ((answer["result"] as JsonObject)["meta"] as JsonObject)["agentMeta"] as { readonly usage: JsonObject }
      assert.deepEqual(
        [usage["input"], usage["cacheRead"], usage["cacheWrite"], usage["output"]],
        [
          sum((reported) => reported.promptTokens - reported.cachedTokens - reported.cacheWriteTokens),
          sum(({ cachedTokens }) => cachedTokens),
          sum(({ cacheWriteTokens }) => cacheWriteTokens),
          sum(({ outputTokens }) => outputTokens),
        ],
      )
    })
  }
})
