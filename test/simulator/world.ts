/**
 * One schedule's world: a disk, a writer, gateways, a clock, and beside it the predictor, which is given what the writer was given, in the same order, and must
 * have known every answer. After each commit the whole state is compared.
 */
import assert from "node:assert/strict"
import type { AccountName } from "../../src/ledger/accounts.ts"
import { standingAt } from "../../src/ledger/budgets.ts"
import type { Answer } from "../../src/operations/intake.ts"
import type { ObserveLine } from "../../src/operations/observed-line.ts"
import type { AnyWriter, Committed, Dies, Machine } from "./any-writer.ts"
import { unitNames } from "./counters.ts"
import { Expected } from "./expected.ts"
import { sums } from "./extensions.ts"
import { SimClocks } from "./sim-clocks.ts"
import { SimGateway } from "./sim-gateway.ts"
import { SimMachine } from "./sim-machine.ts"

/** Something the writer was given: what the predictor makes of it, and what the writer answered. */
type Given = {
  readonly expect: () => unknown
  readonly answer: () => unknown
  readonly deliver: () => void
  readonly line?: { readonly sender: string; readonly n: number }
}

/** Each line that is told becomes one of these. */
const observedTypes = new Set(["model.called", "model.returned", "call.stopped", "usage.reported", "tool.returned", "tool.denied", "run.ended"])

export class World {
  readonly clocks: SimClocks
  readonly expected = new Expected()
  readonly #machine: Machine
  #writer: AnyWriter | undefined
  readonly gateways: SimGateway[] = []
  #gates: Given[] = []
  #observed: Given[] = []
  #isTickDue = false
  /** What was due when the clockwork looked is decided when its turn comes: no time passes in between. */
  #isTickAsked = false
  #passes = 0
  /** What was given and done, for whoever looks into a schedule. */
  readonly #story: (readonly [atMs: number, what: string, about: readonly unknown[]])[] = []

  constructor(startMs: number, machine: Machine = new SimMachine()) {
    this.clocks = new SimClocks(startMs)
    this.#machine = machine
  }

  /** Somebody sets the machine's clock. */
  async setClock(offMs: number): Promise<void> {
    await this.#commitAll()
    this.#tells("clock", offMs)
    this.clocks.offMs = offMs
    this.#machine.moved?.(this.clocks)
    this.#isTickDue = true
    if (this.#machine.eventually) await this.commit()
  }

  async begin(): Promise<void> {
    this.#machine.moved?.(this.clocks)
    this.#writer = await this.#machine.begin(this.clocks)
  }

  get writer(): AnyWriter {
    return this.#writer ?? assert.fail("a world begins with a writer")
  }

  gateway(name: string): SimGateway {
    const made = new SimGateway(
      name,
      { nowMs: () => this.clocks.gatewayMs(), steadyMs: () => this.clocks.steadyMs() },
      {
        ask: (sender, line, answer) => this.#ask(sender, line, answer),
        tell: (sender, line, done) => this.#tell(sender, line, done),
      },
    )
    made.doors = this.#writer?.doors
    this.gateways.push(made)
    return made
  }

  #ask(sender: string, line: ObserveLine, deliver: (answer: Answer) => void): void {
    if (!this.writer.isAlive) return
    this.#tells("ask", sender, line)
    let answer: Answer | undefined
    this.writer.ask(sender, line, (given) => (answer = given))
    this.#gates.push({
      expect: () => this.expected.asked(`${sender}-${line.n}`, line),
      answer: () => answer && { verdict: answer.verdict, hold: answer.permit?.hold, attempt: answer.permit?.attempt, asks: asksIn(answer) },
      deliver: () => answer && deliver(answer),
      line: { sender, n: line.n },
    })
  }

  #tell(sender: string, line: ObserveLine, done: () => void): void {
    if (!this.writer.isAlive) return
    this.#tells("tell", sender, line)
    this.writer.tell(sender, line, done)
    this.#observed.push({ expect: () => this.expected.hears(sender, line), answer: () => undefined, deliver: () => {}, line: { sender, n: line.n } })
  }

  order(order: Readonly<Record<string, unknown>>): void {
    if (!this.writer.isAlive) return
    this.#tells("order", order)
    let answer: unknown
    this.writer.order(order, (given) => (answer = given))
    this.#gates.push({
      expect: () => this.expected.ordered(order),
      answer: () => answer && ("refused" in (answer as object) ? { refused: (answer as { refused: { why: string } }).refused.why } : { done: true }),
      deliver: () => {},
    })
  }

  /** What waits is committed within milliseconds, so nothing does when more than that goes by; what an answer brings about is told at once, too. */
  async pass(ms: number): Promise<void> {
    if (ms > 50 || this.#isTickAsked || this.#machine.eventually) await this.#commitAll()
    this.clocks.passedMs += ms
    this.#machine.moved?.(this.clocks)
    this.#tells("pass", ms)
    this.#isTickDue = true
    if (++this.#passes % 2 === 0) this.#tick()
    // A process has a clockwork of its own: it is waited for before anything else happens to it.
    if (this.#machine.eventually) await this.commit()
  }

  async #commitAll(): Promise<void> {
    do {
      await this.commit()
    } while (this.writer.isAlive && this.#gates.length + this.#observed.length > 0)
  }

  /** Once a second: at once, or after what was asked for meanwhile. */
  #tick(): void {
    if (!this.#isTickDue || !this.writer.isAlive) return
    this.#isTickDue = false
    this.#isTickAsked = true
    this.writer.tick()
    this.#gates.push({ expect: () => this.expected.timePassed(), answer: () => undefined, deliver: () => {} })
  }

  /** Everything that waits is committed, or the writer dies over it. */
  async commit(dies?: Dies): Promise<void> {
    this.#tick()
    const given = [...this.#gates, ...this.#observed]
    ;[this.#gates, this.#observed] = [[], []]
    this.#isTickAsked = false
    if (!this.writer.isAlive || (given.length === 0 && dies === undefined)) return
    const { written, isRecorded } = await this.writer.commit(dies)
    this.#tells("commit", dies, written)
    const { isAlive } = this.writer
    if (!isAlive) for (const { answer } of given) assert.equal(answer(), undefined, "nobody hears of what may not be on disk")
    const recorded = given.filter(({ line }) => isRecorded(line))
    if (isAlive || recorded.length > 0) await this.#compare(recorded, written)
    if (isAlive) for (const one of given) one.deliver()
    for (const gateway of this.gateways) if (isAlive) gateway.doors = this.writer.doors
    await settled()
  }

  #tells(what: string, ...about: readonly unknown[]): void {
    this.#story.push([this.clocks.wallMs(), what, about])
  }

  story(): string {
    return this.#story.map(([atMs, what, about]) => `${new Date(atMs).toISOString()} ${what} ${about.map((one) => JSON.stringify(one)).join(" ")}`).join("\n")
  }

  #compare(given: readonly Given[], written: Committed["written"]): void | Promise<void> {
    this.#toldTime()
    const toldBefore = this.expected.told
    for (const one of given) {
      const expected = one.expect()
      const answer = one.answer()
      if (answer !== undefined && JSON.stringify(answer) !== JSON.stringify(expected)) assert.deepEqual(answer, expected)
    }
    same(written.filter(({ type }) => observedTypes.has(type)).length, this.expected.told - toldBefore, "what was told is on record once")
    return this.#assertState()
  }

  /** A gateway's process is gone, with all that it had not handed over; the writer notices when its connection stays away. */
  async lose(gateway: SimGateway): Promise<void> {
    this.#tells("a gateway is gone", gateway.name)
    await this.commit()
    if (!this.writer.isAlive) await this.restart()
    this.gateways.splice(this.gateways.indexOf(gateway), 1)
    this.writer.departed(gateway.observeLane)
    this.#gates.push({ expect: () => this.expected.departed(gateway.name), answer: () => undefined, deliver: () => {} })
    await this.commit()
  }

  /** The next writer, with what is on disk. */
  async restart(): Promise<void> {
    this.#tells("restart")
    this.writer.stop()
    ;[this.#gates, this.#observed] = [[], []]
    this.#writer = await this.#machine.begin(this.clocks)
    this.expected.restarted()
    if (this.#machine.eventually) {
      this.#toldTime()
      this.expected.timePassed()
    }
    await this.#assertState()
    this.#isTickDue = true
    for (const gateway of this.gateways) gateway.reconnected(this.writer.doors)
    await settled()
  }

  keepSnapshot(): void {
    this.writer.keepSnapshot()
    this.#machine.keepCopy?.()
  }

  /** The end of it: the ledger is put back from a copy, where one was taken. */
  putBack(): void {
    this.#tells("the ledger is put back from a copy")
    this.#machine.putBack?.(this.clocks)
  }

  /** Of the ledger: what is on record is over, whatever clocks show. */
  #toldTime(): void {
    this.expected.at(Math.max(this.writer.state.lastMs, this.clocks.believedMs()))
  }

  #assertState(): void | Promise<void> {
    return this.#machine.eventually ? this.#machine.eventually(() => this.assertState()) : this.assertState()
  }

  /** The writer's state is what the predictor has. */
  assertState(): void {
    const { state } = this.writer
    const { ledger } = this.expected
    const open = ledger.open()
    same(state.holds.size, open.length, "open holds")
    for (const { id, attempt } of open) same(state.holds.get(id)?.attempt, attempt, "the hold", id)
    same(state.frozen !== undefined, ledger.frozen, "everything frozen")
    same(state.budgets.size, ledger.counters.size, "budgets")
    for (const budget of state.budgets.values()) {
      const { name } = budget.rule
      const counter = ledger.counters.get(name) ?? assert.fail(`no budget ${name}`)
      same(budget.frozen !== undefined, counter.frozen, "frozen", name)
      const { spent, held, room } = standingAt(budget, ledger.nowMs)
      for (const unit of budget.limited) {
        same(Number(spent[unit]), counter.sum("spent", unit, ledger.nowMs), "spent of", name, unit)
        same(Number(held[unit]), counter.sum("held", unit, ledger.nowMs), "held of", name, unit)
        same(Number(room[unit] ?? 0n), counter.room(unit, ledger.nowMs), "room of", name, unit)
      }
    }
    same(state.allowances.size, ledger.allowances.all.size, "allowances")
    for (const [name, { left, waits, out }] of ledger.allowances.all) {
      const found = state.allowances.get(name)
      same(Number(found?.left.moneyNanos ?? -1n), left, "left of", name)
      same(Number(found?.handed.moneyNanos ?? -1n), out, "handed out of", name)
      same(found?.waits, waits, "waits", name)
    }
    this.#assertExtensions()
    for (const [name, account] of ledger.accounts) {
      const found = state.accounts.get(name as AccountName)
      for (const unit of unitNames) {
        const balance = found && found.debits[unit] !== found.credits[unit] ? Number(found.debits[unit] - found.credits[unit]) : 0
        same(balance, (account.in[unit] ?? 0) - (account.out[unit] ?? 0), "balance of", name, unit)
        same(Number(found?.held[unit] ?? 0n), ledger.heldOf(name, unit, open), "held of", name, unit)
      }
    }
  }

  /** In the order in which they were asked for, with the codes that only the ledger makes. */
  #assertExtensions(): void {
    const { extensions } = this.writer.state
    const { all } = this.expected.ledger.extensions
    same(extensions.size, all.length, "extensions")
    let place = 0
    for (const { id, state, run, expiresAtMs, drawn } of extensions.values()) {
      const mine = all[place++] ?? assert.fail(`no extension ${id}`)
      this.expected.codes.set(id, mine)
      same(state, mine.state, "the extension", id)
      same(run, mine.run, "the run of", id)
      same(expiresAtMs, mine.expiresAtMs, "the end of", id)
      for (const [of, { held, spent }] of drawn) {
        for (const unit of unitNames) {
          same(Number(held[unit]), sums(mine.held, of, unit), `held by ${id} for`, of, unit)
          same(Number(spent[unit]), sums(mine.spent, of, unit), `spent by ${id} for`, of, unit)
        }
      }
    }
  }
}

/** Of a run that is refused in words, of a tool by what the host is to ask. */
function asksIn({ ask, words = "" }: Answer): boolean {
  return ask !== undefined || words.includes("An owner may approve")
}

/** As `assert.equal`, without its price where nothing is wrong: this is asked some hundred times after each commit. */
function same(actual: unknown, expected: unknown, what: string, name = "", unit = ""): void {
  if (actual !== expected) assert.equal(actual, expected, `${what} ${name} ${unit}`.trimEnd())
}

/** What waited for an answer goes on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await undefined
}
