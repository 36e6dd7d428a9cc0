/**
 * A gateway before a real journal: runs that ask, begin, end, are told of and retried, by lanes of their own, with a clock that stands still until it is moved.
 * After a test (and whenever asked) the state in memory is held against a replay of the journal, with and without a snapshot, and against a recount.
 */
import assert from "node:assert/strict"
import type { JsonObject } from "../../../src/base/json.ts"
import { isLedgerEvent } from "../../../src/ledger/event-types.ts"
import type { Hold } from "../../../src/ledger/state.ts"
import { factsOf } from "../../../src/journal/reader.ts"
import type { LedgerEvent } from "../../../src/format/facts/ledger.ts"
import { CommitQueue } from "../../../src/operations/commit-queue.ts"
import { Intake, type Answer } from "../../../src/operations/intake.ts"
import type { ClientConfig, Peer } from "../../../src/operations/client-config.ts"
import type { OrderAnswer } from "../../../src/operations/spend/ledger-orders.ts"
import { spendingOf, type Spending } from "../../../src/operations/spend/spending.ts"
import { keepSnapshot } from "../../../src/projections/ledger-snapshot.ts"
import { ViewStore } from "../../../src/projections/view-store.ts"
import type { Doors } from "../../../src/ledger/doors.ts"
import { assertCounts, assertReplays } from "./sound.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../../ledger-fixture.ts"

export const prices = [
  { model: "mock/big", input: "3", output: "15", contextTokens: 100_000, maxOutputTokens: 10_000 },
  { model: "mock/small", input: "0.1", output: "0.4", contextTokens: 100_000, maxOutputTokens: 10_000 },
]
/** The most a call of each comes to: its whole context written to a cache at a quarter more, and all it may answer. */
export const boundOfBig = 525_000_000n
export const boundOfSmall = 16_500_000n

const providers = { mock: { models: ["big", "small"].map((id) => ({ id })) } }
const toolPrices = [
  { tool: "web_search", costs: ["0.01usd"] },
  { tool: "render", costs: ["0.02usd", "30s"], estimate: true },
]
export const config = {
  guard: { tools: ["exec"], deny: ["banned"] },
  userId: null,
  hashed: { promptText: false, toolArgs: false },
  spend: { prices, toolPrices, providers, budgets: [] },
} satisfies ClientConfig

export type Permit = { readonly hold: string; readonly attempt: number; readonly inputTokens?: number | undefined; readonly outputTokens?: number | undefined }
export type Tokens = {
  readonly input?: number | undefined
  readonly output?: number | undefined
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly cacheWrite1h?: number
  readonly cost?: object
}
/** What most calls of these tests come to: 1,000 tokens at $3 and 100 at $15 a million. */
export const usage = { input: 1_000, output: 100 } as const
export const cost = 4_500_000n

type Model = { readonly provider: string; readonly model: string }
type Recorded = { readonly type: string; readonly facts: JsonObject }
const big: Model = { provider: "mock", model: "big" }

export class SpendRig {
  readonly ledger: TestLedger
  readonly told: Doors[] = []
  readonly failures: unknown[] = []
  readonly gatewayPids = new Set<number>()
  atMs = startMs
  spending!: Spending
  intake!: Intake
  queue!: CommitQueue
  #gate!: Peer
  #observe!: Peer
  #settings: ClientConfig
  #numbers = { gate: 0, observe: 0 }
  #rows = 0

  constructor(t: Ending, settings: ClientConfig = config) {
    t.after(() => this.assertSound()) // before the ledger is removed: what is registered first runs first
    this.ledger = temporaryLedger(t)
    this.#settings = settings
    this.#start()
    t.after(() => this.queue.stop())
  }

  /** The gateway joins again with other settings, on the lanes it had. */
  use(settings: ClientConfig): void {
    this.#settings = settings
    this.#join()
  }

  #join(): void {
    this.#gate = { role: "plugin", lane: "gate", sender: "00112233445566aa", config: this.#settings }
    this.#observe = { role: "plugin", lane: "observe", sender: "00112233445566bb", config: this.#settings }
    this.intake.join(this.#gate)
    this.intake.join(this.#observe)
    this.drain()
  }

  #start(): void {
    const opened = this.ledger.open()
    const nowMs = () => this.atMs
    this.queue = new CommitQueue({
      append: (entries, marks) => {
        const first = opened.journal.append(entries, this.atMs, marks)
        this.spending.committed()
        return first
      },
      idle: () => {},
      failed: (error) => this.failures.push(error),
      gatherMs: 60_000,
    })
    this.spending = spendingOf(opened, { nowMs, gatewayPids: () => this.gatewayPids, doorsChanged: (doors) => this.told.push(doors) })
    this.intake = new Intake({ ledger: opened, queue: this.queue, spending: this.spending, nowMs })
    this.#join()
  }

  /** The next writer over the same journal, with a snapshot of this one or without. */
  restart({ snapshot = false } = {}): void {
    this.drain()
    if (snapshot) this.keepSnapshot()
    this.queue.stop()
    this.ledger.close()
    this.#start()
  }

  keepSnapshot(body = this.spending.book.snapshot(), next = this.ledger.open().journal.size): void {
    this.views((views) => {
      const access = this.ledger.read()
      keepSnapshot(views.database, access.reader, { next, body })
      access.close()
    })
  }

  views<T>(use: (views: ViewStore) => T): T {
    const views = ViewStore.open(this.ledger.files.views, this.ledger.keys().viewsKey)
    try {
      return use(views)
    } finally {
      views.close()
    }
  }

  drain(): void {
    this.queue.drain()
  }

  pass(ms: number): void {
    this.atMs += ms
    if (this.spending.hasDue) this.intake.commit(() => this.spending.due())
    this.drain()
  }

  order(order: object, more: object = {}): OrderAnswer {
    const asked = this.spending.orders.ask({ order, ...more })
    this.intake.commit(asked.events)
    this.drain()
    return asked.answer()
  }

  budget(limit: string, name = "daily", more: object = {}): void {
    const answer = this.order({ do: "set-budget", budget: name, limits: [limit], per: "lifetime", match: [], ...more })
    assert.ok("done" in answer, JSON.stringify(answer))
  }

  /** A question on the gate lane; `again` repeats the last one, as after a lost answer. */
  ask(hook: string, picked: object, { again = false, drain = true } = {}): { readonly answer: () => Answer } {
    const n = again ? this.#numbers.gate : ++this.#numbers.gate
    let answer: Answer | undefined
    this.intake.gate(this.#gate, { n, h: hook, t: this.atMs, p: picked as Record<string, unknown> }, (given) => (answer = given))
    if (drain) this.drain()
    return { answer: () => answer ?? assert.fail("not answered") }
  }

  tell(hook: string, picked: object, { again = false } = {}): void {
    const n = again ? this.#numbers.observe : ++this.#numbers.observe
    this.intake.observe(this.#observe, { n, h: hook, t: this.atMs, p: picked as Record<string, unknown> }, () => {})
    this.drain()
  }

  runBegins(run: string, model: object = big, more: object = {}, how: { again?: boolean; drain?: boolean } = {}): Answer {
    const { answer } = this.ask("before_agent_run", { ...placeOf(run), channel: "telegram", prompt: "hello", ...model, ...more }, how)
    return answer()
  }

  wants(run: string, model: object = big, more: object = {}, how: { again?: boolean; drain?: boolean } = {}): Answer {
    return this.ask("call-wanted", { ...placeOf(run), ...model, ...more }, how).answer()
  }

  /** A permit for the next call, or a failing test. */
  permit(answer: Answer): Permit {
    assert.equal(answer.verdict, "allow", answer.words)
    return answer.permit ?? assert.fail("allowed without a permit")
  }

  callBegins(run: string, permit: Permit | undefined, model: object = big): void {
    this.tell("model_call_started", { ...placeOf(run), ...model, ...held(permit), call: `${run}:model:1` })
  }

  callEnds(run: string, permit: Permit | undefined, more: object = {}): void {
    const completed = { outcome: "completed", durationMs: 1_500, requestBytes: 9_000, responseBytes: 4_000 }
    this.tell("model_call_ended", { ...placeOf(run), ...big, ...held(permit), call: `${run}:model:1`, ...completed, ...more })
  }

  callFails(run: string, permit: Permit | undefined, more: object = {}): void {
    this.callEnds(run, permit, { outcome: "error", error: "Error", responseBytes: 120, ...more })
  }

  /** A row of the transcript with usage; answers its name. */
  usage(run: string | undefined, { cost, ...tokens }: Tokens, more: object = {}, how: { again?: boolean } = {}): string {
    const message = `m${how.again ? this.#rows : ++this.#rows}`
    const usage = { cacheRead: 0, cacheWrite: 0, ...tokens, ...(cost ? { cost } : {}) }
    const row = { ...(run === undefined ? { session: "agent:main:main" } : placeOf(run)), message, role: "assistant", stopReason: "stop", usage, ...big }
    this.tell("transcript", { ...row, ...more }, how)
    return message
  }

  /** One call from its permit to its usage. */
  call(run: string, permit = this.permit(this.wants(run)), tokens: Tokens = usage): void {
    this.callBegins(run, permit)
    this.callEnds(run, permit)
    this.usage(run, tokens)
  }

  runEnds(run: string): void {
    this.tell("agent_end", { ...placeOf(run), success: true, messages: 2 })
  }

  tool(run: string, call: string, tool = "web_search", how: { again?: boolean; drain?: boolean } = {}, more: object = {}): Answer {
    return this.ask("before_tool_call", { ...placeOf(run), tool, call, params: {}, ...more }, how).answer()
  }

  toolEnds(run: string, call: string, tool = "web_search", more: object = {}): void {
    this.tell("after_tool_call", { ...placeOf(run), tool, call, durationMs: 700, result: "found", ...more })
  }

  toolBlocked(run: string, call: string, tool = "web_search"): void {
    const result = { details: { status: "blocked", deniedReason: "plugin-before-tool-call", reason: "no" } }
    this.toolEnds(run, call, tool, { error: "no", result })
  }

  get state() {
    return this.spending.book.state
  }

  holds(): readonly Hold[] {
    return [...this.state.holds.values()]
  }

  spent(name = "daily"): bigint {
    return this.state.budgets.get(name)?.spent.moneyNanos ?? assert.fail(`no budget ${name}`)
  }

  held(name = "daily"): bigint {
    return this.state.budgets.get(name)?.held.moneyNanos ?? assert.fail(`no budget ${name}`)
  }

  recorded(type?: string): readonly Recorded[] {
    const access = this.ledger.read()
    try {
      const all = [...access.reader.entries(1, access.reader.size() - 1)].map((entry) => ({ type: entry.header.type, facts: factsOf(entry) as JsonObject }))
      return type === undefined ? all : all.filter((one) => one.type === type)
    } finally {
      access.close()
    }
  }

  ledgerEvents(): readonly LedgerEvent[] {
    return this.recorded().filter(({ type }) => isLedgerEvent(type)) as unknown as readonly LedgerEvent[]
  }

  /** Memory, journal and recount say the same. */
  assertSound(): void {
    assert.deepEqual(this.failures, [])
    this.views((views) => {
      const access = this.ledger.read()
      try {
        assertReplays(this.state, access.reader, views.database)
      } finally {
        access.close()
      }
    })
    assertCounts(this.state, this.ledgerEvents())
  }
}

/** With a budget named daily. */
export function budgeted(t: Ending, limit = "10usd"): SpendRig {
  const rig = new SpendRig(t)
  rig.budget(limit)
  return rig
}

function placeOf(run: string): object {
  return { run, session: "agent:main:main", sessionId: "0d6bd0b5-46c1-4c5a-9f6e-6f2a4a3c1b11", agent: "main" }
}

function held(permit: Permit | undefined): object {
  return permit ? { hold: permit.hold, holdAttempt: permit.attempt } : {}
}
