/** Runs of a gateway, as its client tells them to the writer: doors asked, calls and tools begun, ended and told of; and the bill they come to. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { callWanted } from "../../src/capture/hooks/own.ts"
import { hookLine } from "../../src/host/hook-line.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import type { SpendSettings } from "../../src/operations/spend/parse-prices.ts"
import { lineOf } from "./load.ts"

/** $1 a million tokens either way: a token is a thousand nano-dollars. */
export const spend: SpendSettings = {
  prices: [{ model: "mock/plain", input: "1", output: "1", contextTokens: 10_000, maxOutputTokens: 1_000 }],
  toolPrices: [{ tool: "web_search", costs: ["0.01usd"] }],
  providers: {},
  budgets: [],
}
const model = { provider: "mock", model: "plain" }
const [nanosOfToken, nanosOfTool] = [1_000n, 10_000_000n]

type Permit = { readonly hold: string; readonly attempt: number }
type Fields = Readonly<Record<string, unknown>>

export class LedgerLoad {
  /** Holds that were promised. */
  readonly promised: string[] = []
  readonly refused: string[] = []
  /** What was handed over comes to this much. */
  bill = 0n
  rounds = 0
  readonly #client: LedgerClient
  readonly #name: string
  #going = true

  constructor(client: LedgerClient, name: string) {
    this.#client = client
    this.#name = name
  }

  /** So many runs beside each other, until told to stop; then each comes to its end. */
  async runs(beside: number): Promise<void> {
    await Promise.all(Array.from({ length: beside }, (_, lane) => this.#lane(lane)))
  }

  stop(): void {
    this.#going = false
  }

  async #lane(lane: number): Promise<void> {
    let n = 0
    while (this.#going) await this.#run(`${this.#name}-${lane}-${n++}`)
  }

  async #run(run: string): Promise<void> {
    const ctx = { runId: run, sessionKey: "agent:main:main", sessionId: `s-${run}`, agentId: "main", modelProviderId: model.provider, modelId: model.model }
    const observe = (hook: Parameters<typeof lineOf>[0], event: Fields) => this.#client.observe(hook, Date.now(), lineOf(hook, event, ctx))
    let permit = await this.#permit(lineOf("before_agent_run", { prompt: "hello" }, ctx))
    for (let call = 1; permit && call <= 3; call++) {
      const event = { ...model, hold: permit.hold, holdAttempt: permit.attempt, callId: `${run}:model:${call}` }
      observe("model_call_started", event)
      await sleep(Math.random() * 4)
      const fails = Math.random() < 0.2
      const how = fails ? { outcome: "error", errorCategory: "Error", responseStreamBytes: 90 } : { outcome: "completed", responseStreamBytes: 900 }
      observe("model_call_ended", { ...event, ...how, durationMs: 3, requestPayloadBytes: 500 })
      if (!fails) this.#usage(run, call)
      if (call === 2) await this.#tool(run, ctx, observe)
      permit = await this.#permit(hookLine(callWanted, model, ctx, { atMs: Date.now(), maxBytes: 262_144 }) ?? assert.fail())
      await sleep(Math.random() * 4)
    }
    await sleep(2) // an end belongs to what was asked before it, by the clock
    observe("agent_end", { success: true, messages: [] })
    this.rounds++
  }

  #usage(run: string, call: number): void {
    const tokens = 10 + Math.floor(Math.random() * 90)
    const message = { role: "assistant", ...model, stopReason: "stop", usage: { input: tokens, output: call }, __openclaw: { runId: run } }
    const row = { sessionKey: "agent:main:main", agentId: "main", sessionId: `s-${run}`, messageId: `m${call}`, message }
    this.bill += BigInt(tokens + call) * nanosOfToken
    this.#client.observe("transcript", Date.now(), lineOf("transcript", row, undefined))
  }

  async #tool(run: string, ctx: Fields, observe: (hook: "after_tool_call", event: Fields) => void): Promise<void> {
    const tool = { toolName: "web_search", toolCallId: `c-${run}`, params: {} }
    const answer = await this.#client.gate(lineOf("before_tool_call", tool, ctx))
    if (answer instanceof Error || answer.verdict === "deny") return void this.refused.push(answer instanceof Error ? answer.message : (answer.words ?? ""))
    this.bill += nanosOfTool
    observe("after_tool_call", { ...tool, result: "found", durationMs: 2 })
  }

  async #permit(line: string): Promise<Permit | undefined> {
    const answer = await this.#client.gate(line)
    if (answer instanceof Error || !answer.permit) {
      this.refused.push(answer instanceof Error ? answer.message : (answer.words ?? "no permit"))
      return undefined
    }
    this.promised.push(answer.permit.hold)
    return answer.permit
  }
}
