/** Budgets: what an operator may write, which spends match, what is left, what resets, rolls over and is warned of. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { dimensions, parseBudget, parseBudgets, type BudgetWords } from "../../src/ledger/budget-rule.ts"
import { leftOf, matching, resetsAtMs, standingAt } from "../../src/ledger/budgets.ts"
import type { Command } from "../../src/ledger/commands.ts"
import type { BudgetRule, Spend } from "../../src/format/facts/ledger.ts"
import { refusalWords } from "../../src/ledger/refusals.ts"
import { must, newRun, refusedBy, type Run } from "./naive-ledger.ts"

const usd = 1_000_000_000n
const hourMs = 3_600_000
const noon = Date.UTC(2026, 10, 25, 12)
const base: BudgetWords = { name: "daily", limits: ["5usd"], per: "day" }

let ids = 0
function hold(moneyNanos: bigint, atMs: number, spend: Spend = {}): Command {
  return { do: "hold", id: `h${ids++}`, parts: [{ account: "agent:main", amounts: { moneyNanos } }], spend, ttlMs: hourMs, atMs }
}

function spend(run: Run, moneyNanos: bigint, atMs: number): readonly string[] {
  const id = `h${ids}`
  must(run, hold(moneyNanos, atMs))
  return must(run, { do: "settle", id, attempt: 1, parts: [{ account: "agent:main", amounts: { moneyNanos } }], grade: "exact", atMs }).events.flatMap(
    (event) => (event.type === "budget.warned" ? [`${event.facts.levelPercent}%`] : []),
  )
}

function budgetOf(words: Partial<BudgetWords>, atMs = noon): Run {
  const run = newRun()
  must(run, { do: "set-budget", rule: parseBudget({ ...base, ...words }), atMs })
  return run
}

const limited = (limit: string) => parseBudget({ ...base, limits: [limit] })

function left(run: Run, atMs: number, name = "daily"): bigint | undefined {
  const budget = run.state.budgets.get(name)
  return budget && leftOf(standingAt(budget, atMs), "moneyNanos")
}

describe("a budget in words", () => {
  test("becomes a rule", () => {
    const words = {
      ...base,
      limits: ["5usd", "1m tokens"],
      zone: "Europe/Berlin",
      match: ["agent=main", "model=openai/*"],
      warn: ["90%", "50", "90"],
      rollover: true,
    }
    assert.deepEqual(parseBudget(words), {
      name: "daily",
      limit: { moneyNanos: "5000000000", tokens: "1000000" },
      period: { per: "day", zone: "Europe/Berlin" },
      match: { agent: "main", model: "openai/*" },
      warnPercents: [50, 90],
      mode: "block",
      rollover: true,
    } satisfies BudgetRule)
    assert.deepEqual(parseBudget({ ...base, per: "rolling 24h" }).period, { per: "rolling", spanMs: 24 * hourMs })
  })

  const bad: readonly (readonly [string, Partial<BudgetWords>, RegExp])[] = [
    ["a name with a blank", { name: "my budget" }, /"my budget" is no name/],
    ["no limit", { limits: [] }, /has no limit/],
    ["a negative limit", { limits: ["-5usd"] }, /negative/],
    ["NaN", { limits: ["NaN usd"] }, /not an amount/],
    ["1e400", { limits: ["1e400 usd"] }, /not an amount/],
    ["two limits of one unit", { limits: ["5usd", "6usd"] }, /Two amounts of one unit/],
    ["an unknown unit", { limits: ["5 eur"] }, /"eur" is not known/],
    ["an unknown period", { per: "fortnight" }, /"fortnight" is no period/],
    ["a rolling amount of money", { per: "rolling 5usd" }, /"rolling 5usd" is none/],
    ["a rolling second", { per: "rolling 1s" }, /between one minute and 366 days/],
    ["an unknown zone", { zone: "Mars/Olympus" }, /"Mars\/Olympus" is no time zone/],
    ["an unknown dimension", { match: ["planet=mars"] }, /"planet=mars" matches nothing/],
    ["a match without a pattern", { match: ["agent="] }, /names no agent/],
    ["a pattern of sessions", { match: ["session=agent:main:*"] }, /matched by their whole name/],
    ["two matches of one dimension", { match: ["agent=a", "agent=b"] }, /agent is matched twice/],
    ["an unknown mode", { mode: "maybe" }, /"maybe" is no mode/],
    ["a level of 0", { warn: ["0"] }, /from 1 to 100 percent/],
    ["a level of 101", { warn: ["101"] }, /from 1 to 100 percent/],
    ["a level that is no number", { warn: ["high"] }, /"high" is no warning level/],
    ["nothing allowed, only a warning", { limits: ["0usd"], mode: "warn" }, /allows nothing and only warns/],
    ["nothing allowed, with levels", { limits: ["0usd"], warn: ["80"] }, /no share of it to warn at/],
    ["a lifetime that rolls over", { per: "lifetime", rollover: true }, /nothing can roll over/],
  ]
  for (const [name, words, problem] of bad) {
    test(`${name} is refused with a sentence`, () => {
      assert.throws(
        () => parseBudget({ ...base, ...words }),
        (error) => error instanceof Fault && error.code === "cli.usage" && error.exitStatus === 2 && problem.test(error.message),
      )
    })
  }

  test("has a name of its own", () => {
    assert.throws(() => parseBudgets([base, { ...base, limits: ["6usd"] }]), /two budgets called daily/)
    assert.equal(parseBudgets([base, { ...base, name: "other" }]).length, 2)
  })
})

describe("which budgets match a spend", () => {
  test("is what a walk over all of them says", () => {
    const name = fc.constantFrom("a", "ab", "b", "*", "a*", "*b", "c")
    const match = fc.dictionary(fc.constantFrom(...dimensions), name, { maxKeys: 3 })
    const spendOf = fc.dictionary(fc.constantFrom(...dimensions), fc.constantFrom("a", "ab", "b", "c"), { maxKeys: 5 })
    fc.assert(
      fc.property(fc.array(match, { maxLength: 12 }), spendOf, (matches, asked: Spend) => {
        const run = newRun()
        for (const [i, match] of matches.entries()) {
          must(run, { do: "set-budget", rule: { ...parseBudget({ ...base, name: `b${i}` }), match }, atMs: noon })
        }
        const expected = matches.flatMap((match, i) => {
          const all = Object.entries(match).every(([dimension, pattern]) => {
            const value = asked[dimension as keyof Spend]
            return value !== undefined && new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(value)
          })
          return all ? [`b${i}`] : []
        })
        assert.deepEqual(
          matching(run.state.index, asked)
            .map(({ rule }) => rule.name)
            .sort(),
          expected.sort(),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe("a period", () => {
  test("resets what is left, and a spend settled after it counts in no later one", () => {
    const run = budgetOf({ zone: "Europe/Berlin" })
    spend(run, 3n * usd, noon)
    const late = `h${ids}`
    must(run, hold(2n * usd, noon))
    const midnight = Date.UTC(2026, 10, 25, 23)
    assert.deepEqual([left(run, midnight - 1), left(run, midnight)], [0n, 5n * usd])
    assert.match(refusalWords(refusedBy(run, hold(1n, midnight - 1))), /needs up to \$0\.000000001, \$0\.00 left of \$5\.00, resets 00:00/)
    const opened = must(run, hold(5n * usd, midnight)).events[0]
    const rule = run.state.budgets.get("daily")?.rule
    assert.deepEqual(opened, { type: "budget.opened", facts: { atMs: midnight, budget: "daily", startMs: midnight, endMs: midnight + 24 * hourMs, rule } })
    must(run, { do: "settle", id: late, attempt: 1, parts: [{ account: "agent:main", amounts: { moneyNanos: 2n * usd } }], grade: "exact", atMs: midnight })
    assert.deepEqual([run.state.budgets.get("daily")?.spent.moneyNanos, run.state.budgets.get("daily")?.held.moneyNanos], [0n, 5n * usd])
  })

  test("rolls over what it left, at most one limit, when the budget says so", () => {
    const run = budgetOf({ rollover: true })
    const day = (n: number) => noon + n * 24 * hourMs
    spend(run, 2n * usd, day(0))
    assert.equal(left(run, day(1)), 8n * usd)
    spend(run, 1n, day(1))
    assert.equal(left(run, day(2)), 10n * usd)
    spend(run, 9n * usd, day(2))
    must(run, hold(1n * usd, day(2)))
    assert.equal(left(run, day(3)), 5n * usd)
    assert.equal(left(run, day(9)), 10n * usd)
    const plain = budgetOf({})
    spend(plain, 2n * usd, day(0))
    assert.equal(left(plain, day(1)), 5n * usd)
  })

  test("that rolls gives back a spend when its sixtieth has left the span, never before", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40 * 60_000), fc.bigInt({ min: 1n, max: 3n * usd })), { maxLength: 25 }), (spends) => {
        const run = budgetOf({ per: "rolling 1h" })
        const done: { readonly atMs: number; readonly amount: bigint }[] = []
        let atMs = noon
        for (const [wait, amount] of spends) {
          atMs += wait
          const inSpan = done
            .filter((spend) => Math.floor(spend.atMs / 60_000) * 60_000 + 61 * 60_000 > atMs)
            .reduce((total, spend) => total + spend.amount, 0n)
          assert.equal(left(run, atMs), 5n * usd - inSpan)
          const exact = done.filter((spend) => spend.atMs > atMs - hourMs).reduce((total, spend) => total + spend.amount, 0n)
          assert.ok(exact <= inSpan && exact <= 5n * usd)
          if (inSpan + amount > 5n * usd) {
            refusedBy(run, hold(amount, atMs))
            continue
          }
          spend(run, amount, atMs)
          done.push({ atMs, amount })
        }
        const budget = run.state.budgets.get("daily")
        const oldest = done.find((spend) => Math.floor(spend.atMs / 60_000) * 60_000 + 61 * 60_000 > atMs)
        assert.equal(budget && resetsAtMs(budget, atMs), oldest && Math.floor(oldest.atMs / 60_000) * 60_000 + 61 * 60_000)
      }),
      { numRuns: 200 },
    )
  })

  test("of a lifetime does not reset, and says so", () => {
    const run = budgetOf({ per: "lifetime" })
    spend(run, 5n * usd, noon)
    assert.match(refusalWords(refusedBy(run, hold(1n, noon + 9_999 * hourMs))), /left of \$5\.00, which does not reset/)
  })

  test("more than a day away is named with its date", () => {
    const run = budgetOf({ per: "month" })
    spend(run, 5n * usd, noon)
    assert.match(refusalWords(refusedBy(run, hold(1n, noon))), /resets 2026-12-01 00:00/)
  })

  test("never begins before ledger time, whatever the clock says", () => {
    const run = budgetOf({})
    spend(run, 5n * usd, noon)
    must(run, { do: "freeze", target: { account: "agent:other" }, reason: "test", atMs: noon + hourMs })
    assert.equal(refusedBy(run, hold(1n, noon - 48 * hourMs)).why, "over-budget")
    assert.equal(run.state.lastMs, noon + hourMs)
    assert.equal(must(run, hold(0n, noon)).events[0]?.facts.atMs, noon + hourMs)
  })
})

describe("a warning", () => {
  test("is recorded once for each level that what was spent crosses", () => {
    const run = budgetOf({ warn: ["50", "80", "100"] })
    assert.deepEqual(spend(run, 2n * usd, noon), [])
    must(run, { do: "hold", id: "kept", parts: [{ account: "agent:main", amounts: { moneyNanos: usd } }], spend: {}, ttlMs: 1, atMs: noon })
    assert.deepEqual(spend(run, usd / 2n - 1n, noon), [])
    assert.deepEqual(spend(run, 1n, noon), ["50%"])
    assert.deepEqual(spend(run, usd / 2n, noon), [])
    must(run, { do: "release", id: "kept", attempt: 1, reason: "not sent", atMs: noon })
    assert.deepEqual(spend(run, 2n * usd, noon), ["80%", "100%"])
  })
})

describe("a change of a budget", () => {
  test("refills nothing, whatever it changes", () => {
    for (const changed of [
      { limits: ["6usd"] },
      { per: "month" },
      { per: "rolling 24h" },
      { per: "lifetime" },
      { zone: "Europe/Berlin" },
      { match: ["agent=*"] },
    ]) {
      const run = budgetOf({})
      spend(run, 2n * usd, noon)
      must(run, hold(usd, noon))
      must(run, { do: "set-budget", rule: parseBudget({ ...base, ...changed }), atMs: noon })
      assert.equal(left(run, noon), changed.limits ? 3n * usd : 2n * usd, JSON.stringify(changed))
      must(run, { do: "spend", id: "s", account: "agent:main", amounts: { moneyNanos: 1n }, spend: { agent: "main" }, atMs: noon })
      assert.equal(left(run, noon), (changed.limits ? 3n * usd : 2n * usd) - 1n, JSON.stringify(changed))
    }
  })

  test("to the same rule is nothing; to less than is spent leaves nothing, yet passes what needs nothing", () => {
    const run = budgetOf({})
    spend(run, 2n * usd, noon)
    assert.deepEqual(must(run, { do: "set-budget", rule: parseBudget(base), atMs: noon }), { events: [], repeated: true })
    must(run, { do: "set-budget", rule: parseBudget({ ...base, limits: ["1usd"] }), atMs: noon })
    assert.equal(left(run, noon), 0n)
    must(run, hold(0n, noon))
    assert.equal(refusedBy(run, hold(1n, noon)).why, "over-budget")
  })

  test("that removes it frees what matched it; an unknown one is refused; a new one of its name knows nothing of its holds", () => {
    const run = budgetOf({})
    const id = `h${ids}`
    must(run, hold(5n * usd, noon))
    must(run, { do: "remove-budget", budget: "daily", atMs: noon })
    const made = [limited("5usd"), limited("4usd")].flatMap((rule) => must(run, { do: "set-budget", rule, atMs: noon }).events)
    assert.deepEqual(
      made.map(({ facts }) => "created" in facts),
      [true, false],
      "what begins to count is told apart from what goes on",
    )
    must(run, { do: "remove-budget", budget: "daily", atMs: noon })
    assert.deepEqual(refusedBy(run, { do: "remove-budget", budget: "daily", atMs: noon }), { why: "budget-unknown", budget: "daily" })
    must(run, hold(50n * usd, noon))
    must(run, { do: "set-budget", rule: parseBudget(base), atMs: noon })
    must(run, { do: "release", id, attempt: 1, reason: "not sent", atMs: noon })
    assert.equal(run.state.budgets.get("daily")?.held.moneyNanos, 0n)
  })
})

describe("what was found before", () => {
  test("is not taken for another spend, whatever stands in its names", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget({ name: "a", limits: ["1usd"], per: "day", match: ["agent=x"] }), atMs: noon })
    must(run, { do: "set-budget", rule: parseBudget({ name: "b", limits: ["1usd"], per: "day", match: ["model=m"] }), atMs: noon })
    const found = (spend: Spend) => matching(run.state.index, spend).map(({ rule }) => rule.name)
    assert.deepEqual([found({ agent: "x\nm" }), found({ agent: "x", model: "m" }), found({ agent: "x\nm" })], [[], ["a", "b"], []])
    assert.deepEqual([found({ agent: "x" }), found({ agent: "x", model: "undefined" }), found({ model: "m" })], [["a"], ["a"], ["b"]])
  })

  test("is looked for again when a rule has changed", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget({ name: "a", limits: ["1usd"], per: "day", match: ["agent=x"] }), atMs: noon })
    assert.equal(matching(run.state.index, { agent: "x" }).length, 1)
    must(run, { do: "remove-budget", budget: "a", atMs: noon })
    assert.equal(matching(run.state.index, { agent: "x" }).length, 0)
  })
})
