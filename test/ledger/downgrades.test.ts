/** Which model a run is to use while a budget runs low, and who is told: the decision alone. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { DowngradeStep, LedgerEventFacts, Spend } from "../../src/format/facts/ledger.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command, CommandOf } from "../../src/ledger/commands.ts"
import { decide } from "../../src/ledger/decide.ts"
import { parseDowngrades } from "../../src/ledger/downgrade-list.ts"
import { evolve } from "../../src/ledger/evolve.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { emptyState, type LedgerState } from "../../src/ledger/state.ts"

const startMs = Date.UTC(2026, 10, 25, 9)
const chain = [
  { budget: "daily", at: 80, model: "mock/small" },
  { budget: "daily", at: 95, model: "local/tiny" },
]
const own: Spend = { agent: "main", provider: "mock", model: "mock/big", session: "s1" }
type Asked = Partial<Omit<CommandOf<"downgrade">, "do">>
type Downgraded = LedgerEventFacts["model.downgraded"]

class Ledger {
  state: LedgerState = emptyState()
  #runs = 0

  constructor(steps: unknown = chain, limits: readonly string[] = ["100usd"], more: object = {}) {
    this.give({ do: "set-budget", atMs: startMs, rule: parseBudget({ name: "daily", limits, per: "day", ...more }) })
    this.give({ do: "set-downgrades", atMs: startMs, steps: parseDowngrades(steps) })
  }

  give(command: Command) {
    const decision = decide(this.state, command)
    assert.ok(
      !("refused" in decision),
      JSON.stringify(decision, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    )
    for (const event of decision.events) evolve(this.state, event)
    return decision.events
  }

  /** So much of the budget is spent from now on, in all. */
  spend(usd: number, more: Partial<CommandOf<"spend">> = {}): void {
    const amounts = { moneyNanos: BigInt(usd) * 1_000_000_000n }
    this.give({ do: "spend", id: `spend-${usd}-${more.atMs ?? 0}`, account: "agent:main", amounts, spend: own, atMs: startMs, ...more })
  }

  asks(asked: Asked = {}): Downgraded | undefined {
    const of = { run: `r${++this.#runs}`, from: "mock/big", spend: own, account: "agent:main" as const, dearer: [], unpriced: [], tells: true, atMs: startMs }
    const [event] = this.give({ do: "downgrade", ...of, ...asked })
    return event?.type === "model.downgraded" ? event.facts : undefined
  }

  /** The model it is given, and whether it is told. */
  gets(asked: Asked = {}): string | undefined {
    const downgraded = this.asks(asked)
    return downgraded && `${downgraded.to}${downgraded.told ? ", told" : ""}`
  }
}

describe("a chain of downgrades", () => {
  test("gives the furthest model whose share is reached, of what is spent and held together", () => {
    const ledger = new Ledger()
    assert.equal(ledger.gets(), undefined)
    ledger.spend(79)
    assert.equal(ledger.gets(), undefined)
    ledger.give({ do: "hold", id: "h", atMs: startMs, parts: [{ account: "agent:main", amounts: { moneyNanos: 1_000_000_000n } }], spend: own, ttlMs: 1_000 })
    const { to, levelPercent, usedPercent, unit, from, agent, session } = ledger.asks() ?? assert.fail()
    assert.deepEqual([from, to, levelPercent, usedPercent, unit, agent, session], ["mock/big", "mock/small", 80, 80, "moneyNanos", "main", "s1"])
    ledger.spend(15)
    assert.equal(ledger.gets(), "local/tiny, told")
    ledger.give({ do: "release", id: "h", attempt: 1, reason: "no", atMs: startMs })
    assert.equal(ledger.gets(), "mock/small", "what was held comes back, and so does the model before")
  })

  test("looks at the unit of which the largest share is used, and at a budget of nothing as used up", () => {
    const ledger = new Ledger(chain, ["100usd", "10 calls"])
    ledger.give({ do: "spend", id: "calls", account: "agent:main", amounts: { calls: 8n }, spend: own, atMs: startMs })
    assert.equal(ledger.asks()?.unit, "calls")
    assert.equal(new Ledger(chain, ["0 calls"], { warn: undefined }).gets(), "local/tiny, told")
  })

  test("never gives a dearer model: then the step before it, or none", () => {
    const ledger = new Ledger()
    ledger.spend(96)
    assert.equal(ledger.gets({ dearer: ["local/tiny"] }), "mock/small, told")
    assert.equal(ledger.gets({ dearer: ["local/tiny", "mock/small"] }), undefined)
  })

  test("leaves a run alone that is as far down the chain, whatever is known of prices", () => {
    const ledger = new Ledger()
    ledger.spend(85)
    const on = (model: string) => ledger.gets({ from: model, spend: { ...own, model, provider: model.split("/")[0] ?? "" } })
    assert.deepEqual([on("local/tiny"), on("mock/small"), on("mock/big")], [undefined, undefined, "mock/small, told"])
  })

  test("gives no model that nobody priced where money is counted, and does where only calls are", () => {
    const ledger = new Ledger()
    ledger.spend(96)
    assert.equal(ledger.gets({ unpriced: ["local/tiny"] }), "mock/small, told")
    const calls = new Ledger(chain, ["0 calls"], { warn: undefined })
    assert.equal(calls.gets({ unpriced: ["local/tiny"] }), "local/tiny, told")
    calls.give({ do: "allocate", id: "a", account: "agent:main", amounts: { moneyNanos: 1n }, atMs: startMs })
    assert.equal(calls.gets({ unpriced: ["local/tiny"] }), "mock/small, told", "the account counts money")
  })

  test("takes those that it matches, in budgets in which they count, also a subagent of whom it matches", () => {
    const steps = [{ budget: "daily", at: 1, model: "mock/small", match: ["agent=main"] }]
    const ledger = new Ledger(steps, ["100usd"], { match: ["model=mock/*"] })
    ledger.spend(50)
    const by = (spend: Spend) => ledger.gets({ spend, tells: false })
    assert.equal(by(own), "mock/small")
    assert.equal(by({ ...own, agent: "helper", payer: "main" }), "mock/small")
    assert.equal(by({ ...own, agent: "helper" }), undefined)
    assert.equal(by({ ...own, provider: "other", model: "other/big" }), undefined, "it does not count in the budget")
  })

  test("does not give a run again what it gave before: the host falls back from it", () => {
    const ledger = new Ledger()
    ledger.spend(96)
    const fallsBack = (from: string) => ledger.gets({ run: "one", from, spend: { ...own, model: from } })
    assert.deepEqual([fallsBack("mock/big"), fallsBack("mock/other"), fallsBack("mock/third")], ["local/tiny, told", "mock/small, told", undefined])
  })

  test("is nothing without its budget", () => {
    const ledger = new Ledger()
    ledger.spend(96)
    ledger.give({ do: "remove-budget", budget: "daily", atMs: startMs })
    assert.equal(ledger.gets(), undefined)
  })
})

describe("who waits for the answer", () => {
  test("is told once in a session for each step, and again in the next period", () => {
    const ledger = new Ledger()
    ledger.spend(85)
    const other = { ...own, session: "s2" }
    assert.deepEqual(
      [ledger.gets({ tells: false }), ledger.gets(), ledger.gets(), ledger.gets({ spend: other })],
      ["mock/small", "mock/small, told", "mock/small", "mock/small, told"],
    )
    ledger.spend(11)
    assert.deepEqual([ledger.gets(), ledger.gets()], ["local/tiny, told", "local/tiny"])
    const tomorrowMs = startMs + 86_400_000
    assert.equal(ledger.gets({ atMs: tomorrowMs }), undefined)
    ledger.spend(85, { atMs: tomorrowMs })
    assert.equal(ledger.gets({ atMs: tomorrowMs }), "mock/small, told")
  })

  test("is told again when a rolling span has passed", () => {
    const ledger = new Ledger(chain, ["100usd"], { per: "rolling 1h" })
    ledger.spend(85)
    assert.deepEqual([ledger.gets(), ledger.gets()], ["mock/small, told", "mock/small"])
    const laterMs = startMs + 3_700_000
    ledger.spend(86, { atMs: laterMs })
    assert.equal(ledger.gets({ atMs: laterMs }), "mock/small, told")
  })
})

test("steps are set once, and all of it survives as text", () => {
  const ledger = new Ledger()
  const again = decide(ledger.state, { do: "set-downgrades", atMs: startMs, steps: parseDowngrades(chain.toReversed()) })
  assert.deepEqual(again, { events: [], repeated: true }, "the chain is in the order of its shares, however it is written")
  ledger.spend(85)
  ledger.gets({ run: "one" })
  const text = snapshotText(ledger.state)
  const kept = stateFrom(text) ?? assert.fail()
  assert.deepEqual([snapshotText(kept), kept.downgrades], [text, ledger.state.downgrades])
})

describe("downgrades in the settings", () => {
  test("are steps by rising share", () => {
    const step: DowngradeStep = { budget: "daily", at: 95, model: "local/tiny/q4", match: { agent: "main", cron: "*" } }
    assert.deepEqual(parseDowngrades([{ ...step, match: ["agent=main", "cron=*"] }, chain[0]]), [{ ...chain[0], match: {} }, step])
  })

  for (const [written, words] of [
    [{}, /they are a list/],
    [[{ budget: "daily", at: 80 }], /"model" of step 1 is one as provider\/model/],
    [[{ ...chain[0], model: "haiku" }], /"model" of step 1/],
    [[{ ...chain[0], at: 0 }], /"at" of step 1 is a whole share/],
    [[chain[0], { ...chain[0], at: 101 }], /"at" of step 2/],
    [[{ ...chain[0], at: "80" }], /"at" of step 1/],
    [[{ at: 80, model: "a/b" }], /lacks the name of its "budget"/],
    [[{ ...chain[0], when: "low" }], /there is no "when" in step 1/],
    [[{ ...chain[0], match: ["tool=exec"] }], /matches nothing: it is one of agent, channel, cron/],
    [[{ ...chain[0], match: "agent=main" }], /"match" of step 1 is no list of texts/],
  ] as const)
    test(`are refused with a sentence: ${JSON.stringify(written)}`, () => {
      assert.throws(
        () => parseDowngrades(written),
        (error) => error instanceof Fault && words.test(error.message),
      )
    })
})
