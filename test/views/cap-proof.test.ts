/**
 * Cap proofs of budgets that have been through something: what is counted is what the ledger itself counted, periods are found by what people call them, and
 * what cannot be proved is refused with a sentence. Whether files are judged rightly is test/spec/cap-proof.test.ts.
 */
import assert from "node:assert/strict"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { LedgerEvent } from "../../src/format/facts/ledger.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { amountsJson } from "../../src/ledger/amounts.ts"
import { labelBounds, parseLabel } from "../../src/views/period-label.ts"
import { bothSay } from "../spec/cap-agreement.ts"
import { capLedger, december, hold, november, proofOf, rule, setBudget, settle, spendOf, wholeMonth, type CapLedger } from "../spec/cap-cases.ts"
import { needed } from "../spec/verifiers.ts"
import { runCommand } from "../commands/command-process.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { centsJson, dayMs } from "./spent-ledger.ts"

async function proved(made: CapLedger, period: string | undefined, expected = "valid", budget = "monthly") {
  const proof = await proofOf(made.access(), period, budget)
  await bothSay(expected, [{ text: proof.text, key: proof.head.verifierKey }])
  return proof
}

async function refused(made: CapLedger, period: string | undefined, words: RegExp, budget = "monthly") {
  const refusal = (error: unknown) => error instanceof Fault && error.code === "cli.usage" && words.test(error.message)
  await assert.rejects(() => proofOf(made.access(), period, budget), refusal)
}

describe("a cap proof", needed, () => {
  test("counts a month as it was: every way a hold ends, a changed limit, what hangs over each end", async (t) => {
    const { result } = await proved(wholeMonth(t), "2026-11")
    const [count, ...more] = result.counts
    assert.equal(more.length, 0)
    assert.equal(result.running, false)
    assert.deepEqual(count?.spent, { moneyNanos: centsJson(280 + 80 + 110 + 60 - 20 + 40 + 125).moneyNanos, calls: "5" })
    assert.deepEqual(count?.grades, {
      exact: { postings: 4, amounts: { ...centsJson(280 + 80 + 40 + 125), calls: "4" } },
      bound: { postings: 1, amounts: { ...centsJson(110), calls: "1" } },
      counted: { postings: 1, amounts: centsJson(60) },
    })
    assert.deepEqual(count?.corrected, { postings: 1, amounts: { moneyNanos: "-200000000" } })
    assert.deepEqual(count?.holds, { placed: 6, settled: 4, released: 1, expired: 1, open: 0 })
    // a, b and c at once; after that nothing comes near.
    assert.deepEqual(count?.peak["moneyNanos"]?.amount, String(680n * 10_000_000n))
    assert.deepEqual(
      count?.rules.map(({ rule: { limit } }) => limit),
      [centsJson(1_000), { ...centsJson(1_200), calls: "40" }],
    )
    assert.deepEqual([count?.held, count?.exceeded], [{}, []])
  })

  test("counts what the ledger itself counts, of a period that still runs, and says so", async (t) => {
    const made = wholeMonth(t)
    made.give(hold("open", december + dayMs, 70), spendOf("more", december + dayMs, 9))
    const { result, entries, head } = await proved(made, undefined)
    const budget = made.book.state.budgets.get("monthly")
    assert.ok(budget && head.startMs === december && budget.endMs === head.endMs)
    const [count] = result.counts
    const told = Object.fromEntries(Object.entries(amountsJson(budget.spent)).filter(([, amount]) => amount !== "0"))
    assert.deepEqual(count?.spent, told)
    assert.deepEqual([count?.held["moneyNanos"], count?.holds.open], [String(budget.held.moneyNanos), 1])
    assert.deepEqual([result.running, result.last], [true, made.ledger.open().journal.size - 1])
    assert.ok(entries < result.last, "November is not in it")
  })

  test("says by how much and where a settlement above its hold exceeded the limit, and what was frozen for it", async (t) => {
    const { result } = await proved(wholeMonth(t, { isOver: true }), "2026-11", "exceeded")
    const [count] = result.counts
    const spent = 280 + 80 + 110 + 60 - 20 + 900
    assert.deepEqual([count?.timesExceeded, count?.exceeded[0]?.by, count?.exceeded[0]?.type], [1, centsJson(spent - 1_200).moneyNanos, "hold.settled"])
    assert.deepEqual(count?.worst["moneyNanos"]?.sequence, count?.exceeded[0]?.sequence)
    assert.deepEqual(
      result.freezes.map(({ type, reason }) => [type, reason]),
      [
        ["budget.frozen", "settled above its hold"],
        ["budget.unfrozen", "looked at"],
      ],
    )
    assert.ok((result.freezes[0]?.sequence ?? 0) > (count?.exceeded[0]?.sequence ?? Infinity))
  })

  test("counts each time by itself where a budget was removed and set again", async (t) => {
    const made = capLedger(t)
    made.give(setBudget(rule(), november + dayMs), hold("a", november + dayMs, 900), settle("a", november + dayMs, 800))
    made.give({ do: "remove-budget", atMs: november + 2 * dayMs, budget: "monthly" }, hold("free", november + 2 * dayMs, 5_000))
    made.give(setBudget(rule({ limits: ["9usd"] }), november + 3 * dayMs), hold("b", november + 3 * dayMs, 850), settle("b", november + 3 * dayMs, 700))
    const { result } = await proved(made, "2026-11")
    assert.deepEqual(
      result.counts.map(({ spent, to }) => [spent["moneyNanos"], to === null]),
      [
        [centsJson(800).moneyNanos, false],
        [centsJson(700).moneyNanos, true],
      ],
    )
  })

  test("does not call it exceeded when a limit is lowered below what was spent, and tells by how much", async (t) => {
    const made = capLedger(t)
    made.give(setBudget(rule(), november), hold("a", november, 900), settle("a", november, 800), setBudget(rule({ limits: ["5usd"] }), november + dayMs))
    const { result } = await proved(made, "2026-11")
    assert.deepEqual(result.counts[0]?.rules[1]?.above, centsJson(300))
    made.give(spendOf("s", november + dayMs, 1))
    assert.equal((await proved(made, "2026-11", "exceeded")).result.counts[0]?.worst["moneyNanos"]?.by, centsJson(301).moneyNanos)
  })

  test("takes what was carried over into the limit", async (t) => {
    const made = capLedger(t)
    const words = rule({ name: "daily", per: "day", rollover: true })
    made.give(
      setBudget(words, november),
      hold("a", november, 300),
      settle("a", november, 300),
      hold("b", november + dayMs, 1_700),
      settle("b", november + dayMs, 1_700),
    )
    const [count] = (await proved(made, "2026-11-02", "valid", "daily")).result.counts
    assert.deepEqual([count?.carried, count?.spent["moneyNanos"]], [centsJson(700), centsJson(1_700).moneyNanos])
  })

  test("of a lifetime goes from its beginning to its end, or to now", async (t) => {
    const made = capLedger(t)
    const words = rule({ name: "ever", per: "lifetime" })
    made.give(setBudget(rule(), november), setBudget(words, november + dayMs), hold("a", november + dayMs, 300))
    assert.equal((await proved(made, undefined, "valid", "ever")).result.running, true)
    made.give(
      settle("a", november + 40 * dayMs, 300),
      { do: "remove-budget", atMs: november + 41 * dayMs, budget: "ever" },
      setBudget(words, november + 42 * dayMs),
    )
    const again = await proved(made, undefined, "valid", "ever")
    assert.deepEqual([again.result.counts.length, again.result.counts[0]?.spent], [1, {}])
    await refused(made, "2026-11", /does not count by month: its period is lifetime/, "ever")
  })

  test("begins where the rule and the count are known in a journal of before openings told them", async (t) => {
    const made = capLedger(t)
    const plain = (events: readonly LedgerEvent[]) =>
      events.forEach(({ type, facts }) => {
        const { created: _, ...told } = facts as { created?: true; rule?: object }
        const { rule: __, ...bare } = told
        made.plant({ type, facts: type === "budget.opened" ? bare : told } as unknown as LedgerEvent)
      })
    const older = (...commands: readonly Command[]) =>
      commands.forEach((command) => {
        const { decision } = made.book.give(command)
        if ("events" in decision) plain(decision.events)
      })
    made.ledger.append(5)
    older(setBudget(rule(), november - 40 * dayMs), hold("a", november - 40 * dayMs, 30), hold("b", november + dayMs, 50), settle("b", november + dayMs, 40))
    const { head, result } = await proved(made, "2026-11")
    assert.deepEqual([head.first, result.counts[0]?.spent["moneyNanos"]], [6, centsJson(40).moneyNanos], "at the last rule before it")
    older(setBudget(rule({ name: "young" }), november + 2 * dayMs), hold("c", november + 2 * dayMs, 50))
    assert.equal((await proved(made, "2026-11", "valid", "young")).head.first, 0, "nothing says that there was none before")
  })

  test("stands after contents were erased, and shows no content at all", async (t) => {
    const made = wholeMonth(t)
    const scopes = made.ledger.open().scopes
    const secret = "words of event"
    made.ledger.close()
    made.ledger.editScopes((database) => void database.exec("DELETE FROM scopes"))
    assert.ok(scopes)
    const { text } = await proved(made, "2026-11")
    assert.ok(!text.includes(secret))
  })

  test("is refused with a sentence where there is nothing that could be proved", async (t) => {
    const made = wholeMonth(t)
    made.give(setBudget(rule({ name: "window", per: "rolling 8h" }), december + dayMs), hold("r", december + dayMs, 5))
    await refused(made, undefined, /^The budget window counts a rolling span, which begins nowhere/, "window")
    await refused(made, "2026-11-25", /^The budget window does not count by day: its period is a rolling span/, "window")
    await refused(made, undefined, /^There was never a budget none\./, "none")
    await refused(made, "2026-11-25", /^The budget monthly does not count by day: its period is month/)
    await refused(made, "2026-08", /^The budget monthly counted nothing in 2026-08/)
  })
})

describe("a period as people write it", () => {
  const bounds = (text: string, per: "hour" | "day" | "week" | "month", zone = "UTC") => {
    const label = parseLabel(text)
    const found = label && labelBounds(label, { per, zone })
    return found && [found.startMs, found.endMs ?? 0].map((ms) => new Date(ms).toISOString().slice(0, 16))
  }

  test("is found by the clocks of a zone", () => {
    assert.deepEqual(bounds("2026-11", "month"), ["2026-11-01T00:00", "2026-12-01T00:00"])
    assert.deepEqual(bounds("2026-11", "month", "Europe/Berlin"), ["2026-10-31T23:00", "2026-11-30T23:00"])
    assert.deepEqual(bounds("2026-W48", "week"), ["2026-11-23T00:00", "2026-11-30T00:00"])
    assert.deepEqual(bounds("2027-W01", "week"), ["2027-01-04T00:00", "2027-01-11T00:00"])
    assert.deepEqual(bounds("2026-W53", "week"), ["2026-12-28T00:00", "2027-01-04T00:00"])
    assert.deepEqual(bounds("2026-11-25", "day", "America/New_York"), ["2026-11-25T05:00", "2026-11-26T05:00"])
    assert.deepEqual(bounds("2026-11-25T14", "hour", "Asia/Kolkata"), ["2026-11-25T08:30", "2026-11-25T09:30"])
    // Clocks are set back at three: the day has 25 hours, and the one that comes twice is its first pass.
    assert.deepEqual(bounds("2026-10-25", "day", "Europe/Berlin"), ["2026-10-24T22:00", "2026-10-25T23:00"])
    assert.deepEqual(bounds("2026-10-25T02", "hour", "Europe/Berlin"), ["2026-10-25T00:00", "2026-10-25T01:00"])
    assert.deepEqual(bounds("2026-10-25T20", "hour", "Europe/Berlin"), ["2026-10-25T19:00", "2026-10-25T20:00"])
    assert.equal(bounds("2026-03-29T02", "hour", "Europe/Berlin"), undefined, "an hour that is leapt over")
  })

  test("is none when there is no such month, week, day or hour", () => {
    for (const text of ["2026", "2026-13", "2026-00", "2026-W00", "2026-W54", "2025-W53", "2026-02-30", "2026-11-25T24", "november", "1969-11", ""])
      assert.equal(parseLabel(text), undefined, text)
  })
})

describe("the commands cap-proof and verify --cap-proof", () => {
  const { ledger } = wholeMonth({ after }, { isOver: true })
  const run = (...args: readonly string[]) => {
    const places = ["--data-dir", ledger.files.directory, "--key-file", ledger.places.keyFile, "--head-note", ledger.files.headNote]
    return runCommand([...args, ...places], { OPENCLAW_STATE_DIR: "/nonexistent" })
  }

  test("make a file that only its owner reads, and judge it anywhere", async (t) => {
    const out = join(temporaryDirectory(t), "month.cap-proof")
    ledger.close()
    const made = await run("cap-proof", "monthly", "--period", "2026-11", "--out", out)
    assert.equal(made.status, 1, made.stderr)
    assert.match(made.stderr, /exceeded by \$2\.10 at entry #\d+\n/)
    assert.equal(statSync(out).mode & 0o777, 0o600)
    const checked = await run("verify", "--cap-proof", out)
    assert.equal(checked.status, 1)
    assert.match(checked.stdout, /^✗ EXCEEDED {2}/)
    assert.match(checked.stdout, / {2}limit \$10\.00 a month \(UTC\), on agent=main at #\d+\n {2}changed to \$12\.00, 40 calls a month/)
    assert.match(checked.stdout, / {2}exceeded by \$2\.10 at entry #\d+\n/)
    assert.match(checked.stdout, /Not proved: What passed no door/)
    const json = JSON.parse((await run("verify", "--cap-proof", out, "--json")).stdout) as { verdict: string; result: { counts: { timesExceeded: number }[] } }
    assert.deepEqual([json.verdict, json.result.counts[0]?.timesExceeded], ["exceeded", 1])
    assert.equal((await run("cap-proof", "monthly", "--out", out)).status, 2, "no file is replaced")
    const [told, good] = [await run("cap-proof", "monthly", "--period", "2026-12"), await run("cap-proof", "other", "--period", "2026-11")]
    assert.deepEqual([told.status, good.status], [0, 0])
    assert.match(told.stdout, /^\{"capProofFormat":1,/)
    assert.ok(readFileSync(out, "utf8").endsWith("\n"))
  })

  test("say what was asked for wrongly, and leave no file behind", async (t) => {
    const out = join(temporaryDirectory(t), "none.cap-proof")
    for (const [args, words] of [
      [["cap-proof", "monthly", "--period", "november"], /--period takes 2026-11, 2026-W48/],
      [["cap-proof", "none", "--out", out], /There was never a budget none/],
      [["cap-proof", "monthly", "--json"], /--json goes with --out/],
      [["verify", "--cap-proof", out, "--headers"], /--cap-proof and --headers do not go together/],
      [["verify", "--cap-proof", out], /is not an export this version can check|cannot be read/],
    ] as const) {
      const { status, stdout, stderr } = await run(...args)
      assert.equal(status, 2, stderr)
      assert.match(stderr + stdout, words)
    }
    assert.equal(existsSync(out), false)
  })
})
