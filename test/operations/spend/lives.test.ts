/**
 * Random lives of a gateway's runs over a real journal: gates on one lane and what is told on another, with anything between, retries, aborts, lost words and
 * lost answers, budgets that change, standstills, and writers that follow one another, with a snapshot and without.
 *
 * Mistakes it has been seen to catch: late usage counted beside the bound, by this writer or the next; a failed call, a tool that did not run, or what a run did
 * not use kept; a call given up half-way, or any that began, let go for nothing; a repeated question held twice; what is held left out of the cap; a settlement
 * above its hold that stops nothing; events decided and not recorded; a snapshot without the reports that were counted, or without what a hold is for.
 */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import type { Ending } from "../../ledger-fixture.ts"
import { SpendRig, type Permit } from "./spend-rig.ts"

const runNames = ["r1", "r2", "r3"] as const
const models = [
  { provider: "mock", model: "big" },
  { provider: "mock", model: "small" },
] as const

/** Nano-dollars of 1,000 n tokens in and 100 n out. */
const costOf = { big: (n: number) => BigInt(n) * 4_500_000n, small: (n: number) => BigInt(n) * 140_000n }
const searchCost = 10_000_000n

const step = fc.record({
  run: fc.constantFrom(...runNames),
  what: fc.constantFrom("go", "go", "go", "go", "go", "tool", "cap", "freeze", "unfreeze", "restart", "wait", "again"),
  /** What becomes of a call that has begun. */
  fate: fc.constantFrom("usage", "usage", "usage", "usage", "fails", "aborted", "half-way", "no word", "late", "twice", "above"),
  model: fc.constantFrom(...models),
  size: fc.integer({ min: 1, max: 9 }),
  flag: fc.boolean(),
  waitMs: fc.constantFrom(0, 1, 50, 4_000, 9_000),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** What the outside knows of a run: where it stands, and its messages on the observe lane that have not been sent yet. */
type Run = { name: string; attempt: number; permit: Permit | undefined; model: (typeof models)[number]; tools: number; unsent: (() => void)[] }

/** What was truly spent, as a provider's bill would say: the least, and the most where nobody was told exactly. */
type Bill = { least: bigint; most: bigint }

class Life {
  readonly rig: SpendRig
  readonly bill: Bill = { least: 0n, most: 0n }
  readonly #runs: Run[] = runNames.map((name) => ({ name, attempt: 0, permit: undefined, model: models[0], tools: 0, unsent: [] }))
  readonly #late: (() => void)[] = []
  /** A settlement above its hold was told: from then on the cap may be passed, and must stand still. */
  above = false
  cap = 2_000_000_000n
  restarted = false
  readonly #told: (() => void)[] = []

  constructor(t: Ending) {
    this.rig = new SpendRig(t)
    this.rig.budget("2usd")
  }

  take({ run: name, what, fate, model, size, flag, waitMs }: Step): void {
    const { rig } = this
    const run = this.#runs.find((one) => one.name === name) ?? assert.fail()
    // Its lane is in order; what has not been sent by now may be sent after what others ask.
    if (flag) this.#send(run)
    if (what === "go") this.#go(run, fate, model, size)
    else if (what === "tool") this.#tool(run, flag)
    else if (what === "cap") this.#setCap(BigInt(size) * 300_000_000n)
    else if (what === "freeze" || what === "unfreeze") rig.order({ do: what, target: flag ? "all" : "daily", reason: "test" })
    else if (what === "restart") this.#restart(flag)
    else if (what === "again") this.#again(run)
    rig.pass(waitMs)
  }

  #restart(snapshot: boolean): void {
    this.restarted = true
    this.rig.restart({ snapshot })
  }

  #setCap(nanos: bigint): void {
    this.rig.budget(`${Number(nanos / 1_000_000n) / 1_000}usd`)
    this.cap = nanos
  }

  #send({ unsent }: Run): void {
    for (const send of unsent.splice(0)) send()
  }

  /** The next thing a run does: it asks, or uses what it was given. */
  #go(run: Run, fate: Step["fate"], model: Step["model"], size: number): void {
    const { rig } = this
    if (!run.permit) {
      if (run.attempt > 0) this.#send(run) // a host tells the end of an attempt before it asks for the next one, late as that may be heard
      run.model = model
      run.attempt++
      const answer = run.attempt % 2 === 1 ? rig.runBegins(run.name, model) : rig.wants(run.name, model)
      run.permit = answer.permit
      return
    }
    const { permit, model: of } = run
    run.permit = undefined
    const tokens = { input: 1_000 * size, output: 100 * size }
    const exact = costOf[of.model](size)
    const bound = rig.holds().find(({ id }) => id === permit.hold)?.total.moneyNanos ?? 0n
    const begins = () => rig.callBegins(run.name, permit, of)
    const ends = (more: object = {}) => rig.callEnds(run.name, permit, { ...of, ...more })
    const tells = (how = {}) => {
      const message = rig.usage(run.name, tokens, of, how)
      this.#told.push(() => void rig.usage(run.name, tokens, { ...of, message }))
    }
    const costs = (least: bigint, most = least) => {
      this.bill.least += least
      this.bill.most += most
    }
    const fates: Record<Step["fate"], () => void> = {
      usage: () => (costs(exact), run.unsent.push(begins, ends, () => void tells())),
      twice: () => (costs(exact), run.unsent.push(begins, begins, ends, () => (tells(), void tells({ again: true })))),
      fails: () => run.unsent.push(begins, () => ends({ outcome: "error", error: "Error", responseBytes: 100 })),
      aborted: () => run.unsent.push(begins, () => ends({ outcome: "error", error: "aborted", requestBytes: undefined, responseBytes: undefined })),
      "half-way": () => (
        costs(bound),
        run.unsent.push(
          begins,
          () => ends({ outcome: "error", error: "aborted", responseBytes: 900 }),
          () => this.#ends(run.name),
        )
      ),
      "no word": () => (costs(bound), run.unsent.push(begins, ends, () => void rig.usage(run.name, { input: 0, output: 0 }, of))),
      late: () => (costs(exact), run.unsent.push(begins, ends, () => this.#ends(run.name)), this.#late.push(() => void tells())),
      above: () => {
        // More than any call may come to: a provider that does not keep to the model's own bounds.
        const much = { input: 900_000, output: 100 }
        this.above = true
        costs(costOfMuch[of.model])
        run.unsent.push(begins, ends, () => {
          rig.usage(run.name, much, of)
          assert.notEqual(rig.state.budgets.get("daily")?.frozen, undefined, "what came to more than was held stands still")
        })
      },
    }
    fates[fate]()
    if (fate === "half-way" || fate === "late") this.#send(run) // the attempt is over: nothing of the next one comes before its end
  }

  #ends(run: string): void {
    this.rig.pass(1)
    this.rig.runEnds(run)
    this.rig.pass(5_001)
  }

  #tool(run: Run, ran: boolean): void {
    const { rig } = this
    if (!rig.spending.doors.hard) return
    const call = `c${++run.tools % 3}` // ids come again
    if (rig.tool(run.name, call).verdict === "deny") return
    if (ran) {
      this.bill.least += searchCost
      this.bill.most += searchCost
      run.unsent.push(() => rig.toolEnds(run.name, call))
    } else {
      run.unsent.push(() => rig.toolBlocked(run.name, call))
    }
  }

  /** The answer was lost on its way: the same line comes once more, and gets what it got. */
  #again(run: Run): void {
    if (run.permit || run.attempt === 0) return
    const { rig } = this
    const first = rig.ask("call-wanted", { run: run.name, agent: "main", ...run.model }).answer()
    const second = rig.ask("call-wanted", { run: run.name, agent: "main", ...run.model }, { again: true }).answer()
    assert.deepEqual(second.permit, first.permit)
    run.permit = first.permit
  }

  /** Held and spent are within the cap, unless a settlement above its hold passed it; then nothing more is let through. */
  assertWithinCap(capBefore: bigint): void {
    const { rig } = this
    const room = this.cap > capBefore ? this.cap : capBefore
    const budget = rig.state.budgets.get("daily") ?? assert.fail()
    if (this.above) return
    assert.ok(budget.spent.moneyNanos + budget.held.moneyNanos <= room, `${budget.spent.moneyNanos} + ${budget.held.moneyNanos} of ${room}`)
  }

  /** All runs end, and time passes. */
  end(): void {
    const { rig } = this
    for (const run of this.#runs) this.#send(run)
    rig.pass(1)
    for (const { name } of this.#runs) rig.runEnds(name)
    rig.pass(5_001)
    if (!this.restarted) assert.deepEqual(rig.holds(), [], "what runs that are over did not use is free at once")
    for (const tell of this.#late.splice(0)) tell()
    rig.pass(31 * 60_000) // a writer that followed another knows no run that is over, only the time of its holds
    const spent = rig.spent()
    rig.restart({ snapshot: true })
    for (const tell of this.#told) tell()
    assert.equal(rig.spent(), spent, "reports that come again to the next writer are known to it")
  }
}

const costOfMuch = { big: 900_000n * 3_000n + 100n * 15_000n, small: 900_000n * 100n + 100n * 400n }

describe("lives of runs", () => {
  test("are counted once and in full, within the cap, and leave nothing held", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const endings: (() => void)[] = []
        const life = new Life({ after: (end) => void endings.push(end) })
        try {
          let highest = life.cap
          for (const one of steps) {
            life.take(one)
            highest = life.cap > highest ? life.cap : highest
            life.assertWithinCap(highest)
          }
          life.end()
          const { rig, bill } = life
          assert.deepEqual(rig.holds(), [], "nothing is held by runs that are over")
          const posted = rig.spent()
          assert.ok(posted >= bill.least && posted <= bill.most, `${posted} was posted of a bill from ${bill.least} to ${bill.most}`)
        } finally {
          for (const end of endings) end()
        }
      }),
      { seed: 20_261_128, numRuns: 25 },
    )
  })
})
