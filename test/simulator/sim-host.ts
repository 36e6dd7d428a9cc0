/**
 * The host of a gateway, as its plugins see it: runs that ask before a call, call, use tools and end, and are told of in any order, twice, late or not at all.
 */
import assert from "node:assert/strict"
import type { Permit } from "../../src/ledger/doors.ts"
import { costOf, type ModelName, type Tokens } from "./calls.ts"
import type { Chance } from "./chance.ts"
import type { Fields, SimGateway } from "./sim-gateway.ts"
import type { World } from "./world.ts"

/** Of a request: its bytes, and the most that may be answered. */
export type Size = { readonly bytes: number; readonly maxTokens: number }

export const sizes: readonly [Size, ...Size[]] = [
  { bytes: 1_000, maxTokens: 100 },
  { bytes: 3_000, maxTokens: 10 },
  { bytes: 7, maxTokens: 1 },
]

export type Run = {
  readonly name: string
  readonly agent: string
  model: ModelName
  size: Size
  state: "idle" | "asked" | "granted" | "calling"
  isNew: boolean
  tools: number
  calls: number
}

export class SimHost {
  readonly #chance: Chance
  readonly #world: World
  gateway: SimGateway
  runs: readonly Run[]
  faults = 0
  calls = 0
  refused = 0
  /** Permits that a call has left with, each of which is for one. */
  readonly #left = new Set<string>()
  readonly #held = new Map<string, Fields>()
  /** What is told later than it should be. */
  #later: { inSteps: number; tell: () => void }[] = []
  #gateways = 0
  #messages = 0

  constructor(world: World, chance: Chance) {
    this.#world = world
    this.#chance = chance
    this.gateway = this.#newGateway()
    this.runs = ["main", "main", "sub-1", "sub-2"].map((agent, index) => newRun(`r${index}`, agent))
  }

  #newGateway(): SimGateway {
    const gateway = this.#world.gateway(`0011223344556${(++this.#gateways).toString(16).padStart(2, "0")}`)
    // One of its agents works for another: what it spends is the other's spending.
    gateway.memory.parents.note("agent:sub-2:main", "agent:main:main")
    return gateway
  }

  step(): void {
    for (const late of this.#later) if (late.inSteps-- === 0) late.tell()
    this.#later = this.#later.filter(({ inSteps }) => inSteps >= 0)
  }

  tellsTheRest(): void {
    for (const { tell } of this.#later.splice(0)) tell()
  }

  /** Its process is gone; its runs begin anew in the next one. */
  async dies(): Promise<void> {
    await this.#world.lose(this.gateway)
    this.gateway = this.#newGateway()
    this.#later = []
    this.runs = this.runs.map(({ name, agent }) => newRun(`${name}b`, agent))
  }

  /** The next thing a run does. */
  go(run: Run): void {
    const chance = this.#chance
    if (run.state === "idle") {
      if (chance.oneIn(5)) return this.#tool(run)
      if (!run.isNew && chance.oneIn(8)) return this.runEnds(run)
      run.model = chance.oneIn(3) ? "small" : chance.oneIn(12) ? "unpriced" : "big"
      run.size = chance.of(sizes)
      run.state = "asked"
      void this.#ask(run)
      return
    }
    if (run.state === "granted" && chance.oneIn(8)) {
      // Its next request is larger than was thought, or another model answers in the place of the first.
      if (chance.oneIn(2)) run.model = run.model === "big" ? "small" : "big"
      else {
        run.size = chance.of(sizes)
        run.state = "asked"
        void this.#ask(run)
        return
      }
    }
    if (run.state === "granted") this.#callBegins(run)
    else if (run.state === "calling") {
      // What a run says last may come before the last word on its call.
      if (chance.oneIn(10)) this.runEnds(run)
      else this.callEnds(run)
    }
  }

  async #ask(run: Run): Promise<void> {
    const ctx = this.#ctx(run)
    const model = { provider: "mock", model: run.model }
    if (run.isNew && this.#chance.oneIn(4)) {
      run.isNew = false
      // Where no stream can be guarded, a run is asked for before its first call, by what is known then.
      const known = { prompt: "hello" }
      await this.gateway.begins(run.name, { ...known, ...model }, { ...ctx, modelProviderId: "mock", modelId: run.model, channel: "telegram" })
    } else {
      run.isNew = false
      this.gateway.permits.sends(run.name, run.size.bytes)
      await this.gateway.wants(run.name, { ...model, whole: true, maxTokens: run.size.maxTokens, channel: "telegram" }, ctx, true)
    }
    if (run.state === "asked") run.state = "granted"
  }

  #ctx({ name, agent }: Run): Fields {
    return { runId: name, sessionKey: `agent:${agent}:main`, sessionId: "0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11", agentId: agent }
  }

  #picked({ name, agent }: Run): Fields {
    return { run: name, session: `agent:${agent}:main`, sessionId: "0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11", agent }
  }

  #callBegins(run: Run): void {
    const begun = this.gateway.callBegins({ provider: "mock", model: run.model, callId: `${run.name}:model:${++run.calls}` }, this.#ctx(run))
    const held = begun.permit ? { hold: begun.permit.hold, holdAttempt: begun.permit.attempt } : {}
    const picked = { ...this.#picked(run), provider: "mock", model: run.model, call: `${run.name}:model:${run.calls}`, ...held }
    if ("stopped" in begun) {
      this.refused++
      run.state = "idle"
      this.gateway.tell("call-stopped", { ...picked, why: begun.stopped.why, stopped: true })
      return
    }
    this.calls++
    run.state = "calling"
    this.#assertPermitted(run, begun.permit)
    this.#tell(() => this.gateway.tell("model_call_started", picked))
    this.#held.set(run.name, picked)
  }

  /** While anything may refuse, a call leaves with a hold of its own, for its model, of all that it may come to. */
  #assertPermitted({ model, size }: Run, permit: Permit | undefined): void {
    if (this.gateway.doors?.hard !== true) return
    assert.ok(permit, "a call left without a permit")
    assert.ok(!this.#left.has(permit.hold), `${permit.hold} let two calls leave`)
    this.#left.add(permit.hold)
    const hold = this.#world.expected.ledger.holds.findLast(({ id, attempt }) => id === permit.hold && attempt === permit.attempt)
    assert.equal(hold?.spend.model, `mock/${model}`)
    const most = costOf(model, { input: 0, output: size.maxTokens, cacheRead: 0, cacheWrite: size.bytes })
    assert.ok((hold?.amounts.moneyNanos ?? 0) >= (most ?? 0), "a call left that may come to more than is held")
  }

  /** The host may say a thing twice, later, in another order, or not at all; what a call began with it always says. */
  #tell(tell: () => void): void {
    tell()
    if (!this.#chance.oneIn(12)) return
    this.faults++
    tell()
  }

  callEnds(run: Run): void {
    const chance = this.#chance
    // Once in a while the host makes another call at once, for which nobody was asked.
    run.state = chance.oneIn(12) ? "granted" : "idle"
    const picked = this.#held.get(run.name) ?? {}
    const gateway = this.gateway
    const failed = chance.oneIn(8)
    const aborted = failed && chance.oneIn(2)
    const sent = aborted && chance.oneIn(2) ? 900 : 0
    const outcome = failed
      ? { outcome: "error", error: aborted ? "aborted" : "Error", requestBytes: sent, responseBytes: aborted ? 0 : 100 }
      : { outcome: "completed", requestBytes: 900, responseBytes: 400 }
    const ended = () => gateway.tell("model_call_ended", { ...picked, ...outcome, durationMs: 1 + chance.below(5_000) })
    const tokens = this.#usageOf(run)
    const message = `m${++this.#messages}`
    const row = { ...this.#picked(run), message, role: "assistant", provider: "mock", model: run.model, timestamp: this.#world.clocks.gatewayMs() }
    const used = () => gateway.tell("transcript", { ...row, stopReason: "stop", usage: tokens })
    if (failed && !aborted) {
      this.#tell(ended)
      return
    }
    const order = chance.below(14)
    if (order < 4) this.faults++
    if (order === 0) {
      this.#tell(used)
      this.#tell(ended)
    } else if (order === 1) this.#tell(ended)
    else if (order === 2) this.#tell(used)
    else if (order === 3) {
      this.#tell(ended)
      gateway.tell("transcript", { ...row, stopReason: "stop", usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } })
    } else if (order < 6) {
      this.#tell(ended)
      this.faults++
      this.#later.push({ inSteps: 1 + chance.below(12), tell: () => this.#tell(used) })
    } else {
      this.#tell(ended)
      this.#tell(used)
    }
  }

  /** Up to all that was held, most often all of it or next to it; once in a while more. */
  #usageOf({ size, model }: Run): Tokens {
    const chance = this.#chance
    const all = { input: 0, output: size.maxTokens, cacheRead: 0, cacheWrite: size.bytes }
    const which = chance.below(12)
    if (which === 0) return { ...all, output: size.maxTokens + 1 }
    if (which < 5) return all
    if (which === 5) return { ...all, cacheWrite: size.bytes - 1 }
    if (which === 6) return { input: 1, output: 0, cacheRead: 0, cacheWrite: 0 }
    if (which === 7 && costOf(model, all) !== undefined) return { input: 0, output: size.maxTokens, cacheRead: size.bytes, cacheWrite: 0 }
    return { input: chance.below(size.bytes + 1), output: chance.below(size.maxTokens + 1), cacheRead: 0, cacheWrite: 0 }
  }

  #tool(run: Run): void {
    const chance = this.#chance
    const call = `c${++run.tools % 3}`
    // No two are the same: a loop would be cut off.
    const n = chance.below(1e9)
    const payer = this.gateway.memory.parents.payerOf(`agent:${run.agent}:main`)
    const picked = { ...this.#picked(run), ...(payer !== undefined && { payer }), tool: chance.oneIn(3) ? "render" : "web_search", call }
    const gateway = this.gateway
    void gateway.tool({ ...picked, params: { n } }).then((answer) => {
      if (!("verdict" in answer) || (answer.verdict === "deny" && !answer.ask)) {
        this.refused++
        return
      }
      if (answer.ask && !this.#isAllowed(answer.ask.extension, gateway)) return
      const denied = chance.oneIn(6)
      const result = denied ? { details: { status: "blocked", deniedReason: "plugin-before-tool-call", reason: "no" } } : `found ${n}`
      const ended = () => this.#tell(() => gateway.tell("after_tool_call", { ...picked, durationMs: 700, result, ...(denied && { error: "no" }) }))
      if (chance.oneIn(5)) this.#later.push({ inSteps: 1 + chance.below(9), tell: ended })
      else ended()
    })
  }

  /** The host's approval: allowed, denied, told late, or never told of. */
  #isAllowed(extension: string, gateway: SimGateway): boolean {
    const chance = this.#chance
    const decision = chance.of(["allow-once", "allow-once", "allow-once", "deny", "timeout", undefined] as const)
    if (decision === undefined) return false
    const tell = () => this.#tell(() => gateway.tell("extension-answered", { extension, decision }))
    if (chance.oneIn(5)) this.#later.push({ inSteps: chance.below(9), tell })
    else tell()
    return decision === "allow-once"
  }

  runEnds(run: Run): void {
    this.#world.clocks.skewMs++
    this.#tell(() => this.gateway.tell("agent_end", { ...this.#picked(run), success: true, messages: 2 }))
    run.isNew = true
  }
}

function newRun(name: string, agent: string): Run {
  return { name, agent, model: "big", size: sizes[0], state: "idle", isNew: true, tools: 0, calls: 0 }
}
