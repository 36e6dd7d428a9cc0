/** Allowances before a real journal: a period is opened before anything is decided in it, whoever asks first, and once; also by time alone, and over restarts. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { emptyState } from "../../../src/ledger/state.ts"
import { parseAllowance } from "../../../src/ledger/allowance-rule.ts"
import { LedgerBook } from "../../../src/operations/spend/ledger-book.ts"
import { FakeClocks } from "../../fake-clocks.ts"
import { startMs, type Ending } from "../../ledger-fixture.ts"
import { config, SpendRig } from "./spend-rig.ts"

const dayMs = 86_400_000
const midnight = Math.ceil(startMs / dayMs) * dayMs
/** One call of the big model is held at $0.525. */
const pocket = { do: "set-allowance", allowance: "pocket", to: "agent:main", give: ["0.6usd"], per: "day" }

function fed(t: Ending, more: object = {}): SpendRig {
  const rig = new SpendRig(t)
  assert.ok("done" in rig.order({ ...pocket, ...more }))
  return rig
}

function at(rig: SpendRig, atMs: number): SpendRig {
  rig.atMs = atMs
  return rig
}

const types = (rig: SpendRig) => rig.recorded().map(({ type }) => type)
const opened = (rig: SpendRig) => rig.recorded("allowance.opened").length

describe("a door behind an allowance", () => {
  test("is shut when it is used up, says when there is more, and is open a second after midnight", (t) => {
    const rig = fed(t)
    rig.permit(rig.runBegins("r1"))
    const refused = rig.runBegins("r2")
    assert.match(String(refused.words), /needs up to \$0\.525, \$0\.075 left in agent:main, more at 00:00 \(allowance pocket\)/)
    rig.pass(1_000)
    rig.runEnds("r1")
    assert.equal(at(rig, midnight + 1_000).runBegins("r3").verdict, "allow")
    const told = types(rig)
    assert.ok(told.indexOf("allowance.opened") < told.lastIndexOf("hold.placed"), told.join())
  })

  test("doors stand hard as soon as an allowance is set, also where nothing came of it", (t) => {
    const rig = fed(t, { from: "budget:empty" })
    assert.equal(rig.told.at(-1)?.hard, true)
    assert.match(String(rig.runBegins("r1").words), /\$0\.00 left in agent:main/)
  })

  test("a refusal that is the first word of a new period leaves the period on record", (t) => {
    const rig = fed(t, { give: ["0.1usd"] })
    assert.equal(at(rig, midnight).runBegins("r1").verdict, "deny")
    assert.equal(opened(rig), 1)
    assert.equal(at(rig, midnight + dayMs).tool("r1", "c1").verdict, "allow") // a cent
    assert.equal(opened(rig), 2)
    assert.ok("refused" in at(rig, midnight + 2 * dayMs).order({ do: "transfer", id: "t", from: "agent:main", to: "agent:sub", amounts: ["9usd"] }))
    assert.equal(opened(rig), 3)
  })

  test("time alone opens it, once", (t) => {
    const rig = fed(t)
    rig.pass(midnight - startMs - 1)
    assert.equal(opened(rig), 0)
    rig.pass(1)
    rig.pass(1_000)
    assert.equal(opened(rig), 1)
  })

  test("a question for the balance is answered by the new period", (t) => {
    const rig = fed(t)
    rig.order({ do: "spend", id: "s", account: "agent:main", amounts: ["0.5usd"] })
    const answer = at(rig, midnight).order({ do: "balance", account: "agent:main" })
    assert.deepEqual("done" in answer && answer.account?.available, { moneyNanos: "600000000" })
    assert.equal(opened(rig), 1)
  })

  for (const snapshot of [false, true])
    test(`the next writer knows what was handed out${snapshot ? ", from a snapshot" : ""}`, (t) => {
      const rig = fed(t)
      rig.permit(rig.runBegins("r1"))
      rig.restart({ snapshot })
      assert.equal(rig.runBegins("r2").verdict, "deny")
      at(rig, midnight).restart({ snapshot })
      rig.pass(1)
      rig.pass(1)
      assert.equal(opened(rig), 1)
    })

  test("a credential is asked for by what gives more, and ids of allowances are the ledger's own", (t) => {
    const rig = fed(t)
    rig.order({ do: "set-credential", new: "correct horse battery" })
    for (const more of [{ give: ["1usd"] }, { allowance: "second" }, { per: "hour" }, { rollover: true }, { from: "budget:pool" }]) {
      const answer = rig.order({ ...pocket, ...more })
      assert.equal("refused" in answer && answer.refused.why, "credential", JSON.stringify(more))
    }
    assert.ok("done" in rig.order({ ...pocket, give: ["0.5usd"] }))
    assert.throws(() => rig.order({ do: "allocate", id: `allowance:pocket@${midnight}/9:given`, account: "agent:x", amounts: ["1usd"] }), /the ledger's own/)
  })

  test("settings set them, once, and what is looser in them needs the credential", (t) => {
    const rig = new SpendRig(t)
    const using = (give: string) => rig.use({ ...config, spend: { ...config.spend, allowances: [{ name: "pocket", to: "agent:main", give, per: "day" }] } })
    using("0.6usd")
    using("0.6usd")
    assert.equal(rig.recorded("allowance.set").length, 1)
    rig.order({ do: "set-credential", new: "correct horse battery" })
    using("9usd")
    assert.deepEqual([rig.recorded("allowance.set").length, rig.recorded("change.refused").length], [1, 1])
  })
})

describe("a clock that is set", () => {
  test("opens no allowance; when it is accepted, the period of then", () => {
    const clocks = new FakeClocks(startMs)
    const book = new LedgerBook(emptyState(), clocks.read())
    const nowMs = () => book.clock?.nowMs() ?? 0
    book.give({ do: "set-allowance", rule: parseAllowance({ name: "pocket", to: "agent:main", give: ["5usd"], per: "day" }), atMs: nowMs() })
    clocks.set(3 * dayMs)
    assert.equal(book.hasDue(nowMs()), false)
    const accepted = book.clock?.acceptance("operator") ?? assert.fail("the clock is ahead")
    assert.deepEqual(
      book.give(accepted).events.map(({ type }) => type),
      ["clock.accepted"],
    )
    assert.deepEqual(
      book.openDue(nowMs()).map(({ type }) => type),
      ["transfer.posted", "transfer.posted", "allowance.opened"],
    )
  })

  test("what waited for a standstill is handed out with its end", () => {
    const book = new LedgerBook()
    book.give({ do: "freeze", target: "all", reason: "stop", atMs: startMs })
    book.give({ do: "set-allowance", rule: parseAllowance({ name: "pocket", to: "agent:main", give: ["5usd"], per: "day" }), atMs: startMs })
    assert.deepEqual(
      book.give({ do: "unfreeze", target: "all", reason: "seen", atMs: startMs }).events.map(({ type }) => type),
      ["ledger.unfrozen", "transfer.posted", "allowance.opened"],
    )
  })

  test("a standstill comes before a period that begins with it", () => {
    const book = new LedgerBook()
    book.give({ do: "set-allowance", rule: parseAllowance({ name: "pocket", to: "agent:main", give: ["5usd"], per: "day" }), atMs: startMs })
    assert.deepEqual(
      book.give({ do: "freeze", target: "all", reason: "stop", atMs: midnight }).events.map(({ type }) => type),
      ["ledger.frozen"],
    )
    assert.deepEqual(
      book.openDue(midnight).map(({ type }) => type),
      ["transfer.posted", "allowance.opened"],
    )
    assert.equal(book.hasDue(midnight + dayMs - 1), false)
  })
})
