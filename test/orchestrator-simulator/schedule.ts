/**
 * One schedule from one seed: sessions start orchestrators, those start workers, tools are tried, runs end well or badly and are told of once or several times, clocks go on, and the writer is
 * killed between any two steps; of each question the answer is known beforehand.
 */
import assert from "node:assert/strict"
import { hookRows } from "../../src/capture/hook-rows.ts"
import type { Admission } from "../../src/operations/admit-tool-call.ts"
import { hookLine } from "../../src/host/hook-line.ts"
import { Chance } from "../simulator/chance.ts"
import { Predictor, type Rules } from "./predictor.ts"
import { accidents, SimWriter } from "./sim-writer.ts"

export type Outcome = { readonly steps: number; readonly accidents: number; readonly refused: number; readonly retried: number }

const fewestSteps = 60
const fronts = ["agent:main:main", "agent:main:telegram:direct:1"] as const
const tools = ["exec", "read"] as const
const outcomes = ["ok", "error", "timeout", "error", "killed"] as const
const reasons = ["new", "reset", "shutdown", "restart", "compaction", "idle"] as const
const tasks = ["count the sheep", "water the garden\nand the trees"] as const

export function runSchedule(seed: number): Outcome {
  const schedule = new Schedule(new Chance(seed))
  try {
    return schedule.run()
  } catch (error) {
    throw new Error(`delegation schedule ${seed}\n${schedule.story()}`, { cause: error })
  }
}

class Schedule {
  readonly #chance: Chance
  readonly #predictor = new Predictor()
  readonly #rules: Rules
  readonly #writer: SimWriter
  readonly #told: string[] = []
  #nowMs = 1_790_000_000_000
  #ids = 0
  #outcome = { steps: 0, accidents: 0, refused: 0, retried: 0 }
  /** Ends that may be told again: of whom, which run, how. */
  readonly #ends: { child: string; run: string; outcome: string }[] = []
  /** Workers of all times, also those whose orchestrator is gone. */
  readonly #begun: { child: string; run: string }[] = []
  /** Starts whose result is not there yet. */
  #open: { session: string; call: string; task: string; isFront: boolean }[] = []

  constructor(chance: Chance) {
    this.#chance = chance
    const most = chance.of([1, 2, 3])
    const archiveAfterMinutes = chance.of([0, 5])
    this.#rules = {
      enforces: chance.below(100) < 70,
      retries: chance.below(100) < 90,
      most,
      again: new Set(["error", "timeout"]),
      archiveMs: archiveAfterMinutes * 60_000,
    }
    const { enforces: enforceMainDelegation, retries: autoRetryFailedSubagents } = this.#rules
    const written = { enabled: true, enforceMainDelegation, autoRetryFailedSubagents, maxRetriesPerTask: most, archiveAfterMinutes }
    this.#writer = new SimWriter(() => this.#nowMs, written)
    this.#told.push(JSON.stringify(written))
  }

  story(): string {
    return this.#told.join("\n")
  }

  run(): Outcome {
    const often = [
      () => this.#works(),
      () => this.#works(),
      () => this.#works(),
      () => this.#result(),
      () => this.#result(),
      () => this.#result(),
      () => this.#ends_(),
      () => this.#ends_(),
    ]
    const others = [
      () => this.#tool(),
      () => this.#tool(),
      () => this.#direct(),
      () => this.#again(),
      () => this.#sends(),
      () => this.#sessionEnds(),
      () => this.#waits(),
    ]
    const most = fewestSteps + this.#chance.below(40)
    while (this.#outcome.steps < most) {
      this.#outcome.steps++
      this.#nowMs += this.#chance.below(2_000)
      this.#chance.of([() => this.#starts(), ...often, ...others])()
    }
    this.#tally()
    return this.#outcome
  }

  #ask(hook: string, event: object, ctx: object): Admission["answer"] {
    const row = hookRows.find((one) => one.hook === hook) ?? assert.fail(hook)
    const line = hookLine(row, event, ctx, { atMs: this.#nowMs, maxBytes: 262_144 }) ?? assert.fail("nothing was picked")
    const accident = this.#chance.below(100) < 15 ? this.#chance.of(accidents) : undefined
    if (accident) this.#outcome.accidents++
    this.#told.push(`${hook} ${JSON.stringify(event)} ${JSON.stringify(ctx)}${accident ? ` (${accident})` : ""}`)
    const answer = this.#writer.ask(`id-${this.#ids++}`, line, accident)
    this.#told.push(`  ${JSON.stringify(answer)}`)
    if (answer.verdict === "deny") this.#outcome.refused++
    return answer
  }

  #call(tool: string, params: object, session: string, run = "run-1", call = `call-${this.#ids++}`): Admission["answer"] {
    return this.#ask("before_tool_call", { toolName: tool, toolCallId: call, params }, { sessionKey: session, runId: run })
  }

  #starts(): void {
    const session = this.#chance.of(fronts)
    const [call, task] = [`call-${this.#ids++}`, this.#chance.of(tasks)]
    const { verdict, words, fill } = this.#call("sessions_spawn", { task }, session, "run-1", call)
    const may = this.#predictor.starts(session, call, this.#rules, this.#nowMs)
    assert.equal(verdict, may ? "allow" : "deny")
    const bound = this.#predictor.orchestratorOf(session)
    if (bound !== undefined) assert.ok(words?.includes(bound), "the refusal names who is bound")
    if (!may) return
    assert.match(fill?.before ?? "", new RegExp(`orchestrator of the session ${session}\\.`))
    this.#open.push({ session, call, task, isFront: true })
  }

  #works(): void {
    const [session] = this.#some(this.#predictor.orchestrators())
    if (session === undefined) return
    const [call, task] = [`call-${this.#ids++}`, this.#chance.of(tasks)]
    const { verdict, fill } = this.#call("sessions_spawn", { task }, session, "run-1", call)
    assert.deepEqual([verdict, fill], ["allow", undefined])
    this.#predictor.heard(session, this.#nowMs)
    this.#open.push({ session, call, task, isFront: false })
  }

  #result(): void {
    const [open] = this.#some(this.#open)
    if (!open) return
    this.#open = this.#open.filter((one) => one !== open)
    const { session, call, task, isFront } = open
    const child = `agent:main:subagent:${this.#ids++}`
    const kind = this.#chance.of(["taken", "taken", "taken", "refused", "without a key"])
    const status = kind === "refused" ? "forbidden" : "accepted"
    const details = { status, ...(kind === "without a key" ? {} : { childSessionKey: child, runId: `run-of-${child}` }) }
    const result = { tells: "result", tool: "sessions_spawn", call, params: { task }, result: { details } }
    this.#ask("orchestration", result, { sessionKey: session, runId: "run-1" })
    const binds = isFront && this.#predictor.orchestratorOf(session) === undefined
    if (binds) this.#predictor.started(session, call, kind === "taken" ? child : undefined, this.#nowMs)
    else this.#predictor.heard(session, this.#nowMs)
    if (isFront && !binds) this.#predictor.started(session, call, undefined, this.#nowMs)
    if (!binds && kind === "taken") this.#begun.push({ child, run: `run-of-${child}` })
    if (!binds && kind === "taken") this.#predictor.joined(session, child, `run-of-${child}`, `${session} ${task}`)
  }

  #direct(): void {
    const session = this.#chance.of(fronts)
    const answer = this.#call(this.#chance.of(tools), {}, session, this.#chance.of(["run-1", "run-2"]))
    assert.equal(answer.verdict, this.#predictor.direct(session, this.#rules, this.#nowMs) ? "allow" : "deny")
  }

  #tool(): void {
    const [session] = this.#some(this.#predictor.orchestrators())
    if (session === undefined) return
    const [tool, run] = [this.#chance.of(tools), this.#chance.of(["run-1", "run-2"])]
    const { verdict, warning } = this.#call(tool, {}, session, run)
    const count = this.#predictor.tries(session, run, tool)
    this.#predictor.heard(session, this.#nowMs)
    assert.deepEqual([verdict, warning !== undefined], count <= 2 ? ["deny", false] : ["allow", true])
  }

  #ends_(): void {
    const workers = this.#predictor.workers().map(({ child, run }) => ({ child, run }))
    const orchestrators = this.#predictor.orchestrators().map((child) => ({ child, run: `run-${this.#ids++}` }))
    const [one] = this.#some(this.#chance.oneIn(4) ? orchestrators : this.#chance.oneIn(5) ? this.#begun : workers)
    if (!one) return
    const end = { ...one, outcome: this.#chance.of(outcomes) }
    this.#ends.push(end)
    this.#tellsEnd(end)
  }

  /** A second hook tells the same, perhaps in other words. */
  #again(): void {
    const [end] = this.#some(this.#ends)
    if (end) this.#tellsEnd({ ...end, outcome: this.#chance.below(100) < 70 ? end.outcome : this.#chance.of(outcomes) })
  }

  #tellsEnd({ child, run, outcome }: { readonly child: string; readonly run: string; readonly outcome: string }): void {
    const worker = this.#predictor.workers().find((one) => one.child === child)
    const { retry } = this.#ask("orchestration", { tells: "ended", child, outcome }, { sessionKey: "agent:main:main", runId: run })
    const attempt = this.#predictor.ended(child, run, outcome, this.#rules, this.#nowMs)
    assert.equal(retry !== undefined, attempt !== undefined)
    if (!retry || !worker) return
    this.#outcome.retried++
    assert.equal(retry.session, worker.spawner)
    assert.ok(
      retry.message.includes(`attempt: ${attempt}/${this.#rules.most}\n`) &&
        retry.message.includes(`task: ${worker.task.slice(worker.spawner.length + 1).replaceAll("\n", "\\n")}\n`),
      retry.message,
    )
    this.#ask("orchestration", { tells: "told", retry: retry.id, success: true }, { sessionKey: retry.session })
  }

  #sends(): void {
    const session = this.#chance.of(fronts)
    const { verdict, fill } = this.#call("sessions_send", { message: "go on" }, session)
    const bound = this.#predictor.spoken(session, this.#rules, this.#nowMs)
    assert.deepEqual([verdict, fill?.set["sessionKey"]], ["allow", bound])
    if (bound === undefined) return
    if (this.#chance.below(100) >= 10) return
    this.#ask(
      "orchestration",
      { tells: "result", tool: "sessions_send", params: { sessionKey: bound }, result: { details: { status: "error" } } },
      { sessionKey: session },
    )
    this.#predictor.sendFailed(session)
  }

  #sessionEnds(): void {
    if (this.#chance.below(100) >= 30) return
    const [session, reason] = [this.#chance.of(fronts), this.#chance.of(reasons)]
    this.#ask("orchestration", { tells: "session-ended", reason }, { sessionKey: session })
    this.#predictor.sessionEnded(session, reason)
  }

  #waits(): void {
    this.#nowMs += this.#chance.of([60_000, 130_000, 400_000])
  }

  /** Of what was recorded: nothing twice, and never more than may be. */
  #tally(): void {
    const of = (type: string) => this.#writer.journal.filter((event) => event.type === type).map(({ facts }) => facts as Readonly<Record<string, unknown>>)
    const retried = of("orchestrator.retried")
    assert.equal(retried.length, this.#outcome.retried)
    assert.equal(new Set(retried.map(({ childRun }) => childRun)).size, retried.length)
    const calls = [...of("orchestrator.requested"), ...of("orchestrator.refused"), ...of("orchestrator.passed")].map(({ session, call, why, attempt }) =>
      JSON.stringify([session, call, why, attempt]),
    )
    const repeated = calls.filter((one, index) => calls.indexOf(one) !== index)
    // What needs no count may be on record again when it is asked again.
    assert.deepEqual(
      repeated.filter((one) => !/"(?:direct|bound|starting)",null\]$/.test(one)),
      [],
    )
  }

  #some<T>(from: readonly T[]): readonly T[] {
    const [first, ...others] = from
    return first === undefined ? [] : [this.#chance.of([first, ...others])]
  }
}
